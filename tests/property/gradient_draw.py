"""What a gradient check draws: shapes, axes and numbers, and the usual kinds of cases.

A case takes a `Draw` and returns a function of float64 arrays and the arrays. Kinks and poles are kept away from.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import strategies as st

from kerasish import ops

Case = Callable[["Draw"], tuple[Callable[..., Any], list[np.ndarray]]]


class Draw:
    """Shapes, axes and numbers, drawn by hypothesis; the numbers come from a seeded generator."""

    def __init__(self, data: Any) -> None:
        self._draw = data.draw
        self.rng = np.random.default_rng(self._draw(st.integers(0, 2**32 - 1)))

    def pick(self, *choices: Any) -> Any:
        return self._draw(st.sampled_from(choices))

    def int(self, low: int, high: int) -> int:
        return self._draw(st.integers(low, high))

    def shape(self, least: int = 0, most: int = 3, sides: int = 3) -> tuple[int, ...]:
        return tuple(self._draw(st.lists(st.integers(1, sides), min_size=least, max_size=most)))

    def array(self, shape: Any, low: float = -2.0, high: float = 2.0, away: tuple[float, ...] = ()) -> np.ndarray:
        x = self.rng.uniform(low, high, shape)
        for kink in away:
            x = np.where(np.abs(x - kink) < 0.02, kink + 0.05, x)
        return np.asarray(x)

    def distinct(self, shape: tuple[int, ...]) -> np.ndarray:
        """Numbers no two of which are near each other."""
        size = int(np.prod(shape))
        return (self.rng.permutation(size).astype(float) / max(size, 1) * 3 - 1.4).reshape(shape)

    def axis(self, ndim: int) -> int:
        return self._draw(st.integers(-ndim, ndim - 1))

    def axes(self, ndim: int) -> Any:
        """None, an axis or several."""
        if ndim == 0 or self.pick(True, False, False):
            return None
        if ndim > 1 and self.pick(True, False):
            return tuple(self._draw(st.permutations(range(ndim)))[: self.int(1, ndim)])
        return self.axis(ndim)

    def broadcastable(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Two shapes that broadcast with each other."""
        full = self.shape()

        def part() -> tuple[int, ...]:
            stretched = tuple(n if self.pick(True, True, False) else 1 for n in full)
            return stretched[self.int(0, len(full)) :] if self.pick(True, False) else stretched

        return part(), part()


def unary(function: Any, low: float = -2.0, high: float = 2.0, away: tuple[float, ...] = (), **params: Any) -> Case:
    return lambda d: (lambda x: function(x, **params), [d.array(d.shape(), low, high, away)])


def named(names: str, low: float = -2.0, high: float = 2.0) -> dict[str, Case]:
    """Cases of smooth functions of one argument, by their names in keras.ops."""
    return {name: unary(getattr(ops, name), low, high) for name in names.split()}


def binary(function: Any, first: tuple[float, float] = (-2, 2), second: tuple[float, float] = (-2, 2)) -> Case:
    def case(d: Draw) -> Any:
        s, t = d.broadcastable()
        return function, [d.array(s, *first, away=(0.0,)), d.array(t, *second, away=(0.0,))]

    return case


def compared(function: Any) -> Case:
    """Two arguments that are nowhere nearly equal."""

    def case(d: Draw) -> Any:
        s, t = d.broadcastable()
        a, b = d.array(s), d.array(t)
        return function, [np.asarray(np.round(a, 1)), np.asarray(np.round(b, 1) + 0.03)]

    return case


def reduced(function: Any, low: float = -2.0, high: float = 2.0, distinct: bool = False) -> Case:
    def case(d: Draw) -> Any:
        shape = d.shape(0 if not distinct else 1)
        axis, keepdims = d.axes(len(shape)), d.pick(True, False)
        x = d.distinct(shape) if distinct else d.array(shape, low, high)
        return lambda x: function(x, axis=axis, keepdims=keepdims), [x]

    return case


def along(function: Any, least: int = 1, distinct: bool = False, none: bool = False) -> Case:
    """A function along one axis."""

    def case(d: Draw) -> Any:
        shape = d.shape(least)
        axis = None if none and d.pick(True, False) else d.axis(len(shape))
        return lambda x: function(x, axis=axis), [d.distinct(shape) if distinct else d.array(shape)]

    return case


def arranged(make: Callable[[Draw, tuple[int, ...]], Callable[[Any], Any]], least: int = 1) -> Case:
    """A rearrangement, made for a shape."""

    def case(d: Draw) -> Any:
        shape = d.shape(least)
        return make(d, shape), [d.array(shape)]

    return case


def several(function: Any, joined: bool) -> Case:
    def case(d: Draw) -> Any:
        shape = d.shape(1)
        axis = d.axis(len(shape))
        shapes = [list(shape) for _ in range(d.int(1, 3))]
        if joined:
            for s in shapes:
                s[axis] = d.int(1, 3)
        return lambda *xs: function(xs, axis=axis), [d.array(s) for s in shapes]

    return case
