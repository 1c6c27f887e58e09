"""Rows that are dealt out, put together and written where numbers say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from kerasish import ops
from kerasish.backend import dtypes
from kerasish.backend.array import eager
from kerasish.compat.tensorflow.arguments import packed, sizes
from kerasish.compat.tensorflow.arrays import tensor
from kerasish.compat.tensorflow.types import TensorShape, int32


def dynamic_partition(data: Any, partitions: Any, num_partitions: int, name: str | None = None) -> list[Any]:
    """The rows of `data` dealt out to `num_partitions` tensors, in order; `partitions` says to which each goes."""
    x, places = tensor(data), np.asarray(partitions)
    if x.shape[: places.ndim] != places.shape:
        raise ValueError(
            f"dynamic_partition: data of shape {x.shape} has not the partitions' shape {places.shape} first"
        )
    if places.size and not 0 <= places.min() <= places.max() < num_partitions:
        raise ValueError(
            f"dynamic_partition: partitions go from {places.min()} to {places.max()}; there are {num_partitions}"
        )
    return [x[np.nonzero(places == number)] for number in range(num_partitions)]


def dynamic_stitch(indices: Sequence[Any], data: Sequence[Any], name: str | None = None) -> Any:
    """One tensor of the rows of several, each at its index; of two with one index the later stays."""
    numbers, rows = [], []
    for places, part in zip(indices, data, strict=True):
        wanted, x = np.asarray(places), tensor(part)
        numbers.append(wanted.ravel())
        rows.append(ops.reshape(x, (-1, *x.shape[wanted.ndim :])))
    flat = np.concatenate(numbers)
    last = np.zeros(int(flat.max(initial=-1)) + 1, "int32")
    last[flat] = np.arange(flat.size)
    missing = np.setdiff1d(np.arange(last.size), flat)
    if missing.size:
        raise ValueError(
            f"dynamic_stitch: the indices go to {last.size - 1}, and {missing.tolist()} are not among them"
        )
    return ops.take(ops.concatenate(rows, 0), last, 0)


def segment_min(data: Any, segment_ids: Any, name: str | None = None) -> Any:
    return _zero_where_empty(ops.segment_min, data, segment_ids)


def segment_max(data: Any, segment_ids: Any, name: str | None = None) -> Any:
    return _zero_where_empty(ops.segment_max, data, segment_ids)


def segment_prod(data: Any, segment_ids: Any, name: str | None = None) -> Any:
    return _of_segments(ops.segment_prod, data, segment_ids, None)


def segment_mean(data: Any, segment_ids: Any, name: str | None = None) -> Any:
    return unsorted_segment_mean(data, segment_ids, None)


def unsorted_segment_min(data: Any, segment_ids: Any, num_segments: Any, name: str | None = None) -> Any:
    return _of_segments(ops.segment_min, data, segment_ids, num_segments)


def unsorted_segment_max(data: Any, segment_ids: Any, num_segments: Any, name: str | None = None) -> Any:
    return _of_segments(ops.segment_max, data, segment_ids, num_segments)


def unsorted_segment_prod(data: Any, segment_ids: Any, num_segments: Any, name: str | None = None) -> Any:
    return _of_segments(ops.segment_prod, data, segment_ids, num_segments)


def unsorted_segment_mean(data: Any, segment_ids: Any, num_segments: Any, name: str | None = None) -> Any:
    total, counts = _sums(data, segment_ids, num_segments)
    return ops.divide(total, counts)


def unsorted_segment_sqrt_n(data: Any, segment_ids: Any, num_segments: Any, name: str | None = None) -> Any:
    """The sums, divided by the roots of how many rows each has."""
    total, counts = _sums(data, segment_ids, num_segments)
    return ops.divide(total, np.sqrt(counts))


def _of_segments(reduced: Any, data: Any, segment_ids: Any, num_segments: Any) -> Any:
    """What the rows of each segment make, ids having any number of axes; of no row the dtype's largest or smallest."""
    x, ids = tensor(data), np.asarray(segment_ids)
    rows = ops.reshape(x, (-1, *x.shape[ids.ndim :]))
    made = reduced(rows, ids.ravel(), None if num_segments is None else sizes(num_segments))
    if reduced not in (ops.segment_min, ops.segment_max):
        return made
    kind = dtypes.numpy_dtype(dtypes.standardize_dtype(made.dtype))
    limits: Any = np.iinfo(kind) if kind.kind in "iu" else np.finfo(kind)
    return ops.clip(made, kind.type(limits.min), kind.type(limits.max))


