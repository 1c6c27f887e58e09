"""Order: sorting, the largest few, quantiles, bins, distinct values."""

from __future__ import annotations

import builtins
import math
from typing import Any

import numpy as np

from kerasish.backend.operators import divide, plain_index, promote, to_array, to_float
from kerasish.backend.primitive import numpy_rule, primitive
from kerasish.backend.symbolic import KerasTensor
from kerasish.backend.typing import Axes, TensorLike
from kerasish.ops.composite import composite_by
from kerasish.ops.indexing import take, take_along_axis
from kerasish.ops.means import floats
from kerasish.ops.specs import along, axes_of, axis_of, float_kind, kind_of, same, shape_of, without


def _sort_vjp(g: Any, y: Any, x: Any, *, axis: int) -> Any:
    rank = np.argsort(np.argsort(plain_index(x), axis=axis, kind="stable"), axis=axis)
    return np.take_along_axis(g, rank, axis=axis)


_sort = primitive("sort", lambda x, axis: np.sort(to_array(x), axis=axis, kind="stable"), _sort_vjp, shape=along())
_argsort = primitive(
    "argsort", lambda x, axis: np.argsort(to_array(x), axis=axis, kind="stable").astype("int32"), shape=along("int32")
)  # fmt: skip
_argpartition = primitive(
    "argpartition", lambda x, kth, axis: np.argpartition(to_array(x), kth, axis=axis).astype("int32"),
    shape=along("int32"),
)  # fmt: skip


def _flat(x: Any, axis: int | None) -> tuple[Any, int]:
    return (np.reshape(x if hasattr(x, "shape") else to_array(x), -1), 0) if axis is None else (x, axis)


def sort(x: TensorLike, axis: int | None = -1) -> Any:
    """`x` in ascending order along an axis; None sorts the flattened array.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.sort([3, 1, 2])
        array([1, 2, 3], dtype=int32)
    """
    x, axis = _flat(x, axis)
    return _sort(x, axis=axis)


def argsort(x: TensorLike, axis: int | None = -1) -> Any:
    """The indices that sort `x` along an axis, equals in their order; None sorts the flattened array."""
    x, axis = _flat(x, axis)
    return _argsort(x, axis=axis)


def argpartition(x: TensorLike, kth: int, axis: int | None = -1) -> Any:
    """Indices that put element `kth` in its sorted place, with no larger ones before it and no smaller ones after."""
    x, axis = _flat(x, axis)
    return _argpartition(x, kth=kth, axis=axis)


@numpy_rule(np.sort)
def _numpy_sort(x: Any, axis: int | None = -1, kind: Any = None, *, stable: bool | None = None) -> Any:
    return sort(x, axis)


@numpy_rule(np.argsort)
def _numpy_argsort(x: Any, axis: int | None = -1, kind: Any = None, *, stable: bool | None = None) -> Any:
    return argsort(x, axis)


def _top_indices(x: Any, k: int) -> np.ndarray:
    x = to_array(x)
    if not 0 <= k <= x.shape[-1]:
        raise ValueError(f"top_k needs k from 0 to the size of the last axis, {x.shape[-1]}; received k={k}")
    order = np.argsort(np.flip(x, -1), axis=-1, kind="stable")  # from the back: of equals the first comes first
    return (x.shape[-1] - 1 - np.flip(order, -1)[..., :k]).astype("int32")


def _top_spec(x: Any, *, k: int) -> KerasTensor:
    shape = shape_of(x)
    size = shape[-1] if shape else 0
    if k < 0 or (size is not None and k > size):
        raise ValueError(f"top_k needs k from 0 to the size of the last axis, {size}; received k={k}")
    return KerasTensor((*shape[:-1], k), "int32")


_top = primitive("top_k_indices", _top_indices, shape=_top_spec)


def top_k(x: TensorLike, k: int, sorted: bool = True) -> tuple[Any, Any]:
    """The `k` largest numbers along the last axis, and where they are.

    Args:
        x: array.
        k: how many.
        sorted: accepted for compatibility; they come in descending order.

    Returns:
        The pair (values, int32 indices).

    Example:
        >>> import kerasish as keras
        >>> keras.ops.top_k([3.0, 1.0, 4.0], 2)
        (array([4., 3.], dtype=float32), array([2, 0], dtype=int32))
    """
    indices = _top(x, k=k)
    return take_along_axis(x, indices, axis=-1), indices


def _in_top_k_forward(targets: Any, predictions: Any, *, k: int) -> Any:
    predictions = to_array(predictions)
    own = np.take_along_axis(predictions, np.expand_dims(to_array(targets), -1), axis=-1)
    return np.isfinite(own[..., 0]) & (np.sum(predictions > own, axis=-1) < k)


