"""The largest number of every window of sequences."""

from __future__ import annotations

from kerasish.layers.pooling.base_pooling import BaseMaxPooling


class MaxPooling1D(BaseMaxPooling):
    """The largest number of every window of every channel of a sequence.

    `y[i, c] = max over j of x[i * strides + j, c]`, `j` from 0 to `pool_size - 1`.

    Args:
        pool_size: how many steps a window takes.
        strides: the steps from window to window; those of `pool_size` by default.
        padding: `"valid"`, only windows inside, or `"same"`, for as many windows as there are strides in the sequence;
            nothing outside counts.
        data_format: `"channels_last"` or `"channels_first"`; `keras.config.image_data_format()` by default.
        name: the layer's name.
        **kwargs: `dtype`, `trainable` of `Layer`.

    Shapes: inputs `(batch, steps, channels)`, output `(batch, new steps, channels)`, with a size of
    `(n - pool_size) // strides + 1` (`"valid"`) or `ceil(n / strides)` (`"same"`); with the channels second if
    `data_format` says so.

    The gradient goes to the largest number of each window; of several equal ones, to the first.

    Raises:
        ValueError: if an argument is out of its range, or the window does not fit into the sequence.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.layers.MaxPooling1D(2)(np.array([[[1.0], [4.0], [3.0], [2.0]]], "float32"))[0, :, 0]
        array([4., 3.], dtype=float32)

    Source: Yamaguchi et al., A neural network for speaker-independent isolated word recognition (1990).
    """

    rank = 1
