"""LSTM over sequences of rows of numbers."""

from __future__ import annotations

from kerasish.layers.recurrent.conv_lstm import ConvLSTM


class ConvLSTM1D(ConvLSTM):
    """LSTM over sequences of rows of numbers: the products with inputs and state are convolutions.

    Args: see `Conv1D` for those of the convolution, `LSTM` for those of the recurrence.

    Shapes: sequences `(batch, steps, size, channels)`, with the channels before the sizes if `data_format`
    says so; the output likewise with `return_sequences`, otherwise without the steps.

    Raises:
        ValueError: if an argument is out of its range, the window does not fit, or see `RNN`.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.layers.ConvLSTM1D(4, 3)(np.ones((2, 5, 8, 3), "float32")).shape
        (2, 6, 4)

    Source: Shi et al., Convolutional LSTM network (2015), https://arxiv.org/abs/1506.04214
    """

    rank = 1
