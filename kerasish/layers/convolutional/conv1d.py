"""Convolution of sequences."""

from __future__ import annotations

from kerasish.layers.convolutional.base_conv import BaseConv


class Conv1D(BaseConv):
    """Weighted sums of every window of a sequence: `activation(conv(inputs, kernel) + bias)`.

    Args:
        filters: how many sums are formed of each window, the number of channels of the output.
        kernel_size: the window's length: a number.
        strides: the step from window to window.
        padding: `"valid"`, only windows inside the sequence; `"same"`, with zeros before and after it, for as many
            windows as there are strides; or `"causal"`, with all zeros before it, so that no step sees a later one.
        data_format: `"channels_last"` or `"channels_first"`; `keras.config.image_data_format()` by default.
        dilation_rate: how far apart the numbers of a window are; not together with strides.
        groups: the groups of channels that do not see each other.
        activation: a name or function; None for the weighted sums themselves.
        use_bias: whether a bias is added.
        kernel_initializer, bias_initializer: the first values of the weights.
        kernel_regularizer, bias_regularizer: penalties on the weights, added to the loss.
        activity_regularizer: a penalty on the output.
        kernel_constraint, bias_constraint: projections of the weights after each update.
        **kwargs: `name`, `dtype`, `trainable` of `Layer`.

    Shapes: inputs `(batch, steps, channels)`, kernel `(*kernel_size, channels / groups, filters)`, bias `(filters,)`,
    output `(batch, new steps, filters)`; with the channels second if `data_format` says so.

    Raises:
        ValueError: if an argument is out of its range, or the window does not fit into the sequence.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.layers.Conv1D(4, 3, padding="causal")(np.ones((2, 10, 3), "float32")).shape
        (2, 10, 4)

    Source: Waibel et al., Phoneme recognition using time-delay neural networks (1989); with causal padding: van den
    Oord et al., WaveNet (2016), https://arxiv.org/abs/1609.03499
    """

    rank = 1
    _paddings = ("valid", "same", "causal")
