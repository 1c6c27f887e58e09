"""Random factors and terms, drawn anew each time the operation runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kerasish.backend.primitive import primitive

# From a shape and a dtype, what to multiply by and what to add; None for nothing.
Draw = Callable[[tuple[int, ...], Any], tuple[Any, Any]]


def _forward(x: Any, *, draw: Draw, memory: list[Any]) -> Any:
    factor, term = draw(x.shape, x.dtype)
    memory[:] = [factor]
    if factor is None:
        return x + term
    y = x * factor
    if term is not None:
        y += term
    return y


def _vjp(g: Any, y: Any, x: Any, *, draw: Draw, memory: list[Any]) -> Any:
    return g if memory[0] is None else g * memory[0]


_noisy = primitive("noise", _forward, _vjp, shape=lambda x, **_: x)


def noisy(x: Any, draw: Draw) -> Any:
    """`x * factor + term` with random numbers: dropout, and noise of every kind.

    The draw belongs to the operation, so that a step that is recorded once and run again draws again; the gradient is
    multiplied by the factor of the last run.

    Args:
        x: array of floats.
        draw: called with the shape and the dtype of `x`; returns the pair (factor, term), either of them None.

    Example:
        >>> import numpy as np
        >>> noisy(np.ones(3), lambda shape, dtype: (None, np.full(shape, 0.5, dtype)))
        array([1.5, 1.5, 1.5])
    """
    return _noisy(x, draw=draw, memory=[None])
