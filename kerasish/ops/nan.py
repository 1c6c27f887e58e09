"""Reductions that leave out what is not a number."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from kerasish.backend.operators import divide, plain_index, to_array
from kerasish.backend.primitive import numpy_rule
from kerasish.backend.typing import Axes, TensorLike
from kerasish.ops.composite import composite_by, composite_of_parts
from kerasish.ops.cumulative import cumprod, cumsum
from kerasish.ops.elementwise import isnan, where
from kerasish.ops.indexing import take_along_axis
from kerasish.ops.joining import stack
from kerasish.ops.means import floats
from kerasish.ops.reduction import argmax, argmin, max, min, prod, sum
from kerasish.ops.sorting import flat_along, quantile_spec, quantile_weights, shares_of, sort
from kerasish.ops.specs import axes_of


def _array(x: Any) -> Any:
    return x if hasattr(x, "shape") else to_array(x)


def _filled(x: Any, value: Any) -> Any:
    """`x` with a number where it is not one; whole numbers always are."""
    return where(isnan(x), value, x) if np.dtype(x.dtype).kind == "f" else x


@composite_of_parts
def nansum(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The sum along axes, NaN counted as 0."""
    return sum(_filled(_array(x), 0), axis, keepdims)


@composite_of_parts
def nanprod(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The product along axes, NaN counted as 1."""
    return prod(_filled(_array(x), 1), axis, keepdims)


@composite_of_parts
def nancumsum(x: Any, axis: int | None = None, dtype: Any = None) -> Any:
    """The running sum along an axis, NaN counted as 0."""
    return cumsum(_filled(_array(x), 0), axis, dtype)


@composite_of_parts
def nancumprod(x: Any, axis: int | None = None, dtype: Any = None) -> Any:
    """The running product along an axis, NaN counted as 1."""
    return cumprod(_filled(_array(x), 1), axis, dtype)


def _count(x: Any, axis: Any, keepdims: bool) -> Any:
    return sum(np.logical_not(isnan(x)), axis, keepdims)


@composite_of_parts
def nanmean(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The mean along axes of what is a number; NaN where nothing is."""
    x = floats(x)
    count = _count(x, axis, keepdims)
    return where(np.equal(count, 0), np.nan, divide(sum(_filled(x, 0), axis, keepdims), np.maximum(count, 1)))


@composite_of_parts
def nanvar(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The variance along axes of what is a number; NaN where nothing is."""
    x = floats(x)
    filled = _filled(x, 0)
    centre = divide(sum(filled, axis, True), np.maximum(_count(x, axis, True), 1))
    deviation = (filled - centre) * np.logical_not(isnan(x))
    count = _count(x, axis, keepdims)
    return where(np.equal(count, 0), np.nan, divide(sum(np.square(deviation), axis, keepdims), np.maximum(count, 1)))


@composite_of_parts
def nanstd(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The standard deviation along axes of what is a number; NaN where nothing is."""
    return np.sqrt(nanvar(x, axis, keepdims))


def _extreme(reduce: Callable[..., Any], worst: float) -> Callable[..., Any]:
    def found(x: Any, axis: Any, keepdims: bool) -> Any:
        x = _array(x)
        if np.dtype(x.dtype).kind != "f":
            return reduce(x, axis, keepdims)
        y = reduce(_filled(x, worst), axis, keepdims)
        return where(np.equal(_count(x, axis, keepdims), 0), np.nan, y)

    return found


_largest, _smallest = _extreme(max, -np.inf), _extreme(min, np.inf)


@composite_of_parts
def nanmax(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The largest number along axes; NaN where nothing is one."""
    return _largest(x, axis, keepdims)


@composite_of_parts
def nanmin(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The smallest number along axes; NaN where nothing is one."""
    return _smallest(x, axis, keepdims)


@composite_of_parts
def nanargmax(x: Any, axis: int | None = None, keepdims: bool = False) -> Any:
    """The index of the largest number along an axis, as int32; -1 where nothing is one."""
    x = _array(x)
    return where(np.equal(_count(x, axis, keepdims), 0), -1, argmax(_filled(x, -np.inf), axis, keepdims))


@composite_of_parts
def nanargmin(x: Any, axis: int | None = None, keepdims: bool = False) -> Any:
    """The index of the smallest number along an axis, as int32; -1 where nothing is one."""
    x = _array(x)
    return where(np.equal(_count(x, axis, keepdims), 0), -1, argmin(_filled(x, np.inf), axis, keepdims))


@composite_by(quantile_spec)
def nanquantile(x: Any, q: Any, axis: Any = None, method: str = "linear", keepdims: bool = False) -> Any:
    """The number below which a share `q` of the numbers along axes lies, NaN left out; see `quantile`."""
    x = floats(x)
    axes = axes_of(axis, np.ndim(x))
    rest = [a for a in range(np.ndim(x)) if a not in axes]
    shape = np.shape(x)
    ordered = sort(flat_along(x, axes))  # NaN comes last
    count = _count(ordered, -1, True)
    shares = np.asarray(plain_index(q), np.float64)
    found = []
    for share in shares.reshape(-1):
        low, high, weight = quantile_weights(share * np.maximum(count - 1, 0), method)
        weight = weight.astype(x.dtype)
        found.append(take_along_axis(ordered, low, -1) * (1 - weight) + take_along_axis(ordered, high, -1) * weight)
    sizes = tuple(1 if a in axes else n for a, n in enumerate(shape)) if keepdims else tuple(shape[a] for a in rest)
    return np.reshape(stack(found), shares.shape + sizes)


def nanpercentile(
    x: TensorLike, q: Any, axis: Axes | None = None, method: str = "linear", keepdims: bool = False
) -> Any:
    """The number below which `q` percent of the numbers along axes lie, NaN left out; see `quantile`."""
    return nanquantile(x, shares_of(q), axis, method, keepdims)


def nanmedian(x: TensorLike, axis: Axes | None = None, keepdims: bool = False) -> Any:
    """The middle number along axes, NaN left out."""
    return nanquantile(x, 0.5, axis, keepdims=keepdims)


def _register(function: Callable[..., Any], numpy: Any) -> None:
    @numpy_rule(numpy)
    def numpy_reduction(a: Any, axis: Any = None, *, keepdims: bool = False) -> Any:
        return function(a, axis=axis, keepdims=keepdims)


for _function, _numpy in (
    (nansum, np.nansum), (nanprod, np.nanprod), (nanmean, np.nanmean), (nanvar, np.nanvar), (nanstd, np.nanstd),
    (nanmax, np.nanmax), (nanmin, np.nanmin), (nanmedian, np.nanmedian), (nanargmax, np.nanargmax),
    (nanargmin, np.nanargmin),
):  # fmt: skip
    _register(_function, _numpy)
numpy_rule(np.nancumsum)(nancumsum)
numpy_rule(np.nancumprod)(nancumprod)
