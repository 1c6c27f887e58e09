"""A step recorded once and replayed: a list of NumPy calls into buffers that are kept.

The first step of a fit runs on the tape. What it recorded is laid out here: every tensor gets a buffer, every
primitive the calls that fill it, and, walking back, the calls that fill the gradients. A later step is those calls,
one after the other, with nothing decided and nothing allocated.

A primitive may say how it is computed in place, in its `plan`; all others are called as the tape calls them, and what
they return is copied into their buffer.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import numpy as np

from kerasish.backend import nest
from kerasish.backend.array import eager
from kerasish.backend.primitive import pick
from kerasish.backend.tape import fit_to
from kerasish.backend.tensor import NotPlannable, Tensor

Call = Callable[[], Any]
Calls = list[Call]


def adding(total: np.ndarray, amount: np.ndarray) -> Calls:
    """The calls that add to a number that is kept; NumPy takes four times as long when an output is also an input."""
    summed = np.empty((), np.result_type(total, amount))
    return [partial(np.add, total, amount, summed), partial(total.fill, summed)]


def as_array(raw: np.ndarray, shape: tuple[int, ...], dtype: Any) -> np.ndarray:
    """The first bytes of a piece of memory as an array."""
    dtype = np.dtype(dtype)
    return raw[: dtype.itemsize * math.prod(shape)].view(dtype).reshape(shape)


def _copied(leaf: Any) -> Any:
    return eager(leaf.copy()) if isinstance(leaf, np.ndarray) else leaf


class Lives:
    """Which memory of a forward pass is free again, for nothing reads it any more.

    Args:
        notes: the operations and effects, in order.
        results: what is read after the pass.
    """

    def __init__(self, notes: list[Any], results: list[Tensor]) -> None:
        self._last: dict[int, int] = {}
        for place, note in enumerate(notes):
            for x in note.inputs if isinstance(note, Tensor) else note.tensors():
                self._last[id(x)] = place
        self._last.update({id(x): len(notes) for x in results})
        self._ends: dict[int, list[int]] = {}
        self._readers: dict[int, set[int]] = {}  # for a piece of memory, the tensors that lie in it
        self._pieces: dict[int, np.ndarray] = {}
        self._free: list[np.ndarray] = []

    def take(self, size: int) -> np.ndarray | None:
        """The smallest free piece of memory that is large enough."""
        fitting = [piece for piece in self._free if piece.size >= size]
        if not fitting:
            return None
        best = min(fitting, key=lambda piece: piece.size)
        self._free = [piece for piece in self._free if piece is not best]
        return best

    def note(self, place: int, tensor: Tensor, output: Any) -> None:
        """A tensor has its array; set free what was read here for the last time."""
        for part in output if isinstance(output, tuple) else (output,):
            piece = _whole(part)
            if piece is not None:
                self._pieces[id(piece)] = piece
                self._readers.setdefault(id(piece), set()).add(id(tensor))
        self._ends.setdefault(self._last.get(id(tensor), place), []).append(id(tensor))
        for ended in self._ends.pop(place, ()):
            for key, readers in self._readers.items():
                if ended in readers:
                    readers.discard(ended)
                    if not readers:
                        self._free.append(self._pieces[key])


def _whole(array: np.ndarray) -> np.ndarray | None:
    """The piece of memory of a `Room` that an array is a view of."""
    while isinstance(array.base, np.ndarray):
        array = array.base
    return array if array.dtype == np.uint8 and array.ndim == 1 else None


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
        raw = self._kept[self._next]
        self._next += 1
        return as_array(raw, shape, dtype)

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
            the node's own: a plan may work in it. Of several outputs there are as many arrays of each.
        into: for each argument the array to write its gradient to, or None.
        seed: the gradient itself, if the output is the number that is minimized.
    """

    __slots__ = ("args", "gradient", "into", "made_by", "output", "params", "seed", "sources")

    def __init__(self, tensor: Tensor, output: Any, args: list[Any]) -> None:
        self.made_by = tensor.primitive
        self.params = tensor.params or {}
        self.sources = tensor.inputs
        self.output = output
        self.args = args
        self.gradient: Any = None
        self.into: list[np.ndarray | None] = [None] * len(args)
        self.seed: float | None = None


