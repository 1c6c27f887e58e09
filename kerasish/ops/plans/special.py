"""The error function in kept arrays."""

from __future__ import annotations

from functools import partial

import numpy as np

from kerasish.backend.fast import Fused, takes
from kerasish.backend.plans import Plan, copied, same_floats
from kerasish.backend.room import Calls, Node, Room
from kerasish.ops import special

# How many numbers are computed at a time: a dozen arrays of so many stay in cache.
_PART = 1 << 14


def erf(room: Room, node: Node) -> Plan:
    """The error function."""
    (x,), y = node.args, node.output
    if not same_floats(y, x) or y.dtype.itemsize < 4 or not (x.flags.c_contiguous and y.flags.c_contiguous):
        return None
    return fill_erf(room, x, y), None


def fill_erf(room: Room, x: np.ndarray, out: np.ndarray) -> Calls:
    """`out = erf(x)`, in parts; `out` may be `x`."""
    x, out = x.reshape(-1), out.reshape(-1)
    parts = [slice(start, start + _PART) for start in range(0, x.size, _PART)]
    return [call for part in parts for call in _part(room, x[part], out[part])]


def _part(room: Room, x: np.ndarray, out: np.ndarray) -> Calls:
    kind = x.dtype
    near, far = (np.array(numbers, kind) for numbers in special.coefficients(kind.itemsize <= 4))
    a, e, y, s, t = (room.lend(x.shape, kind, f"erf {i}") for i in range(5))
    is_near = room.lend(x.shape, bool, "erf")
    one, two, most, pivot = (np.full((), n, kind) for n in (1, 2, special.LARGEST, special.PIVOT))
    exponential: Calls = [
        partial(np.absolute, x, a),
        partial(np.minimum, a, most, out=a),
        partial(np.multiply, a, a, e),
        partial(np.negative, e, e),
        partial(np.exp, e, e),
    ]
    beyond: Calls = [
        partial(np.subtract, a, pivot, s),
        partial(np.add, a, pivot, t),
        partial(np.divide, s, t, s),
        *_polynomial(far, s, y),
        partial(np.multiply, e, y, e),
        partial(np.multiply, a, two, t),
        partial(np.add, t, one, t),
        partial(np.divide, e, t, e),
        partial(np.subtract, one, e, e),
        partial(np.copysign, e, x, e),
    ]
    within: Calls = [
        partial(np.less, a, one, is_near),
        partial(np.minimum, a, one, out=a),
        partial(np.multiply, a, two, s),
        partial(np.multiply, s, a, s),
        partial(np.subtract, s, one, s),
        *_polynomial(near, s, y),
        partial(np.sign, x, t),
        partial(np.multiply, t, a, t),
        partial(np.multiply, t, y, t),
    ]
    rest: Calls = [*beyond, *within, copied(out, e), partial(np.copyto, out, t, where=is_near)]
    return [*exponential, *([Fused("erf", (x, e, near, far, out), rest, by_rows=True)] if takes(x, out) else rest)]


def _polynomial(coefficients: np.ndarray, x: np.ndarray, y: np.ndarray) -> Calls:
    calls: Calls = [partial(y.fill, coefficients[0])]
    for i in range(1, len(coefficients)):
        calls += [partial(np.multiply, y, x, y), partial(np.add, y, coefficients[i, ...], y)]
    return calls
