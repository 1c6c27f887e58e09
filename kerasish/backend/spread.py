"""Calls of a program that go through large arrays row by row: in blocks that stay in cache, shared by all cores.

Neighbouring calls that work on the same rows, such as a scale, a shift and an activation, are done together, one block
of rows after the other, so that what one of them writes the next one finds in cache. So are convolutions and poolings
that follow each other, with all that is between them: a core takes some images through all of them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from itertools import combinations, groupby, pairwise
from typing import Any, NamedTuple

import numpy as np

from kerasish.backend import threads, workers
from kerasish.backend.fast import Fused, FusedParts
from kerasish.backend.room import Call, Calls

# Numbers from which on a second core saves more than it takes to wake it; numbers of a part; and parts at the most.
_LARGE, _PART, _MOST = 1 << 20, 1 << 19, 8
# Numbers from which on several calls are done together, for they would not stay in cache; and numbers of a block, of
# which a core's second cache holds some.
_MANY, _BLOCK = 1 << 17, 1 << 15
# Numbers of an array that is no image, and bytes of what images come to that a core takes through several calls.
_FEW, _CACHE = 1 << 13, 1 << 21


class Parts:
    """Calls that do not depend on each other, shared by all cores."""

    __slots__ = ("calls",)

    def __init__(self, calls: Sequence[Call]) -> None:
        self.calls = calls

    def __call__(self) -> None:
        workers.share(self._call, len(self.calls))

    def _call(self, part: int) -> None:
        self.calls[part]()


class Chain:
    """Loops on the same images, and calls between them, done together: some images after the other, by all cores.

    Args:
        calls: what is to be done.
        loops: those of them that are loops.
        parts: for each call what does a part of it.
        count: how many parts there are.
    """

    __slots__ = ("_count", "_loops", "_parts", "calls")

    def __init__(self, calls: Calls, loops: list[FusedParts], parts: list[Callable[[int], Any]], count: int) -> None:
        self.calls = calls
        self._loops = loops
        self._parts = parts
        self._count = count

    def __call__(self) -> None:
        if any(call.loop() is None for call in self._loops):  # not ready yet
            _run(self.calls)
            return
        with threads.one():
            workers.share(self._do, self._count)

    def _do(self, block: int) -> None:
        for part in self._parts:
            part(block)


class _Rows(NamedTuple):
    """A call that computes each row from the same row of other arrays.

    Attributes:
        call: the call.
        out: one of the arrays with such rows, of which there are as many as of its largest.
        written: the arrays that it writes.
        own: those of which a row is used for the same row alone, the written ones among them.
        others: those that are used as a whole.
        of: makes the call for some rows; None for a loop that is cut into parts.
    """

    call: Call
    out: np.ndarray
    written: list[np.ndarray]
    own: list[np.ndarray]
    others: list[np.ndarray]
    of: Callable[[slice], Call] | None

    def goes_with(self, before: _Rows) -> bool:
        """Whether a block may be done after the same block of another call, before the rest of that one is done."""
        return not any(_clash(*pair) for pair in ((self, before), (before, self)))

    def is_apart(self, other: _Rows) -> bool:
        """Whether this could as well be done before the other: neither writes what the other one uses."""
        pairs = [(self.written, other), (other.written, self)]
        return not any(np.may_share_memory(x, y) for written, rows in pairs for x in written for y in rows.uses)

    @property
    def uses(self) -> list[np.ndarray]:
        """All arrays that it reads or writes."""
        return [*self.own, *self.others]


def _clash(first: _Rows, second: _Rows) -> bool:
    """Whether a row that one of them writes is used by the other for another row."""
    if any(np.may_share_memory(x, y) for x in first.written for y in second.others):
        return True
    return any(np.may_share_memory(x, y) and not _is_same(x, y) for x in first.written for y in second.own)


def _is_same(x: np.ndarray, y: np.ndarray) -> bool:
    """Whether equal shares of two arrays are the same memory."""
    if x is y:
        return True
    if x.shape == y.shape and x.strides == y.strides:
        return x.ctypes.data == y.ctypes.data
    return x.flags.c_contiguous and y.flags.c_contiguous and x.nbytes == y.nbytes and x.ctypes.data == y.ctypes.data


def spread(calls: Calls) -> Calls:
    """The same calls, those on large arrays in parts: of one, or of several neighbours that work on the same rows."""
    found: Calls = []
    together: list[_Rows] = []
    for call in calls:
        images = _images(together)
        rows = _rows_of(call) if images or _size(call) >= _MANY else None
        if images:
            other = rows if rows is not None and rows.out.size < _FEW else _product_of(call)
            if other is not None and all(other.is_apart(before) for before in together):
                found.append(call)  # as well before the others
                continue
        if rows is not None and not images and rows.out.size < _MANY and rows.of is not None:
            rows = None
        if rows is None or not _fits(rows, together):
            found += _in_parts(together)
            together = []
        if rows is None:
            found.append(call)
        else:
            together.append(rows)
    return found + _in_parts(together)


def _images(together: list[_Rows]) -> int:
    """How many images the loops among some calls work on; 0 if there are none."""
    return next((len(rows.out) for rows in together if rows.of is None), 0)


def _fits(rows: _Rows, together: list[_Rows]) -> bool:
    images = _images([*together, rows])
    if images and any(len(other.out) % images or not len(other.out) for other in (*together, rows)):
        return False
    return all(rows.goes_with(other) for other in together)


def _size(call: Call) -> int:
    """The numbers of the largest array of a call; most calls of small networks need no other look."""
    if isinstance(call, FusedParts):
        return _MANY if call.pieces is not None else 0
    if isinstance(call, Fused):
        return int(call.args[0].size)
    if type(call) is not partial:
        return 0
    arrays = (getattr(call.func, "__self__", None), *call.args, *call.keywords.values())
    return max((x.size for x in arrays if isinstance(x, np.ndarray)), default=0)


def _in_parts(together: list[_Rows]) -> Calls:
    """The calls of neighbours, block by block if there are several, and in larger parts if not."""
    if len(together) > 1 and _images(together):
        return _chained(together)
    if len(together) > 1:
        count = _divisor(math.gcd(*(len(rows.out) for rows in together)), together[0].out.size // _BLOCK)
        if count > 1 and len({rows.out.size for rows in together}) == 1:
            blocks = [[_of(rows, i, count) for rows in together] for i in range(count)]
            if together[0].out.size * len(together) < _LARGE:
                return [call for block in blocks for call in block]
            return [Parts([partial(_run, block) for block in blocks])]
    return [_alone(rows) for rows in together]


def _chained(together: list[_Rows]) -> Calls:
    """Loops, and calls between them, as one where their parts can be made to end with the same images."""
    calls: Calls = []  # what to do as long as the loops are not ready
    for is_loop, stretch in groupby(together, lambda rows: rows.of is None):
        several = list(stretch)
        calls += [rows.call for rows in several] if is_loop else _in_parts(several)
    loops = [call for call in calls if isinstance(call, FusedParts)]
    images, most = _images(together), min(max(call.count for call in loops), 2 * workers.cores())
    each = sum(rows.out.nbytes for rows in together) // images
    size = 1 << (max(1, min(-(-images // most), _CACHE // each)).bit_length() - 1)
    while most > 1 and size < images:
        ends = [*range(size, images, size), images]
        parts = [_parts_of(rows, ends) for rows in together]
        known = [part for part in parts if part is not None]
        if len(known) == len(parts):
            return [Chain(calls, loops, known, len(ends))]
        size *= 2
    return calls


def _parts_of(rows: _Rows, ends: list[int]) -> Callable[[int], Any] | None:
    """What does the part of a call that ends before one of some images; None if these are not where it can be cut."""
    if rows.of is None:
        assert isinstance(rows.call, FusedParts)
        args = rows.call.cut(ends)
        return None if args is None else partial(rows.call.do, args)
    each = len(rows.out) // ends[-1]
    calls = [rows.of(slice(first * each, last * each)) for first, last in pairwise([0, *ends])]
    return lambda part: calls[part]()


def _alone(rows: _Rows) -> Call:
    out = rows.out
    if rows.of is None or out.size < _LARGE or len(out) < 2:
        return rows.call
    parts = min(out.size // _PART, len(out), _MOST)
    return Parts([_of(rows, i, parts) for i in range(parts)])


def _of(rows: _Rows, i: int, count: int) -> Call:
    assert rows.of is not None
    return rows.of(slice(len(rows.out) * i // count, len(rows.out) * (i + 1) // count))


def _divisor(number: int, most: int) -> int:
    """The largest divisor of a number that is not above another."""
    return max((i for i in range(1, min(number, most) + 1) if number % i == 0), default=1)


def _run(calls: Calls) -> None:
    for call in calls:
        call()


def _rows_of(call: Call) -> _Rows | None:
    """A ufunc, its reduction of the last axis, a copy or a fused loop as a call by rows; None for what is none."""
    if isinstance(call, FusedParts):
        pieces = call.pieces
        return None if pieces is None else _Rows(call, pieces.own[0], pieces.own[:1], pieces.own, pieces.others, None)
    if isinstance(call, Fused):
        return _fused(call) if call.by_rows else None
    if type(call) is not partial:
        return None
    if isinstance(call.func, np.ufunc):
        return _ufunc(call.func, call)
    if call.func is np.copyto and len(call.args) == 2 and call.keywords.keys() == {"where"}:
        out, source = call.args
        inputs = [source, call.keywords["where"]]
        return _made(call, out, inputs, lambda out, x, where: partial(np.copyto, out, x, where=where))
    target, name = getattr(call.func, "__self__", None), getattr(call.func, "__name__", "")
    if isinstance(target, np.ndarray) and name == "__setitem__" and call.args[0] is ...:
        return _made(call, target, [call.args[1]], lambda out, x: partial(out.__setitem__, ..., x))
    if isinstance(target, np.ndarray) and name == "fill":
        return _made(call, target, list(call.args), lambda out, x: partial(out.fill, x))
    if isinstance(target, np.ufunc) and name == "reduce" and len(call.args) == 5 and not call.keywords:
        return _reduction(target, call)
    return None


def _product_of(call: Call) -> _Rows | None:
    """A product of matrices. It is none by rows, for how its sums are made may depend on how many there are."""
    if type(call) is not partial or getattr(call.func, "__name__", "") != "dot" or len(call.args) != 2:
        return None
    left, (right, out) = getattr(call.func, "__self__", None), call.args
    return _Rows(call, out, [out], [out], [left, right], None) if isinstance(left, np.ndarray) else None


def _reduction(ufunc: np.ufunc, call: partial[Any]) -> _Rows | None:
    """A sum, or the like, over other axes than the first."""
    x, axis, kind, out, keepdims = call.args
    axes = {i % x.ndim for i in ((axis,) if isinstance(axis, int) else axis or range(x.ndim))}
    if 0 in axes or kind is not None or np.may_share_memory(x, out):
        return None
    reduce: Any = ufunc.reduce
    return _Rows(call, out, [out], [out, x], [], lambda rows: partial(reduce, x[rows], axis, None, out[rows], keepdims))


def _made(call: Call, out: np.ndarray, inputs: list[Any], make: Callable[..., Call]) -> _Rows | None:
    """A call by rows of what it writes and reads; None if a row is written before another one has read it."""
    if not out.ndim:
        return None
    apart = [x for x in inputs if isinstance(x, np.ndarray)]
    own = [x for x in apart if x.ndim == out.ndim and len(x) == len(out)]
    others = [x for x in apart if not any(x is y for y in own)]
    if any(np.may_share_memory(x, out) for x in others):
        return None
    if any(np.may_share_memory(x, out) and not _is_same(x, out) for x in own):
        return None

    def of(rows: slice) -> Call:
        return make(out[rows], *(x[rows] if any(x is y for y in own) else x for x in inputs))

    return _Rows(call, out, [out], [out, *own], others, of)


def _ufunc(ufunc: np.ufunc, call: partial[Any]) -> _Rows | None:
    args = (*call.args, *call.keywords.values())
    out = args[-1]
    if ufunc.nout != 1 or ufunc.signature is not None or call.keywords.keys() - {"out"} or len(args) != ufunc.nin + 1:
        return None
    if not isinstance(out, np.ndarray):
        return None
    return _made(call, out, list(args[:-1]), lambda out, *inputs: partial(ufunc, *inputs, out=out))


def _fused(call: Fused) -> _Rows | None:
    """A fused loop, if all calls that it stands for are calls by the same rows."""
    first = call.args[0]
    inside = [_rows_of(part) for part in call.calls]
    known = [part for part in inside if part is not None and len(part.out) == len(first)]
    if len(known) < len(inside) or not all(part.goes_with(before) for before, part in combinations(known, 2)):
        return None
    arrays = [x for x in call.args if isinstance(x, np.ndarray)]
    own = [x for x in arrays if x.ndim == first.ndim and len(x) == len(first)]
    others = [x for x in arrays if not any(x is y for y in own)]

    def of(rows: slice) -> Call:
        inside = [part.of(rows) for part in known if part.of is not None]
        return Fused(call.name, call.of_rows(rows), inside, by_rows=True)

    own = [*own, *(x for part in known for x in part.own)]
    written = [x for part in known for x in part.written]
    return _Rows(call, first, written, own, [*others, *(x for part in known for x in part.others)], of)
