"""The largest number of every window of images."""

from __future__ import annotations

from kerasish.layers.pooling.base_pooling import BaseMaxPooling


class MaxPooling2D(BaseMaxPooling):
    """The largest number of every window of every channel of an image.

    `y[i, j, c] = max over k, l of x[i * strides[0] + k, j * strides[1] + l, c]`, with `k, l` inside `pool_size`.

    Args:
        pool_size: the window's sizes: a number, or one for each of height, width.
        strides: the steps from window to window; those of `pool_size` by default.
        padding: `"valid"`, only windows inside, or `"same"`, for as many windows as there are strides in the image;
            nothing outside counts.
        data_format: `"channels_last"` or `"channels_first"`; `keras.config.image_data_format()` by default.
        name: the layer's name.
        **kwargs: `dtype`, `trainable` of `Layer`.

    Shapes: inputs `(batch, height, width, channels)`, output `(batch, new height, new width, channels)`, with a size of
    `(n - pool_size) // strides + 1` (`"valid"`) or `ceil(n / strides)` (`"same"`); with the channels second if
    `data_format` says so.

    The gradient goes to the largest number of each window; of several equal ones, to the first.

    Raises:
        ValueError: if an argument is out of its range, or the window does not fit into the image.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> x = np.arange(16, dtype="float32").reshape(1, 4, 4, 1)
        >>> keras.layers.MaxPooling2D()(x)[0, :, :, 0]
        array([[ 5.,  7.],
               [13., 15.]], dtype=float32)

    Source: Yamaguchi et al., A neural network for speaker-independent isolated word recognition (1990).
    """

    rank = 2
