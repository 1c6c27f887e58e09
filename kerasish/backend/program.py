"""A step recorded once and replayed: a list of NumPy calls into buffers that are kept.

The first step of a fit runs on the tape. What it recorded is laid out here: every tensor gets a buffer, every
primitive the calls that fill it, and, walking back, the calls that fill the gradients. A later step is those calls,
one after the other, with nothing decided and nothing allocated.

A primitive may say how it is computed in place, in its `plan`; all others are called as the tape calls them, and what
they return is copied into their buffer.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from kerasish.backend.tape import fit_to
from kerasish.backend.tensor import NotPlannable, Tensor, recording

Call = Callable[[], Any]
Calls = list[Call]


def adding(total: np.ndarray, amount: np.ndarray) -> Calls:
    """The calls that add to a number that is kept; NumPy takes four times as long when an output is also an input."""
    summed = np.empty((), np.result_type(total, amount))
    return [partial(np.add, total, amount, summed), partial(total.fill, summed)]


class Room:
    """Where a program's arrays come from.

    Programs of one model that never run at the same time, such as those of whole batches and of the last, smaller one,
    share the memory: each takes its arrays in the same order.
    """

    def __init__(self) -> None:
        self._kept: list[np.ndarray] = []
        self._shared: dict[tuple[str, str], np.ndarray] = {}
        self._next = 0
        self.notes: dict[Any, Any] = {}

    @property
    def nbytes(self) -> int:
        """The memory in use."""
        return sum(array.nbytes for array in (*self._kept, *self._shared.values()))

    def start(self) -> None:
        """Begin handing out arrays for another program."""
        self._next = 0
        self.notes = {}

    def keep(self, shape: tuple[int, ...], dtype: Any) -> np.ndarray:
        """An array that is the caller's for as long as the program lives."""
        dtype = np.dtype(dtype)
        size = dtype.itemsize * int(np.prod(shape))
        if self._next == len(self._kept):
            self._kept.append(np.empty(size, np.uint8))
        elif self._kept[self._next].size < size:
            self._kept[self._next] = np.empty(size, np.uint8)
        raw = self._kept[self._next][:size]
        self._next += 1
        return raw.view(dtype).reshape(shape)

    def lend(self, shape: tuple[int, ...], dtype: Any, use: str = "scratch") -> np.ndarray:
        """An array whose contents last only until the next primitive's calls; one memory serves all of one `use`."""
        dtype = np.dtype(dtype)
        size = int(np.prod(shape))
        held = self._shared.get((use, dtype.str))
        if held is None or held.size < size:
            fill = np.zeros if use == "zeros" else np.empty
            held = self._shared[use, dtype.str] = fill(size, dtype)
        return held[:size].reshape(shape)

    def zeros(self, shape: tuple[int, ...], dtype: Any) -> np.ndarray:
        """An array of zeros that nobody writes to."""
        return self.lend(shape, dtype, "zeros")


class Node:
    """One primitive of a program, as its `plan` sees it.

    Attributes:
        output: the array to fill; a plan may put another in its place, such as a view.
        args: the arrays and constants that it is computed from.
        params: its static parameters.
        gradient: where the gradient of the output stands when the backward calls run; None if nobody wants one. It is
            the node's own: a plan may work in it.
        into: for each argument the array to write its gradient to, or None.
        seed: the gradient itself, if the output is the number that is minimized.
    """

    __slots__ = ("args", "gradient", "into", "made_by", "output", "params", "seed", "sources")

    def __init__(self, tensor: Tensor, output: np.ndarray, args: list[Any]) -> None:
        self.made_by = tensor.primitive
        self.params = tensor.params or {}
        self.sources = tensor.inputs
        self.output = output
        self.args = args
        self.gradient: np.ndarray | None = None
        self.into: list[np.ndarray | None] = [None] * len(args)
        self.seed: float | None = None