def _zero_where_empty(reduced: Any, data: Any, segment_ids: Any) -> Any:
    made, ids = reduced(tensor(data), segment_ids), np.asarray(segment_ids)
    there = np.isin(np.arange(made.shape[0]), ids).reshape((-1,) + (1,) * (len(made.shape) - 1))
    return ops.where(there, made, ops.zeros_like(made))


def _sums(data: Any, segment_ids: Any, num_segments: Any) -> tuple[Any, np.ndarray]:
    total = _of_segments(ops.segment_sum, data, segment_ids, num_segments)
    ids = np.ravel(np.asarray(segment_ids))
    counts = np.bincount(ids[(ids >= 0) & (ids < total.shape[0])], minlength=total.shape[0])
    shape = (-1,) + (1,) * (len(total.shape) - 1)
    return total, np.maximum(counts, 1).astype(dtypes.standardize_dtype(total.dtype)).reshape(shape)


def reverse_sequence(
    input: Any, seq_lengths: Any, seq_axis: Any = None, batch_axis: Any = None, name: str | None = None
) -> Any:
    """The beginning of each sequence backwards, as much of it as its length says."""
    if seq_axis is None:
        raise ValueError("reverse_sequence needs seq_axis, the axis of the steps")
    x, lengths = tensor(input), np.asarray(seq_lengths)
    axis, batch = int(seq_axis), int(batch_axis or 0)
    steps = np.arange(x.shape[axis])
    order = np.where(steps < lengths[:, None], lengths[:, None] - 1 - steps, steps)
    shape = [1] * len(x.shape)
    shape[batch], shape[axis] = order.shape
    order = (order if batch < axis else order.T).reshape(shape)
    return ops.take_along_axis(x, np.broadcast_to(order, x.shape), axis)


def tensor_scatter_nd_sub(tensor: Any, indices: Any, updates: Any, name: str | None = None) -> Any:
    return ops.subtract(tensor, ops.scatter(indices, updates, np.shape(tensor)))


def tensor_scatter_nd_max(tensor: Any, indices: Any, updates: Any, name: str | None = None) -> Any:
    return ops.scatter_update(tensor, indices, updates, "max")


def tensor_scatter_nd_min(tensor: Any, indices: Any, updates: Any, name: str | None = None) -> Any:
    return ops.scatter_update(tensor, indices, updates, "min")


class UniqueWithCounts(NamedTuple):
    """Different values, the place of each value among them, and how often each comes."""

    y: Any
    idx: Any
    count: Any


def unique_with_counts(x: Any, out_idx: Any = int32, name: str | None = None) -> UniqueWithCounts:
    values, first, inverse, counts = np.unique(
        np.asarray(tensor(x)), return_index=True, return_inverse=True, return_counts=True
    )
    order = np.argsort(first)
    places = np.argsort(order)[inverse]
    kind = str(out_idx)
    return UniqueWithCounts(eager(values[order]), eager(places.astype(kind)), eager(counts[order].astype(kind)))


def unravel_index(indices: Any, dims: Any, name: str | None = None) -> Any:
    return eager(np.stack(np.unravel_index(np.asarray(indices), sizes(dims))).astype(tensor(indices).dtype))


def invert_permutation(x: Any, name: str | None = None) -> Any:
    return eager(np.argsort(np.asarray(x)).astype(tensor(x).dtype))


