"""A fully connected layer whose product of inputs and weights is written as an equation."""

from __future__ import annotations

import re
from typing import Any, NamedTuple, Unpack

from kerasish import activations, constraints, initializers, regularizers
from kerasish.backend.operators import add
from kerasish.backend.typing import ActivationLike, ConstraintLike, InitializerLike, RegularizerLike
from kerasish.layers.base.compact import Compact
from kerasish.layers.base.fused_activation import ActivatedLayer, shape_after
from kerasish.layers.base.layer_options import LayerOptions
from kerasish.ops.contraction import einsum
from kerasish.ops.fused import dense

_FORMS = re.compile(r"(?P<left>\.{3})?([A-Za-z]+)(?P<right>\.{3})?,([A-Za-z]+)->(\.{3})?([A-Za-z]+)(\.{3})?")


class EinsumDense(ActivatedLayer, Compact):
    """`activation(einsum(equation, inputs, kernel) + bias)`.

    Args:
        equation: which axes are multiplied and summed, such as `"ab,bc->ac"` for `Dense`. A letter stands for an axis
            of the inputs, the kernel and the output; `...` at the same end of inputs and output for any axes.
        output_shape: the sizes of the output after the batch (and after the axes of a leading `...`); None where they
            are the input's.
        activation: a name or function; None for the sums themselves.
        bias_axes: the letters of the output's axes that have a bias, such as `"c"`; None for no bias.
        kernel_initializer, bias_initializer: the first values of the weights.
        kernel_regularizer, bias_regularizer: penalties on the weights, added to the loss.
        kernel_constraint, bias_constraint: projections of the weights after each update.
        lora_rank, lora_alpha: train two factors of this width in the kernel's place, see `enable_lora`.
        gptq_unpacked_column_size: accepted for compatibility.
        quantization_config: how the layer is quantized, if its policy says that it is.
        **kwargs: `name`, `dtype`, `trainable`, `activity_regularizer` of `Layer`.

    Shapes: as the equation says.

    Raises:
        ValueError: if the equation has another form, names an axis of unknown size, or does not fit the shapes.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> layer = keras.layers.EinsumDense("abc,cd->abd", output_shape=(None, 64), bias_axes="d")
        >>> layer(np.ones((2, 32, 128), "float32")).shape
        (2, 32, 64)
    """

    _modes = ("int8", "int4", "float8")

    def __init__(
        self,
        equation: str,
        output_shape: Any,
        activation: ActivationLike = None,
        bias_axes: str | None = None,
        kernel_initializer: InitializerLike = "glorot_uniform",
        bias_initializer: InitializerLike = "zeros",
        kernel_regularizer: RegularizerLike = None,
        bias_regularizer: RegularizerLike = None,
        kernel_constraint: ConstraintLike = None,
        bias_constraint: ConstraintLike = None,
        lora_rank: int | None = None,
        lora_alpha: float | None = None,
        gptq_unpacked_column_size: Any = None,
        quantization_config: Any = None,
        **kwargs: Unpack[LayerOptions],
    ) -> None:
        super().__init__(**kwargs)
        self.equation = equation
        self.partial_output_shape = (output_shape,) if isinstance(output_shape, int) else tuple(output_shape)
        self.bias_axes = bias_axes
        self.activation = activations.get(activation)
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.bias_regularizer = regularizers.get(bias_regularizer)
        self.kernel_constraint = constraints.get(kernel_constraint)
        self.bias_constraint = constraints.get(bias_constraint)
        self.gptq_unpacked_column_size = gptq_unpacked_column_size
        self._set_compact(lora_rank, lora_alpha, quantization_config)

    def build(self, input_shape: Any) -> None:
        """Make the kernel and the bias for inputs of this shape."""
        sizes = _sizes(self.equation, tuple(input_shape), self.partial_output_shape, self.bias_axes or "")
        self._summed = _summed_axes(self.equation, self.bias_axes or "")
        self._ndim = len(input_shape)
        if not self._builds_in_bits(sizes.kernel):  # type: ignore[arg-type]
            self.kernel = self.add_weight(
                name="kernel",
                shape=sizes.kernel,
                initializer=self.kernel_initializer,
                regularizer=self.kernel_regularizer,
                constraint=self.kernel_constraint,
            )
        self.bias = None
        if self.bias_axes:
            self.bias = self.add_weight(
                name="bias",
                shape=sizes.bias,
                initializer=self.bias_initializer,
                regularizer=self.bias_regularizer,
                constraint=self.bias_constraint,
            )
        self._adapt()

    def call(self, inputs: Any, training: bool | None = None) -> Any:
        """The products, summed as the equation says, through the activation."""
        kernel = self.kernel  # computed, where there are factors
        y = self._in_one_product(inputs, kernel) if self._summed else self._by_equation(inputs, kernel)
        return y if y.dtype == self._compute_kind else y.astype(self.compute_dtype)

    def _in_one_product(self, inputs: Any, kernel: Any) -> Any:
        """The product of two matrices, to which most equations come down."""
        if inputs.shape[-self._summed :] != kernel.shape[: self._summed]:
            return self._by_equation(inputs, kernel)  # says which sizes differ
        weights = (kernel,) if self.bias is None else (kernel, self.bias)
        y = dense(inputs, *weights, activation=self._fused, summed=self._summed)
        return y if self._after is None else self._after(y)

    def _by_equation(self, inputs: Any, kernel: Any) -> Any:
        y = einsum(self.equation, inputs, kernel)
        if self.bias is not None:
            y = add(y, self.bias)
        return self.activation(y)

    def _layouts(self, shape: tuple[int, ...]) -> dict[str, Any]:
        inputs, kernel, output, dots = _parsed(self.equation)
        sizes = dict(zip(kernel, shape, strict=True))
        scale_shape = [sizes.get(letter, 1) for letter in output]
        more = [1] * (self._ndim - len(inputs))
        summed = tuple(axis for axis, letter in enumerate(kernel) if letter not in output)
        free = sorted(
            (axis for axis in range(len(kernel)) if axis not in summed), key=lambda a: output.index(kernel[a])
        )
        scale_shape = scale_shape + more if dots == "right" else more + scale_shape
        return {"kernel": self._in_bits.Layout(shape, summed, tuple(scale_shape), order=(*summed, *free))}

    def _call_in_bits(self, inputs: Any, training: bool | None = None) -> Any:
        letters, _, output, dots = _parsed(self.equation)
        start = 0 if dots == "right" else -len(letters)
        axes = tuple(start + place for place, letter in enumerate(letters) if letter not in output)
        contraction = self._in_bits.Contraction(self._summed, self.equation.replace(" ", ""), axes)
        return self._in_bits.sums(self, inputs, contraction, training)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The output's shape by the equation and the activation."""
        sizes = _sizes(self.equation, tuple(input_shape), self.partial_output_shape, self.bias_axes or "")
        return shape_after(self.activation, sizes.output)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "output_shape": self.partial_output_shape,
            "equation": self.equation,
            "activation": activations.serialize(self.activation),
            "bias_axes": self.bias_axes,
            "kernel_initializer": initializers.serialize(self.kernel_initializer),
            "bias_initializer": initializers.serialize(self.bias_initializer),
            "kernel_regularizer": regularizers.serialize(self.kernel_regularizer),
            "bias_regularizer": regularizers.serialize(self.bias_regularizer),
            "activity_regularizer": regularizers.serialize(self.activity_regularizer),
            "kernel_constraint": constraints.serialize(self.kernel_constraint),
            "bias_constraint": constraints.serialize(self.bias_constraint),
            **self._compact_config(),
        }


