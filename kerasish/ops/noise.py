"""Random factors and terms, drawn anew each time the operation runs."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from kerasish.backend.primitive import primitive
from kerasish.backend.program import Calls, Node, Room

# From a shape and a dtype, what to multiply by and what to add; None for nothing.
Draw = Callable[[tuple[int, ...], Any], tuple[Any, Any]]
# Writes random factors into an array of the shape of the input.
Fill = Callable[[np.ndarray], Any]


def _forward(x: Any, *, draw: Draw, memory: list[Any], fill: Fill | None = None) -> Any:
    factor, term = draw(x.shape, x.dtype)
    memory[:] = [factor]
    if factor is None:
        return x + term
    y = x * factor
    if term is not None:
        y += term
    return y


def _vjp(g: Any, y: Any, x: Any, *, memory: list[Any], **_: Any) -> Any:
    return g if memory[0] is None else g * memory[0]


_noisy = primitive("noise", _forward, _vjp, shape=lambda x, **_: x)


def _plan(room: Room, node: Node) -> tuple[Calls, Calls]:
    """The same in the arrays of a replayed step."""
    (x,), y, g, place = node.args, node.output, node.gradient, node.into[0]
    draw, memory, fill = node.params["draw"], node.params["memory"], node.params["fill"]
    if fill is not None:
        kept = room.keep(x.shape, x.dtype)
        calls: Calls = [partial(fill, kept), partial(np.multiply, x, kept, y)]
        return calls, [] if place is None else [partial(np.multiply, g, kept, place)]

    def forward() -> None:
        factor, term = draw(x.shape, x.dtype)
        memory[0] = factor
        if factor is not None:
            np.multiply(x, factor, y)
        if term is not None:
            np.add(x if factor is None else y, term, y)

    def backward() -> None:
        if memory[0] is None:
            np.copyto(place, g)  # type: ignore[arg-type]
        else:
            np.multiply(g, memory[0], place)  # type: ignore[arg-type]

    return [forward], [] if place is None else [backward]


_noisy.plan = _plan


def noisy(x: Any, draw: Draw, fill: Fill | None = None) -> Any:
    """`x * factor + term` with random numbers: dropout, and noise of every kind.

    The draw belongs to the operation, so that a step that is recorded once and run again draws again; the gradient is
    multiplied by the factor of the last run.

    Args:
        x: array of floats.
        draw: called with the shape and the dtype of `x`; returns the pair (factor, term), either of them None.
        fill: where there is no term and each number has a factor of its own: writes the factors that `draw` would
            return, in a recorded step, into an array that is kept.

    Example:
        >>> import numpy as np
        >>> noisy(np.ones(3), lambda shape, dtype: (None, np.full(shape, 0.5, dtype)))
        array([1.5, 1.5, 1.5])
    """
    return _noisy(x, draw=draw, memory=[None], fill=fill)
