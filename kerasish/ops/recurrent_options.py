"""What a recurrence is computed from, and how it runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple


@dataclass(frozen=True)
class Options:
    """How a recurrence runs.

    Attributes:
        activation: `"tanh"`, `"relu"` or None, for the candidate and the output.
        slope: that of a hard sigmoid, `clip(slope x + 0.5, 0, 1)`, for the gates; None for the sigmoid.
        reverse: whether the last step is the first to be computed; outputs stand in the order of computation.
        sequences: whether the output of every step is returned, or only that of the last.
        states: whether the last states are returned after the output.
        zero_masked: whether the output of a step that the mask leaves out is 0, not the state before it.
        reset_after: whether a GRU's reset gate acts on the product with the state, not on the state.
    """

    activation: str | None = "tanh"
    slope: float | None = None
    reverse: bool = False
    sequences: bool = False
    states: bool = False
    zero_masked: bool = False
    reset_after: bool = True


class Arrays(NamedTuple):
    """The arguments of a recurrence: see `ops.recurrence`."""

    x: Any
    kernel: Any
    recurrent: Any
    bias: Any
    mask: Any
    h: Any
    c: Any = None
