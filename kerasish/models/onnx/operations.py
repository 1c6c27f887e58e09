"""Plain operations between layers as ONNX operators: one rule for each, in a table by the name in `keras.ops`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from kerasish.backend import nest
from kerasish.models.onnx.writer import ACTIVATIONS, Value, Writer, gelu_by_tanh, softmax

# The names of the operands, the operation's settings, and the shape of what comes out.
Rule = Callable[[Writer, list[Any], dict[str, Any], "tuple[int | None, ...]"], str]


def write(
    writer: Writer, name: str, operands: list[Any], settings: dict[str, Any], shape: tuple[int | None, ...], dtype: str
) -> Value:
    """The nodes of an operation; returns its output.

    ONNX computes with float32 where NumPy computes with bool: a result that is to be bool is made so at once.

    Args:
        writer: the graph.
        name: the operation's name in `keras.ops`.
        operands: values of the graph, and numbers.
        settings: the other arguments.
        shape, dtype: those of the output.

    Raises:
        ValueError: if the operation, or its setting, has no counterpart.
    """
    if name not in RULES:
        raise ValueError(
            f"the operation {name!r} between layers cannot be exported to ONNX; those that can are "
            f"{', '.join(sorted(RULES))}"
        )
    if name in _LOGICAL:
        operands = [_as(writer, x, "bool") for x in operands]
    elif name == "where":
        operands = [_as(writer, operands[0], "bool"), *(_as(writer, x, "float32") for x in operands[1:])]
    else:
        operands = [_in_floats(writer, x) for x in operands]
    result = Value(
        RULES[name](writer, operands, settings, shape), shape, "bool" if name in _LOGICAL | _COMPARING else "float32"
    )
    return writer.cast(result, "bool") if dtype == "bool" else result


def _as(w: Writer, operand: Any, dtype: str) -> Value:
    """An operand, or a number, as a value of a dtype."""
    if isinstance(operand, Value):
        return w.cast(operand, dtype)
    return Value(w.constant(operand, dtype), np.shape(operand), dtype)


def _in_floats(w: Writer, operand: Any) -> Any:
    if isinstance(operand, Value):
        return w.cast(operand, "float32")
    return [_in_floats(w, part) for part in operand] if isinstance(operand, (list, tuple)) else operand


def _name(w: Writer, operand: Any) -> str:
    return operand.name if isinstance(operand, Value) else w.constant(operand)


def _plain(kind: str) -> Rule:
    return lambda w, xs, settings, shape: w.node(kind, *(_name(w, x) for x in xs))


def _not_equal(w: Writer, xs: list[Any], settings: dict[str, Any], shape: Any) -> str:
    return w.node("Not", w.node("Equal", *(_name(w, x) for x in xs)))


def _activation(name: str) -> Rule:
    return lambda w, xs, settings, shape: ACTIVATIONS[name](w, _name(w, xs[0]))


def _square(w: Writer, xs: list[Any], settings: dict[str, Any], shape: Any) -> str:
    x = _name(w, xs[0])
    return w.node("Mul", x, x)


def _reduced(kind: str) -> Rule:
    def rule(w: Writer, xs: list[Any], settings: dict[str, Any], shape: Any) -> str:
        axis, keeps = settings.get("axis"), int(bool(settings.get("keepdims")))
        if settings.get("initial") is not None:
            raise ValueError("an operation with `initial` cannot be exported to ONNX")
        axes = list(range(xs[0].rank)) if axis is None else nest.listed(axis)
        return w.node(kind, xs[0].name, w.integers(axes), keepdims=keeps, noop_with_empty_axes=1)

    return rule


def _reshape(w: Writer, xs: list[Any], settings: dict[str, Any], shape: Any) -> str:
    """To sizes that are known but for one, or to those and the number of samples that stays."""
    sizes: list[int] = [-1 if n is None else n for n in shape]
    if sizes.count(-1) > 1 and xs[0].shape[0] is None and shape[0] is None:
        sizes[0] = 0
    if sizes.count(-1) > 1:
        raise ValueError(f"a reshape to {shape}, of several unknown sizes, cannot be exported to ONNX")
    return w.node("Reshape", xs[0].name, w.integers(sizes))


def _expand_dims(w: Writer, xs: list[Any], settings: dict[str, Any], shape: Any) -> str:
    return w.node("Unsqueeze", xs[0].name, w.integers(nest.listed(settings["axis"])))


def _squeeze(w: Writer, xs: list[Any], settings: dict[str, Any], shape: Any) -> str:
    axis = settings.get("axis")
    if axis is None:
        if None in xs[0].shape:
            raise ValueError("a squeeze without `axis` of unknown sizes cannot be exported to ONNX: give the axis")
        axis = [i for i, n in enumerate(xs[0].shape) if n == 1]
    return w.node("Squeeze", xs[0].name, w.integers(nest.listed(axis)))


def _transpose(w: Writer, xs: list[Any], settings: dict[str, Any], shape: Any) -> str:
    axes = settings.get("axes") or range(xs[0].rank)[::-1]
    return w.node("Transpose", xs[0].name, perm=[a % xs[0].rank for a in axes])


def _swapaxes(w: Writer, xs: list[Any], settings: dict[str, Any], shape: Any) -> str:
    order = list(range(xs[0].rank))
    a, b = settings["axis1"], settings["axis2"]
    order[a], order[b] = order[b], order[a]
    return w.node("Transpose", xs[0].name, perm=order)


def _clip(w: Writer, xs: list[Any], settings: dict[str, Any], shape: Any) -> str:
    low, high = (settings[key] for key in ("x_min", "x_max"))
    y = xs[0].name if low is None else w.node("Max", xs[0].name, w.constant(low))
    return y if high is None else w.node("Min", y, w.constant(high))


def _softmax(w: Writer, xs: list[Any], settings: dict[str, Any], shape: Any) -> str:
    return softmax(w, xs[0].name, settings.get("axis", -1))


def _joined(w: Writer, xs: list[Any], settings: dict[str, Any], shape: Any) -> str:
    return w.node("Concat", *(_name(w, x) for x in xs[0]), axis=settings.get("axis", 0))


def _stacked(w: Writer, xs: list[Any], settings: dict[str, Any], shape: Any) -> str:
    axis = settings.get("axis", 0) % len(shape)
    parts = [w.node("Unsqueeze", _name(w, x), w.integers([axis])) for x in xs[0]]
    return w.node("Concat", *parts, axis=axis)


def _tile(w: Writer, xs: list[Any], settings: dict[str, Any], shape: Any) -> str:
    repeats = nest.listed(settings["repeats"])
    if len(repeats) > xs[0].rank:
        raise ValueError(f"a tile by {repeats} of {xs[0].rank} axes cannot be exported to ONNX")
    return w.node("Tile", xs[0].name, w.integers([1] * (xs[0].rank - len(repeats)) + repeats))


def _gelu(w: Writer, xs: list[Any], settings: dict[str, Any], shape: Any) -> str:
    if not settings.get("approximate", True):
        return ACTIVATIONS["gelu"](w, xs[0].name)
    return gelu_by_tanh(w, xs[0].name)


def _leaky_relu(w: Writer, xs: list[Any], settings: dict[str, Any], shape: Any) -> str:
    return w.node("LeakyRelu", xs[0].name, alpha=float(settings.get("negative_slope", 0.2)))


def _get_item(w: Writer, xs: list[Any], settings: dict[str, Any], shape: Any) -> str:
    """Whole numbers, slices with steps forward, `...` and new axes."""
    x, key = xs
    parts = [int(part) if isinstance(part, np.integer) else part for part in nest.listed(key)]
    known = (int, slice, type(None), type(Ellipsis))
    if not all(isinstance(part, known) and not isinstance(part, bool) for part in parts):
        raise ValueError(f"the index {key!r:.100} cannot be exported to ONNX")
    taken = sum(part is not None and part is not Ellipsis for part in parts)
    filler = [slice(None)] * (x.rank - taken)
    at = parts.index(Ellipsis) if Ellipsis in parts else len(parts)
    parts = [*parts[:at], *filler, *parts[at + 1 :]]
    return _indexed(w, x.name, parts)


def _indexed(w: Writer, y: str, parts: list[Any]) -> str:
    bounds: list[tuple[int, int, int, int]] = []
    gone: list[int] = []
    new: list[int] = []
    axis = 0
    for place, part in enumerate(parts):
        if part is None:
            new.append(place - len(gone))
            continue
        if isinstance(part, int):
            bounds.append((axis, part, 2**31 - 1 if part == -1 else part + 1, 1))
            gone.append(axis)
        elif part != slice(None):
            step = part.step or 1
            if step < 0:
                raise ValueError("an index with a step backward cannot be exported to ONNX")
            bounds.append((axis, part.start or 0, 2**31 - 1 if part.stop is None else part.stop, step))
        axis += 1
    if bounds:
        axes, starts, ends, steps = (w.integers(list(column)) for column in zip(*bounds, strict=True))
        y = w.node("Slice", y, starts, ends, axes, steps)
    y = w.node("Squeeze", y, w.integers(gone)) if gone else y
    return w.node("Unsqueeze", y, w.integers(new)) if new else y


_LOGICAL = frozenset(
    {
        "bitwise_and", "bitwise_invert", "bitwise_not", "bitwise_or", "bitwise_xor", "logical_and", "logical_not",
        "logical_or",
    }
)  # fmt: skip
_COMPARING = frozenset({"equal", "greater", "greater_equal", "less", "less_equal", "not_equal"})

RULES: dict[str, Rule] = {
    "absolute": _plain("Abs"), "add": _plain("Add"), "arctan": _plain("Atan"),
    "bitwise_and": _plain("And"), "bitwise_invert": _plain("Not"), "bitwise_not": _plain("Not"),
    "bitwise_or": _plain("Or"), "bitwise_xor": _plain("Xor"), "ceil": _plain("Ceil"),
    "clip": _clip, "concatenate": _joined, "cos": _plain("Cos"), "divide": _plain("Div"), "equal": _plain("Equal"),
    "erf": _plain("Erf"), "exp": _plain("Exp"), "expand_dims": _expand_dims, "floor": _plain("Floor"), "gelu": _gelu,
    "get_item": _get_item, "greater": _plain("Greater"), "greater_equal": _plain("GreaterOrEqual"),
    "leaky_relu": _leaky_relu, "less": _plain("Less"), "less_equal": _plain("LessOrEqual"), "log": _plain("Log"),
    "logical_and": _plain("And"), "logical_not": _plain("Not"), "logical_or": _plain("Or"),
    "matmul": _plain("MatMul"), "max": _reduced("ReduceMax"), "maximum": _plain("Max"), "mean": _reduced("ReduceMean"),
    "min": _reduced("ReduceMin"), "minimum": _plain("Min"), "multiply": _plain("Mul"), "negative": _plain("Neg"),
    "not_equal": _not_equal, "power": _plain("Pow"), "prod": _reduced("ReduceProd"),
    "reciprocal": _plain("Reciprocal"), "reshape": _reshape, "sign": _plain("Sign"), "sin": _plain("Sin"),
    "softmax": _softmax, "sqrt": _plain("Sqrt"), "square": _square, "squeeze": _squeeze, "stack": _stacked,
    "subtract": _plain("Sub"), "sum": _reduced("ReduceSum"), "swapaxes": _swapaxes, "tan": _plain("Tan"),
    "tile": _tile, "transpose": _transpose, "true_divide": _plain("Div"), "where": _plain("Where"),
    **{name: _activation(name) for name in (
        "hard_sigmoid", "hard_silu", "hard_tanh", "log_sigmoid", "relu", "relu6", "selu", "sigmoid", "silu", "softplus",
        "softsign", "sparse_plus", "sparse_sigmoid", "tanh", "tanh_shrink",
    )},
}  # fmt: skip