class Program:
    """What a tape recorded, as calls into fixed arrays.

    Args:
        nodes: what was recorded, in order.
        arrays: for the id of each leaf, its array: the batch, and the variables.
        target: the scalar to differentiate, or None for a forward pass alone.
        seed: the gradient of the scalar.
        gradients: for the id of each leaf whose gradient is wanted, the array to write it to.
        room: where arrays come from.

    Raises:
        NotPlannable: if something recorded has no fixed shape.
    """

    def __init__(
        self,
        nodes: list[Tensor],
        arrays: dict[int, np.ndarray],
        target: Tensor | None,
        seed: float,
        gradients: dict[int, np.ndarray],
        room: Room,
    ) -> None:
        self.room = room
        self._tensors = nodes  # their ids stand for them, so they must live
        self._arrays = dict(arrays)
        room.start()
        wanted = self._depending(nodes, set(gradients))
        forward: Calls = []
        backward: list[Calls] = []
        self._gradients: dict[int, np.ndarray] = dict(gradients)
        planned = []
        for tensor in nodes:
            node = self._node(tensor)
            planned.append((tensor, node))
        if target is not None:
            self._prepare_gradients(planned, wanted & self._leading_to(nodes, target), target, seed)
        self._uses = self._last_uses(planned)
        steps = {}
        for tensor, node in planned:
            before, after = self._plan(tensor, node)
            self._arrays[id(tensor)] = node.output
            forward += before
            steps[id(tensor)] = after
        for tensor, _ in reversed(planned):
            backward.append(steps[id(tensor)])
        for tensor in nodes:
            tensor.value = None  # the arrays of the recording can go
        self.calls: tuple[Call, ...] = tuple(forward) + tuple(call for calls in backward for call in calls)
        self.forward_calls: tuple[Call, ...] = tuple(forward)

    # -- layout ----------------------------------------------------------------------------------------------

    @staticmethod
    def _depending(nodes: list[Tensor], leaves: set[int]) -> set[int]:
        reached = set(leaves)
        for tensor in nodes:
            differentiable = tensor.primitive is not None and tensor.primitive.vjps is not None
            if differentiable and any(id(x) in reached for x in tensor.inputs):
                reached.add(id(tensor))
        return reached

    @staticmethod
    def _leading_to(nodes: list[Tensor], target: Tensor) -> set[int]:
        """What the target depends on by way of operations that have a derivative: others send no gradient back."""
        needed = {id(target)}
        for tensor in reversed(nodes):
            if id(tensor) in needed and tensor.primitive is not None and tensor.primitive.vjps is not None:
                needed.update(id(x) for x in tensor.inputs if isinstance(x, Tensor))
        return needed

    def _node(self, tensor: Tensor) -> Node:
        value = tensor.value
        if not isinstance(value, (np.ndarray, np.generic)):
            raise NotPlannable(f"{tensor.primitive} returns {type(value).__name__}")
        if value.dtype.kind == "O":
            raise NotPlannable(f"{tensor.primitive} returns objects")
        output = self.room.keep(value.shape, value.dtype)
        output[...] = value
        self._arrays[id(tensor)] = output
        return Node(tensor, output, [self._array_of(x) for x in tensor.inputs])

    def _array_of(self, x: Any) -> Any:
        if not isinstance(x, Tensor):
            return x
        found = self._arrays.get(id(x))
        if found is None:
            raise NotPlannable("a tensor was made outside of the recording")
        return found

    def _prepare_gradients(
        self, planned: list[tuple[Tensor, Node]], wanted: set[int], target: Tensor | None, seed: float
    ) -> None:
        """Give every tensor between the leaves and the target a gradient, and say which argument writes where."""
        for tensor, node in planned:
            if id(tensor) in wanted:
                if tensor is target:
                    node.seed = seed
                    node.gradient = np.full(node.output.shape, seed, node.output.dtype)
                else:
                    node.gradient = self.room.keep(node.output.shape, node.output.dtype)
                self._gradients[id(tensor)] = node.gradient

    # -- the calls -------------------------------------------------------------------------------------------

    def _plan(self, tensor: Tensor, node: Node) -> tuple[Calls, Calls]:
        node.args = [self._array_of(x) for x in tensor.inputs]
        shares: list[np.ndarray | None] = [
            self._gradients.get(id(x)) if isinstance(x, Tensor) and node.gradient is not None else None
            for x in tensor.inputs
        ]
        node.into = self._places(tensor, shares)
        made_by = tensor.primitive
        assert made_by is not None
        calls = None if made_by.plan is None else made_by.plan(self.room, node)
        forward, backward = calls or (_plain_forward(node), _plain_backward(node))
        if calls is None and made_by.view and _becomes_view(node):
            forward = []
        if node.gradient is None:
            return forward, []
        return forward, backward + self._sums(tensor, node, shares)

    def _places(self, tensor: Tensor, shares: list[np.ndarray | None]) -> list[np.ndarray | None]:
        """Where each argument's share of the gradient goes: straight to its place, if this is the first to write it.

        The backward calls run in the reverse order of the nodes, so the first to write is the last that uses it.
        """
        places: list[np.ndarray | None] = []
        for i, (x, share) in enumerate(zip(tensor.inputs, shares, strict=True)):
            if share is None:
                places.append(None)
            elif self._uses.get(id(x)) is tensor and not any(x is y for y in tensor.inputs[:i]):
                places.append(share)
            else:
                places.append(self.room.keep(share.shape, share.dtype))
        return places

    @staticmethod
    def _last_uses(planned: list[tuple[Tensor, Node]]) -> dict[int, Tensor]:
        """For each tensor the last node, of those with a gradient, that is computed from it."""
        return {
            id(x): tensor
            for tensor, node in planned
            if node.gradient is not None
            for x in tensor.inputs
            if isinstance(x, Tensor)
        }

    @staticmethod
    def _sums(tensor: Tensor, node: Node, shares: list[np.ndarray | None]) -> Calls:
        return [
            partial(np.add, share, place, share)
            for share, place in zip(shares, node.into, strict=True)
            if share is not None and place is not None and place is not share
        ]

    @property
    def written(self) -> set[int]:
        """The ids of the leaves whose gradients the program writes."""
        return set(self._uses) & set(self._gradients)

    def array(self, tensor: Tensor) -> np.ndarray:
        """The array that holds a tensor's value after a run."""
        return self._arrays[id(tensor)]

    def run(self) -> None:
        """Compute everything, gradients included."""
        for call in self.calls:
            call()

    def run_forward(self) -> None:
        """Compute everything but the gradients."""
        for call in self.forward_calls:
            call()


def _becomes_view(node: Node) -> bool:
    """Let the output be a view of its argument, if the operation allows, so that there is nothing to compute."""
    assert node.made_by is not None
    view = node.made_by.forward(*node.args, **node.params)
    sources = [a for a in node.args if isinstance(a, np.ndarray)]
    if not (isinstance(view, np.ndarray) and any(np.may_share_memory(view, a) for a in sources)):
        return False
    node.output = view
    return True


def _plain_forward(node: Node) -> Calls:
    forward, output, args, params = node.made_by.forward, node.output, node.args, node.params  # type: ignore[union-attr]

    def call() -> None:
        np.copyto(output, forward(*args, **params))

    return [call]


def _plain_backward(node: Node) -> Calls:
    made_by, output, args, params, g, into = (
        node.made_by, node.output, node.args, node.params, node.gradient, node.into,
    )  # fmt: skip
    assert made_by is not None
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


class Tracing:
    """A block in which operations that have no derivative are recorded as well, for a program needs them all."""

    def __enter__(self) -> None:
        recording.tracing = True

    def __exit__(self, *exception: object) -> None:
        recording.tracing = False
