"""Convolution of the channels of sequences, each by itself."""

from __future__ import annotations

from kerasish.layers.convolutional.base_depthwise_conv import BaseDepthwiseConv


class DepthwiseConv1D(BaseDepthwiseConv):
    """Weighted sums of every window of each channel by itself: `activation(depthwise_conv(inputs, kernel) + bias)`.

    Args:
        kernel_size: the window's length: a number.
        strides: the step from window to window.
        padding: `"valid"`, only windows inside the sequence, or `"same"`, with zeros before and after it, for as many
            windows as there are strides.
        depth_multiplier: how many sums are formed of each channel.
        data_format: `"channels_last"` or `"channels_first"`; `keras.config.image_data_format()` by default.
        dilation_rate: how far apart the numbers of a window are.
        activation: a name or function; None for the weighted sums themselves.
        use_bias: whether a bias is added.
        depthwise_initializer, bias_initializer: the first values of the weights.
        depthwise_regularizer, bias_regularizer: penalties on the weights, added to the loss.
        activity_regularizer: a penalty on the output.
        depthwise_constraint, bias_constraint: projections of the weights after each update.
        **kwargs: `name`, `dtype`, `trainable` of `Layer`.

    Shapes: inputs `(batch, steps, channels)`, kernel `(*kernel_size, channels, depth_multiplier)`, bias
    `(channels * depth_multiplier,)`, output `(batch, new steps, channels * depth_multiplier)`, the sums of the first
    channel first; with the channels second if `data_format` says so.

    Raises:
        ValueError: if an argument is out of its range, or the window does not fit into the sequence.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.layers.DepthwiseConv1D(3, depth_multiplier=2)(np.ones((2, 10, 3), "float32")).shape
        (2, 8, 6)

    Source: Sifre, Rigid-motion scattering for image classification (2014).
    """

    rank = 1
