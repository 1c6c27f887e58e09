"""The mean of every channel of volumes."""

from __future__ import annotations

from kerasish.layers.pooling.base_global_pooling import BaseGlobalAveragePooling


class GlobalAveragePooling3D(BaseGlobalAveragePooling):
    """The mean of every channel of a volume.

    Args:
        data_format: `"channels_last"` or `"channels_first"`; `keras.config.image_data_format()` by default.
        keepdims: whether the spatial axes stay, with size one.
        **kwargs: `name`, `dtype`, `trainable` of `Layer`.

    Shapes: inputs `(batch, depth, height, width, channels)`, output `(batch, channels)`, or
    `(batch, 1, 1, 1, channels)` with `keepdims`; with the channels second if `data_format` says so.

    Raises:
        ValueError: if the inputs have another rank.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.layers.GlobalAveragePooling3D(keepdims=True)(np.ones((2, 4, 5, 6, 3), "float32")).shape
        (2, 1, 1, 1, 3)

    Source: Lin et al., Network in network (2013), https://arxiv.org/abs/1312.4400
    """

    rank = 3