_in_top_k = primitive("in_top_k", _in_top_k_forward, shape=same("bool"))


def in_top_k(targets: Any, predictions: Any, k: int) -> Any:
    """Whether the prediction for the target class is among the `k` largest.

    Args:
        targets: (batch,) classes.
        predictions: (batch, classes).
        k: how many.

    Returns:
        (batch,) booleans. Of equal predictions at the boundary all count.
    """
    return _in_top_k(targets, predictions, k=k)


def _searchsorted_forward(ordered: Any, values: Any, *, side: Any) -> Any:
    ordered, values = promote(ordered, values)
    return np.searchsorted(ordered, values, side=side).astype("int32")


def _isin_forward(x1: Any, x2: Any, *, invert: bool) -> Any:
    x1, x2 = promote(x1, x2)
    return np.isin(x1, x2, invert=invert)


_searchsorted = primitive(
    "searchsorted", _searchsorted_forward, shape=lambda ordered, values, **_: KerasTensor(shape_of(values), "int32")
)


def _digitize_spec(x: Any, bins: Any) -> KerasTensor:
    if len(shape_of(bins)) != 1:
        raise ValueError(f"digitize needs a vector of bins; received shape {shape_of(bins)}")
    return KerasTensor(shape_of(x), "int32")


_digitize = primitive("digitize", lambda x, bins: np.digitize(*promote(x, bins)).astype("int32"), shape=_digitize_spec)
_isin = primitive("isin", _isin_forward, shape=same("bool"))


def searchsorted(sorted_sequence: Any, values: Any, side: str = "left") -> Any:
    """Where to insert values in an ascending vector so that it stays in order.

    Args:
        sorted_sequence: a vector in ascending order.
        values: array.
        side: `"left"`: before what is equal; `"right"`: after it.

    Returns:
        int32 indices of the shape of `values`.
    """
    if np.ndim(sorted_sequence) != 1:
        raise ValueError(f"searchsorted needs a vector; received sorted_sequence of shape {np.shape(sorted_sequence)}")
    return _searchsorted(sorted_sequence, values, side=side)


def digitize(x: TensorLike, bins: Any) -> Any:
    """The index of the bin in which each number lies: how many of the ascending edges are not above it.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.digitize([0.5, 1.5], [0.0, 1.0])
        array([1, 2], dtype=int32)
    """
    return _digitize(x, bins)


def isin(x1: TensorLike, x2: TensorLike, assume_unique: bool = False, invert: bool = False) -> Any:
    """Whether each number of `x1` occurs in `x2`; the opposite with `invert`."""
    return _isin(x1, x2, invert=invert)


def _count_forward(x: Any, weights: Any, *, minlength: int) -> Any:
    x = to_array(x)
    if weights is None:
        return np.bincount(x, minlength=minlength).astype("int32")
    weights = to_array(weights)
    return np.bincount(x, weights, minlength).astype(weights.dtype)


_bincount = primitive(
    "bincount", _count_forward, None, lambda g, y, x, weights, *, minlength: np.take(g, x), optional=True
)  # fmt: skip


def _bincount_spec(x: Any, weights: Any = None, minlength: int = 0, sparse: bool = False) -> KerasTensor:
    if len(shape_of(x)) not in (1, 2):
        raise ValueError(f"bincount takes (count,) or (rows, count); received shape {shape_of(x)}")
    return KerasTensor((*shape_of(x)[:-1], None), "int32" if weights is None else kind_of(weights))


@composite_by(_bincount_spec)
def bincount(x: Any, weights: Any = None, minlength: int = 0, sparse: bool = False) -> Any:
    """How often each whole number occurs.

    Args:
        x: (count,) whole numbers of at least 0, or (rows, count) to count in each row.
        weights: what each counts; 1 by default.
        minlength: the least length of the result.
        sparse: must be False.

    Returns:
        (length,) or (rows, length).

    Example:
        >>> import kerasish as keras
        >>> keras.ops.bincount([0, 2, 2])
        array([1, 0, 2], dtype=int32)
    """
    if sparse:
        raise ValueError("sparse=True does not exist here: every tensor is a dense array")
    x = to_array(plain_index(x))
    if x.ndim == 1:
        return _bincount(x, weights, minlength=minlength)
    length = builtins.max(minlength, int(x.max()) + 1 if x.size else 0)
    rows = np.arange(x.shape[0])[:, None] * length
    flat_weights = None if weights is None else np.reshape(weights, -1)
    counted = _bincount((x + rows).reshape(-1), flat_weights, minlength=x.shape[0] * length)
    return np.reshape(counted, (x.shape[0], length))


