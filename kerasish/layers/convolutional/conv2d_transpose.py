"""Transposed convolution of images."""

from __future__ import annotations

from kerasish.layers.convolutional.base_conv_transpose import BaseConvTranspose


class Conv2DTranspose(BaseConvTranspose):
    """The transpose of a convolution: each number of an image spreads over a window of a larger one.

    `activation(conv_transpose(inputs, kernel) + bias)`. A window reaches over
    `reach = (kernel_size - 1) * dilation_rate + 1` numbers.

    Args:
        filters: the number of channels of the output.
        kernel_size: the window's sizes: a number, or (height, width).
        strides: the steps from window to window in the output: a number, or one for each axis.
        padding: `"valid"`, for an output of `size * strides + max(reach - strides, 0)`, or `"same"`, for
            `size * strides`.
        output_padding: how many numbers the output has more than `(size - 1) * strides + reach` with `"valid"`, or
            `(size - 1) * strides + reach % 2` with `"same"`; less than the stride; None for the sizes below.
        data_format: `"channels_last"` or `"channels_first"`; `keras.config.image_data_format()` by default.
        dilation_rate: how far apart the numbers of a window are; not together with strides.
        activation: a name or function; None for the weighted sums themselves.
        use_bias: whether a bias is added.
        kernel_initializer, bias_initializer: the first values of the weights.
        kernel_regularizer, bias_regularizer: penalties on the weights, added to the loss.
        activity_regularizer: a penalty on the output.
        kernel_constraint, bias_constraint: projections of the weights after each update.
        **kwargs: `name`, `dtype`, `trainable` of `Layer`.

    Shapes: inputs `(batch, height, width, channels)`, kernel `(*kernel_size, filters, channels)`, bias `(filters,)`,
    output `(batch, new height, new width, filters)`; with the channels second if `data_format` says so.

    Raises:
        ValueError: if an argument is out of its range.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.layers.Conv2DTranspose(4, 3, strides=2, padding="same")(np.ones((2, 8, 8, 3), "float32")).shape
        (2, 16, 16, 4)

    Source: Zeiler et al., Deconvolutional networks (2010).
    """

    rank = 2
