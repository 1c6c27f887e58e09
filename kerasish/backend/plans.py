"""Operators in kept arrays, and what plans are made of; see `backend.in_place`."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from kerasish.backend import threads, workers
from kerasish.backend.room import Call, Calls, Node, Room

# The forward and the backward calls; None for the backward ones where they follow from the derivative.
Plan = tuple[Calls, Calls | None] | None


# A large product is shared by cores in parts of at least so many multiplications and rows; and in how many at the most.
_PART, _ROWS, _MOST = 1 << 22, 16, 8


def product(a: np.ndarray, b: np.ndarray, out: np.ndarray) -> Call:
    """`out = a @ b`; a large one is shared by all cores, cut by its sizes alone.

    The method does not ask its arguments, in every call, whether they are arrays; `np.dot` does.
    """
    parts = min(a.size * out.shape[1] // _PART, len(out) // _ROWS, _MOST) if out.ndim == 2 else 1
    if parts < 2 or not threads.can_tell():
        return partial(a.dot, b, out)
    rows = -(-len(out) // parts)
    return _Shared([partial(a[i : i + rows].dot, b, out[i : i + rows]) for i in range(0, len(out), rows)])


class _Shared:
    """Calls that do not depend on each other, shared by all cores."""

    __slots__ = ("calls",)

    def __init__(self, calls: Calls) -> None:
        self.calls = calls

    def __call__(self) -> None:
        with threads.one():
            workers.share(self._call, len(self.calls))

    def _call(self, part: int) -> None:
        self.calls[part]()


def copied(target: np.ndarray, source: np.ndarray) -> Call:
    """`target[...] = source`, in half the time of `np.copyto`."""
    return partial(target.__setitem__, ..., source)


def same_floats(*arrays: Any) -> bool:
    """Whether all are arrays of one float dtype."""
    first = arrays[0]
    return all(isinstance(a, np.ndarray) and a.dtype == first.dtype and a.dtype.kind == "f" for a in arrays)


# What Python's `**` does instead of a power.
_POWERS: dict[float, np.ufunc] = {2: np.square, 1: np.positive, 0.5: np.sqrt, -1: np.reciprocal}


def power(room: Room, node: Node) -> Plan:
    """A power, by the function that Python's operator takes for it."""
    base, exponent = node.args
    if not same_floats(node.output, base) or type(exponent) not in (int, float):
        return None
    if exponent in _POWERS:
        return [partial(_POWERS[exponent], base, node.output)], None
    return [partial(np.power, base, np.full((), exponent, base.dtype), node.output)], None


def cast(room: Room, node: Node) -> Plan:
    """Another type of numbers."""
    (x,) = node.args
    if not isinstance(x, np.ndarray) or x.dtype.kind not in "fiub":
        return None
    return [copied(node.output, x)], None


def matmul(room: Room, node: Node) -> Plan:
    """A product of matrices; many rows by one matrix are one product."""
    (a, b), y = node.args, node.output
    if not same_floats(y, a, b) or y.dtype.itemsize == 2 or min(a.ndim, b.ndim) < 2:
        return None
    if b.ndim == 2 and a.flags.c_contiguous and y.flags.c_contiguous:
        return [product(a.reshape(-1, a.shape[-1]), b, y.reshape(-1, y.shape[-1]))], None
    if a.ndim == b.ndim == 2 and y.flags.c_contiguous:
        return [product(a, b, y)], None
    return [partial(np.matmul, a, b, out=y)], None