def _histogram_forward(x: Any, *, bins: int, range: Any) -> tuple[Any, Any]:
    x = to_float(to_array(x))
    counts, edges = np.histogram(x, bins, range)
    return counts.astype(x.dtype), edges.astype(x.dtype)


_histogram = primitive(
    "histogram",
    _histogram_forward,
    shape=lambda x, *, bins, range: (KerasTensor((bins,), float_kind(x)), KerasTensor((bins + 1,), float_kind(x))),
)


def histogram(x: TensorLike, bins: int = 10, range: tuple[float, float] | None = None) -> tuple[Any, Any]:
    """How many numbers lie in each of evenly spaced bins.

    Args:
        x: array.
        bins: how many bins.
        range: the ends of the first and last bin; the extremes of `x` by default.

    Returns:
        The pair (counts, edges), of `bins` and `bins + 1` numbers.
    """
    if not isinstance(bins, int) or bins < 1:
        raise ValueError(f"histogram needs a whole number of at least 1 bins; received bins={bins!r}")
    if range is not None and (len(range) != 2 or range[1] < range[0]):
        raise ValueError(f"range is a pair (lowest, highest); received {range}")
    return _histogram(x, bins=bins, range=None if range is None else tuple(range))


@numpy_rule(np.histogram)
def _numpy_histogram(a: Any, bins: int = 10, range: Any = None) -> tuple[Any, Any]:
    counts, edges = histogram(a, bins, range)
    return counts.astype(np.int64), edges


def _unique_spec(
    x: Any, sorted: bool = True, return_index: bool = False, return_inverse: bool = False, return_counts: bool = False,
    axis: int | None = None, size: int | None = None, fill_value: Any = None,
) -> Any:  # fmt: skip
    shape = shape_of(x)
    place = None if axis is None else axis_of(axis, len(shape))
    found = (size,) if place is None else (*shape[:place], size, *shape[place + 1 :])
    inverse = shape if place is None else (shape[place],)
    extras = ((return_index, (size,)), (return_inverse, inverse), (return_counts, (size,)))
    wanted = [KerasTensor(sizes, "int32") for asked, sizes in extras if asked]
    return (KerasTensor(found, kind_of(x)), *wanted) if wanted else KerasTensor(found, kind_of(x))


@composite_by(_unique_spec)
def unique(
    x: Any,
    sorted: bool = True,
    return_index: bool = False,
    return_inverse: bool = False,
    return_counts: bool = False,
    axis: int | None = None,
    size: int | None = None,
    fill_value: Any = None,
) -> Any:
    """The distinct numbers, or the distinct slices along an axis, in ascending order.

    Args:
        x: array.
        sorted: accepted for compatibility.
        return_index: whether to return where each first occurs.
        return_inverse: whether to return for each element which of the distinct ones it is.
        return_counts: whether to return how often each occurs.
        axis: the axis; by default the array is flattened.
        size: cut or fill the result to this length.
        fill_value: what to fill with; the first distinct number by default.

    Returns:
        An array, or a tuple of it and the int32 arrays asked for, in the order of the arguments.
    """
    plain = to_array(plain_index(x))
    _, index, inverse, counts = np.unique(plain, return_index=True, return_inverse=True, return_counts=True, axis=axis)
    found = take(x, index, axis=0 if axis is None else axis) if axis is not None else take(np.reshape(x, -1), index)
    if size is not None:
        found = _fit(found, size, 0 if axis is None else axis, fill_value)
        index = _fit(index, size, 0, index[0] if index.size else 0)
        counts = _fit(counts, size, 0, 0)
    extras = ((return_index, index), (return_inverse, inverse), (return_counts, counts))
    wanted = [part.astype("int32") for asked, part in extras if asked]
    return (found, *wanted) if wanted else found


def _fit(x: Any, size: int, axis: int, fill_value: Any) -> Any:
    n = np.shape(x)[axis]
    before = (slice(None),) * (axis % np.ndim(x))
    if n >= size:
        return x[(*before, slice(0, size))]
    first = x[(*before, slice(0, 1))]
    fill = first if fill_value is None else np.full_like(first, fill_value)
    return np.concatenate([x, np.repeat(fill, size - n, axis=axis)], axis=axis)


_METHODS = ("linear", "lower", "higher", "midpoint", "nearest")


