"""Reductions, products, choices and lookups in kept arrays; their derivatives follow from what the operations say."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from kerasish.backend.fast import Fused, takes
from kerasish.backend.plans import Plan, copied, same_floats, weighted_sum
from kerasish.backend.room import Calls, Node, Room
from kerasish.ops.plans.common import in_reach


def _is_like(output: np.ndarray, *arrays: Any) -> bool:
    """Whether all are arrays of plain numbers of the output's type."""
    return output.dtype.kind in "fiu" and all(isinstance(a, np.ndarray) and a.dtype == output.dtype for a in arrays)


def total(room: Room, node: Node) -> Plan:
    """A sum along axes."""
    (x,), y = node.args, node.output
    if not _is_like(y, x):
        return None
    rows, is_flat = _rows_summed(x, node.params["axis"]), x.flags.c_contiguous and y.flags.c_contiguous
    if rows > 1 and y.size > 1 and is_flat and same_floats(y, x) and y.dtype.itemsize > 2:
        return weighted_sum(np.ones(rows, y.dtype), x.reshape(rows, -1), y.reshape(-1)), None
    return [partial(np.add.reduce, x, node.params["axis"], None, y, node.params["keepdims"])], None


def _rows_summed(x: np.ndarray, axis: Any) -> int:
    """How many rows are added up, if rows are: a product with ones takes a tenth of the time of NumPy's reduction."""
    axes = sorted(i % x.ndim for i in ((axis,) if isinstance(axis, int) else axis or ()))
    return math.prod(x.shape[: len(axes)]) if axes == list(range(len(axes))) and 0 < len(axes) < x.ndim else 0


def mean(room: Room, node: Node) -> Plan:
    """A sum along axes, divided by how many numbers it has."""
    (x,), y = node.args, node.output
    if not same_floats(y, x) or y.dtype.itemsize == 2 or not y.size:
        return None
    sums = total(room, node)
    assert sums is not None
    return [*sums[0], partial(np.divide, y, np.full((), x.size // y.size, y.dtype), y)], None


def _reducing(ufunc: Any) -> Callable[[Room, Node], Plan]:
    def plan(room: Room, node: Node) -> Plan:
        (x,), y, params = node.args, node.output, node.params
        if not _is_like(y, x) or params["initial"] is not None:
            return None
        return [partial(ufunc.reduce, x, params["axis"], None, y, params["keepdims"])], None

    return plan


largest_along, smallest_along = _reducing(np.maximum), _reducing(np.minimum)


def choice(room: Room, node: Node) -> Plan:
    """One of two numbers, by a condition: the second, and over it the first where the condition holds."""
    condition, a, b = node.args
    y = node.output
    parts = [part for part in (a, b) if isinstance(part, np.ndarray)]
    if not isinstance(condition, np.ndarray) or condition.dtype.kind != "b" or not _is_like(y, *parts):
        return None
    if any(type(part) not in (int, float) for part in (a, b) if not isinstance(part, np.ndarray)):
        return None
    return [copied(y, b), partial(np.copyto, y, a, where=condition)], None


def rows(room: Room, node: Node) -> Plan:
    """The rows of a table that stand at some places; the gradient of each row is the sum over its places."""
    (table, index), y = node.args, node.output
    if node.params["axis"] != 0 or not isinstance(index, np.ndarray) or index.dtype.kind not in "iu":
        return None
    if not isinstance(table, np.ndarray) or not table.size or not index.size or not index.flags.c_contiguous:
        return None
    count, places = len(table), index.reshape(-1)
    if not in_reach(count, index.dtype):
        return None
    unsigned = places.view(f"u{index.itemsize}")  # a negative place is a very large one without a sign
    row = room.keep(places.shape, np.intp)
    row_of = row.reshape(index.shape)

    def look_up() -> None:
        if unsigned[unsigned.argmax()] < count:
            row[...] = places
        else:  # some count from the end, or none is there
            np.copyto(row, np.arange(count).take(places))
        table.take(row_of, 0, y, "clip")

    into = node.into[0]
    if node.gradient is None or into is None:
        return [look_up], []
    return [look_up], _adding_rows(room, row, node.gradient, into)


def _adding_rows(room: Room, row: np.ndarray, g: np.ndarray, into: np.ndarray) -> Calls:
    """The calls that add every row of `g` to the one of `into` whose number is in `row`, in their order."""
    width = math.prod(into.shape[1:])
    place = room.lend((row.size, width), np.intp, "place")
    column = np.arange(width)
    given, sums = g.reshape(row.size, width), into.reshape(-1, width)
    calls: Calls = [
        partial(into.fill, 0),
        partial(np.multiply, row[:, None], width, place),
        partial(np.add, place, column, place),
        partial(np.add.at, sums.reshape(-1), place.reshape(-1), given.reshape(-1)),
    ]
    return [Fused("add_rows", (row, given, sums), calls)] if takes(given, sums) else calls
