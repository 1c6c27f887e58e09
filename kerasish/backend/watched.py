"""Arrays that a tape was asked to follow: `tape.watch(x)` without a new name for `x`."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish.backend.array import Array
from kerasish.backend.tensor import Tensor, Traceable, recording


class Watched(Traceable, Array):  # type: ignore[misc]
    """What an `Array` is, in its place, while a tape records that watches it: on the tape it reads as a tensor."""

    _leaf: Tensor | None

    def read(self) -> Any:
        """The tensor that stands for the array on the tapes that record now, else the plain array."""
        held = recording.leaves.get(id(self)) if recording.tapes else None
        return self.view(np.ndarray) if held is None else held[1]


def watch_in_place(x: Any) -> Tensor:
    """The tensor that stands for this very array on the tapes that record."""
    if recording.trace is not None:
        recording.trace.escape("an array is watched that is no input of the step; it")
    held = recording.leaves.get(id(x))
    if held is None:
        x._leaf = Tensor(x.view(np.ndarray))
        held = recording.leaves[id(x)] = (x, x._leaf)
    follow(x)
    return held[1]


def follow(x: Any) -> None:
    """Let an array read as its tensor, until no tape records any more."""
    if type(x) is Array:
        x.__class__ = Watched
        recording.arrays.append(x)


def let_go() -> None:
    """Let all that was watched be plain arrays again."""
    for x in recording.arrays:
        x.__class__ = Array
    recording.arrays.clear()
