"""Variables of which each process holds a piece."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np

from kerasish.backend.array import eager
from kerasish.backend.ranks import Ranks
from kerasish.backend.tensor import recording
from kerasish.backend.variable import Variable


class Piece(NamedTuple):
    """Which part of a variable lies here.

    Attributes:
        ranks: the processes that hold the parts, in their order.
        axis: the axis along which it is cut, into parts of one size.
        everyone: these processes and those that hold the same parts again.
    """

    ranks: Ranks
    axis: int
    everyone: Ranks

    def of(self, whole: np.ndarray) -> np.ndarray:
        """The part that lies here, as a view."""
        size = whole.shape[self.axis] // self.ranks.count
        start = self.ranks.rank * size
        return whole[(slice(None),) * self.axis + (slice(start, start + size),)]

    def whole_shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """The shape of the whole, of which a part has this one."""
        return *shape[: self.axis], shape[self.axis] * self.ranks.count, *shape[self.axis + 1 :]


class VariablePiece(Variable):
    """A variable that is cut over processes, each of which holds one part and changes it.

    To everyone it is the whole variable: its shape is, and `numpy`, `assign` and files give and take it whole. Reading
    it whole is done by all processes together. Only a layer that knows how to compute with a part gets that, by
    `local`.

    Args:
        *args, **kwargs: as of `Variable`.
        layout: which part lies here.
    """

    def __init__(self, *args: Any, layout: Piece, **kwargs: Any) -> None:
        self.piece = layout
        self._whole: np.ndarray | None = None
        super().__init__(*args, **kwargs)

    def _first_value(self, initializer: Any, shape: Any, dtype: Any) -> np.ndarray:
        return self.piece.of(super()._first_value(initializer, shape, dtype)).copy()

    @property
    def shape(self) -> tuple[int, ...]:
        return self.piece.whole_shape(self._value.shape)

    @property
    def size(self) -> int:
        return self._value.size * self.piece.ranks.count

    @property
    def value(self) -> Any:
        return eager(self.numpy())

    def numpy(self) -> np.ndarray:
        """A copy of the whole array; all processes call it."""
        if self._whole is not None:
            return self._whole.copy()
        return self.piece.ranks.join(self._present("becomes an array"), self.piece.axis)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return np.array(self.numpy(), dtype)

    def __len__(self) -> int:
        return self.shape[0]

    def local(self) -> Any:
        """The part that lies here, for an operation of a layer that knows of it."""
        return super().read()

    def read(self) -> Any:
        raise NotImplementedError(
            f"the variable {self.path!r} of shape {self.shape} is cut along axis {self.piece.axis} over "
            f"{self.piece.ranks.count} processes, and only the layer that it belongs to computes with a part. "
            "`numpy()`, called by all processes, is the whole array; leave it out of the LayoutMap to compute with it"
        )

    def assign(self, value: Any) -> np.ndarray:
        """Take this process's part of a whole value; returns it whole as given."""
        if recording.trace is not None:
            raise NotImplementedError(f"the variable {self.path!r} is cut over processes; no step of training sets it")
        given = np.asarray(self._given(value))
        if given.shape != self.shape:
            raise ValueError(
                f"the variable {self.path!r} has shape {self.shape}; received a value of shape {given.shape}"
            )
        self.put(self.piece.of(given))
        return eager(np.array(given, self._value.dtype))

    def _summand(self) -> Any:
        return self.numpy()

    def __repr__(self) -> str:
        rank, count = self.piece.ranks.rank, self.piece.ranks.count
        return f"<VariablePiece path={self.path}, shape={self.shape}, dtype={self.dtype}, part {rank} of {count}>"


def make(*args: Any, layout: Any = None, **kwargs: Any) -> Variable:
    """A variable, or the part of it that lies here."""
    return VariablePiece(*args, layout=layout, **kwargs) if isinstance(layout, Piece) else Variable(*args, **kwargs)


def piece_of(variable: Any) -> Piece | None:
    """Which part of a variable lies here; None if all of it does."""
    return variable.piece if isinstance(variable, VariablePiece) else None


@contextmanager
def gathered(variables: Iterable[Variable]) -> Iterator[bool]:
    """A block for writing a file, whether this process is the one that does.

    Where variables are cut, all processes enter it, the first one gets them whole, and all leave it together.
    """
    pieces = [v for v in variables if isinstance(v, VariablePiece)]
    if not pieces:
        yield True
        return
    everyone = pieces[0].piece.everyone
    try:
        for variable in pieces:
            whole = variable.numpy()
            if everyone.rank == 0:
                variable._whole = whole
        yield everyone.rank == 0
    finally:
        for variable in pieces:
            variable._whole = None
        everyone.first(None)  # the next line of the script may read the file


# What says which part of a layer's new weight lies here, given the layer, the weight's name and shape, and what else it
# is to have that needs it whole; None if all of it does.
Place = Callable[[Any, str | None, tuple[int, ...], dict[str, Any]], Piece | None]
_place: Place | None = None


def set_place(place: Place | None) -> None:
    """Let this decide about the weights that are made from now on."""
    global _place
    _place = place


def place_of(layer: Any, name: str | None, shape: Any, **options: Any) -> Piece | None:
    """Which part of a layer's new weight lies here; None if all of it does."""
    if _place is None:
        return None
    sizes = () if shape is None else tuple(shape) if np.ndim(shape) else (int(shape),)
    return _place(layer, name, sizes, options)
