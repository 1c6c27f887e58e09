"""Mathematics, where TensorFlow's way differs from the operation's: dtypes that stay, other defaults."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kerasish import ops
from kerasish.backend import dtypes
from kerasish.backend.array import eager
from kerasish.compat.tensorflow.arguments import packed, sizes
from kerasish.compat.tensorflow.arrays import tensor
from kerasish.compat.tensorflow.types import float32, int32, int64


def _kept(made: Any, given: Any) -> Any:
    """A result in the dtype of what it was computed from."""
    kind = dtypes.standardize_dtype(given.dtype)
    return made if dtypes.standardize_dtype(made.dtype) == kind else ops.cast(made, kind)


def reduce_sum(input_tensor: Any, axis: Any = None, keepdims: bool = False, name: str | None = None) -> Any:
    x = tensor(input_tensor)
    return _kept(ops.sum(x, sizes(axis), keepdims), x)


def reduce_prod(input_tensor: Any, axis: Any = None, keepdims: bool = False, name: str | None = None) -> Any:
    x = tensor(input_tensor)
    return _kept(ops.prod(x, sizes(axis), keepdims), x)


def reduce_mean(input_tensor: Any, axis: Any = None, keepdims: bool = False, name: str | None = None) -> Any:
    x = tensor(input_tensor)  # of whole numbers the mean is a whole number, too
    return _kept(ops.mean(x, sizes(axis), keepdims), x)


def reduce_euclidean_norm(input_tensor: Any, axis: Any = None, keepdims: bool = False, name: Any = None) -> Any:
    return ops.sqrt(ops.sum(ops.square(packed(input_tensor)), sizes(axis), keepdims))


def count_nonzero(
    input: Any, axis: Any = None, keepdims: Any = None, dtype: Any = int64, name: str | None = None
) -> Any:
    return ops.sum(ops.cast(ops.not_equal(packed(input), 0), dtype), sizes(axis), bool(keepdims))


def divide(x: Any, y: Any, name: str | None = None) -> Any:
    x, y = tensor(x), tensor(y)
    if dtypes.is_int_dtype(x.dtype) and dtypes.is_int_dtype(y.dtype):
        small = {"int8", "uint8", "int16", "uint16"}
        kind = "float32" if dtypes.standardize_dtype(x.dtype) in small else "float64"
        x, y = ops.cast(x, kind), ops.cast(y, kind)
    return ops.divide(x, y)


def add_n(inputs: Sequence[Any], name: str | None = None) -> Any:
    total = tensor(inputs[0])
    for term in inputs[1:]:
        total = ops.add(total, term)
    return total


def squared_difference(x: Any, y: Any, name: str | None = None) -> Any:
    return ops.square(ops.subtract(x, y))


def multiply_no_nan(x: Any, y: Any, name: str | None = None) -> Any:
    zero = ops.equal(y, 0)
    return ops.where(zero, ops.zeros_like(y), ops.multiply(ops.where(zero, ops.zeros_like(x), x), y))


def xlogy(x: Any, y: Any, name: str | None = None) -> Any:
    zero = ops.equal(x, 0)
    return ops.where(zero, ops.zeros_like(x), ops.multiply(x, ops.log(ops.where(zero, ops.ones_like(y), y))))


def cumsum(x: Any, axis: int = 0, exclusive: bool = False, reverse: bool = False, name: str | None = None) -> Any:
    x = tensor(x)
    return _kept(_cumulated(ops.cumsum, x, axis, exclusive, reverse, 0), x)


def cumprod(x: Any, axis: int = 0, exclusive: bool = False, reverse: bool = False, name: str | None = None) -> Any:
    x = tensor(x)
    return _kept(_cumulated(ops.cumprod, x, axis, exclusive, reverse, 1), x)


def _cumulated(operation: Any, x: Any, axis: int, exclusive: bool, reverse: bool, first: int) -> Any:
    x = ops.flip(x, axis) if reverse else x
    made = operation(x, axis)
    if exclusive:
        start = ops.full_like(ops.take(x, [0], axis), first)
        made = ops.concatenate([start, ops.take(made, np.arange(x.shape[axis] - 1), axis)], axis)
    return ops.flip(made, axis) if reverse else made


def bincount(
    arr: Any,
    weights: Any = None,
    minlength: Any = None,
    maxlength: Any = None,
    dtype: Any = int32,
    name: str | None = None,
) -> Any:
    places = np.ravel(np.asarray(arr))
    heavy = None if weights is None else np.ravel(np.asarray(weights))
    if maxlength is not None:
        inside = places < int(maxlength)
        places, heavy = places[inside], None if heavy is None else heavy[inside]
    counts = np.bincount(places, heavy, int(minlength or 0))
    return eager(counts.astype(str(dtype) if heavy is None else heavy.dtype))


def confusion_matrix(
    labels: Any,
    predictions: Any,
    num_classes: Any = None,
    weights: Any = None,
    dtype: Any = int32,
    name: str | None = None,
) -> Any:
    rows, columns = np.ravel(np.asarray(labels)), np.ravel(np.asarray(predictions))
    count = int(num_classes) if num_classes is not None else int(max(rows.max(initial=-1), columns.max(initial=-1))) + 1
    for what, found in (("labels", rows), ("predictions", columns)):
        if found.size and not 0 <= found.min() <= found.max() < count:
            raise ValueError(f"confusion_matrix: {what} go from {found.min()} to {found.max()} with {count} classes")
    made = np.zeros((count, count), str(dtype))
    np.add.at(made, (rows, columns), 1 if weights is None else np.ravel(np.asarray(weights)))
    return eager(made)


def histogram_fixed_width(
    values: Any, value_range: Any, nbins: Any = 100, dtype: Any = int32, name: str | None = None
) -> Any:
    low, high = np.asarray(value_range).tolist()
    clipped = np.clip(np.ravel(np.asarray(values)), low, high)
    return eager(np.histogram(clipped, int(nbins), (low, high))[0].astype(str(dtype)))


def clip_by_norm(t: Any, clip_norm: Any, axes: Any = None, name: str | None = None) -> Any:
    squares = ops.sum(ops.square(t), sizes(axes), True)
    there = ops.greater(squares, 0)
    norm = ops.where(there, ops.sqrt(ops.where(there, squares, 1.0)), squares)
    return ops.divide(ops.multiply(t, clip_norm), ops.maximum(norm, clip_norm))


def global_norm(t_list: Sequence[Any], name: str | None = None) -> Any:
    return ops.sqrt(add_n([ops.sum(ops.square(t)) for t in t_list if t is not None]))


def clip_by_global_norm(t_list: Any, clip_norm: Any, use_norm: Any = None, name: str | None = None) -> Any:
    norm = global_norm(t_list) if use_norm is None else use_norm
    share = ops.divide(clip_norm, ops.maximum(norm, clip_norm))
    return [None if t is None else ops.multiply(t, share) for t in t_list], norm


def l2_normalize(x: Any, axis: Any = None, epsilon: float = 1e-12, name: str | None = None) -> Any:
    squares = ops.sum(ops.square(x), sizes(axis), True)
    return ops.multiply(x, ops.rsqrt(ops.maximum(squares, epsilon)))


def zero_fraction(value: Any, name: str | None = None) -> Any:
    return ops.mean(ops.cast(ops.equal(value, 0), float32))


def scalar_mul(scalar: Any, x: Any, name: str | None = None) -> Any:
    return ops.multiply(scalar, tensor(x))


def reciprocal_no_nan(x: Any, name: str | None = None) -> Any:
    return ops.divide_no_nan(ops.ones_like(tensor(x)), x)


def xdivy(x: Any, y: Any, name: str | None = None) -> Any:
    zero = ops.equal(x, 0)
    return ops.where(zero, ops.zeros_like(tensor(x)), ops.divide(x, ops.where(zero, ops.ones_like(tensor(y)), y)))


def xlog1py(x: Any, y: Any, name: str | None = None) -> Any:
    zero = ops.equal(x, 0)
    return ops.where(zero, ops.zeros_like(tensor(x)), ops.multiply(x, ops.log1p(ops.where(zero, 0.0, y))))


def truncatediv(x: Any, y: Any, name: str | None = None) -> Any:
    """Divided and rounded towards 0; whole numbers only."""
    x, y = tensor(x), tensor(y)
    if not (dtypes.is_int_dtype(x.dtype) and dtypes.is_int_dtype(y.dtype)):
        return ops.divide(x, y)
    return ops.floor_divide(ops.subtract(x, ops.fmod(x, y)), y)


def polyval(coeffs: Sequence[Any], x: Any, name: str | None = None) -> Any:
    """The polynomial whose coefficients are given from the highest power down."""
    if not coeffs:
        return ops.zeros_like(tensor(x))
    made = packed(coeffs[0])
    for following in coeffs[1:]:
        made = ops.add(ops.multiply(made, x), following)
    return made


def cumulative_logsumexp(
    x: Any, axis: int = 0, exclusive: bool = False, reverse: bool = False, name: str | None = None
) -> Any:
    if exclusive:
        raise NotImplementedError("cumulative_logsumexp: the sums include their last term here; leave out exclusive")
    return ops.associative_scan(ops.logaddexp, tensor(x), reverse, axis)


def is_non_decreasing(x: Any, name: str | None = None) -> Any:
    flat = np.ravel(np.asarray(x))
    return eager(np.all(flat[1:] >= flat[:-1]))


def is_strictly_increasing(x: Any, name: str | None = None) -> Any:
    flat = np.ravel(np.asarray(x))
    return eager(np.all(flat[1:] > flat[:-1]))


def complex_(real: Any, imag: Any, name: str | None = None) -> Any:
    """Two real tensors as one of complex numbers."""
    x, y = tensor(real), tensor(imag)
    return ops.view_as_complex(ops.stack([ops.add(x, ops.zeros_like(y)), ops.add(y, ops.zeros_like(x))], -1))


def ndtri(p: Any, name: str | None = None) -> Any:
    """The inverse of the normal distribution's function."""
    return ops.multiply(np.float32(np.sqrt(2)), ops.erfinv(ops.subtract(ops.multiply(2, tensor(p)), 1)))


def erfcinv(x: Any, name: str | None = None) -> Any:
    return ops.erfinv(ops.subtract(1, tensor(x)))