class _Sizes(NamedTuple):
    kernel: tuple[int | None, ...]
    bias: tuple[int | None, ...]
    output: tuple[int | None, ...]


def _parsed(equation: str) -> tuple[str, str, str, str]:
    """The letters of inputs, kernel and output, and the end at which dots stand for more: "left", "right" or none."""
    found = _FORMS.fullmatch(equation.replace(" ", ""))
    if found:
        left, inputs, right, kernel, left_too, output, right_too = found.groups()
        if (left, right) == (left_too, right_too) and not (left and right):
            return inputs, kernel, output, "left" if left else "right" if right else ""
    raise ValueError(
        f'EinsumDense needs an equation of one of the forms "ab,bc->ac", "...ab,bc->...ac" and "ab...,bc->ac..."; '
        f"received equation={equation!r}"
    )


def _summed_axes(equation: str, bias_axes: str) -> int:
    """How many axes are summed where the equation comes down to one product of matrices with a bias for each column.

    That is where the last axes of the inputs are the first of the kernel, whose others end the output. Elsewhere: 0.
    """
    inputs, kernel, output, dots = _parsed(equation)
    summed = sum(letter not in output for letter in kernel)
    rows, free = inputs[: len(inputs) - summed], kernel[summed:]
    is_product = dots != "right" and inputs == rows + kernel[:summed] and output == rows + free
    is_distinct = len({*rows, *kernel}) == len(rows) + len(kernel)
    fits = not bias_axes or sorted(bias_axes) == sorted(free)
    return summed if free and is_product and is_distinct and fits else 0


