"""Separable convolution of images."""

from __future__ import annotations

from kerasish.layers.convolutional.base_separable_conv import BaseSeparableConv


class SeparableConv2D(BaseSeparableConv):
    """Weighted sums of every window of each channel, and then weighted sums of those over the channels.

    `activation(conv(depthwise_conv(inputs, depthwise_kernel), pointwise_kernel) + bias)`: a convolution with far fewer
    weights, for kernels that are products of one in space and one over the channels.

    Args:
        filters: the number of channels of the output.
        kernel_size: the window's sizes: a number, or (height, width).
        strides: the steps from window to window: a number, or one for each axis.
        padding: `"valid"`, only windows inside the image, or `"same"`, with zeros around it, for as many windows as
            there are strides.
        data_format: `"channels_last"` or `"channels_first"`; `keras.config.image_data_format()` by default.
        dilation_rate: how far apart the numbers of a window are.
        depth_multiplier: how many sums are formed of each channel, before they are mixed.
        activation: a name or function; None for the weighted sums themselves.
        use_bias: whether a bias is added.
        depthwise_initializer, pointwise_initializer, bias_initializer: the first values of the weights.
        depthwise_regularizer, pointwise_regularizer, bias_regularizer: penalties on the weights, added to the loss.
        activity_regularizer: a penalty on the output.
        depthwise_constraint, pointwise_constraint, bias_constraint: projections of the weights after each update.
        **kwargs: `name`, `dtype`, `trainable` of `Layer`.

    Shapes: inputs `(batch, height, width, channels)`, depthwise kernel `(*kernel_size, channels, depth_multiplier)`,
    pointwise kernel `(1, 1, channels * depth_multiplier, filters)`, bias `(filters,)`, output
    `(batch, new height, new width, filters)`; with the channels second if `data_format` says so.

    Raises:
        ValueError: if an argument is out of its range, or the window does not fit into the image.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.layers.SeparableConv2D(4, 3, activation="relu")(np.ones((2, 8, 8, 3), "float32")).shape
        (2, 6, 6, 4)

    Source: Chollet, Xception: deep learning with depthwise separable convolutions (2017),
    https://arxiv.org/abs/1610.02357
    """

    rank = 2
