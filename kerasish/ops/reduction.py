"""Many numbers into one along axes: sum, mean, maximum, variance, product."""

from __future__ import annotations

import builtins
from collections.abc import Callable
from typing import Any

import numpy as np

from kerasish.backend import dtypes
from kerasish.backend.operators import divide, multiply, subtract, to_array, to_float
from kerasish.backend.primitive import Primitive, numpy_rule, primitive
from kerasish.backend.symbolic import KerasTensor
from kerasish.backend.typing import Axes, DTypeLike, TensorLike
from kerasish.ops.composite import composite_by
from kerasish.ops.specs import axes_of, float_kind, reduced, shape_of, sum_kind, without

# The ufuncs themselves: NumPy's functions of the same meaning spend as long again on their arguments.
_add: Any = np.add.reduce
_multiply: Any = np.multiply.reduce


def _axis(axis: Any) -> Any:
    return tuple(axis) if isinstance(axis, list) else axis


def spread(g: Any, x: Any, axis: Any, keepdims: bool) -> Any:
    """The result of a reduction, or its gradient, in the shape of what was reduced."""
    if axis is not None and not keepdims:
        g = np.expand_dims(g, axes_of(axis, np.ndim(x)))
    return np.broadcast_to(g, np.shape(x))


def kept(g: Any, x: Any, axis: Any, keepdims: bool) -> Any:
    """The result of a reduction, or its gradient, with axes of size one where `x` was reduced."""
    if keepdims:
        return g
    return np.expand_dims(g, axes_of(axis, np.ndim(x)))


def _count(x: Any, axis: Any) -> int:
    shape = np.shape(x)
    return int(np.prod([shape[a] for a in axes_of(axis, len(shape))], dtype=np.int64))


def _wide(x: np.ndarray) -> np.ndarray:
    """Whole numbers in a type that holds sums: at least 32 bits."""
    if x.dtype.kind == "b" or (x.dtype.kind == "i" and x.dtype.itemsize < 4):
        return x.astype("int32")
    return x.astype("uint32") if x.dtype.kind == "u" and x.dtype.itemsize < 4 else x


def _sum_forward(x: Any, *, axis: Any, keepdims: bool) -> Any:
    if type(x) is not np.ndarray:
        x = to_array(x)
    if x.dtype.kind == "f":
        return _add(x, axis=axis, keepdims=keepdims)
    x = _wide(x)
    return _add(x, axis=axis, keepdims=keepdims, dtype=x.dtype)


def _mean_forward(x: Any, *, axis: Any, keepdims: bool) -> Any:
    x = to_float(x)
    if x.dtype.itemsize == 2:  # a sum of half-precision numbers soon overflows
        return np.mean(x, axis=axis, keepdims=keepdims)
    total = _add(x, axis=axis, keepdims=keepdims)
    if axis is None:
        return total / x.dtype.type(x.size)
    return total / x.dtype.type(x.shape[axis] if type(axis) is int else _count(x, axis))


def _mean_vjp(g: Any, y: Any, x: Any, *, axis: Any, keepdims: bool) -> Any:
    return spread(g / _count(x, axis), x, axis, keepdims)


_sum = primitive(
    "sum",
    _sum_forward,
    lambda g, y, x, *, axis, keepdims: spread(g, x, axis, keepdims),
    shape=reduced(sum_kind),
    plan="kerasish.ops.plans.arrays:total",
)
_mean = primitive("mean", _mean_forward, _mean_vjp, shape=reduced(float_kind), plan="kerasish.ops.plans.arrays:mean")


def sum(x: TensorLike, axis: Axes | None = None, keepdims: bool = False) -> Any:
    """The sum along axes.

    Args:
        x: array.
        axis: an axis or several; None sums everything.
        keepdims: whether the summed axes stay, with size one.

    Returns:
        An array of the dtype of `x`; booleans and small integers are summed with 32 bits.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.sum([[1, 2], [3, 4]], axis=0)
        array([4, 6], dtype=int32)
    """
    return _sum(x, axis=_axis(axis), keepdims=keepdims)


def mean(x: TensorLike, axis: Axes | None = None, keepdims: bool = False) -> Any:
    """The arithmetic mean along axes, as a float.

    Args:
        x: array.
        axis: an axis or several; None takes everything.
        keepdims: whether the reduced axes stay, with size one.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.mean([[1.0, 2.0], [3.0, 4.0]], axis=1)
        array([1.5, 3.5], dtype=float32)
    """
    return _mean(x, axis=_axis(axis), keepdims=keepdims)


def _extreme(function: Any) -> Callable[..., Any]:
    def forward(x: Any, *, axis: Any, keepdims: bool, initial: Any) -> Any:
        x = to_array(x)
        if initial is None:
            return function.reduce(x, axis=axis, keepdims=keepdims)
        return function.reduce(x, axis=axis, keepdims=keepdims, initial=x.dtype.type(initial))

    return forward


