"""Norms of vectors and matrices, and distances."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from kerasish.backend.halves import in_single
from kerasish.backend.operators import power, to_array
from kerasish.backend.primitive import numpy_rule, primitive
from kerasish.ops.composite import composite_of_parts
from kerasish.ops.linalg import svd
from kerasish.ops.means import floats
from kerasish.ops.reduction import max, min, sum
from kerasish.ops.specs import axes_of, reduced


def _vector_norm(x: Any, order: Any, axis: Any, keepdims: bool) -> Any:
    if order in (None, 2):
        return _norm2(x, axis=axis, keepdims=keepdims)
    size = np.absolute(x)
    if order == math.inf:
        return max(size, axis, keepdims)
    if order == -math.inf:
        return min(size, axis, keepdims)
    if order == 0:
        return np.sum(np.not_equal(x, 0).astype(x.dtype), axis=axis, keepdims=keepdims)
    if order == 1:
        return sum(size, axis, keepdims)
    if isinstance(order, str):
        raise ValueError(f"norm: ord={order!r} is a norm of matrices; axis={axis} gives vectors")
    return power(sum(power(size, order), axis, keepdims), 1 / order)


def _norm2_forward(x: Any, *, axis: Any, keepdims: bool) -> Any:
    return np.sqrt(np.sum(x * x, axis=axis, keepdims=keepdims))


def _norm2_vjp(g: Any, y: Any, x: Any, *, axis: Any, keepdims: bool) -> Any:
    slope = g / np.where(np.equal(y, 0), 1, y)  # at the origin, where there is no derivative, 0
    return x * (slope if keepdims else np.expand_dims(slope, axes_of(axis, np.ndim(x))))


_norm2 = primitive("norm", in_single(_norm2_forward), _norm2_vjp, shape=reduced())


def _matrix_norm(x: Any, order: Any, axes: tuple[int, int], keepdims: bool) -> Any:
    if order in (None, "fro"):
        return _norm2(x, axis=axes, keepdims=keepdims)
    m = np.moveaxis(x, axes, (-2, -1))
    pick = min if order in (-1, -2, -math.inf) else max
    if order in (1, -1):
        found = pick(sum(np.absolute(m), -2), -1)
    elif order in (math.inf, -math.inf):
        found = pick(sum(np.absolute(m), -1), -1)
    elif order in (2, -2):
        found = pick(svd(m, compute_uv=False), -1)
    elif order == "nuc":
        found = sum(svd(m, compute_uv=False), -1)
    else:
        raise ValueError(f'norm of matrices: ord must be None, "fro", "nuc", ±1, ±2 or ±inf; received {order!r}')
    return np.expand_dims(found, axes_of(axes, np.ndim(x))) if keepdims else found


@composite_of_parts
def norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    """The norm of vectors or matrices.

    Args:
        x: array.
        ord: for vectors any number, `(Σ|x|ᵒʳᵈ)^(1/ord)`, and ±inf for the largest and smallest; for matrices
            `"fro"`, `"nuc"`, ±1, ±2 or ±inf. By default the Euclidean norm.
        axis: one axis for vectors, two for matrices; by default the whole array.
        keepdims: whether the axes stay, with size one.

    Example:
        >>> import kerasish as keras
        >>> float(keras.ops.norm([3.0, 4.0]))
        5.0
    """
    x = floats(x)
    if axis is None:
        if ord is None:
            return _norm2(x, axis=None, keepdims=keepdims)
        axis = tuple(range(np.ndim(x)))
    axes = axes_of(axis, np.ndim(x))
    if len(axes) == 1:
        return _vector_norm(x, ord, axes[0], keepdims)
    if len(axes) == 2:
        return _matrix_norm(x, ord, (axes[0], axes[1]), keepdims)
    raise ValueError(f"norm with ord={ord!r} takes one axis or two; received axis={axis} of shape {np.shape(x)}")


@composite_of_parts
def cdist(x: Any, y: Any) -> Any:
    """The Euclidean distance of every row of `x` from every row of `y`.

    Args:
        x: (..., n, size).
        y: (..., m, size).

    Returns:
        (..., n, m).
    """
    x, y = (v if hasattr(v, "shape") else to_array(v) for v in (x, y))
    return norm(np.expand_dims(x, -2) - np.expand_dims(y, -3), axis=-1)


numpy_rule(np.linalg.norm)(norm)
