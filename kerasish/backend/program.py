"""A step recorded once and replayed: a list of NumPy calls into buffers that are kept.

The first step of a fit runs on the tape. What it recorded is laid out here: every tensor gets a buffer, every
primitive the calls that fill it, and, walking back, the calls that fill the gradients. A later step is those calls,
one after the other, with nothing decided and nothing allocated.

How one of them is computed in place is said in `backend.in_place`.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

import numpy as np

from kerasish.backend import nest
from kerasish.backend.array import eager
from kerasish.backend.in_place import calls_of
from kerasish.backend.primitive import pick
from kerasish.backend.room import Call, Calls, Lives, Node, Room, as_array
from kerasish.backend.spread import spread
from kerasish.backend.tensor import NotPlannable, Tensor
from kerasish.backend.trace import plan_of


def _copied(leaf: Any) -> Any:
    return eager(leaf.copy()) if isinstance(leaf, np.ndarray) else leaf


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
        forward, backward = spread(forward), spread(backward)
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
                forward += self._effect(note)
        return forward, [call for calls in reversed(steps) for call in calls]

    def _lay_out_forward(self, notes: list[Any]) -> Calls:
        forward: Calls = []
        for place, note in enumerate(notes):
            if isinstance(note, Tensor):
                forward += self._plan(note, self._node(note))[0]
                if self._lives is not None:
                    self._lives.note(place, note, self._arrays[id(note)])
            else:
                forward += self._effect(note)
        return forward

    def _effect(self, effect: Any) -> Calls:
        """The calls of an effect: those of its plan, or the function on copies, for it may keep what it is given."""
        function = effect.function
        arrays = nest.map_structure(self._array_of, (effect.args, effect.kwargs))
        if any(isinstance(leaf, tuple) for leaf in nest.iterate(arrays)):
            raise NotPlannable("an effect takes several outputs at once")
        plan = plan_of(function)
        planned = None if plan is None else plan(*arrays[0], **arrays[1])
        if planned is not None:
            return planned

        def call() -> None:
            args, kwargs = nest.map_structure(_copied, arrays)
            function(*args, **kwargs)

        return [call]

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
        forward, backward = calls_of(self.room, node)
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
