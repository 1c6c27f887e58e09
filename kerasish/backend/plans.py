"""Operators in kept arrays, and what plans are made of; see `backend.in_place`."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np

from kerasish.backend import threads
from kerasish.backend.room import Call, Calls, Node, Room
from kerasish.backend.spread import Parts

# The forward and the backward calls; None for the backward ones where they follow from the derivative.
Plan = tuple[Calls, Calls | None] | None


# A large product is shared by cores in parts of at least so many multiplications and rows; and in how many at the most.
_PART, _ROWS, _MOST = 1 << 22, 16, 8
# And a sum of rows, in parts of at least so many numbers.
_SUM = 1 << 19


def product(a: np.ndarray, b: np.ndarray, out: np.ndarray) -> Call:
    """`out = a @ b`; a large one is shared by all cores, cut by its sizes alone.

    The method does not ask its arguments, in every call, whether they are arrays; `np.dot` does.
    """
    parts = min(a.size * out.shape[1] // _PART, len(out) // _ROWS, _MOST) if out.ndim == 2 else 1
    if parts < 2 or not threads.can_tell():
        return partial(a.dot, b, out)
    rows = -(-len(out) // parts)
    return _Product([partial(a[i : i + rows].dot, b, out[i : i + rows]) for i in range(0, len(out), rows)])


class _Product(Parts):
    """Calls with products that are shared by all cores, with one thread of the BLAS each."""

    __slots__ = ()

    def __call__(self) -> None:
        with threads.one():
            super().__call__()


def shared(parts: Sequence[Calls], multiplications: int) -> Calls:
    """The calls of parts that do not depend on each other: shared by all cores if they take long, or in their order."""
    if len(parts) < 2 or multiplications < 2 * _PART or not threads.can_tell():
        return [call for part in parts for call in part]

    def run(part: Calls) -> None:
        for call in part:
            call()

    return [_Product([partial(run, part) for part in parts])]


def weighted_sum(weights: np.ndarray, rows: np.ndarray, out: np.ndarray) -> Calls:
    """The calls of `out = weights @ rows`, where there are many rows: each core sums up its own."""
    parts = min(rows.size // _SUM, _MOST)
    if parts < 2 or not threads.can_tell():
        return [partial(weights.dot, rows, out)]
    ends = [len(rows) * i // parts for i in range(parts + 1)]
    shares = np.empty((parts, *out.shape), out.dtype)
    sums = [
        partial(weights[first:last].dot, rows[first:last], share)
        for (first, last), share in zip(pairwise(ends), shares, strict=True)
    ]
    return [_Product(sums), partial(np.add.reduce, shares, 0, None, out)]


def copied(target: np.ndarray, source: np.ndarray) -> Call:
    """`target[...] = source`, in half the time of `np.copyto`."""
    return partial(target.__setitem__, ..., source)


def added(shares: np.ndarray, target: np.ndarray) -> Calls:
    """The calls that add up the shares of parts, in their order."""
    return [copied(target, shares[0]), *(partial(np.add, target, share, target) for share in shares[1:])]


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
