"""Convolution of sequences, images and volumes."""

from __future__ import annotations

from typing import Any, Unpack

import numpy as np

from kerasish.backend.typing import ActivationLike, ConstraintLike, InitializerLike, RegularizerLike, Shape, Sizes
from kerasish.layers.base.compact import Compact
from kerasish.layers.base.layer_options import CommonOptions
from kerasish.layers.convolutional.windowed_layer import WindowedLayer
from kerasish.ops import convolution


class BaseConv(WindowedLayer, Compact):
    """Weighted sums of every window, a bias, and an activation."""

    _settings = ("filters", "kernel_size", "strides", "padding", "data_format", "dilation_rate", "groups")
    _roles = ("kernel", "bias")

    def __init__(
        self,
        filters: int,
        kernel_size: Sizes,
        strides: Sizes = 1,
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: Sizes = 1,
        groups: int = 1,
        activation: ActivationLike = None,
        use_bias: bool = True,
        kernel_initializer: InitializerLike = "glorot_uniform",
        bias_initializer: InitializerLike = "zeros",
        kernel_regularizer: RegularizerLike = None,
        bias_regularizer: RegularizerLike = None,
        activity_regularizer: RegularizerLike = None,
        kernel_constraint: ConstraintLike = None,
        bias_constraint: ConstraintLike = None,
        lora_rank: int | None = None,
        lora_alpha: float | None = None,
        **kwargs: Unpack[CommonOptions],
    ) -> None:
        super().__init__(
            kernel_size, strides, padding, data_format, dilation_rate, activation, use_bias, activity_regularizer,
            **kwargs,
        )  # fmt: skip
        self.filters = self._positive(filters, "filters")
        self.groups = self._positive(groups, "groups")
        if self.filters % self.groups:
            raise ValueError(
                f"{type(self).__name__} needs a number of filters that its groups divide; received "
                f"filters={self.filters}, groups={self.groups}"
            )
        self._refuse_strides_with_dilation()
        self._set_rules("kernel", kernel_initializer, kernel_regularizer, kernel_constraint)
        self._set_rules("bias", bias_initializer, bias_regularizer, bias_constraint)
        self._set_compact(lora_rank, lora_alpha)

    def build(self, input_shape: Shape) -> None:
        """Make the kernel and the bias for inputs of this shape."""
        channels = self._channels(input_shape)
        if channels % self.groups:
            raise ValueError(
                f"the layer {self.name!r} divides channels into {self.groups} groups, which {channels} channels cannot "
                f"be; its input has shape {tuple(input_shape)}, data_format={self.data_format!r}"
            )
        self._accept(input_shape)
        self.kernel = self._weight("kernel", "kernel", (*self.kernel_size, channels // self.groups, self.filters))
        self._add_bias(self.filters)
        self._adapt()

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), **self._lora_config()}

    def convolution_op(self, inputs: Any, kernel: Any) -> Any:
        """The weighted sums, without bias and activation; a subclass may put another operation in its place."""
        return self._in_format(convolution.convolution(self._image(inputs), kernel, **self._moves))

    def _compute(self, inputs: Any) -> Any:
        if type(self).convolution_op is BaseConv.convolution_op:
            return self._activated_sums(self._image(inputs), self.kernel, **self._moves)
        y = self.convolution_op(inputs, self.kernel)
        if self.bias is not None:
            y = y + (np.reshape(self.bias, (-1, *(1,) * self.rank)) if self._channels_first else self.bias)
        return y if self.activation is None else self.activation(y)

    def compute_output_shape(self, input_shape: Shape) -> tuple[int | None, ...]:
        """The sizes of the output, None where the input's are unknown."""
        return self._shape_of_places(input_shape, self.filters)


class Conv1D(BaseConv):
    """Weighted sums of every window of a sequence: `activation(conv(inputs, kernel) + bias)`.

    Args: those of `Conv2D`; `kernel_size`, `strides` and `dilation_rate` are one number, and `padding` may be
    `"causal"` as well: all zeros before the sequence, so that no step sees a later one.

    Shapes: inputs `(batch, steps, channels)`, kernel `(*kernel_size, channels / groups, filters)`, bias `(filters,)`,
    output `(batch, new steps, filters)`.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.layers.Conv1D(4, 3, padding="causal")(np.ones((2, 10, 3), "float32")).shape
        (2, 10, 4)

    Source: Waibel et al., Phoneme recognition using time-delay neural networks (1989); with causal padding: van den
    Oord et al., WaveNet (2016), https://arxiv.org/abs/1609.03499
    """

    rank = 1
    _paddings = ("valid", "same", "causal")


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
        lora_rank, lora_alpha: train two factors of this width in the kernel's place, see `enable_lora`.
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


class Conv3D(BaseConv):
    """Weighted sums of every window of a volume: `activation(conv(inputs, kernel) + bias)`.

    Args: those of `Conv2D`, with sizes for depth, height and width.

    Shapes: inputs `(batch, depth, height, width, channels)`, kernel `(*kernel_size, channels / groups, filters)`, bias
    `(filters,)`, output `(batch, new depth, new height, new width, filters)`.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.layers.Conv3D(4, 3, activation="relu")(np.ones((2, 5, 6, 7, 3), "float32")).shape
        (2, 3, 4, 5, 4)
    """

    rank = 3
