"""The largest number of every channel of images."""

from __future__ import annotations

from kerasish.layers.pooling.base_global_pooling import BaseGlobalMaxPooling


class GlobalMaxPooling2D(BaseGlobalMaxPooling):
    """The largest number of every channel of an image.

    Args:
        data_format: `"channels_last"` or `"channels_first"`; `keras.config.image_data_format()` by default.
        keepdims: whether the spatial axes stay, with size one.
        **kwargs: `name`, `dtype`, `trainable` of `Layer`.

    Shapes: inputs `(batch, height, width, channels)`, output `(batch, channels)`, or `(batch, 1, 1, channels)` with
    `keepdims`; with the channels second if `data_format` says so.

    Several equal largest numbers share the gradient.

    Raises:
        ValueError: if the inputs have another rank, or a spatial axis of size 0.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> float(keras.layers.GlobalMaxPooling2D()(np.arange(16, dtype="float32").reshape(1, 4, 4, 1))[0, 0])
        15.0

    Source: Oquab et al., Is object localization for free? (2015).
    """

    rank = 2
