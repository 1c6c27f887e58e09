"""Means and variances, and arrays scaled by them: batch, layer and root-mean-square normalization."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish.backend import config
from kerasish.backend.operators import to_array, to_float
from kerasish.backend.primitive import primitive
from kerasish.backend.typing import TensorLike
from kerasish.ops.composite import composite_of_parts
from kerasish.ops.core import cast
from kerasish.ops.elementwise import maximum, rsqrt
from kerasish.ops.layer_norm import normalized
from kerasish.ops.means import floats, narrowed, widened
from kerasish.ops.norms import norm
from kerasish.ops.reduction import mean, var
from kerasish.ops.specs import axes_of, float_kind, same


def moments(x: TensorLike, axes: Any, keepdims: bool = False, synchronized: bool = False) -> tuple[Any, Any]:
    """The mean and the variance along axes.

    Half-precision numbers are added in single precision.

    Args:
        x: array.
        axes: an axis or several.
        keepdims: whether the axes stay, with size one.
        synchronized: accepted for compatibility; one process sees all of the batch.

    Returns:
        The pair (mean, variance).

    Example:
        >>> import kerasish as keras
        >>> m, v = keras.ops.moments([1.0, 3.0], axes=0)
        >>> float(m), float(v)
        (2.0, 1.0)
    """
    x = x if hasattr(x, "dtype") else to_array(x)
    if x.dtype == "float16":
        m, v = moments(cast(x, "float32"), axes, keepdims)
        top = float(np.finfo(np.float16).max)
        return cast(np.clip(m, -top, top), "float16"), cast(np.clip(v, -top, top), "float16")
    return mean(x, axes, keepdims), var(x, axes, keepdims)


@composite_of_parts
def normalize(x: Any, axis: int = -1, order: int = 2, epsilon: float | None = None) -> Any:
    """`x` divided by its norm along an axis.

    Args:
        x: array.
        axis: an axis or several.
        order: of the norm: 2 for the Euclidean one.
        epsilon: the least norm to divide by; `keras.config.epsilon()` by default.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.normalize([3.0, 4.0])
        array([0.6, 0.8], dtype=float32)
    """
    if not isinstance(order, int) or order < 1:
        raise ValueError(f"normalize needs a whole order of at least 1; received order={order!r}")
    least = config.epsilon() if epsilon is None else epsilon
    x = floats(x)
    if order == 2:
        return x * rsqrt(maximum(np.sum(np.square(x), axis=axis, keepdims=True), least**2))
    return x / maximum(norm(x, ord=order, axis=axis, keepdims=True), least)


def _beside(parameter: Any, x: Any, axes: tuple[int, ...]) -> Any:
    """A parameter of the shape of some axes, shaped to broadcast with `x`."""
    if axes == (np.ndim(x) - 1,) and np.ndim(parameter) == 1:
        return parameter
    return np.reshape(parameter, tuple(n if a in axes else 1 for a, n in enumerate(np.shape(x))))


@composite_of_parts
def batch_normalization(
    x: Any,
    mean: Any,
    variance: Any,
    axis: int,
    offset: Any = None,
    scale: Any = None,
    epsilon: float = 1e-3,
) -> Any:
    """`scale (x - mean) / √(variance + epsilon) + offset` (Ioffe and Szegedy, 2015, arXiv:1502.03167).

    Args:
        x: array.
        mean, variance: one number for each index along `axis`.
        axis: the axis of the features.
        offset, scale: likewise; 0 and 1 by default.
        epsilon: keeps the division finite.
    """
    x = x if hasattr(x, "dtype") else to_array(x)
    axes = axes_of(axis, np.ndim(x))
    factor = rsqrt(variance + epsilon)
    if scale is not None:
        factor = factor * scale
    shift = -mean * factor if offset is None else offset - mean * factor
    return x * _beside(factor, x, axes) + _beside(shift, x, axes)


def _deviation_over(x: Any, axes: tuple[int, ...], epsilon: float) -> Any:
    return 1 / np.sqrt(np.var(x, axis=axes, keepdims=True) + epsilon)


def _inverse_rms(x: Any, axes: tuple[int, ...], epsilon: float) -> Any:
    return 1 / np.sqrt(np.mean(np.square(x), axis=axes, keepdims=True) + epsilon)


def _rms_forward(x: Any, *, axes: tuple[int, ...], epsilon: float) -> Any:
    x = to_float(x)
    return x * _inverse_rms(x, axes, epsilon)


def _rms_vjp(g: Any, y: Any, x: Any, *, axes: tuple[int, ...], epsilon: float) -> Any:
    return (g - y * np.mean(g * y, axis=axes, keepdims=True)) * _inverse_rms(x, axes, epsilon)


_rms = primitive("rms_normalization", _rms_forward, _rms_vjp, shape=same(float_kind))


def _normalized_over(x: Any, gamma: Any, beta: Any, axes: tuple[int, ...], epsilon: float) -> Any:
    """Layer normalization over any axes: they are brought to the end, and back."""
    order = (*(a for a in range(np.ndim(x)) if a not in axes), *sorted(axes))
    if order == tuple(range(np.ndim(x))):
        return normalized(x, gamma, beta, len(axes), epsilon)
    back = tuple(order.index(a) for a in range(np.ndim(x)))
    return np.transpose(normalized(np.transpose(x, order), gamma, beta, len(axes), epsilon), back)


@composite_of_parts
def layer_normalization(
    x: Any, gamma: Any = None, beta: Any = None, axis: Any = -1, epsilon: float | None = None, **kwargs: Any
) -> Any:
    """`gamma (x - x̄) / √(var(x) + epsilon) + beta`, mean and variance along axes (arXiv:1607.06450).

    Half-precision numbers are normalized in single precision.

    Args:
        x: array.
        gamma, beta: arrays of the sizes along `axis`; 1 and 0 by default.
        axis: an axis or several.
        epsilon: keeps the division finite; `keras.config.epsilon()` by default.
        **kwargs: `rms_scaling=True`, of old, divides by the deviation without subtracting the mean.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.layer_normalization([[0.0, 2.0]], epsilon=0.0)
        array([[-1.,  1.]], dtype=float32)
    """
    rms_scaling = kwargs.pop("rms_scaling", False)
    if kwargs:
        raise ValueError(f"layer_normalization does not know the argument(s) {sorted(kwargs)}")
    x = x if hasattr(x, "dtype") else to_array(x)
    wide, kind = widened(x)
    axes = axes_of(axis, np.ndim(x))
    least = config.epsilon() if epsilon is None else epsilon
    if rms_scaling:
        y = wide * _deviation_over(wide, axes, least)
        y = y if gamma is None else y * _beside(gamma, x, axes)
        y = y if beta is None else y + _beside(beta, x, axes)
    else:
        y = _normalized_over(wide, gamma, beta, axes, least)
    return narrowed(y, kind)


@composite_of_parts
def rms_normalization(x: Any, scale: Any = None, axis: Any = -1, epsilon: float | None = None) -> Any:
    """`scale x / √(mean(x²) + epsilon)` along axes (Zhang and Sennrich, 2019, arXiv:1910.07467).

    Args:
        x: array.
        scale: an array of the sizes along `axis`; 1 by default.
        axis: an axis or several.
        epsilon: keeps the division finite; `keras.config.epsilon()` by default.
    """
    x = x if hasattr(x, "dtype") else to_array(x)
    axes = axes_of(axis, np.ndim(x))
    wide, kind = widened(x)
    y = _rms(wide, axes=axes, epsilon=config.epsilon() if epsilon is None else epsilon)
    if scale is not None:
        y = y * _beside(scale, x, axes)
    return narrowed(y, kind)
