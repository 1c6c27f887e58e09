"""Convolution of the channels of sequences and images, each by itself."""

from __future__ import annotations

from typing import Any, Unpack

from kerasish.backend.typing import ActivationLike, ConstraintLike, InitializerLike, RegularizerLike, Shape, Sizes
from kerasish.layers.base.layer_options import CommonOptions
from kerasish.layers.convolutional.windowed_layer import WindowedLayer
from kerasish.ops import convolution


class BaseDepthwiseConv(WindowedLayer):
    """Weighted sums of every window of each channel by itself, a bias, and an activation."""

    _settings = ("depth_multiplier", "kernel_size", "strides", "padding", "data_format", "dilation_rate")
    _roles = ("depthwise", "bias")

    def __init__(
        self,
        kernel_size: Sizes,
        strides: Sizes = 1,
        padding: str = "valid",
        depth_multiplier: int = 1,
        data_format: str | None = None,
        dilation_rate: Sizes = 1,
        activation: ActivationLike = None,
        use_bias: bool = True,
        depthwise_initializer: InitializerLike = "glorot_uniform",
        bias_initializer: InitializerLike = "zeros",
        depthwise_regularizer: RegularizerLike = None,
        bias_regularizer: RegularizerLike = None,
        activity_regularizer: RegularizerLike = None,
        depthwise_constraint: ConstraintLike = None,
        bias_constraint: ConstraintLike = None,
        **kwargs: Unpack[CommonOptions],
    ) -> None:
        super().__init__(
            kernel_size, strides, padding, data_format, dilation_rate, activation, use_bias, activity_regularizer,
            **kwargs,
        )  # fmt: skip
        self.depth_multiplier = self._positive(depth_multiplier, "depth_multiplier")
        self._set_rules("depthwise", depthwise_initializer, depthwise_regularizer, depthwise_constraint)
        self._set_rules("bias", bias_initializer, bias_regularizer, bias_constraint)

    def build(self, input_shape: Shape) -> None:
        """Make the kernel and the bias for inputs of this shape."""
        channels = self._channels(input_shape)
        self._accept(input_shape)
        self.kernel = self._weight("kernel", "depthwise", (*self.kernel_size, channels, self.depth_multiplier))
        self._add_bias(channels * self.depth_multiplier)

    def _compute(self, inputs: Any) -> Any:
        return self._activated_sums(self._image(inputs), convolution.by_channel(self.kernel), **self._moves)

    def compute_output_shape(self, input_shape: Shape) -> tuple[int | None, ...]:
        """The sizes of the output, None where the input's are unknown."""
        return self._shape_of_places(input_shape, self._channels(input_shape) * self.depth_multiplier)


class DepthwiseConv1D(BaseDepthwiseConv):
    """Weighted sums of every window of each channel by itself: `activation(depthwise_conv(inputs, kernel) + bias)`.

    Args: those of `DepthwiseConv2D`; `kernel_size`, `strides` and `dilation_rate` are one number.

    Shapes: inputs `(batch, steps, channels)`, kernel `(*kernel_size, channels, depth_multiplier)`, bias
    `(channels * depth_multiplier,)`, output `(batch, new steps, channels * depth_multiplier)`, the sums of the first
    channel first.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.layers.DepthwiseConv1D(3, depth_multiplier=2)(np.ones((2, 10, 3), "float32")).shape
        (2, 8, 6)
    """

    rank = 1


class DepthwiseConv2D(BaseDepthwiseConv):
    """Weighted sums of every window of each channel by itself: `activation(depthwise_conv(inputs, kernel) + bias)`.

    Args:
        kernel_size: the window's sizes: a number, or (height, width).
        strides: the steps from window to window: a number, or one for each axis.
        padding: `"valid"`, only windows inside the image, or `"same"`, with zeros around it, for as many windows as
            there are strides.
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

    Shapes: inputs `(batch, height, width, channels)`, kernel `(*kernel_size, channels, depth_multiplier)`, bias
    `(channels * depth_multiplier,)`, output `(batch, new height, new width, channels * depth_multiplier)`, the sums of
    the first channel first; with the channels second if `data_format` says so.

    Raises:
        ValueError: if an argument is out of its range, or the window does not fit into the image.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.layers.DepthwiseConv2D(3, padding="same")(np.ones((2, 8, 8, 3), "float32")).shape
        (2, 8, 8, 3)

    Source: Sifre, Rigid-motion scattering for image classification (2014); Howard et al., MobileNets (2017),
    https://arxiv.org/abs/1704.04861
    """

    rank = 2
