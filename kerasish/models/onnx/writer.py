"""Nodes and constants of an ONNX graph, one after another, and the activations written with them."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple, NoReturn

import numpy as np

from kerasish import ops
from kerasish.activations.serialization import is_known
from kerasish.backend import nest
from kerasish.saving.legacy.functions import hard_sigmoid

# The operator set that the graphs are written for: ONNX 1.15 of 2023 and every later reader.
OPSET = 18
IR_VERSION = 9
# ONNX's names for the dtypes that its tensors have here.
KINDS = {"bool": "BOOL", "float32": "FLOAT", "int32": "INT32", "int64": "INT64"}


Arrange = Callable[[np.ndarray], np.ndarray]


class Value(NamedTuple):
    """A tensor of the graph: its name there, its sizes, None where unknown, and the dtype that it has in the graph."""

    name: str
    shape: tuple[int | None, ...]
    dtype: str = "float32"

    @property
    def rank(self) -> int:
        """How many axes it has."""
        return len(self.shape)


def refuse(layer: Any, reason: str) -> NoReturn:
    """Say why a layer cannot be exported.

    Raises:
        ValueError: always.
    """
    raise ValueError(f"the layer {layer.name!r} ({type(layer).__name__}) cannot be exported to ONNX: {reason}")


def tensor_type(dtype: str) -> int:
    """ONNX's number for a dtype, that of float32 for those that are not written."""
    from onnx import TensorProto

    return int(getattr(TensorProto, KINDS.get(dtype, "FLOAT")))


class Writer:
    """A graph that grows by `node` and `constant`.

    Attributes:
        nodes, constants: what the graph consists of, as protocol buffers.
    """

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.constants: list[Any] = []
        self._shared: dict[tuple[int, Arrange | None], tuple[Any, str]] = {}
        self._transposed: dict[str, tuple[str, list[int]]] = {}

    def node(self, kind: str, *inputs: str, **attributes: Any) -> str:
        """Apply an operator; returns the name of its only output."""
        from onnx import helper

        name = f"{kind.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], name=name, **attributes))
        return name

    def several(self, kind: str, count: int, *inputs: str, **attributes: Any) -> list[str]:
        """Apply an operator with several outputs; returns their names."""
        from onnx import helper

        names = [f"{kind.lower()}_{len(self.nodes)}_{i}" for i in range(count)]
        self.nodes.append(helper.make_node(kind, list(inputs), names, name=names[0], **attributes))
        return names

    def cast(self, x: Value, dtype: str) -> Value:
        """A tensor in another dtype, itself where it has it."""
        if x.dtype == dtype:
            return x
        return Value(self.node("Cast", x.name, to=tensor_type(dtype)), x.shape, dtype)

    def transpose(self, x: str, order: list[int]) -> str:
        """A tensor with its axes in another order: the one it comes from, where that undoes the order it came by."""
        if x in self._transposed:
            source, made = self._transposed[x]
            if [made[axis] for axis in order] == sorted(order):
                return source
        y = self.node("Transpose", x, perm=order)
        self._transposed[y] = (x, order)
        return y

    def needed(self, outputs: list[str]) -> list[Any]:
        """The nodes that the outputs are made of: a `transpose` that another one undid is none of them."""
        wanted = set(outputs)
        kept = []
        for node in reversed(self.nodes):
            if wanted.intersection(node.output):
                wanted.update(node.input)
                kept.append(node)
        return kept[::-1]

    def constant(self, value: Any, dtype: str = "float32") -> str:
        """A constant; returns its name."""
        from onnx import numpy_helper

        name = f"constant_{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.array(value, dtype), name))
        return name

    def integers(self, value: Any) -> str:
        """A constant of 64-bit integers: axes, sizes."""
        return self.constant(value, "int64")

    def weight(self, variable: Any, arrange: Arrange | None = None) -> str:
        """The constant of a variable, one for all its uses, in the order of axes that a function brings it into."""
        key = (id(variable), arrange)
        if key not in self._shared:
            value = variable.numpy()
            self._shared[key] = (variable, self.constant(value if arrange is None else arrange(value)))
        return self._shared[key][1]

    def activation(self, function: Any, x: Value, owner: str) -> str:
        """An activation function applied to a tensor.

        Raises:
            ValueError: if it is none of those that are known here.
        """
        name = getattr(function, "__name__", "")
        rule: Rule | None = next((rule for other, rule in _NAMESAKES if function is other), None)
        if rule is None and is_known(function):
            rule = ACTIVATIONS.get(name)
        if rule is None:
            known = ", ".join(sorted(ACTIVATIONS))
            raise ValueError(
                f"the activation {name or function!r} of the layer {owner!r} cannot be exported "
                f"to ONNX; those that can are {known}"
            )
        return rule(self, x.name)


