"""Rows reduced segment by segment."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish.backend.operators import add_rows, to_array
from kerasish.backend.primitive import primitive
from kerasish.backend.symbolic import KerasTensor
from kerasish.ops.composite import composite_by
from kerasish.ops.indexing import indices_of
from kerasish.ops.joining import concatenate
from kerasish.ops.specs import kind_of, shape_of


def _segments(segment_ids: Any, num_segments: int | None) -> tuple[np.ndarray, int]:
    ids = indices_of(segment_ids)
    if ids.ndim != 1:
        raise ValueError(f"segment_ids must be a vector; received shape {ids.shape}")
    count = (int(ids.max()) + 1 if ids.size else 0) if num_segments is None else int(num_segments)
    return np.where((ids < 0) | (ids >= count), count, ids), count  # the last row takes those without a segment


def _segment_spec(data: Any, segment_ids: Any, num_segments: int | None = None, sorted: bool = False) -> KerasTensor:
    if len(shape_of(segment_ids)) != 1:
        raise ValueError(f"segment_ids must be a vector; received shape {shape_of(segment_ids)}")
    if not shape_of(data):
        raise ValueError("segments are made of the rows of data; received a single number")
    return KerasTensor((num_segments, *shape_of(data)[1:]), kind_of(data))


_segment_sum = primitive(
    "segment_sum",
    lambda x, ids, n: add_rows(ids, to_array(x), n + 1)[:n].reshape(n, *np.shape(x)[1:]),
    lambda g, y, x, *, ids, n: np.take(concatenate([g, np.zeros_like(x[:1])]), ids, axis=0),
)


@composite_by(_segment_spec)
def segment_sum(data: Any, segment_ids: Any, num_segments: int | None = None, sorted: bool = False) -> Any:
    """The sum of the rows of each segment.

    Args:
        data: (rows, ...).
        segment_ids: (rows,): the segment of each; rows of no segment are left out.
        num_segments: how many segments; one more than the largest id by default.
        sorted: accepted for compatibility.

    Returns:
        (segments, ...).

    Example:
        >>> import kerasish as keras
        >>> keras.ops.segment_sum([1.0, 2.0, 3.0], [0, 1, 0])
        array([4., 2.], dtype=float32)
    """
    ids, n = _segments(segment_ids, num_segments)
    return _segment_sum(data, ids=ids, n=n)


_EMPTY = {np.maximum: -np.inf, np.minimum: np.inf, np.multiply: 1}


def _segment_forward(x: Any, *, ids: np.ndarray, n: int, function: Any) -> Any:
    x = to_array(x)
    start: Any = _EMPTY[function]
    if x.dtype.kind == "b":
        start = function is not np.maximum
    elif x.dtype.kind in "iu" and function is not np.multiply:
        start = np.iinfo(x.dtype).min if function is np.maximum else np.iinfo(x.dtype).max
    out = np.full((n + 1, *x.shape[1:]), start, x.dtype)
    function.at(out, ids, x)
    return out[:n]


def _rows_of(per_segment: Any, x: Any, ids: np.ndarray) -> Any:
    """For each row the number of its segment; 0 for rows of none."""
    return np.take(concatenate([per_segment, np.zeros_like(x[:1])]), ids, axis=0)


def _segment_extreme_vjp(g: Any, y: Any, x: Any, *, ids: np.ndarray, n: int, function: Any) -> Any:
    inside = (ids < n).reshape((-1,) + (1,) * (np.ndim(x) - 1))
    reached = np.logical_and(np.equal(x, _rows_of(y, x, ids)), inside)
    count = add_rows(ids, reached.astype(x.dtype), n + 1)[:n].reshape(np.shape(y))
    return _rows_of(g / np.maximum(count, 1), x, ids) * reached


def _segment_prod_vjp(g: Any, y: Any, x: Any, *, ids: np.ndarray, n: int, function: Any) -> Any:
    zero = np.equal(x, 0)
    zeros = add_rows(ids, zero.astype(x.dtype), n + 1)[:n].reshape(np.shape(y))
    others = np.where(zero, 1, x)
    product = _segment_reduce_prod(others, ids=ids, n=n, function=function)
    alone = np.equal(_rows_of(zeros, x, ids), np.where(zero, 1, 0))
    return _rows_of(g * product, x, ids) / others * alone


_segment_extreme = primitive("segment_max", _segment_forward, _segment_extreme_vjp)
_segment_reduce_prod = primitive("segment_prod", _segment_forward, _segment_prod_vjp)


@composite_by(_segment_spec)
def segment_max(data: Any, segment_ids: Any, num_segments: int | None = None, sorted: bool = False) -> Any:
    """The largest of the rows of each segment, number by number; minus infinity for an empty one."""
    ids, n = _segments(segment_ids, num_segments)
    return _segment_extreme(data, ids=ids, n=n, function=np.maximum)


@composite_by(_segment_spec)
def segment_min(data: Any, segment_ids: Any, num_segments: int | None = None, sorted: bool = False) -> Any:
    """The smallest of the rows of each segment, number by number; infinity for an empty one."""
    ids, n = _segments(segment_ids, num_segments)
    return _segment_extreme(data, ids=ids, n=n, function=np.minimum)


@composite_by(_segment_spec)
def segment_prod(data: Any, segment_ids: Any, num_segments: int | None = None, sorted: bool = False) -> Any:
    """The product of the rows of each segment, number by number; 1 for an empty one."""
    ids, n = _segments(segment_ids, num_segments)
    return _segment_reduce_prod(data, ids=ids, n=n, function=np.multiply)
