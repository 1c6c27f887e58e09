"""The largest number of every window of volumes."""

from __future__ import annotations

from kerasish.layers.pooling.base_pooling import BaseMaxPooling


class MaxPooling3D(BaseMaxPooling):
    """The largest number of every window of every channel of a volume.

    `y[i, j, k, c] = max of x[i * s₀ + l, j * s₁ + m, k * s₂ + n, c]` over `l, m, n` inside `pool_size`, `s = strides`.

    Args:
        pool_size: the window's sizes: a number, or one for each of depth, height, width.
        strides: the steps from window to window; those of `pool_size` by default.
        padding: `"valid"`, only windows inside, or `"same"`, for as many windows as there are strides in the volume;
            nothing outside counts.
        data_format: `"channels_last"` or `"channels_first"`; `keras.config.image_data_format()` by default.
        name: the layer's name.
        **kwargs: `dtype`, `trainable` of `Layer`.

    Shapes: inputs `(batch, depth, height, width, channels)`, output
    `(batch, new depth, new height, new width, channels)`, with a size of `(n - pool_size) // strides + 1` (`"valid"`)
    or `ceil(n / strides)` (`"same"`); with the channels second if `data_format` says so.

    The gradient goes to the largest number of each window; of several equal ones, to the first.

    Raises:
        ValueError: if an argument is out of its range, or the window does not fit into the volume.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.layers.MaxPooling3D(padding="same")(np.ones((2, 4, 5, 6, 3), "float32")).shape
        (2, 2, 3, 3, 3)

    Source: Yamaguchi et al., A neural network for speaker-independent isolated word recognition (1990).
    """

    rank = 3
