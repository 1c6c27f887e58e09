"""Separable convolution of sequences and images."""

from __future__ import annotations

from typing import Any, Unpack

from kerasish.backend.typing import ActivationLike, ConstraintLike, InitializerLike, RegularizerLike, Shape, Sizes
from kerasish.layers.base.layer_options import CommonOptions
from kerasish.layers.convolutional.windowed_layer import WindowedLayer
from kerasish.ops import convolution


class BaseSeparableConv(WindowedLayer):
    """Weighted sums of every window of each channel, weighted sums of those over the channels, bias and activation."""

    _settings = ("depth_multiplier", "filters", "kernel_size", "strides", "padding", "data_format", "dilation_rate")
    _roles = ("depthwise", "pointwise", "bias")

    def __init__(
        self,
        filters: int,
        kernel_size: Sizes,
        strides: Sizes = 1,
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: Sizes = 1,
        depth_multiplier: int = 1,
        activation: ActivationLike = None,
        use_bias: bool = True,
        depthwise_initializer: InitializerLike = "glorot_uniform",
        pointwise_initializer: InitializerLike = "glorot_uniform",
        bias_initializer: InitializerLike = "zeros",
        depthwise_regularizer: RegularizerLike = None,
        pointwise_regularizer: RegularizerLike = None,
        bias_regularizer: RegularizerLike = None,
        activity_regularizer: RegularizerLike = None,
        depthwise_constraint: ConstraintLike = None,
        pointwise_constraint: ConstraintLike = None,
        bias_constraint: ConstraintLike = None,
        **kwargs: Unpack[CommonOptions],
    ) -> None:
        super().__init__(
            kernel_size, strides, padding, data_format, dilation_rate, activation, use_bias, activity_regularizer,
            **kwargs,
        )  # fmt: skip
        self.filters = self._positive(filters, "filters")
        self.depth_multiplier = self._positive(depth_multiplier, "depth_multiplier")
        self._set_rules("depthwise", depthwise_initializer, depthwise_regularizer, depthwise_constraint)
        self._set_rules("pointwise", pointwise_initializer, pointwise_regularizer, pointwise_constraint)
        self._set_rules("bias", bias_initializer, bias_regularizer, bias_constraint)

    def build(self, input_shape: Shape) -> None:
        """Make both kernels and the bias for inputs of this shape."""
        channels, ones = self._channels(input_shape), (1,) * self.rank
        self._accept(input_shape)
        depthwise = (*self.kernel_size, channels, self.depth_multiplier)
        self.depthwise_kernel = self._weight("depthwise_kernel", "depthwise", depthwise)
        pointwise = (*ones, channels * self.depth_multiplier, self.filters)
        self.pointwise_kernel = self._weight("pointwise_kernel", "pointwise", pointwise)
        self._add_bias(self.filters)

    def _compute(self, inputs: Any) -> Any:
        ones = (1,) * self.rank
        kernel = convolution.by_channel(self.depthwise_kernel)
        sums = convolution.convolution(self._image(inputs), kernel, **self._moves)
        return self._activated_sums(sums, self.pointwise_kernel, strides=ones, padding="valid", dilation=ones)

    def compute_output_shape(self, input_shape: Shape) -> tuple[int | None, ...]:
        """The sizes of the output, None where the input's are unknown."""
        return self._shape_of_places(input_shape, self.filters)


class SeparableConv1D(BaseSeparableConv):
    """Weighted sums of every window of each channel, and then weighted sums of those over the channels.

    Args: those of `SeparableConv2D`; `kernel_size`, `strides` and `dilation_rate` are one number.

    Shapes: inputs `(batch, steps, channels)`, depthwise kernel `(*kernel_size, channels, depth_multiplier)`, pointwise
    kernel `(1, channels * depth_multiplier, filters)`, bias `(filters,)`, output `(batch, new steps, filters)`.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.layers.SeparableConv1D(4, 3)(np.ones((2, 10, 3), "float32")).shape
        (2, 8, 4)
    """

    rank = 1


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
