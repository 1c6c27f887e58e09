"""A step that runs again without Python: calls into kept arrays."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish.backend import nest
from kerasish.backend.array import eager
from kerasish.backend.masks import get_mask, with_mask
from kerasish.backend.program import Program
from kerasish.backend.room import Room
from kerasish.backend.tensor import NotPlannable, Tensor
from kerasish.backend.variable import Variable
from kerasish.trainers.steps.run import Run


class RecordedStep:
    """A step in fixed arrays.

    Args:
        run: the run of it that was written down.
        room: where its arrays come from.
        target, seed, gradients: as of a `Program`.
        results: in a forward pass, the tensors that are asked for afterwards.

    Attributes:
        batch: the arrays to put a batch into, nested like it.
        flat: the same in a list.
        noted: what the run came to that was written down.
        changes_state: whether it sets variables to what it computes.
        is_checked: whether a run on the tape has given the same.

    Raises:
        NotPlannable: if it cannot be recorded.
    """

    def __init__(
        self,
        run: Run,
        room: Room,
        target: Tensor | None = None,
        seed: float = 1.0,
        gradients: dict[int, np.ndarray] | None = None,
        results: list[Tensor] | None = None,
    ) -> None:
        if run.reason is not None:
            raise NotPlannable(run.reason)
        self.noted = self.outcome_of(run)  # before its tensors let their values go
        leaves = [leaf for leaf in nest.iterate(run.batch) if isinstance(leaf, Tensor)]
        if any(leaf.value.dtype.kind in "OUST" for leaf in leaves):
            raise NotPlannable("the data holds text")
        arrays = {id(leaf): np.array(leaf.value) for leaf in leaves}
        self.batch = nest.map_structure(lambda leaf: arrays[id(leaf)] if isinstance(leaf, Tensor) else leaf, run.batch)
        self.flat = [arrays[id(leaf)] for leaf in leaves]
        self._stamp, self._guards, self._names = run.stamp, run.guards, run.names
        self._read: list[tuple[Variable, np.ndarray]] = []
        for variable, leaf in run.trace.leaves:
            arrays[id(leaf)] = variable._value
            self._read.append((variable, variable._value))
        for effect in run.effects:
            self._read += [(v, v._value) for v in getattr(effect.args[0], "variables", ())]
        self._moves = Variable.moves
        self._alive = (run.batch, [leaf for _, leaf in run.trace.leaves])  # their ids stand for them
        commits = list(run.trace.assigned.values())
        self.changes_state = bool(commits)
        self.program = Program(run.trace.notes, arrays, target, seed, gradients or {}, room, commits, results)
        self.run = self.program.run
        for leaf in leaves:
            leaf.value = arrays[id(leaf)]  # the caller's data can go
        for variable, leaf in run.trace.leaves:
            variable.forget(leaf)  # or the next tape would make a copy for it
        self.is_checked = False

    @staticmethod
    def outcome_of(run: Run) -> list[Any]:
        """What a run on the tape comes to."""
        return []

    def is_current(self) -> bool:
        """Whether variables, layers and the names that the code reads are still what they were."""
        if self._moves != Variable.moves:  # training another model may move variables that both share
            if any(variable._value is not array for variable, array in self._read):
                return False
            self._moves = Variable.moves
        return self._stamp.is_current() and self._guards.difference() is None

    def array(self, tensor: Any) -> Any:
        """The array that holds a tensor's value after a run; anything else as it is."""
        return self.program.array(tensor)

    def held(self, structure: Any) -> Any:
        """The arrays that hold tensors; a mask, which lies in an array too, goes with its tensor."""
        return nest.map_structure(self._held_leaf, structure)

    def _held_leaf(self, leaf: Any) -> Any:
        if not isinstance(leaf, Tensor):
            return leaf
        mask = get_mask(leaf)
        return self.array(leaf) if mask is None else with_mask(self.array(leaf), self.array(mask))

    @staticmethod
    def copy_of(structure: Any) -> Any:
        """Copies of arrays that are held, with copies of their masks: whoever gets them may keep them."""
        return structure.copy() if type(structure) is np.ndarray else nest.map_structure(_copied, structure)

    def agrees(self, run: Run, mine: list[Any], theirs: list[Any]) -> bool:
        """Whether a run on the tape has done the same, and come to the same results."""
        if self._names != run.names:
            return False
        mine = mine + [variable._value for variable, _ in run.before.held.values()]
        theirs = theirs + [value for _, value in run.after.held.values()]
        return all(_are_close(a, b) for a, b in zip(mine, theirs, strict=True))


def with_masks(leaves: list[Any]) -> list[Tensor]:
    """The tensors among some leaves, and their masks that are tensors."""
    tensors = [leaf for leaf in leaves if isinstance(leaf, Tensor)]
    return [*tensors, *(t._keras_mask for t in tensors if isinstance(t._keras_mask, Tensor))]


def _copied(leaf: Any) -> Any:
    if not isinstance(leaf, np.ndarray):
        return leaf
    mask = get_mask(leaf)
    copied = eager(np.array(leaf))
    return copied if mask is None else with_mask(copied, np.array(mask))


def _are_close(a: Any, b: Any) -> bool:
    """Whether two arrays differ by no more than rounding does."""
    a, b = np.asarray(a), np.asarray(b)
    if a.shape != b.shape:
        return False
    if a.dtype.kind not in "fc":
        return bool(np.array_equal(a, b))
    exact = np.float64 if a.dtype.kind == "f" else np.complex128
    near = float(np.sqrt(np.finfo(a.dtype).eps)) if a.dtype.name != "bfloat16" else 0.1
    a, b = a.astype(exact), b.astype(exact)
    size = float(np.max(np.abs(b), initial=0.0, where=np.isfinite(b)))
    return bool(np.allclose(a, b, rtol=near, atol=near * size, equal_nan=True))
