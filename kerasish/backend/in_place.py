"""How an operation of a recorded step is computed in fixed arrays, and its gradient carried back.

An operation may say so itself, in its `plan`. For what most operations are, that is not needed: an operation that is a
NumPy ufunc writes into an array by itself, and one that returns a view has nothing to compute. A derivative is written
with operators and NumPy functions; it is run once on tensors, and what it noted is laid out in the same way. Where any
part of it cannot be laid out, it is called as the tape calls it, and what it returns is copied.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from kerasish.backend import dtypes
from kerasish.backend.room import Calls, Node, Room
from kerasish.backend.tape import fit_to
from kerasish.backend.tensor import Tensor
from kerasish.backend.trace import Effect, Trace, unrecorded


def calls_of(room: Room, node: Node) -> tuple[Calls, Calls]:
    """The calls that fill a node's output, and those that carry its gradient back."""
    forward, backward = _planned(room, node)
    if forward is None:
        forward = _plain_forward(node)
    if node.gradient is None:
        return forward, []
    if backward is None:
        backward = _traced_backward(room, node)
    return forward, _plain_backward(node) if backward is None else backward


def _planned(room: Room, node: Node) -> tuple[Calls | None, Calls | None]:
    """The same as far as nothing has to be allocated and copied."""
    plan = node.made_by.plan
    planned = None if plan is None else plan(room, node)
    if planned is not None:
        return planned
    if node.made_by.view and _becomes_view(node):
        return [], None
    return _by_ufunc(room, node), None


def _becomes_view(node: Node) -> bool:
    """Let the output be a view of its argument, if the operation allows, so that there is nothing to compute."""
    view = node.made_by.forward(*node.args, **node.params)
    sources = [a for a in node.args if isinstance(a, np.ndarray)]
    if not (isinstance(view, np.ndarray) and any(np.may_share_memory(view, a) for a in sources)):
        return False
    node.output = view
    return True


def _by_ufunc(room: Room, node: Node) -> Calls | None:
    """The calls of an operation that is a ufunc, on arguments of one type."""
    ufunc, output = node.made_by.ufunc, node.output
    arrays = [a for a in node.args if isinstance(a, np.ndarray)]
    if ufunc is None or not arrays:
        return None
    if any(type(a) not in (int, float, np.ndarray) for a in node.args):
        return None
    kind = dtypes.numpy_dtype(dtypes.result_type(*(getattr(a, "dtype", type(a)) for a in node.args)))
    if any(found.kind not in "fiub" for found in (kind, *(a.dtype for a in arrays))):
        return None
    if ufunc.resolve_dtypes((*(kind for _ in node.args), None))[-1] != output.dtype:
        return None
    calls: Calls = []
    args = [_as_kind(room, a, kind, f"argument {i}", calls) for i, a in enumerate(node.args)]
    return [*calls, partial(ufunc, *args, out=output)]


def _as_kind(room: Room, x: Any, kind: np.dtype[Any], use: str, calls: Calls) -> np.ndarray:
    """An argument in a type, and in `calls` what brings it there."""
    if not isinstance(x, np.ndarray):
        return np.full((), x, kind)
    if x.dtype == kind:
        return x
    converted = room.lend(x.shape, kind, use)
    calls.append(partial(converted.__setitem__, ..., x))
    return converted


def _traced_backward(room: Room, node: Node) -> Calls | None:
    """The derivative as calls into lent arrays; None if a part of it cannot be done so."""
    made_by = node.made_by
    if made_by.backward is not None or isinstance(node.output, tuple):
        return None
    if node.seed is None:
        node.gradient.fill(0)  # what lies there is of no use, and might be no number
    arrays: dict[int, np.ndarray] = {}

    def stand_in(x: Any) -> Any:
        if not isinstance(x, np.ndarray):
            return x
        leaf = room.hold(Tensor(x))
        arrays[id(leaf)] = x
        return leaf

    g, y, args = stand_in(node.gradient), stand_in(node.output), [stand_in(a) for a in node.args]
    shares: list[tuple[np.ndarray, Any]] = []
    try:
        with unrecorded(), np.errstate(all="ignore"), Trace() as trace:
            for i, place in enumerate(node.into):
                if place is not None:
                    share = made_by.vjp(i, g, y, args, node.params)
                    shares.append((place, share if share is None else fit_to(share, place)))
    except Exception:  # it takes arrays alone; if anything else is wrong, the call as on the tape will say so
        return None
    return None if trace.reason is not None else _laid_out(room, trace.notes, arrays, shares)


def _laid_out(
    room: Room, notes: list[Any], arrays: dict[int, Any], shares: list[tuple[np.ndarray, Any]]
) -> Calls | None:
    """The calls that compute what was noted, and put the shares in their places."""
    if any(isinstance(note, Effect) for note in notes):
        return None
    needed = _needed(notes, [share for _, share in shares])
    places = {id(share): place for place, share in reversed(shares) if getattr(share, "primitive", None) is not None}
    calls: Calls = []
    for number, tensor in enumerate(needed):
        inputs = [arrays.get(id(x), x.value) if isinstance(x, Tensor) else x for x in tensor.inputs]
        if not isinstance(tensor.value, (np.ndarray, np.generic)):
            return None  # it has several outputs
        place = places.get(id(tensor))
        shape, dtype = tensor.value.shape, tensor.value.dtype
        own = Node(tensor, room.lend(shape, dtype, f"step {number}") if place is None else place, inputs)
        found, _ = _planned(room, own)
        if found is None:
            return None
        calls += found
        arrays[id(tensor)] = own.output
    for tensor in needed:
        room.hold(tensor).value = None  # their ids stand for them as long as the program is made
    for place, share in shares:
        value = arrays[id(share)] if isinstance(share, Tensor) else 0 if share is None else share
        if value is not place:
            calls.append(partial(place.__setitem__, ..., value))
    return calls


def _needed(notes: list[Tensor], results: list[Any]) -> list[Tensor]:
    """The operations that the results depend on, in order."""
    wanted = {id(result) for result in results}
    found = []
    for tensor in reversed(notes):
        if id(tensor) in wanted:
            found.append(tensor)
            wanted.update(id(x) for x in tensor.inputs if isinstance(x, Tensor))
    return found[::-1]


def _plain_forward(node: Node) -> Calls:
    forward, output, args, params = node.made_by.forward, node.output, node.args, node.params

    def call() -> None:
        np.copyto(output, forward(*args, **params))

    def call_several() -> None:
        for part, value in zip(output, forward(*args, **params), strict=True):
            np.copyto(part, value)

    return [call_several if isinstance(output, tuple) else call]


def _plain_backward(node: Node) -> Calls:
    made_by, output, args, params, g, into = (
        node.made_by, node.output, node.args, node.params, node.gradient, node.into,
    )  # fmt: skip
    wanted = [i for i, place in enumerate(into) if place is not None]

    def call() -> None:
        if made_by.backward is not None:
            needs = [place is not None for place in into]
            shares = made_by.backward(g, output, args, params, needs, list(into))
        else:
            shares = {i: made_by.vjp(i, g, output, args, params) for i in wanted}  # type: ignore[assignment]
        for i in wanted:
            place, share = into[i], shares[i]
            if share is None:
                place.fill(0)  # type: ignore[union-attr]
            elif share is not place:
                np.copyto(place, fit_to(share, place))  # type: ignore[arg-type]

    return [call]
