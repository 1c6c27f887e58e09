"""The means of a given number of windows of volumes."""

from __future__ import annotations

from kerasish.layers.pooling.base_adaptive_pooling import BaseAdaptiveAveragePooling


class AdaptiveAveragePooling3D(BaseAdaptiveAveragePooling):
    """The mean of each of `output_size` windows that cover a volume, of every channel.

    Along an axis of `n` numbers, window `i` of `m` reaches from `floor(i n / m)` to `ceil((i + 1) n / m)`.

    Args:
        output_size: the output's sizes: a number, or one for each of depth, height, width.
        data_format: `"channels_last"` or `"channels_first"`; `keras.config.image_data_format()` by default.
        **kwargs: `name`, `dtype`, `trainable` of `Layer`.

    Shapes: inputs `(batch, depth, height, width, channels)`, output `(batch, *output_size, channels)`; with the
    channels second if `data_format` says so. The sizes of the inputs may be unknown, and differ from call to call.

    Raises:
        TypeError: if `output_size` is neither a whole number nor a tuple of three.
        ValueError: if a size is not positive, or the inputs have another rank.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.layers.AdaptiveAveragePooling3D(2)(np.ones((2, 7, 5, 4, 3), "float32")).shape
        (2, 2, 2, 2, 3)

    Source: He et al., Spatial pyramid pooling in deep convolutional networks (2014), https://arxiv.org/abs/1406.4729
    """

    rank = 3
