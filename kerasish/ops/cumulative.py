"""Running totals along an axis, and the steps between neighbours."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish.backend.operators import add, multiply, not_equal, subtract, to_array
from kerasish.backend.primitive import numpy_rule, primitive
from kerasish.backend.symbolic import KerasTensor
from kerasish.backend.typing import DTypeLike, TensorLike
from kerasish.ops.composite import composite_by, composite_of_parts
from kerasish.ops.means import floats
from kerasish.ops.reduction import as_dtype, products_before, sum
from kerasish.ops.specs import axis_of, count_kind, kind_of, running, shape_of


def _cumsum_forward(x: Any, *, axis: Any) -> Any:
    x = to_array(x)
    return np.cumsum(x, axis=axis, dtype="int32" if x.dtype.kind == "b" else x.dtype)


def _cumsum_vjp(g: Any, y: Any, x: Any, *, axis: Any) -> Any:
    a = 0 if axis is None else axis
    return np.reshape(np.flip(np.cumsum(np.flip(g, a), axis=a), a), np.shape(x))


def _cumprod_forward(x: Any, *, axis: Any) -> Any:
    x = to_array(x)
    return np.cumprod(x, axis=axis, dtype="int32" if x.dtype.kind == "b" else x.dtype)


def _cumprod_vjp(g: Any, y: Any, x: Any, *, axis: Any) -> Any:
    """`xᵢ` gets what stands before it times `Σⱼ gⱼ Π xₖ` over what follows, by a recurrence that divides by nothing."""
    flat = np.reshape(x, -1) if axis is None else np.moveaxis(x, axis, -1)
    g = np.reshape(g, np.shape(flat)) if axis is None else np.moveaxis(g, axis, -1)
    n = np.shape(flat)[-1]
    if n == 0:
        return np.reshape(g, np.shape(x))
    after = g[..., n - 1]
    tails = [after]
    for i in range(n - 2, -1, -1):
        after = g[..., i] + flat[..., i + 1] * after
        tails.append(after)
    share = products_before(flat) * np.stack(tails[::-1], axis=-1)
    return np.reshape(share, np.shape(x)) if axis is None else np.moveaxis(share, -1, axis)


_cumsum = primitive("cumsum", _cumsum_forward, _cumsum_vjp, shape=running(count_kind))
_cumprod = primitive("cumprod", _cumprod_forward, _cumprod_vjp, shape=running(count_kind))


def cumsum(x: TensorLike, axis: int | None = None, dtype: DTypeLike = None) -> Any:
    """The running sum along an axis.

    Args:
        x: array.
        axis: an axis; None flattens the array first.
        dtype: the dtype to add in.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.cumsum([1, 2, 3])
        array([1, 3, 6], dtype=int32)
    """
    return _cumsum(as_dtype(x, dtype), axis=axis)


def cumprod(x: TensorLike, axis: int | None = None, dtype: DTypeLike = None) -> Any:
    """The running product along an axis.

    Args:
        x: array.
        axis: an axis; None flattens the array first.
        dtype: the dtype to multiply in.
    """
    return _cumprod(as_dtype(x, dtype), axis=axis)


numpy_rule(np.cumsum)(cumsum)
numpy_rule(np.cumprod)(cumprod)


def _diff_spec(a: Any, n: int = 1, axis: int = -1) -> KerasTensor:
    shape = shape_of(a)
    if n < 0:
        raise ValueError(f"diff needs n of at least 0; received n={n}")
    place = axis_of(axis, len(shape))
    size = shape[place]
    left = None if size is None else max(size - n, 0)
    return KerasTensor((*shape[:place], left, *shape[place + 1 :]), kind_of(a))


@composite_by(_diff_spec)
def diff(a: Any, n: int = 1, axis: int = -1) -> Any:
    """The steps between neighbours along an axis: `a[i + 1] - a[i]`, taken `n` times.

    Args:
        a: array.
        n: how often.
        axis: an axis.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.diff([1, 4, 9])
        array([3, 5], dtype=int32)
    """
    if n < 0:
        raise ValueError(f"diff needs n of at least 0; received n={n}")
    a = np.moveaxis(a if hasattr(a, "shape") else to_array(a), axis, -1)
    for _ in range(n):
        step = not_equal if a.dtype == bool else subtract
        a = step(a[..., 1:], a[..., :-1])
    return np.moveaxis(a, -1, axis)


numpy_rule(np.diff)(diff)


@composite_of_parts
def trapezoid(y: Any, x: Any = None, dx: float = 1.0, axis: int = -1) -> Any:
    """The integral of `y` along an axis by the trapezoid rule: `Σ (yᵢ + yᵢ₊₁) / 2 · Δxᵢ`.

    Args:
        y: values.
        x: where they are; by default `dx` apart.
        dx: the spacing.
        axis: the axis to integrate along.

    Example:
        >>> import kerasish as keras
        >>> float(keras.ops.trapezoid([1.0, 2.0, 3.0]))
        4.0
    """
    y = np.moveaxis(floats(y), axis, -1)
    widths = dx if x is None else diff(x if np.ndim(x) == 1 else np.moveaxis(x, axis, -1))
    return sum(multiply(multiply(add(y[..., 1:], y[..., :-1]), 0.5), widths), axis=-1)


numpy_rule(np.trapezoid)(trapezoid)