def _extreme_vjp(g: Any, y: Any, x: Any, *, axis: Any, keepdims: bool, initial: Any) -> Any:
    """Those that reach the extreme share its gradient."""
    reached = np.equal(x, kept(y, x, axis, keepdims))
    count = np.maximum(np.sum(reached, axis=axis, keepdims=True), 1)
    return kept(g, x, axis, keepdims) * reached / count


_max = primitive(
    "max", _extreme(np.maximum), _extreme_vjp, shape=reduced(), plan="kerasish.ops.plans.arrays:largest_along"
)
_min = primitive(
    "min", _extreme(np.minimum), _extreme_vjp, shape=reduced(), plan="kerasish.ops.plans.arrays:smallest_along"
)


def max(x: TensorLike, axis: Axes | None = None, keepdims: bool = False, initial: Any = None) -> Any:
    """The largest number along axes.

    Args:
        x: array.
        axis: an axis or several; None takes everything.
        keepdims: whether the reduced axes stay, with size one.
        initial: a lower bound of the result, needed if there may be no number at all.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.max([[1.0, 5.0], [3.0, 4.0]], axis=1)
        array([5., 4.], dtype=float32)
    """
    return _max(x, axis=_axis(axis), keepdims=keepdims, initial=initial)


def min(x: TensorLike, axis: Axes | None = None, keepdims: bool = False, initial: Any = None) -> Any:
    """The smallest number along axes.

    Args:
        x: array.
        axis: an axis or several; None takes everything.
        keepdims: whether the reduced axes stay, with size one.
        initial: an upper bound of the result, needed if there may be no number at all.
    """
    return _min(x, axis=_axis(axis), keepdims=keepdims, initial=initial)


def amax(x: TensorLike, axis: Axes | None = None, keepdims: bool = False) -> Any:
    """The largest number along axes; the same as `max`."""
    return max(x, axis, keepdims)


def amin(x: TensorLike, axis: Axes | None = None, keepdims: bool = False) -> Any:
    """The smallest number along axes; the same as `min`."""
    return min(x, axis, keepdims)


def ptp(x: TensorLike, axis: Axes | None = None, keepdims: bool = False) -> Any:
    """Peak to peak: the largest number along axes less the smallest."""
    return subtract(max(x, axis, keepdims), min(x, axis, keepdims))


def _last(x: Any, axis: Any) -> Any:
    """`x` with the axes to reduce flattened into one, the last."""
    axes = axes_of(axis, np.ndim(x))
    rest = [a for a in range(np.ndim(x)) if a not in axes]
    shape = np.shape(x)
    return np.reshape(np.transpose(x, (*rest, *axes)), (*(shape[a] for a in rest), -1))


def products_before(x: Any) -> Any:
    """For each number the product of those before it on the last axis, with no division that a zero could break."""
    return np.cumprod(np.concatenate([np.ones_like(x[..., :1]), x[..., :-1]], axis=-1), axis=-1)


def _prod_vjp(g: Any, y: Any, x: Any, *, axis: Any, keepdims: bool) -> Any:
    flat = _last(x, axis)
    others = products_before(flat) * np.flip(products_before(np.flip(flat, -1)), -1)
    axes = axes_of(axis, np.ndim(x))
    rest = [a for a in range(np.ndim(x)) if a not in axes]
    order = [*rest, *axes]
    others = np.reshape(others, tuple(np.shape(x)[a] for a in order))
    others = np.transpose(others, tuple(order.index(a) for a in range(np.ndim(x))))
    return kept(g, x, axis, keepdims) * others


def _prod_forward(x: Any, *, axis: Any, keepdims: bool) -> Any:
    x = _wide(to_array(x))
    return _multiply(x, axis=axis, keepdims=keepdims, dtype=x.dtype)


_prod = primitive("prod", _prod_forward, _prod_vjp, shape=reduced(sum_kind))


def prod(x: TensorLike, axis: Axes | None = None, keepdims: bool = False, dtype: DTypeLike = None) -> Any:
    """The product along axes.

    Args:
        x: array.
        axis: an axis or several; None takes everything.
        keepdims: whether the reduced axes stay, with size one.
        dtype: the dtype to multiply in; by default that of `x`, with at least 32 bits for integers.

    Example:
        >>> import kerasish as keras
        >>> float(keras.ops.prod([2.0, 3.0, 4.0]))
        24.0
    """
    return _prod(as_dtype(x, dtype), axis=_axis(axis), keepdims=keepdims)


def as_dtype(x: TensorLike, dtype: DTypeLike) -> Any:
    """`x` in the dtype that an argument names; None leaves it."""
    if dtype is None:
        return x
    x = x if hasattr(x, "astype") else to_array(x)
    return x.astype(dtypes.numpy_dtype(dtypes.standardize_dtype(dtype)))