def strided_slice(
    input_: Any,
    begin: Any,
    end: Any,
    strides: Any = None,
    begin_mask: int = 0,
    end_mask: int = 0,
    ellipsis_mask: int = 0,
    new_axis_mask: int = 0,
    shrink_axis_mask: int = 0,
    var: Any = None,
    name: str | None = None,
) -> Any:
    """Slices of the first axes; the bits of a mask say of which axes an end is open, or one number is wanted."""
    if ellipsis_mask or new_axis_mask or var is not None:
        raise NotImplementedError("strided_slice: write x[..., tf.newaxis] in place of ellipsis_mask and new_axis_mask")
    firsts, lasts = np.asarray(begin).tolist(), np.asarray(end).tolist()
    apart = [1] * len(firsts) if strides is None else np.asarray(strides).tolist()
    cuts: list[Any] = []
    for axis, (first, last, step) in enumerate(zip(firsts, lasts, apart, strict=True)):
        bit = 1 << axis
        if shrink_axis_mask & bit:
            cuts.append(first)
        else:
            cuts.append(slice(None if begin_mask & bit else first, None if end_mask & bit else last, step))
    return tensor(input_)[tuple(cuts)]


def space_to_batch(input: Any, block_shape: Any, paddings: Any, name: str | None = None) -> Any:
    """Every pixel of a block in a batch of its own; the inverse of `batch_to_space`."""
    block, around = np.asarray(block_shape).tolist(), np.asarray(paddings).tolist()
    x = tensor(input)
    axes = len(block)
    x = ops.pad(x, ((0, 0), *(tuple(side) for side in around), *((0, 0),) * (len(x.shape) - axes - 1)))
    inner: list[int] = []
    for size, step in zip(x.shape[1 : axes + 1], block, strict=True):
        if size % step:
            raise ValueError(f"space_to_batch: the size {size}, with its padding, is no multiple of the block's {step}")
        inner += [size // step, step]
    rest = x.shape[axes + 1 :]
    cut = ops.reshape(x, (x.shape[0], *inner, *rest))
    steps, counts = range(2, 2 * axes + 1, 2), range(1, 2 * axes, 2)
    turned = ops.transpose(cut, (*steps, 0, *counts, *range(2 * axes + 1, len(cut.shape))))
    return ops.reshape(turned, (-1, *inner[::2], *rest))


def batch_to_space(input: Any, block_shape: Any, crops: Any, name: str | None = None) -> Any:
    """Batches woven together as the pixels of blocks; the inverse of `space_to_batch`."""
    block, cut = np.asarray(block_shape).tolist(), np.asarray(crops).tolist()
    x = tensor(input)
    axes, count = len(block), x.shape[0] // int(np.prod(block))
    parts = ops.reshape(x, (*block, count, *x.shape[1:]))
    order = [axes]
    for axis in range(axes):
        order += [axes + 1 + axis, axis]
    turned = ops.transpose(parts, (*order, *range(2 * axes + 1, len(parts.shape))))
    whole = [size * step for size, step in zip(x.shape[1 : axes + 1], block, strict=True)]
    made = ops.reshape(turned, (count, *whole, *x.shape[axes + 1 :]))
    kept = (slice(first, size - last) for size, (first, last) in zip(whole, cut, strict=True))
    return made[(slice(None), *kept)]


def bitcast(input: Any, type: Any, name: str | None = None) -> Any:
    """The same bytes read as another type."""
    x, kind = np.ascontiguousarray(np.asarray(input)), dtypes.numpy_dtype(str(type))
    if kind.itemsize == x.itemsize:
        return eager(x.view(kind))
    if kind.itemsize < x.itemsize:
        return eager(x[..., None].view(kind))
    return eager(x.view(kind)[..., 0])


def broadcast_static_shape(shape_x: Any, shape_y: Any) -> TensorShape:
    return TensorShape(np.broadcast_shapes(tuple(shape_x), tuple(shape_y)))


def broadcast_dynamic_shape(shape_x: Any, shape_y: Any) -> Any:
    return eager(np.array(np.broadcast_shapes(tuple(sizes(shape_x)), tuple(sizes(shape_y))), "int32"))


def identity_n(input: Any, name: str | None = None) -> list[Any]:
    return [ops.copy(packed(part)) for part in input]