class Program:
    """What a trace noted, as calls into fixed arrays.

    Args:
        notes: the operations and effects, in order.
        arrays: for the id of each leaf, its array: the batch, and the variables.
        target: the scalar to differentiate, or None for a forward pass alone.
        seed: the gradient of the scalar.
        gradients: for the id of each leaf whose gradient is wanted, the array to write it to.
        room: where arrays come from.
        commits: variables, and the tensors whose values they have after a run.
        results: in a forward pass, the tensors that are asked for afterwards. All others give their memory away as
            soon as nothing reads them; None keeps all.

    Raises:
        NotPlannable: if something that was noted has no fixed shape.
    """

    def __init__(
        self,
        notes: list[Any],
        arrays: dict[int, np.ndarray],
        target: Tensor | None,
        seed: float,
        gradients: dict[int, np.ndarray],
        room: Room,
        commits: Iterable[tuple[Any, Any]] = (),
        results: list[Tensor] | None = None,
    ) -> None:
        self.room = room
        nodes = [note for note in notes if isinstance(note, Tensor)]
        self._tensors = nodes  # their ids stand for them, so they must live
        self._arrays: dict[int, Any] = dict(arrays)
        commits = list(commits)
        self._lives = None if results is None else Lives(notes, [*results, *(tensor for _, tensor in commits)])
        room.start()
        wanted = self._depending(nodes, set(gradients))
        self._gradients: dict[int, Any] = dict(gradients)
        self._uses: dict[int, Tensor] = {}
        forward, backward = self._lay_out(notes, wanted, target, seed)
        for tensor in nodes:
            tensor.value = None  # the arrays of the recording can go
        self.products = [size for tensor in nodes for size in self._products_of(tensor)]
        self.forward_calls: tuple[Call, ...] = tuple(forward)
        final = [partial(variable._value.__setitem__, ..., self._array_of(tensor)) for variable, tensor in commits]
        self.calls: tuple[Call, ...] = (*forward, *backward, *final)

    # -- layout ----------------------------------------------------------------------------------------------

    def _lay_out(self, notes: list[Any], wanted: set[int], target: Tensor | None, seed: float) -> tuple[Calls, Calls]:
        """The calls of the forward pass, and those of the backward pass."""
        if target is None:
            return self._lay_out_forward(notes), []
        planned = [(tensor, self._node(tensor)) for tensor in notes if isinstance(tensor, Tensor)]
        self._prepare_gradients(planned, wanted & self._leading_to(self._tensors, target), target, seed)
        self._uses = self._last_uses(planned)
        found = {id(tensor): node for tensor, node in planned}
        forward: Calls = []
        steps: list[Calls] = []
        for note in notes:
            if isinstance(note, Tensor):
                before, after = self._plan(note, found[id(note)])
                forward += before
                steps.append(after)
            else:
                forward.append(self._effect(note))
        return forward, [call for calls in reversed(steps) for call in calls]

    def _lay_out_forward(self, notes: list[Any]) -> Calls:
        forward: Calls = []
        for place, note in enumerate(notes):
            if isinstance(note, Tensor):
                forward += self._plan(note, self._node(note))[0]
                if self._lives is not None:
                    self._lives.note(place, note, self._arrays[id(note)])
            else:
                forward.append(self._effect(note))
        return forward

    def _products_of(self, tensor: Tensor) -> list[int]:
        """The multiplications in a node's matrix product, if it is one."""
        if tensor.primitive is None or not tensor.primitive.is_product:
            return []
        a, b, *_ = (self._array_of(x) for x in tensor.inputs)
        return [int(np.size(a)) * int(np.shape(b)[-1])]

    def _effect(self, effect: Any) -> Call:
        """The call of an effect, on copies: it may keep what it is given."""
        function, args, kwargs = effect.function, effect.args, effect.kwargs
        arrays = nest.map_structure(self._array_of, (args, kwargs))
        if any(isinstance(leaf, tuple) for leaf in nest.iterate(arrays)):
            raise NotPlannable("an effect takes several outputs at once")

        def call() -> None:
            args, kwargs = nest.map_structure(_copied, arrays)
            function(*args, **kwargs)

        return call

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
        if any(isinstance(leaf, Tensor) for leaf in nest.iterate(tensor.params or {})):
            raise NotPlannable(f"{tensor.primitive} has a tensor among its settings")
        if isinstance(tensor.value, (tuple, list)):
            output: Any = tuple(self._place(tensor, part) for part in tensor.value)
        else:
            output = self._place(tensor, tensor.value)
        self._arrays[id(tensor)] = output
        return Node(tensor, output, [self._array_of(x) for x in tensor.inputs])

    def _place(self, tensor: Tensor, value: Any) -> np.ndarray:
        """An array for an output, with the value that was noted."""
        if not isinstance(value, (np.ndarray, np.generic)):
            raise NotPlannable(f"{tensor.primitive} returns {type(value).__name__}")
        if value.dtype.kind == "O":
            raise NotPlannable(f"{tensor.primitive} returns objects")
        lent = None if self._lives is None else self._lives.take(value.nbytes)
        output = self.room.keep(value.shape, value.dtype) if lent is None else as_array(lent, value.shape, value.dtype)
        output[...] = value
        return output

    def _array_of(self, x: Any) -> Any:
        if not isinstance(x, Tensor):
            return x
        found = self._arrays.get(id(x))
        if found is None:
            if x.primitive is None and x.value is not None:
                return x.value  # a constant that was made on the way
            raise NotPlannable("a tensor was made outside of the recording")
        return found

    def _prepare_gradients(
        self, planned: list[tuple[Tensor, Node]], wanted: set[int], target: Tensor | None, seed: float
    ) -> None:
        """Give every tensor between the leaves and the target a gradient, and say which argument writes where."""
        for tensor, node in planned:
            if id(tensor) not in wanted:
                continue
            if tensor is target:
                node.seed = seed
                node.gradient = np.full(node.output.shape, seed, node.output.dtype)
            elif tensor.primitive is pick:
                (source,), index = tensor.inputs, (tensor.params or {})["index"]
                node.gradient = self._gradients[id(source)][index]
            elif isinstance(node.output, tuple):
                node.gradient = tuple(self.room.keep(part.shape, part.dtype) for part in node.output)
            else:
                node.gradient = self.room.keep(node.output.shape, node.output.dtype)
            self._gradients[id(tensor)] = node.gradient

    # -- the calls -------------------------------------------------------------------------------------------

    def _plan(self, tensor: Tensor, node: Node) -> tuple[Calls, Calls]:
        """The calls that compute a node, and those that carry its gradient back."""
        if tensor.primitive is pick:
            self._arrays[id(tensor)] = self._array_of(tensor.inputs[0])[node.params["index"]]
            return [], []
        before, after = self._plan_calls(tensor, node)
        self._arrays[id(tensor)] = node.output
        return before, self._blank_parts(tensor, node) + after

    def _blank_parts(self, tensor: Tensor, node: Node) -> Calls:
        """The calls that set the gradients of outputs to zero that nobody uses."""
        if node.gradient is None or not isinstance(node.output, tuple):
            return []
        picked = {
            (t.params or {})["index"]
            for t in self._tensors
            if t.primitive is pick and t.inputs[0] is tensor and id(t) in self._uses
        }
        return [partial(part.fill, 0) for i, part in enumerate(node.gradient) if i not in picked]

    def _plan_calls(self, tensor: Tensor, node: Node) -> tuple[Calls, Calls]:
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
        return self._array_of(tensor)

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

    def call_several() -> None:
        for part, value in zip(output, forward(*args, **params), strict=True):
            np.copyto(part, value)

    return [call_several if isinstance(output, tuple) else call]


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
