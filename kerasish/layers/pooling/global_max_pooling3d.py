"""The largest number of every channel of volumes."""

from __future__ import annotations

from kerasish.layers.pooling.base_global_pooling import BaseGlobalMaxPooling


class GlobalMaxPooling3D(BaseGlobalMaxPooling):
    """The largest number of every channel of a volume.

    Args:
        data_format: `"channels_last"` or `"channels_first"`; `keras.config.image_data_format()` by default.
        keepdims: whether the spatial axes stay, with size one.
        **kwargs: `name`, `dtype`, `trainable` of `Layer`.

    Shapes: inputs `(batch, depth, height, width, channels)`, output `(batch, channels)`, or
    `(batch, 1, 1, 1, channels)` with `keepdims`; with the channels second if `data_format` says so.

    Several equal largest numbers share the gradient.

    Raises:
        ValueError: if the inputs have another rank, or a spatial axis of size 0.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.layers.GlobalMaxPooling3D(keepdims=True)(np.ones((2, 4, 5, 6, 3), "float32")).shape
        (2, 1, 1, 1, 3)

    Source: Oquab et al., Is object localization for free? (2015).
    """

    rank = 3
