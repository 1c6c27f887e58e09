"""Transposed convolution of volumes."""

from __future__ import annotations

from typing import Unpack

from kerasish.backend.typing import ActivationLike, ConstraintLike, InitializerLike, RegularizerLike, Sizes
from kerasish.layers.base.layer_options import CommonOptions
from kerasish.layers.convolutional.base_conv_transpose import BaseConvTranspose


class Conv3DTranspose(BaseConvTranspose):
    """The transpose of a convolution: each number of a volume spreads over a window of a larger one.

    `activation(conv_transpose(inputs, kernel) + bias)`. A window reaches over
    `reach = (kernel_size - 1) * dilation_rate + 1` numbers.

    Args:
        filters: the number of channels of the output.
        kernel_size: the window's sizes: a number, or (depth, height, width).
        strides: the steps from window to window in the output: a number, or one for each axis.
        padding: `"valid"`, for an output of `size * strides + max(reach - strides, 0)`, or `"same"`, for
            `size * strides`.
        data_format: `"channels_last"` or `"channels_first"`; `keras.config.image_data_format()` by default.
        output_padding: how many numbers the output has more than `(size - 1) * strides + reach` with `"valid"`, or
            `(size - 1) * strides + reach % 2` with `"same"`; less than the stride; None for the sizes below.
        dilation_rate: how far apart the numbers of a window are; not together with strides.
        activation: a name or function; None for the weighted sums themselves.
        use_bias: whether a bias is added.
        kernel_initializer, bias_initializer: the first values of the weights.
        kernel_regularizer, bias_regularizer: penalties on the weights, added to the loss.
        activity_regularizer: a penalty on the output.
        kernel_constraint, bias_constraint: projections of the weights after each update.
        **kwargs: `name`, `dtype`, `trainable` of `Layer`.

    Shapes: inputs `(batch, depth, height, width, channels)`, kernel `(*kernel_size, filters, channels)`, bias
    `(filters,)`, output `(batch, new depth, new height, new width, filters)`; with the channels second if `data_format`
    says so.

    Raises:
        ValueError: if an argument is out of its range.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.layers.Conv3DTranspose(4, 2, strides=2)(np.ones((2, 5, 6, 7, 3), "float32")).shape
        (2, 10, 12, 14, 4)

    Source: Zeiler et al., Deconvolutional networks (2010).
    """

    rank = 3

    def __init__(
        self,
        filters: int,
        kernel_size: Sizes,
        strides: Sizes = (1, 1, 1),
        padding: str = "valid",
        data_format: str | None = None,
        output_padding: Sizes | None = None,
        dilation_rate: Sizes = (1, 1, 1),
        activation: ActivationLike = None,
        use_bias: bool = True,
        kernel_initializer: InitializerLike = "glorot_uniform",
        bias_initializer: InitializerLike = "zeros",
        kernel_regularizer: RegularizerLike = None,
        bias_regularizer: RegularizerLike = None,
        activity_regularizer: RegularizerLike = None,
        kernel_constraint: ConstraintLike = None,
        bias_constraint: ConstraintLike = None,
        **kwargs: Unpack[CommonOptions],
    ) -> None:
        super().__init__(
            filters,
            kernel_size,
            strides,
            padding,
            output_padding,
            data_format,
            dilation_rate,
            activation,
            use_bias,
            kernel_initializer,
            bias_initializer,
            kernel_regularizer,
            bias_regularizer,
            activity_regularizer,
            kernel_constraint,
            bias_constraint,
            **kwargs,
        )
