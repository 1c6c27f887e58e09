"""Transposed convolution of sequences, images and volumes."""

from __future__ import annotations

from typing import Any, Unpack

from kerasish.backend.sizes import tuple_of
from kerasish.backend.typing import ActivationLike, ConstraintLike, InitializerLike, RegularizerLike, Shape, Sizes
from kerasish.layers.base.layer_options import CommonOptions
from kerasish.layers.convolutional.windowed_layer import WindowedLayer
from kerasish.ops import convolution, windows


class BaseConvTranspose(WindowedLayer):
    """Each number of the inputs spreads over a window of the output; then a bias, and an activation."""

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


class Conv1DTranspose(BaseConvTranspose):
    """The transpose of a convolution: each number of a sequence spreads over a window of a larger one.

    Args: those of `Conv2DTranspose`; `kernel_size`, `strides` and the like are one number.

    Shapes: inputs `(batch, steps, channels)`, kernel `(*kernel_size, filters, channels)`, bias `(filters,)`, output
    `(batch, new steps, filters)`.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.layers.Conv1DTranspose(4, 3, strides=2)(np.ones((2, 10, 3), "float32")).shape
        (2, 21, 4)
    """

    rank = 1


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


class Conv3DTranspose(BaseConvTranspose):
    """The transpose of a convolution: each number of a volume spreads over a window of a larger one.

    Args: those of `Conv2DTranspose`, with sizes for depth, height and width; `data_format` stands before
    `output_padding`.

    Shapes: inputs `(batch, depth, height, width, channels)`, kernel `(*kernel_size, filters, channels)`, bias
    `(filters,)`, output `(batch, new depth, new height, new width, filters)`.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.layers.Conv3DTranspose(4, 2, strides=2)(np.ones((2, 5, 6, 7, 3), "float32")).shape
        (2, 10, 12, 14, 4)
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
            filters, kernel_size, strides, padding, output_padding, data_format, dilation_rate, activation, use_bias,
            kernel_initializer, bias_initializer, kernel_regularizer, bias_regularizer, activity_regularizer,
            kernel_constraint, bias_constraint, **kwargs,
        )  # fmt: skip
