"""Blocks that are computed again on the way back, so that what lies between their inputs and outputs need not be kept.

Source: Griewank and Walther, Revolve (2000); Chen et al., https://arxiv.org/abs/1604.06174 (2016).
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from kerasish.backend import nest
from kerasish.backend.primitive import primitive
from kerasish.backend.stateless_scope import Substituted
from kerasish.backend.symbolic import is_symbolic
from kerasish.backend.tape import GradientTape
from kerasish.backend.tensor import Tensor, recording
from kerasish.layers.base.call_context import context

_MODES = ("full", "activations", "larger_than", "list_of_layers", None)


class _Noting:
    """What a block changes: for each variable its value before, and for the block around that it changes."""

    collect_losses = False

    def __init__(self, outer: Any) -> None:
        self.outer = outer
        self.before: dict[int, tuple[Any, np.ndarray]] = {}

    def hold(self, variable: Any) -> None:
        if self.outer is not None:
            self.outer.hold(variable)
        self.before.setdefault(id(variable), (variable, variable._value.copy()))


class _Root:
    """Stands for the outermost layer of a call, which gathers who added losses."""

    def __init__(self) -> None:
        self._loss_owners: list[Any] = []


class _Block:
    """A call that can be made again as it was.

    Attributes:
        inputs: the tensors from outside that it used: arguments, variables, what its function closes over.
        values: what it returned, until the node on the outer tape has it.
    """

    def __init__(self, function: Callable[..., Any], args: Any, kwargs: Any) -> None:
        self.function, self.args, self.kwargs = function, args, kwargs
        self.training, self.autocast = context.training, recording.autocast
        self.values: tuple[Any, ...] = ()
        self.seen: Any = None
        self.shares: Any = None

    def first(self) -> tuple[Any, list[Tensor]]:
        """What the call returns, and what of it depends on tensors."""
        tapes, recording.tapes = recording.tapes, []
        noting = recording.scope = _Noting(recording.scope)
        try:
            with GradientTape() as tape:
                outputs, self.owners = self._run()
        finally:
            recording.tapes, recording.scope = tapes, noting.outer
        made = {id(node) for node in tape.nodes}
        inputs = {id(x): x for node in tape.nodes for x in node.inputs if isinstance(x, Tensor) and id(x) not in made}
        self.inputs = tuple(inputs.values())
        self.leaves = {key: held for key, held in recording.leaves.items() if id(held[1]) in inputs}
        self.states = list(noting.before.values())
        return outputs, [x for x in _leaves(outputs, self.losses()) if isinstance(x, Tensor) and id(x) in made]

    def _run(self) -> tuple[Any, list[Any]]:
        root, context.root = context.root, _Root()
        try:
            return self.function(*self.args, **self.kwargs), context.root._loss_owners
        finally:
            context.root = root

    def losses(self) -> list[Any]:
        """The losses that the layers within added, in order."""
        counts: dict[int, int] = {}
        found = []
        for owner in reversed(self.owners):
            counts[id(owner)] = counts.get(id(owner), 0) + 1
            found.append(owner._losses[-counts[id(owner)]])
        return found[::-1]

    def replace_losses(self, losses: list[Any]) -> None:
        """Put others in their places, for the outermost layer of the call to find."""
        counts: dict[int, int] = {}
        for owner, loss in zip(reversed(self.owners), reversed(losses), strict=True):
            counts[id(owner)] = counts.get(id(owner), 0) + 1
            owner._losses[-counts[id(owner)]] = loss
        if context.root is not None:
            context.root._loss_owners += self.owners

    def again(self, g: list[Any]) -> list[Any]:
        """The gradient of each input, by making the call once more, on a tape."""
        if self.seen is g:
            return self.shares
        held = context.training, recording.autocast, recording.scope
        with GradientTape() as tape:
            context.training, recording.autocast, recording.scope = self.training, self.autocast, None
            try:
                with Substituted(self.states), _reading(self.leaves):
                    outputs, owners = self._run()
                    self.owners = owners
                    losses = self.losses()
                    for owner in owners:
                        owner._losses.pop()
            finally:
                context.training, recording.autocast, recording.scope = held
        made = {id(node) for node in tape.nodes}
        targets = [x for x in _leaves(outputs, losses) if isinstance(x, Tensor) and id(x) in made]
        self.shares = tape.gradient(targets, list(self.inputs), output_gradients=list(g), unconnected_gradients="zero")
        self.seen = g
        return self.shares


@contextmanager
def _reading(leaves: dict[int, Any]) -> Iterator[None]:
    """A block in which variables are read as the tensors that stood for them before."""
    held = {key: recording.leaves.get(key) for key in leaves}
    own = [(variable, variable._leaf) for variable, _ in leaves.values()]
    changed = recording.changed & leaves.keys()
    recording.leaves.update(leaves)
    recording.changed -= leaves.keys()
    try:
        yield
    finally:
        for key, entry in held.items():
            if entry is None:
                recording.leaves.pop(key, None)
            else:
                recording.leaves[key] = entry
        for variable, leaf in own:
            variable._leaf = leaf
        recording.changed |= changed


def _leaves(outputs: Any, losses: list[Any]) -> list[Any]:
    """Everything that a block returns or adds to the loss, once each."""
    found = {id(x): x for x in (*nest.iterate(outputs), *losses)}
    return list(found.values())


def _forward(*inputs: Any, block: _Block) -> tuple[Any, ...]:
    return block.values


def _backward(g: Any, y: Any, arrays: Any, params: Any, needs: list[bool], into: list[Any]) -> list[Any]:
    block = params["block"]
    shares = block.again(g)
    block.seen = block.shares = None  # asked once for all inputs
    return shares


_remat = primitive(
    "remat", _forward, variadic=lambda i, g, y, *inputs, block: block.again(g)[i], backward=_backward
)  # fmt: skip


def remat(f: Callable[..., Any]) -> Callable[..., Any]:
    """The function, without keeping on a tape what lies between its inputs and outputs: it runs again on the way back.

    That takes the time of one more pass forward, and only as much memory as the largest of such blocks. Random numbers
    are drawn as the first time, and what the function assigns to variables is assigned once. A recorded step keeps its
    arrays anyway, so steps with such blocks stay on the tape.

    Args:
        f: a function of arrays; a layer's `call`, or several layers.

    Returns:
        A function with the same results and gradients.

    Example:
        >>> import kerasish as keras
        >>> v = keras.Variable(2.0)
        >>> cube = keras.remat(lambda x: x * x * x)
        >>> with keras.GradientTape() as tape:
        ...     y = cube(v)
        >>> float(tape.gradient(y, v))
        12.0

    Source: Chen et al., Training deep nets with sublinear memory cost, https://arxiv.org/abs/1604.06174 (2016).
    """

    @functools.wraps(f)
    def rematerialized(*args: Any, **kwargs: Any) -> Any:
        if recording.trace is not None:
            recording.trace.escape("remat runs a block again on the way back, which only a tape does")
            return f(*args, **kwargs)
        if not recording.tapes or is_symbolic(args, kwargs):
            return f(*args, **kwargs)
        return _as_one(_Block(f, args, kwargs))

    return rematerialized


def _as_one(block: _Block) -> Any:
    """The results of a block, as one operation on the tapes that record."""
    outputs, tensors = block.first()
    losses = block.losses()
    if not tensors:
        block.replace_losses(losses)
        return outputs
    block.values = tuple(x.value for x in tensors)
    made = dict(zip(map(id, tensors), _remat(*block.inputs, block=block), strict=True))
    for x in tensors:
        made[id(x)]._keras_mask = x._keras_mask
    block.values = ()
    block.replace_losses([made.get(id(loss), loss) for loss in losses])
    block.owners = []
    return nest.map_structure(lambda x: made.get(id(x), x), outputs)


class _Scopes(threading.local):
    def __init__(self) -> None:
        self.stack: list[RematScope] = []


_scopes = _Scopes()


class RematScope:
    """A block in which layers are made whose calls are computed again on the way back; see `remat`.

    Args:
        mode: `"full"`: all layers; `"activations"`: only their activation functions; `"larger_than"`: layers whose
            output has more numbers than `output_size_threshold`; `"list_of_layers"`: those named in `layer_names`;
            None: none.
        output_size_threshold: how many numbers.
        layer_names: names of layers.

    Raises:
        ValueError: if there is no such mode.

    Example:
        >>> import kerasish as keras
        >>> with keras.RematScope("larger_than", output_size_threshold=2048):
        ...     layer = keras.layers.Dense(4096)
    """

    def __init__(self, mode: str | None = "full", output_size_threshold: int = 1024, layer_names: Any = None) -> None:
        if mode not in _MODES:
            raise ValueError(f"mode must be one of {', '.join(map(repr, _MODES))}; received mode={mode!r}")
        self.mode = mode
        self.output_size_threshold = output_size_threshold
        self.layer_names = list(layer_names or ())

    def __enter__(self) -> RematScope:
        _scopes.stack.append(self)
        return self

    def __exit__(self, *exception: object) -> None:
        _scopes.stack.pop()


def current() -> RematScope | None:
    """The scope in which a layer is being made, if it asks for anything."""
    scope = _scopes.stack[-1] if _scopes.stack else None
    return scope if scope is not None and scope.mode is not None else None


def call_in(layer: Any, call: Callable[..., Any], scope: RematScope, size: Callable[[], int]) -> Any:
    """A layer's call as a scope wants it.

    Args:
        layer: it.
        call: its `call`.
        scope: the scope that it was made in.
        size: how many numbers its output has.
    """
    if scope.mode == "activations" and getattr(layer, "activation", None) is not None:
        return _with_activation_again(layer, call)
    if scope.mode == "full" or (scope.mode == "list_of_layers" and layer.name in scope.layer_names):
        return remat(call)
    if scope.mode == "larger_than":
        outer = recording.tapes, recording.trace
        recording.tapes, recording.trace = [], None  # a trial for its shapes is no part of the step
        try:
            is_large = size() > scope.output_size_threshold
        finally:
            recording.tapes, recording.trace = outer
        return remat(call) if is_large else call
    return call


def _with_activation_again(layer: Any, call: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(call)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        own = layer.activation
        layer.activation = remat(own)
        try:
            return call(*args, **kwargs)
        finally:
            layer.activation = own

    return wrapped