def quantile_weights(place: Any, method: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The neighbours of a place between two sorted numbers, and how much the upper one counts.

    Raises:
        ValueError: if the method is unknown.
    """
    if method not in _METHODS:
        raise ValueError(f"method must be one of {_METHODS}; received {method!r}")
    low, high = np.floor(place).astype(np.int64), np.ceil(place).astype(np.int64)
    weight = {
        "linear": place - low,
        "lower": 0.0 * place,
        "higher": (high > low) * 1.0,
        "midpoint": (high > low) * 0.5,
        "nearest": np.round(place) - low,
    }[method]
    return low, high, weight


def quantile_spec(x: Any, q: Any, axis: Any = None, method: str = "linear", keepdims: bool = False) -> KerasTensor:
    """The shape of a quantile: several shares lie along new first axes."""
    if method not in _METHODS:
        raise ValueError(f"method must be one of {_METHODS}; received {method!r}")
    return KerasTensor(shape_of(q) + without(shape_of(x), axis, keepdims), float_kind(x))


def shares_of(q: Any) -> Any:
    """Percent as shares."""
    return divide(q, 100) if isinstance(q, KerasTensor) else np.asarray(plain_index(q), np.float64) / 100


def flat_along(x: Any, axes: tuple[int, ...]) -> Any:
    """The other axes first, and these as one at the end."""
    rest = [a for a in range(np.ndim(x)) if a not in axes]
    together = math.prod(np.shape(x)[a] for a in axes)
    return np.reshape(np.transpose(x, (*rest, *axes)), (*(np.shape(x)[a] for a in rest), together))


@composite_by(quantile_spec)
def quantile(x: Any, q: Any, axis: Any = None, method: str = "linear", keepdims: bool = False) -> Any:
    """The number below which a share `q` of the numbers along axes lies.

    Args:
        x: array.
        q: a share from 0 to 1, or several.
        axis: an axis or several; None takes everything.
        method: between two numbers: `"linear"`, `"lower"`, `"higher"`, `"midpoint"` or `"nearest"`.
        keepdims: whether the reduced axes stay, with size one.

    Returns:
        An array; several shares lie along a new first axis.

    Example:
        >>> import kerasish as keras
        >>> float(keras.ops.quantile([1.0, 2.0, 4.0], 0.75))
        3.0
    """
    x = floats(x)
    axes = axes_of(axis, np.ndim(x))
    rest = [a for a in range(np.ndim(x)) if a not in axes]
    shape = np.shape(x)
    ordered = sort(flat_along(x, axes))
    shares = np.asarray(plain_index(q), np.float64)
    low, high, weight = quantile_weights(shares * (np.shape(ordered)[-1] - 1), method)
    weight = weight.astype(x.dtype)
    found = take(ordered, low, axis=-1) * (1 - weight) + take(ordered, high, axis=-1) * weight
    missing = np.any(np.isnan(plain_index(x)), axis=axes)
    if missing.any():
        found = np.where(missing.reshape(missing.shape + (1,) * shares.ndim), np.nan, found)
    found = np.moveaxis(found, tuple(range(len(rest), len(rest) + shares.ndim)), tuple(range(shares.ndim)))
    if keepdims:
        sizes = tuple(1 if a in axes else n for a, n in enumerate(shape))
        found = np.reshape(found, shares.shape + sizes)
    return found


def percentile(x: TensorLike, q: Any, axis: Axes | None = None, method: str = "linear", keepdims: bool = False) -> Any:
    """The number below which `q` percent of the numbers along axes lie; see `quantile`."""
    return quantile(x, shares_of(q), axis, method, keepdims)


def median(x: TensorLike, axis: Axes | None = None, keepdims: bool = False) -> Any:
    """The middle number along axes, or the mean of the two middle ones."""
    return quantile(x, 0.5, axis, keepdims=keepdims)


@numpy_rule(np.median)
def _numpy_median(a: Any, axis: Any = None, out: None = None, overwrite_input: bool = False, keepdims: bool = False,
                  ) -> Any:  # fmt: skip
    if out is not None or overwrite_input:
        raise TypeError("numpy.median on a tensor takes neither out nor overwrite_input")
    return median(a, axis, keepdims)


@numpy_rule(np.quantile)
def _numpy_quantile(a: Any, q: Any, axis: Any = None, *, method: str = "linear", keepdims: bool = False) -> Any:
    return quantile(a, q, axis, method, keepdims)


@numpy_rule(np.percentile)
def _numpy_percentile(a: Any, q: Any, axis: Any = None, *, method: str = "linear", keepdims: bool = False) -> Any:
    return percentile(a, q, axis, method, keepdims)


for _function, _numpy in (
    (searchsorted, np.searchsorted), (digitize, np.digitize), (isin, np.isin), (bincount, np.bincount),
    (argpartition, np.argpartition),
):  # fmt: skip
    numpy_rule(_numpy)(_function)
