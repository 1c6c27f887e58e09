"""Where the arrays of a recorded step come from, and what one operation of it works on."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from kerasish.backend.primitive import Primitive
from kerasish.backend.tensor import Tensor

# Bytes below which a forward pass keeps all of its arrays, so that neighbouring calls can be done block by block.
_SMALL = 1 << 24

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
        self._lies_in: dict[int, set[int]] = {}  # for a tensor, the pieces
        self._size = 0  # of all pieces
        self._free: list[np.ndarray] = []

    def take(self, size: int) -> np.ndarray | None:
        """The smallest free piece of memory that is large enough."""
        if self._size + size < _SMALL:
            return None
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
                self._size += 0 if id(piece) in self._pieces else piece.size
                self._pieces[id(piece)] = piece
                self._readers.setdefault(id(piece), set()).add(id(tensor))
                self._lies_in.setdefault(id(tensor), set()).add(id(piece))
        self._ends.setdefault(self._last.get(id(tensor), place), []).append(id(tensor))
        for ended in self._ends.pop(place, ()):
            for key in self._lies_in.pop(ended, ()):
                self._readers[key].discard(ended)
                if not self._readers[key]:
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
        self._beside: list[Room] = []
        self.notes: dict[Any, Any] = {}
        self._held: list[Any] = []

    @property
    def nbytes(self) -> int:
        """The memory in use."""
        own = sum(array.nbytes for array in (*self._kept, *self._shared.values()))
        return own + sum(room.nbytes for room in self._beside)

    def beside(self, number: int) -> Room:
        """Where a part of a primitive's calls lends its arrays, if parts run at the same time; part 0 does so here."""
        while len(self._beside) < number:
            self._beside.append(Room())
        return self._beside[number - 1] if number else self

    def start(self) -> None:
        """Begin handing out arrays for another program."""
        self._next = 0
        self.notes = {}
        self._held = []

    def hold(self, tensor: Tensor) -> Tensor:
        """Let a tensor live until another program is begun, for its id stands for it in `notes`."""
        self._held.append(tensor)
        return tensor

    def keep(self, shape: tuple[int, ...], dtype: Any) -> np.ndarray:
        """An array that is the caller's for as long as the program lives."""
        dtype = np.dtype(dtype)
        size = dtype.itemsize * math.prod(shape)
        if self._next == len(self._kept):
            self._kept.append(np.empty(size, np.uint8))
        elif (held := self._kept[self._next].size) < size:  # twice as much, for other programs keep the one before
            self._kept[self._next] = np.empty(max(size, 2 * held), np.uint8)
        raw = self._kept[self._next]
        self._next += 1
        return as_array(raw, shape, dtype)

    def lend(self, shape: tuple[int, ...], dtype: Any, use: str = "scratch") -> np.ndarray:
        """An array whose contents last only until the next primitive's calls; one memory serves all of one `use`."""
        dtype = np.dtype(dtype)
        size = math.prod(shape)
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
        self.made_by: Primitive = tensor.primitive  # type: ignore[assignment]
        self.params = tensor.params or {}
        self.sources = tensor.inputs
        self.output = output
        self.args = args
        self.gradient: Any = None
        self.into: list[np.ndarray | None] = [None] * len(args)
        self.seed: float | None = None
