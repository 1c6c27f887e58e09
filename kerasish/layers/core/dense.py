"""The fully connected layer."""

from __future__ import annotations

from typing import Any, ClassVar, Unpack

from kerasish import activations, constraints, initializers, regularizers
from kerasish.backend.pieces import piece_of
from kerasish.backend.typing import ActivationLike, ConstraintLike, InitializerLike, RegularizerLike, Shape
from kerasish.layers.base.compact import Compact
from kerasish.layers.base.fused_activation import ActivatedLayer, shape_after
from kerasish.layers.base.input_spec import InputSpec
from kerasish.layers.base.layer_options import CommonOptions
from kerasish.ops.fused import dense
from kerasish.ops.ranks import joined, own_part, sent, summed


class Dense(ActivatedLayer, Compact):
    """A layer of perceptrons: `activation(inputs @ kernel + bias)`.

    Args:
        units: how many perceptrons, the size of the output's last axis.
        activation: a name or function; None for the weighted sum itself.
        use_bias: whether a bias is added.
        kernel_initializer, bias_initializer: the first values of the weights.
        kernel_regularizer, bias_regularizer: penalties on the weights, added to the loss.
        activity_regularizer: a penalty on the output.
        kernel_constraint, bias_constraint: projections of the weights after each update.
        lora_rank, lora_alpha: train two factors of this width in the kernel's place, see `enable_lora`.
        quantization_config: how the layer is quantized, if its policy says that it is.
        **kwargs: `name`, `dtype`, `trainable` of `Layer`.

    Shapes: inputs `(batch, ..., features)`, kernel `(features, units)`, bias `(units,)`, output
    `(batch, ..., units)`.

    Raises:
        ValueError: if `units` is not a positive whole number.

    Example:
        >>> import numpy as np
        >>> Dense(3, activation="relu")(np.ones((2, 4), "float32")).shape
        (2, 3)
    """

    _modes = ("int8", "int4", "float8")
    cuts: ClassVar[dict[str, tuple[int, ...]]] = {"kernel": (0, 1), "bias": (0,)}

    def __init__(
        self,
        units: int,
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
        quantization_config: Any = None,
        **kwargs: Unpack[CommonOptions],
    ) -> None:
        super().__init__(activity_regularizer=activity_regularizer, **kwargs)
        if isinstance(units, bool) or not hasattr(units, "__index__") or int(units) <= 0:
            raise ValueError(
                f"Dense needs a positive whole number of units; received units={units!r} in layer {self.name!r}"
            )
        self.units = int(units)
        self.activation = activations.get(activation)
        self.use_bias = use_bias
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.bias_regularizer = regularizers.get(bias_regularizer)
        self.kernel_constraint = constraints.get(kernel_constraint)
        self.bias_constraint = constraints.get(bias_constraint)
        self._set_compact(lora_rank, lora_alpha, quantization_config)
        self.input_spec = InputSpec(min_ndim=2)
        self.supports_masking = True

    def build(self, input_shape: Shape) -> None:
        """Make the kernel and the bias for inputs of this shape."""
        features = input_shape[-1]
        if features is None:
            raise ValueError(f"the layer {self.name!r} needs to know its inputs' last size; received {input_shape}")
        if not self._builds_in_bits((features, self.units)):
            self.kernel = self.add_weight(
                name="kernel",
                shape=(features, self.units),
                initializer=self.kernel_initializer,
                regularizer=self.kernel_regularizer,
                constraint=self.kernel_constraint,
            )
        self.bias = None
        if self.use_bias:
            self.bias = self.add_weight(
                name="bias",
                shape=(self.units,),
                initializer=self.bias_initializer,
                regularizer=self.bias_regularizer,
                constraint=self.bias_constraint,
            )
        self.input_spec = InputSpec(min_ndim=2, axes={-1: features})
        self._adapt()

    def call(self, inputs: Any, training: bool | None = None) -> Any:
        """The weighted sums through the activation."""
        if self.bias is None:
            y = dense(inputs, self.kernel, activation=self._fused)
        else:
            y = dense(inputs, self.kernel, self.bias, activation=self._fused)
        return y if self._after is None else self._after(y)

    def _call_in_pieces(self, inputs: Any, training: bool | None = None) -> Any:
        """The same with a kernel that is cut over processes: by columns, or by rows, whose sums are added up."""
        piece, bias = self.kernel.piece, self.bias
        ranks, kernel = piece.ranks, self.kernel.local()
        if piece.axis == 1:
            own = [] if piece_of(bias) is None else [bias.local()]
            y = joined(dense(sent(inputs, ranks=ranks), kernel, *own), ranks=ranks)
        else:
            y = summed(dense(own_part(inputs, ranks=ranks), kernel), ranks=ranks)
        if bias is not None and piece_of(bias) is None:
            y = y + bias
        return self.activation(y)

    def _layouts(self, shape: tuple[int, ...]) -> dict[str, Any]:
        return {"kernel": self._in_bits.Layout(shape, summed=(0,), scale_shape=shape[1:])}

    def _call_in_bits(self, inputs: Any, training: bool | None = None) -> Any:
        return self._in_bits.sums(self, inputs, self._in_bits.Contraction(summed=1), training)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The input's shape with `units` as its last size, or what the activation makes of it."""
        return shape_after(self.activation, (*input_shape[:-1], self.units))

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this layer anew."""
        return {
            **super().get_config(),
            "units": self.units,
            "activation": activations.serialize(self.activation),
            "use_bias": self.use_bias,
            "kernel_initializer": initializers.serialize(self.kernel_initializer),
            "bias_initializer": initializers.serialize(self.bias_initializer),
            "kernel_regularizer": regularizers.serialize(self.kernel_regularizer),
            "bias_regularizer": regularizers.serialize(self.bias_regularizer),
            "kernel_constraint": constraints.serialize(self.kernel_constraint),
            "bias_constraint": constraints.serialize(self.bias_constraint),
            **self._compact_config(),
        }
