"""Calls of a program that go through large arrays once, shared by cores in parts of whole rows."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np

from kerasish.backend import workers
from kerasish.backend.fast import Fused, kernel
from kerasish.backend.room import Call

# Numbers from which on a second core saves more than it takes to wake it; numbers of a part; and parts at the most.
_LARGE, _PART, _MOST = 1 << 20, 1 << 19, 8


class Parts:
    """Calls that do not depend on each other, shared by all cores."""

    __slots__ = ("calls",)

    def __init__(self, calls: Sequence[Call]) -> None:
        self.calls = calls

    def __call__(self) -> None:
        workers.share(self._call, len(self.calls))

    def _call(self, part: int) -> None:
        self.calls[part]()


class FusedRows:
    """A fused loop whose rows all cores share where it is ready."""

    __slots__ = ("_args", "_whole")

    def __init__(self, whole: Fused, rows: Sequence[slice]) -> None:
        self._whole = whole
        self._args = [whole.of_rows(part) for part in rows]

    def __call__(self) -> None:
        loop = kernel(self._whole.name)
        if loop is None:
            self._whole()
        else:
            workers.share(lambda part: loop(*self._args[part]), len(self._args))


def spread(call: Call) -> Call:
    """The call itself, or the same in parts if it is a ufunc, a copy or a fused loop on large arrays."""
    if isinstance(call, Fused):
        rows = _rows(call.args[0]) if call.by_rows else []
        return FusedRows(call, rows) if rows else call
    if type(call) is not partial:
        return call
    if isinstance(call.func, np.ufunc):
        return _ufunc(call.func, call)
    target = getattr(call.func, "__self__", None)
    if isinstance(target, np.ndarray) and call.func.__name__ == "__setitem__" and call.args[0] is ...:
        return _copy(target, call.args[1], call)
    return call


def _rows(out: np.ndarray) -> list[slice]:
    """The rows of each part of an array; none if it is too small."""
    if not out.ndim or out.size < _LARGE or len(out) < 2:
        return []
    parts = min(out.size // _PART, len(out), _MOST)
    ends = [len(out) * i // parts for i in range(parts + 1)]
    return [slice(first, last) for first, last in pairwise(ends)]


def _of_rows(x: Any, out: np.ndarray, rows: slice) -> Any:
    """What of an argument meets some rows of the output."""
    whole = not isinstance(x, np.ndarray) or x.ndim < out.ndim or len(x) != len(out)
    return x if whole else x[rows]


def _is_apart(x: Any, out: np.ndarray) -> bool:
    """Whether the rows of an argument are not written before others have read them."""
    if not isinstance(x, np.ndarray) or not np.may_share_memory(x, out):
        return True
    return x.shape == out.shape and x.strides == out.strides and x.ctypes.data == out.ctypes.data


def _ufunc(ufunc: np.ufunc, call: partial[Any]) -> Call:
    args = (*call.args, *call.keywords.values())
    inputs, out = args[: ufunc.nin], args[-1]
    if ufunc.nout != 1 or ufunc.signature is not None or call.keywords.keys() - {"out"} or len(args) != ufunc.nin + 1:
        return call
    if not isinstance(out, np.ndarray) or not all(_is_apart(x, out) for x in inputs):
        return call
    rows = _rows(out)
    parts = [partial(ufunc, *(_of_rows(x, out, part) for x in inputs), out=out[part]) for part in rows]
    return Parts(parts) if rows else call


def _copy(target: np.ndarray, source: Any, call: Call) -> Call:
    rows = _rows(target) if _is_apart(source, target) else []
    parts = [partial(target[part].__setitem__, ..., _of_rows(source, target, part)) for part in rows]
    return Parts(parts) if rows else call