def _var_forward(x: Any, *, axis: Any, keepdims: bool, ddof: int) -> Any:
    return np.var(to_float(x), axis=axis, keepdims=keepdims, ddof=ddof)


def _deviation(x: Any, axis: Any) -> Any:
    return x - np.mean(x, axis=axis, keepdims=True)


def _var_vjp(g: Any, y: Any, x: Any, *, axis: Any, keepdims: bool, ddof: int) -> Any:
    n = _count(x, axis) - ddof
    return kept(g, x, axis, keepdims) * _deviation(x, axis) * (2 / n if n else float("nan"))


def _std_forward(x: Any, *, axis: Any, keepdims: bool, ddof: int) -> Any:
    return np.std(to_float(x), axis=axis, keepdims=keepdims, ddof=ddof)


def _std_vjp(g: Any, y: Any, x: Any, *, axis: Any, keepdims: bool, ddof: int) -> Any:
    slope = g / (np.where(np.equal(y, 0), 1, y) * (_count(x, axis) - ddof))
    return kept(slope, x, axis, keepdims) * _deviation(x, axis)


_var = primitive("var", _var_forward, _var_vjp, shape=reduced(float_kind))
_std = primitive("std", _std_forward, _std_vjp, shape=reduced(float_kind))


def var(x: TensorLike, axis: Axes | None = None, keepdims: bool = False) -> Any:
    """The variance along axes: the mean of the squared distances from the mean, `Σ(x - x̄)² / n`.

    Args:
        x: array.
        axis: an axis or several; None takes everything.
        keepdims: whether the reduced axes stay, with size one.
    """
    return _var(x, axis=_axis(axis), keepdims=keepdims, ddof=0)


def std(x: TensorLike, axis: Axes | None = None, keepdims: bool = False) -> Any:
    """The standard deviation along axes: the square root of the variance.

    Args:
        x: array.
        axis: an axis or several; None takes everything.
        keepdims: whether the reduced axes stay, with size one.
    """
    return _std(x, axis=_axis(axis), keepdims=keepdims, ddof=0)


def _logsumexp_forward(x: Any, *, axis: Any, keepdims: bool) -> Any:
    x = to_float(x)
    top = np.maximum.reduce(x, axis=axis, keepdims=True, initial=-np.inf)  # so that of no numbers it is -inf
    top = np.where(np.isfinite(top), top, 0)
    with np.errstate(divide="ignore"):  # all of them -inf: the logarithm of zero
        y = np.log(_add(np.exp(x - top), axis=axis, keepdims=True)) + top
    return y if keepdims else np.squeeze(y, axis=axes_of(axis, x.ndim))


def _logsumexp_vjp(g: Any, y: Any, x: Any, *, axis: Any, keepdims: bool) -> Any:
    return kept(g, x, axis, keepdims) * np.exp(x - kept(y, x, axis, keepdims))


_logsumexp = primitive("logsumexp", _logsumexp_forward, _logsumexp_vjp, shape=reduced(float_kind))


def logsumexp(x: TensorLike, axis: Axes | None = None, keepdims: bool = False) -> Any:
    """`log(Σ exp(x))` along axes, a smooth maximum, computed without overflow.

    Args:
        x: array.
        axis: an axis or several; None takes everything.
        keepdims: whether the reduced axes stay, with size one.

    Example:
        >>> import kerasish as keras
        >>> round(float(keras.ops.logsumexp([1000.0, 1000.0])), 3)
        1000.693
    """
    return _logsumexp(x, axis=_axis(axis), keepdims=keepdims)


def _constant(name: str, function: Callable[..., Any], dtype: str) -> Primitive:
    """A reduction whose result has no gradient."""

    def forward(x: Any, *, axis: Any, keepdims: bool) -> Any:
        return np.asarray(function(to_array(x), axis=axis, keepdims=keepdims)).astype(dtype)

    return primitive(name, forward, shape=reduced(dtype))


_all = _constant("all", np.all, "bool")
_any = _constant("any", np.any, "bool")
_argmax = _constant("argmax", np.argmax, "int32")
_argmin = _constant("argmin", np.argmin, "int32")
_count_nonzero = _constant("count_nonzero", np.count_nonzero, "int32")


def all(x: TensorLike, axis: Axes | None = None, keepdims: bool = False) -> Any:
    """Whether every element along axes is true (not 0)."""
    return _all(x, axis=_axis(axis), keepdims=keepdims)


def any(x: TensorLike, axis: Axes | None = None, keepdims: bool = False) -> Any:
    """Whether some element along axes is true (not 0)."""
    return _any(x, axis=_axis(axis), keepdims=keepdims)


