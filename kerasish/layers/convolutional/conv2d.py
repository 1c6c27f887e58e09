"""Convolution of images."""

from __future__ import annotations

from kerasish.layers.convolutional.base_conv import BaseConv


class Conv2D(BaseConv):
    """Weighted sums of every window of an image: `activation(conv(inputs, kernel) + bias)`.

    Args:
        filters: how many sums are formed of each window, the number of channels of the output.
        kernel_size: the window's sizes: a number, or (height, width).
        strides: the steps from window to window: a number, or one for each axis.
        padding: `"valid"`, only windows inside the image, or `"same"`, with zeros around it, for as many windows as
            there are strides.
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

    Shapes: inputs `(batch, height, width, channels)`, kernel `(*kernel_size, channels / groups, filters)`, bias
    `(filters,)`, output `(batch, new height, new width, filters)`; with the channels second if `data_format` says so.

    Raises:
        ValueError: if an argument is out of its range, or the window does not fit into the image.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.layers.Conv2D(8, 3, activation="relu")(np.ones((2, 28, 28, 1), "float32")).shape
        (2, 26, 26, 8)

    Source: LeCun et al., Gradient-based learning applied to document recognition (1998).
    """

    rank = 2