def _sizes(
    equation: str, input_shape: tuple[int | None, ...], partial: tuple[int | None, ...], bias_axes: str
) -> _Sizes:
    """The shapes of kernel, bias and output."""
    inputs, kernel, output, dots = _parsed(equation)
    extra = len(input_shape) - len(inputs)
    if extra < 0 or (extra > 0 and not dots):
        raise ValueError(f"the equation {equation!r} does not describe inputs of shape {input_shape}")
    cut = extra if dots == "left" else 0
    known = dict(zip(inputs, input_shape[cut : cut + len(inputs)], strict=True))
    given = partial if cut else (None, *partial)  # the batch is among the axes of leading dots
    if len(given) != len(output):
        raise ValueError(
            f"the equation {equation!r} has {len(output)} axes in its output, batch included; received "
            f"output_shape={partial}, which leaves out the batch"
        )
    made = dict(zip(output, given, strict=True))
    for letter in output:
        if letter not in known and letter not in kernel:
            raise ValueError(f"the equation {equation!r}: {letter!r} is an axis of the output only")
        size = known.get(letter)
        if size is not None and made[letter] not in (None, size):
            raise ValueError(
                f"the equation {equation!r}: the axis {letter!r} has size {size} in inputs of shape {input_shape} and "
                f"size {made[letter]} in output_shape={partial}"
            )
        if made[letter] is None:
            made[letter] = size
    for letter in kernel:
        if letter not in known and letter not in made:
            raise ValueError(f"the equation {equation!r}: {letter!r} is an axis of the kernel only")
    weight = tuple(known.get(letter) or made.get(letter) for letter in kernel)
    elided = input_shape[:extra] if dots == "left" else input_shape[len(inputs) :]
    sizes = tuple(made[letter] for letter in output)
    bias = _bias_shape(equation, output, made, bias_axes) + (1,) * (extra if dots == "right" else 0)
    _check_known(equation, {"kernel": weight, "bias": bias}, input_shape)
    return _Sizes(weight, bias, elided + sizes if dots == "left" else sizes + elided)


def _bias_shape(equation: str, output: str, made: dict[str, int | None], bias_axes: str) -> tuple[int | None, ...]:
    """From the first axis with a bias on: its size where there is a bias, 1 elsewhere."""
    for letter in bias_axes:
        if letter not in output:
            raise ValueError(f"bias_axes={bias_axes!r}: {letter!r} is no axis of the output of {equation!r}")
    places = [output.index(letter) for letter in bias_axes]
    return tuple(made[letter] if letter in bias_axes else 1 for letter in output[min(places) :]) if places else ()


def _check_known(
    equation: str, weights: dict[str, tuple[int | None, ...]], input_shape: tuple[int | None, ...]
) -> None:
    for name, shape in weights.items():
        if None in shape:
            raise ValueError(
                f"the equation {equation!r} gives the {name} the shape {shape} for inputs of shape {input_shape}: "
                "every size of a weight must be known"
            )
