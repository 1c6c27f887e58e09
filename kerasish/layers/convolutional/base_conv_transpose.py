"""What the layers of transposed convolution have in common."""

from __future__ import annotations

from typing import Any, Unpack

from kerasish.backend.sizes import tuple_of
from kerasish.backend.typing import ActivationLike, ConstraintLike, InitializerLike, RegularizerLike, Shape, Sizes
from kerasish.layers.base.layer_options import CommonOptions
from kerasish.layers.convolutional.windowed_layer import WindowedLayer
from kerasish.ops import convolution, windows


class BaseConvTranspose(WindowedLayer):
    """Each number of the inputs spreads over a window of the output; then a bias, and an activation.

    Args:
        filters: the number of channels of the output.
        kernel_size: the window's sizes: a number, or one for each spatial axis.
        strides: the steps from window to window in the output.
        padding: `"valid"` or `"same"`.
        output_padding: how many numbers the output has more along each axis; None for `ops.conv_transpose`'s choice.
        data_format: `"channels_last"` or `"channels_first"`; `keras.config.image_data_format()` by default.
        dilation_rate: how far apart the numbers of a window are.
        activation: a name or function; None for the weighted sums themselves.
        use_bias: whether a bias is added.
        kernel_initializer, bias_initializer: the first values of the weights.
        kernel_regularizer, bias_regularizer: penalties on the weights, added to the loss.
        activity_regularizer: a penalty on the output.
        kernel_constraint, bias_constraint: projections of the weights after each update.
        **kwargs: `name`, `dtype`, `trainable` of `Layer`.

    Raises:
        ValueError: if an argument is out of its range, an output_padding is no smaller than the stride, or both
            strides and a dilation are larger than 1.
    """

    _settings = ("filters", "kernel_size", "strides", "padding", "output_padding", "data_format", "dilation_rate")
    _roles = ("kernel", "bias")

    def __init__(
        self,
        filters: int,
        kernel_size: Sizes,
        strides: Sizes = 1,
        padding: str = "valid",
        output_padding: Sizes | None = None,
        data_format: str | None = None,
        dilation_rate: Sizes = 1,
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
            kernel_size, strides, padding, data_format, dilation_rate, activation, use_bias, activity_regularizer,
            **kwargs,
        )  # fmt: skip
        kind = type(self).__name__
        self.filters = self._positive(filters, "filters")
        self.output_padding: tuple[int, ...] | None = None
        if output_padding is not None:
            self.output_padding = tuple_of(output_padding, self.rank, "output_padding", kind, least=0)
            if any(more >= step for more, step in zip(self.output_padding, self.strides, strict=True)):
                raise ValueError(
                    f"{kind} needs an output_padding below the stride of each axis; received "
                    f"output_padding={self.output_padding}, strides={self.strides}"
                )
        self._refuse_strides_with_dilation()
        self._set_rules("kernel", kernel_initializer, kernel_regularizer, kernel_constraint)
        self._set_rules("bias", bias_initializer, bias_regularizer, bias_constraint)

    def build(self, input_shape: Shape) -> None:
        """Make the kernel and the bias for inputs of this shape."""
        channels = self._channels(input_shape)
        self._accept(input_shape)
        self.kernel = self._weight("kernel", "kernel", (*self.kernel_size, self.filters, channels))
        self._add_bias(self.filters)

    def _compute(self, inputs: Any) -> Any:
        y = convolution.conv_transpose(
            self._image(inputs),
            self.kernel,
            self.strides,
            self.padding,
            self.output_padding,
            "channels_last",
            self.dilation_rate,
        )
        if self.bias is not None:
            y = y + self.bias
        y = self._in_format(y)
        return y if self.activation is None else self.activation(y)

    def compute_output_shape(self, input_shape: Shape) -> tuple[int | None, ...]:
        """The sizes of the output, None where the input's are unknown."""
        sizes = tuple(map(self._length, range(self.rank), self._sizes(input_shape)))
        return self._shape_of(input_shape[0], sizes, self.filters)

    def _length(self, axis: int, size: int | None) -> int | None:
        if size is None:
            return None
        more = None if self.output_padding is None else self.output_padding[axis : axis + 1]
        shape, strides, dilation = (
            sizes[axis : axis + 1] for sizes in (self.kernel_size, self.strides, self.dilation_rate)
        )
        return windows.spreading((size,), shape, strides, self.padding, more, dilation).size[0]