def argmax(x: TensorLike, axis: int | None = None, keepdims: bool = False) -> Any:
    """The index of the largest element along an axis, the first of equals, as int32.

    Args:
        x: array.
        axis: an axis; None searches the flattened array.
        keepdims: whether the axis stays, with size one.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.argmax([[1.0, 5.0], [3.0, 2.0]], axis=-1)
        array([1, 0], dtype=int32)
    """
    return _argmax(x, axis=axis, keepdims=keepdims)


def argmin(x: TensorLike, axis: int | None = None, keepdims: bool = False) -> Any:
    """The index of the smallest element along an axis, the first of equals, as int32."""
    return _argmin(x, axis=axis, keepdims=keepdims)


def count_nonzero(x: TensorLike, axis: Axes | None = None) -> Any:
    """How many elements along axes are not 0, as int32."""
    return _count_nonzero(x, axis=_axis(axis), keepdims=False)


def _average_spec(x: Any, axis: Any = None, weights: Any = None) -> KerasTensor:
    shape = shape_of(x)
    if weights is None:
        return KerasTensor(without(shape, axis, False), float_kind(x))
    given = shape_of(weights)
    fits = (shape, tuple(shape[a] for a in axes_of(axis, len(shape))) if axis is not None else shape)
    if not builtins.any(len(given) == len(s) and builtins.all(m in (n, None) or n is None
                        for m, n in zip(given, s, strict=True)) for s in fits):  # fmt: skip
        raise ValueError(_weights_error(shape, axis, given))
    return KerasTensor(without(shape, axis, False), float_kind(x, weights))


def _weights_error(shape: Any, axis: Any, given: Any) -> str:
    return f"average needs weights of the shape of x, {shape}, or of its axis {axis}; received weights of shape {given}"


@composite_by(_average_spec)
def average(x: Any, axis: Any = None, weights: Any = None) -> Any:
    """The mean along axes, weighted: `Σ w x / Σ w`.

    Args:
        x: array.
        axis: an axis or several; None takes everything.
        weights: of the shape of `x`, or of the axis alone; equal weights by default.

    Example:
        >>> import kerasish as keras
        >>> float(keras.ops.average([1.0, 4.0], weights=[2.0, 1.0]))
        2.0
    """
    if weights is None:
        return mean(x, axis)
    x = x if hasattr(x, "shape") else to_array(x)
    weights = weights if hasattr(weights, "shape") else to_array(weights)
    if np.shape(weights) != np.shape(x):
        axes = axes_of(axis, np.ndim(x))
        if axis is None or np.shape(weights) != tuple(np.shape(x)[a] for a in axes):
            raise ValueError(_weights_error(np.shape(x), axis, np.shape(weights)))
        weights = np.reshape(weights, tuple(n if a in axes else 1 for a, n in enumerate(np.shape(x))))
        weights = np.broadcast_to(weights, np.shape(x))
    return divide(sum(multiply(x, weights), axis), sum(weights, axis))


def _register(function: Callable[..., Any], *names: Any) -> None:
    """NumPy's spelling of a reduction: axis, dtype, out, keepdims."""

    @numpy_rule(*names)
    def numpy_reduction(x: Any, axis: Any = None, dtype: Any = None, *, keepdims: bool = False) -> Any:
        return function(as_dtype(x, dtype), axis=axis, keepdims=keepdims)


def _register_short(function: Callable[..., Any], *names: Any) -> None:
    """NumPy's spelling of a reduction without dtype: axis, out, keepdims."""

    @numpy_rule(*names)
    def numpy_reduction(x: Any, axis: Any = None, out: None = None, keepdims: bool = False) -> Any:
        if out is not None:
            raise TypeError(f"numpy.{names[0].__name__}(out=...) cannot write into an array on a tape")
        return function(x, axis=axis, keepdims=keepdims)


_register(sum, np.sum)
_register(mean, np.mean)
_register(prod, np.prod)
for _function, *_names in (
    (max, np.max, np.amax), (min, np.min, np.amin), (all, np.all), (any, np.any), (ptp, np.ptp),
    (argmax, np.argmax), (argmin, np.argmin),
):  # fmt: skip
    _register_short(_function, *_names)
numpy_rule(np.count_nonzero)(count_nonzero)
numpy_rule(np.average)(average)


@numpy_rule(np.var)
def _numpy_var(x: Any, axis: Any = None, dtype: Any = None, *, ddof: int = 0, keepdims: bool = False) -> Any:
    return _var(as_dtype(x, dtype), axis=_axis(axis), keepdims=keepdims, ddof=ddof)


@numpy_rule(np.std)
def _numpy_std(x: Any, axis: Any = None, dtype: Any = None, *, ddof: int = 0, keepdims: bool = False) -> Any:
    return _std(as_dtype(x, dtype), axis=_axis(axis), keepdims=keepdims, ddof=ddof)