def softmax(w: Writer, x: str, axis: Any) -> str:
    """A softmax along an axis, or along several together."""
    axes = nest.listed(axis)
    if len(axes) == 1:
        return w.node("Softmax", x, axis=int(axes[0]))
    places = w.integers(axes)
    powers = w.node("Exp", w.node("Sub", x, w.node("ReduceMax", x, places)))
    return w.node("Div", powers, w.node("ReduceSum", powers, places))


Rule = Callable[[Writer, str], str]


def _plain(kind: str, **attributes: Any) -> Rule:
    return lambda w, x: w.node(kind, x, **attributes)


def _gelu(w: Writer, x: str) -> str:
    inner = w.node("Add", w.node("Erf", w.node("Div", x, w.constant(math.sqrt(2)))), w.constant(1))
    return w.node("Mul", w.node("Mul", x, w.constant(0.5)), inner)


def gelu_by_tanh(w: Writer, x: str) -> str:
    """The approximate gelu, which is the default of `ops.gelu`."""
    cube = w.node("Mul", w.node("Mul", x, x), w.node("Mul", x, w.constant(0.044715)))
    inner = w.node("Tanh", w.node("Mul", w.node("Add", x, cube), w.constant(math.sqrt(2 / math.pi))))
    return w.node("Mul", w.node("Mul", x, w.constant(0.5)), w.node("Add", inner, w.constant(1)))


def _log_sigmoid(w: Writer, x: str) -> str:
    return w.node("Neg", w.node("Softplus", w.node("Neg", x)))


def _squareplus(w: Writer, x: str) -> str:
    root = w.node("Sqrt", w.node("Add", w.node("Mul", x, x), w.constant(4)))
    return w.node("Div", w.node("Add", x, root), w.constant(2))


def _clip(low: float, high: float) -> Rule:
    return lambda w, x: w.node("Clip", x, w.constant(low), w.constant(high))


def _hard_sigmoid(w: Writer, x: str) -> str:
    return w.node("HardSigmoid", x, alpha=1 / 6, beta=0.5)


def _old_hard_sigmoid(w: Writer, x: str) -> str:
    return w.node("HardSigmoid", x, alpha=0.2, beta=0.5)


def _times(rule: Rule) -> Rule:
    return lambda w, x: w.node("Mul", x, rule(w, x))


def _glu(w: Writer, x: str) -> str:
    values, gates = w.several("Split", 2, x, axis=-1, num_outputs=2)
    return w.node("Mul", values, w.node("Sigmoid", gates))


def _sparse_plus(w: Writer, x: str) -> str:
    raised = w.node("Max", w.node("Add", x, w.constant(1)), w.constant(0))
    parabola = w.node("Div", w.node("Mul", raised, raised), w.constant(4))
    return w.node("Where", w.node("Less", x, w.constant(1)), parabola, x)


def _sparse_sigmoid(w: Writer, x: str) -> str:
    return w.node("HardSigmoid", x, alpha=0.5, beta=0.5)


def _mish(w: Writer, x: str) -> str:
    return w.node("Mul", x, w.node("Tanh", w.node("Softplus", x)))


ACTIVATIONS: dict[str, Rule] = {
    "celu": _plain("Celu", alpha=1.0),
    "elu": _plain("Elu", alpha=1.0),
    "exponential": _plain("Exp"),
    "gelu": _gelu,
    "glu": _glu,
    "hard_shrink": _plain("Shrink", lambd=0.5, bias=0.0),
    "hard_sigmoid": _hard_sigmoid,
    "hard_silu": _times(_hard_sigmoid),
    "hard_tanh": _clip(-1, 1),
    "leaky_relu": _plain("LeakyRelu", alpha=0.2),
    "linear": lambda w, x: x,
    "log_sigmoid": _log_sigmoid,
    "log_softmax": _plain("LogSoftmax", axis=-1),
    "mish": _mish,
    "relu": _plain("Relu"),
    "relu6": _clip(0, 6),
    "selu": _plain("Selu", alpha=1.6732632423543772, gamma=1.0507009873554805),
    "sigmoid": _plain("Sigmoid"),
    "silu": _times(_plain("Sigmoid")),
    "soft_shrink": _plain("Shrink", lambd=0.5, bias=0.5),
    "softmax": _plain("Softmax", axis=-1),
    "softplus": _plain("Softplus"),
    "softsign": _plain("Softsign"),
    "sparse_plus": _sparse_plus,
    "sparse_sigmoid": _sparse_sigmoid,
    "squareplus": _squareplus,
    "tanh": _plain("Tanh"),
    "tanh_shrink": lambda w, x: w.node("Sub", x, w.node("Tanh", x)),
}

# Functions that compute something else than the activation of their name.
_NAMESAKES: tuple[tuple[Any, Rule], ...] = ((ops.gelu, gelu_by_tanh), (hard_sigmoid, _old_hard_sigmoid))

# Those that need the last axis where the layer has it; the others look at single numbers.
ALONG_THE_LAST_AXIS = frozenset({"glu", "log_softmax", "softmax"})
