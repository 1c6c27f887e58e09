"""The mean of every channel of images."""

from __future__ import annotations

from kerasish.layers.pooling.base_global_pooling import BaseGlobalAveragePooling


class GlobalAveragePooling2D(BaseGlobalAveragePooling):
    """The mean of every channel of an image.

    Args:
        data_format: `"channels_last"` or `"channels_first"`; `keras.config.image_data_format()` by default.
        keepdims: whether the spatial axes stay, with size one.
        **kwargs: `name`, `dtype`, `trainable` of `Layer`.

    Shapes: inputs `(batch, height, width, channels)`, output `(batch, channels)`, or `(batch, 1, 1, channels)` with
    `keepdims`; with the channels second if `data_format` says so.

    Raises:
        ValueError: if the inputs have another rank.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> float(keras.layers.GlobalAveragePooling2D()(np.arange(16, dtype="float32").reshape(1, 4, 4, 1))[0, 0])
        7.5

    Source: Lin et al., Network in network (2013), https://arxiv.org/abs/1312.4400
    """

    rank = 2
