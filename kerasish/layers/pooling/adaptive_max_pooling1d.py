"""The largest numbers of a given number of windows of sequences."""

from __future__ import annotations

from kerasish.layers.pooling.base_adaptive_pooling import BaseAdaptiveMaxPooling


class AdaptiveMaxPooling1D(BaseAdaptiveMaxPooling):
    """The largest number of each of `output_size` windows that cover a sequence, of every channel.

    Of `n` steps, window `i` of `m` reaches from `floor(i n / m)` to `ceil((i + 1) n / m)`.

    Args:
        output_size: how many steps the output has.
        data_format: `"channels_last"` or `"channels_first"`; `keras.config.image_data_format()` by default.
        **kwargs: `name`, `dtype`, `trainable` of `Layer`.

    Shapes: inputs `(batch, steps, channels)`, output `(batch, output_size, channels)`; with the channels second if
    `data_format` says so. The sizes of the inputs may be unknown, and differ from call to call.

    Raises:
        TypeError: if `output_size` is neither a whole number nor a tuple of one.
        ValueError: if a size is not positive, or the inputs have another rank.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.layers.AdaptiveMaxPooling1D(2)(np.array([[[4.0], [1.0], [3.0]]], "float32"))[0, :, 0]
        array([4., 3.], dtype=float32)

    Source: He et al., Spatial pyramid pooling in deep convolutional networks (2014), https://arxiv.org/abs/1406.4729
    """

    rank = 1
