"""Convolution of volumes."""

from __future__ import annotations

from kerasish.layers.convolutional.base_conv import BaseConv


class Conv3D(BaseConv):
    """Weighted sums of every window of a volume: `activation(conv(inputs, kernel) + bias)`.

    Args:
        filters: how many sums are formed of each window, the number of channels of the output.
        kernel_size: the window's sizes: a number, or (depth, height, width).
        strides: the steps from window to window: a number, or one for each axis.
        padding: `"valid"`, only windows inside the volume, or `"same"`, with zeros around it, for as many windows as
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

    Shapes: inputs `(batch, depth, height, width, channels)`, kernel `(*kernel_size, channels / groups, filters)`, bias
    `(filters,)`, output `(batch, new depth, new height, new width, filters)`; with the channels second if `data_format`
    says so.

    Raises:
        ValueError: if an argument is out of its range, or the window does not fit into the volume.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.layers.Conv3D(4, 3, activation="relu")(np.ones((2, 5, 6, 7, 3), "float32")).shape
        (2, 3, 4, 5, 4)

    Source: Ji et al., 3D convolutional neural networks for human action recognition (2013).
    """

    rank = 3
