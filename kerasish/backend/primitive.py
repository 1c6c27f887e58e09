"""A primitive is an operation declared once: its forward on arrays and, beside it, its derivative.

One declaration serves four callers: plain arrays, the tape, NumPy's own functions (`np.tanh(t)`), and shape
inference on symbolic tensors.
"""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from kerasish.backend.admission import ADMITTED, refuse_unusable
from kerasish.backend.array import bare, eager
from kerasish.backend.symbolic import KerasTensor, symbolic_call
from kerasish.backend.tensor import Tensor, Traceable, recording
from kerasish.backend.variable import Variable
from kerasish.backend.watched import Watched

Vjp = Callable[..., Any]

# What NumPy's own functions become when a tensor is among their arguments; filled by `primitive(numpy=...)`.
NUMPY_RULES: dict[Any, Callable[..., Any]] = {}


class Primitive:
    """An operation with its derivative.

    Attributes:
        name: the field's name of the operation, in errors and summaries.
        forward: `(*arrays, **params) -> array`, or a tuple of arrays.
        vjps: the vector-Jacobian products, one for each array argument: `(g, y, *arrays, **params)` gives
            the gradient of that argument from the gradient `g` of the output `y`; None where the argument
            has no derivative. They are written with operators and NumPy functions only, so that a tape around
            them differentiates them again. A single function `(i, g, y, *arrays, **params)` serves operations
            with any number of arguments. No vjps at all: the output is a constant (argmax, comparisons).
        backward: an optional second derivative that works on plain arrays and all arguments at once,
            `(g, y, arrays, params, needs, into) -> list of gradients`, used when nothing records. `needs` tells
            for each argument whether its gradient is wanted, `into` gives an array to write it to, or None.
        arguments: the public names of the array arguments, where the primitive itself is a public function.
        view: whether the output may share the memory of an argument. What is seen of a variable is then copied:
            training writes into variables in place, and a tensor keeps its value.
        plan: optional: `(room, node) -> (forward calls, backward calls)` in fixed buffers, or None where it does not
            apply; None in place of the backward calls, where they are to follow from the vjps. See `backend.in_place`.
            It may be given as `"package.module:function"`, which is imported when it is asked for.
        shape: an optional rule `(*specs, **params) -> KerasTensor`; by default the forward runs on small arrays.
        optional: whether an argument may be None.
        ufunc: the NumPy ufunc that it is on arrays of one type.
    """

    def __init__(
        self,
        name: str,
        forward: Callable[..., Any],
        vjps: tuple[Vjp | None, ...] | Vjp | None = None,
        backward: Callable[..., list[Any]] | None = None,
        shape: Callable[..., Any] | None = None,
        doc: str | None = None,
        arguments: tuple[str, ...] = (),
        view: bool = False,
        optional: bool = False,
        ufunc: np.ufunc | None = None,
        plan: Callable[..., Any] | str | None = None,
    ) -> None:
        self.name = self.__name__ = name
        self.arguments = arguments
        self._plan = plan
        self.forward = forward
        self.vjps = vjps
        self.backward = backward
        self.shape = shape
        self.view = view
        self.optional = optional
        self.ufunc = ufunc
        self.__doc__ = doc or forward.__doc__

    def __call__(self, *args: Any, **params: Any) -> Any:
        if params and self.arguments:
            args, params = self._bind(args, params)
        for arg in args:
            if type(arg) not in ADMITTED:
                if isinstance(arg, Traceable):
                    return self._trace(args, params)
                self._look_at(arg)
        return eager(self.forward(*map(bare, args), **params))

    def _look_at(self, arg: Any) -> None:
        """Refuse an argument that is no number, unless it is None and may be left out."""
        if arg is not None or not self.optional:
            refuse_unusable(arg, f"an argument of {self.name}")

    def _bind(self, args: tuple[Any, ...], params: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Array arguments that were given by name, put in their places."""
        named = [name for name in self.arguments[len(args) :] if name in params]
        rest = {key: value for key, value in params.items() if key not in named}
        return (*args, *(params[name] for name in named)), rest

    @property
    def plan(self) -> Callable[..., Any] | None:
        """How the operation is computed in fixed arrays, if it says so."""
        if isinstance(self._plan, str):
            self._plan = found_at(self._plan)
        return self._plan

    @plan.setter
    def plan(self, plan: Callable[..., Any]) -> None:
        self._plan = plan

    @property
    def has_shape_rule(self) -> bool:
        """Whether shapes follow from a written rule; otherwise the forward runs on small arrays."""
        return self.shape is not None

    @property
    def __signature__(self) -> inspect.Signature:
        kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
        return inspect.Signature([inspect.Parameter(name, kind) for name in self.arguments])

    def _trace(self, args: tuple[Any, ...], params: dict[str, Any]) -> Any:
        tapes = recording.tapes
        inputs = []
        values = []
        tracked = copied = False
        for arg in args:
            if isinstance(arg, Traceable):
                if isinstance(arg, KerasTensor):
                    return symbolic_call(self, args, params)
                if isinstance(arg, (Variable, Watched)):
                    arg = arg.read()
                    copied = self.view
                if isinstance(arg, Tensor):
                    tracked = True
                    copied = copied or (self.view and arg.primitive is None)
                    inputs.append(arg)
                    values.append(arg.value)
                    continue
            elif type(arg) not in ADMITTED:
                self._look_at(arg)
            arg = bare(arg)
            inputs.append(arg)
            values.append(arg)
        output = self.forward(*values, **params)
        if copied:
            output = [part.copy() for part in output] if isinstance(output, list) else output.copy()
        if not tracked or not tapes or (self.vjps is None and recording.trace is None):
            return eager(output)
        node = Tensor(bare(output), self, tuple(inputs), params)
        for tape in tapes:
            tape.nodes.append(node)
        if isinstance(output, (tuple, list)):
            return type(output)(pick(node, index=i) for i in range(len(output)))
        return node

    def vjp(self, index: int, g: Any, y: Any, args: list[Any], params: dict[str, Any]) -> Any:
        """The gradient of argument `index`, or None where it has none."""
        if callable(self.vjps):
            return self.vjps(index, g, y, *args, **params)
        assert self.vjps is not None
        rule = self.vjps[index]
        return None if rule is None else rule(g, y, *args, **params)

    def __repr__(self) -> str:
        return f"<primitive {self.name}>"


def found_at(where: str) -> Callable[..., Any]:
    """The function that stands at `"package.module:function"`."""
    module, _, name = where.partition(":")
    return getattr(importlib.import_module(module), name)


def primitive(
    name: str,
    forward: Callable[..., Any],
    *vjps: Vjp | None,
    variadic: Vjp | None = None,
    numpy: Any = None,
    backward: Callable[..., list[Any]] | None = None,
    shape: Callable[..., Any] | None = None,
    doc: str | None = None,
    arguments: tuple[str, ...] = (),
    view: bool = False,
    optional: bool = False,
    ufunc: np.ufunc | None = None,
    plan: Callable[..., Any] | str | None = None,
) -> Primitive:
    """Declare an operation.

    Args:
        name: what the field calls it.
        forward: the operation on arrays; keyword arguments are static parameters.
        *vjps: one derivative for each array argument (see `Primitive`).
        variadic: instead of `vjps`, one function for any number of arguments.
        numpy: the NumPy function, or several, that mean this operation and take the same arguments.
        backward: an in-place derivative of all arguments together.
        shape: a rule for symbolic tensors.
        doc: the public docstring.
        arguments: the public names of the array arguments, where the primitive is itself a public function.
        view: whether the output may share the memory of an argument.
        optional: whether an argument may be None.
        ufunc: the NumPy ufunc that it is on arrays of one type.
        plan: how it is computed in fixed arrays, or where that stands.

    Example:
        >>> tanh = primitive("tanh", np.tanh, lambda g, y, x: g * (1 - y * y), numpy=np.tanh)
        >>> float(tanh(np.array(0.0)))
        0.0
    """
    made = Primitive(
        name, forward, variadic or (vjps or None), backward, shape, doc, arguments, view, optional, ufunc,
        plan,
    )  # fmt: skip
    for function in numpy if isinstance(numpy, tuple) else (numpy,):
        if function is not None:
            NUMPY_RULES[function] = made
    return made


def numpy_rule(*functions: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A decorator: what these NumPy functions mean on tensors, where their arguments differ from Keras's."""

    def register(rule: Callable[..., Any]) -> Callable[..., Any]:
        for function in functions:
            NUMPY_RULES[function] = rule
        return rule

    return register


def underivable(name: str) -> Vjp:
    """The derivative of an operation that has one which is not written here: asking for it raises.

    Without it the operation would count as a constant, and the gradient would be dropped in silence.
    """

    def vjp(*_: Any, **__: Any) -> Any:
        raise NotImplementedError(
            f"the derivative of {name} is not implemented. Cut its result from the tape with ops.stop_gradient if no "
            "gradient should flow through it, or give one with ops.custom_gradient."
        )

    return vjp


def _pick_vjp(g: Any, y: Any, outputs: Any, *, index: int) -> Any:
    return {index: g}


# One output of an operation that has several; the gradients of the others are zero.
pick = Primitive("pick", lambda outputs, index: outputs[index], (_pick_vjp,))


def output_part(y: Any, index: int) -> Any:
    """One output, inside a derivative, of an operation that has several."""
    return pick(y, index=index) if isinstance(y, Tensor) else y[index]


def unbroadcast(g: Any, shape: tuple[int, ...]) -> Any:
    """The gradient of an argument of this shape, from that of the shape it was broadcast to: a sum."""
    extra = np.ndim(g) - len(shape)
    if extra > 0:
        g = np.sum(g, axis=tuple(range(extra)))
    stretched = tuple(i for i, n in enumerate(shape) if n == 1 and np.shape(g)[i] != 1)
    if stretched:
        g = np.sum(g, axis=stretched, keepdims=True)
    if np.shape(g) != shape:
        g = np.broadcast_to(g, shape)
    return g
