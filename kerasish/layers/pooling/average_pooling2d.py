"""The mean of every window of images."""

from __future__ import annotations

from kerasish.layers.pooling.base_pooling import BaseAveragePooling


class AveragePooling2D(BaseAveragePooling):
    """The mean of every window of every channel of an image.

    `y[i, j, c] = mean over k, l of x[i * strides[0] + k, j * strides[1] + l, c]`, with `k, l` inside `pool_size`.

    Args:
        pool_size: the window's sizes: a number, or one for each of height, width.
        strides: the steps from window to window; those of `pool_size` by default.
        padding: `"valid"`, only windows inside, or `"same"`, for as many windows as there are strides in the image;
            what lies outside is not counted.
        data_format: `"channels_last"` or `"channels_first"`; `keras.config.image_data_format()` by default.
        name: the layer's name.
        **kwargs: `dtype`, `trainable` of `Layer`.

    Shapes: inputs `(batch, height, width, channels)`, output `(batch, new height, new width, channels)`, with a size of
    `(n - pool_size) // strides + 1` (`"valid"`) or `ceil(n / strides)` (`"same"`); with the channels second if
    `data_format` says so.

    Raises:
        ValueError: if an argument is out of its range, or the window does not fit into the image.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> x = np.arange(16, dtype="float32").reshape(1, 4, 4, 1)
        >>> keras.layers.AveragePooling2D(2)(x)[0, :, :, 0]
        array([[ 2.5,  4.5],
               [10.5, 12.5]], dtype=float32)

    Source: LeCun et al., Handwritten digit recognition with a back-propagation network (1989).
    """

    rank = 2
