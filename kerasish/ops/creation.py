"""Arrays out of nothing: zeros, ones, ranges, identities, windows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from kerasish.backend import config, dtypes
from kerasish.backend.array import eager
from kerasish.backend.halves import in_single
from kerasish.backend.operators import broadcast_shapes, divide, dtype_of, power, promote, subtract, to_array, to_float
from kerasish.backend.primitive import numpy_rule, primitive, underivable
from kerasish.backend.symbolic import KerasTensor
from kerasish.backend.typing import DTypeLike, Shape, TensorLike
from kerasish.ops.composite import composite_by
from kerasish.ops.specs import axis_of, float_kind, kind_of, shape_of


def _dtype(dtype: Any) -> np.dtype[Any]:
    return dtypes.numpy_dtype(dtypes.standardize_dtype(dtype))


def _sizes(shape: Any) -> tuple[int, ...]:
    return tuple(int(n) for n in shape) if np.ndim(shape) else (int(shape),)


def zeros(shape: Shape | int, dtype: DTypeLike = None) -> np.ndarray:
    """An array of zeros; of dtype `floatx()` by default."""
    return eager(np.zeros(_sizes(shape), _dtype(dtype)))


def ones(shape: Shape | int, dtype: DTypeLike = None) -> np.ndarray:
    """An array of ones; of dtype `floatx()` by default."""
    return eager(np.ones(_sizes(shape), _dtype(dtype)))


def empty(shape: Shape | int, dtype: DTypeLike = None) -> np.ndarray:
    """An array of zeros: no memory is handed out that holds what somebody left there."""
    return zeros(shape, dtype)


_full = primitive(
    "full",
    lambda value, shape, dtype: np.full(shape, to_array(value), dtype),
    lambda g, y, value, **_: g,
    shape=lambda value, shape, dtype: KerasTensor(shape, dtype),
)


def full(shape: Shape | int, fill_value: Any, dtype: DTypeLike = None) -> Any:
    """An array that holds one value everywhere.

    Args:
        shape: the sizes.
        fill_value: a number, or an array that broadcasts to `shape`.
        dtype: `floatx()` by default.
    """
    return _full(fill_value, shape=_sizes(shape), dtype=_dtype(dtype))


def _like_spec(x: Any, *_: Any, dtype: Any) -> KerasTensor:
    return KerasTensor(shape_of(x), dtype or kind_of(x))


def _like(fill: Callable[..., np.ndarray], name: str) -> Any:
    return primitive(name, lambda x, dtype: fill(np.shape(x), dtype or to_array(x).dtype), shape=_like_spec)


_zeros_like = _like(np.zeros, "zeros_like")
_ones_like = _like(np.ones, "ones_like")


def _optional_dtype(dtype: Any) -> Any:
    return None if dtype is None else _dtype(dtype)


def zeros_like(x: TensorLike, dtype: DTypeLike = None) -> Any:
    """Zeros in the shape and, unless another is given, the dtype of `x`."""
    return _zeros_like(x, dtype=_optional_dtype(dtype))


def ones_like(x: TensorLike, dtype: DTypeLike = None) -> Any:
    """Ones in the shape and, unless another is given, the dtype of `x`."""
    return _ones_like(x, dtype=_optional_dtype(dtype))


def empty_like(x: TensorLike, dtype: DTypeLike = None) -> Any:
    """Zeros in the shape and, unless another is given, the dtype of `x`."""
    return zeros_like(x, dtype)


_full_like = primitive(
    "full_like",
    lambda x, value, dtype: np.full(np.shape(x), to_array(value), dtype or to_array(x).dtype),
    lambda g, y, x, value, **_: np.zeros(np.shape(x), g.dtype),
    lambda g, y, x, value, **_: g,
    shape=_like_spec,
)


def full_like(x: TensorLike, fill_value: Any, dtype: DTypeLike = None) -> Any:
    """One value everywhere, in the shape and, unless another is given, the dtype of `x`."""
    return _full_like(x, fill_value, dtype=_optional_dtype(dtype))


numpy_rule(np.zeros_like)(zeros_like)
numpy_rule(np.ones_like)(ones_like)
numpy_rule(np.empty_like)(empty_like)
numpy_rule(np.full_like)(full_like)


def _plain(x: Any) -> Any:
    """A number that decides a shape."""
    return x.item() if hasattr(x, "item") else x


def arange(start: Any, stop: Any = None, step: Any = None, dtype: DTypeLike = None) -> np.ndarray:
    """Evenly spaced numbers from `start` (0 by default) up to, and without, `stop`.

    Args:
        start: the first number; `arange(n)` counts from 0 to n - 1.
        stop: the bound.
        step: the spacing, 1 by default.
        dtype: by default int32, or the dtype of the arguments' common type.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.arange(3)
        array([0, 1, 2], dtype=int32)
    """
    if dtype is None:
        given = [dtype_of(x) for x in (start, stop, step) if x is not None]
        dtype = dtypes.result_type(*given)
    start, stop, step = (_plain(x) for x in (start, stop, step))
    if stop is None:
        start, stop = 0, start
    return eager(np.arange(start, stop, 1 if step is None else step, dtype=_dtype(dtype)))


def eye(N: int, M: int | None = None, k: int = 0, dtype: DTypeLike = None) -> np.ndarray:
    """Ones on a diagonal, zeros elsewhere.

    Args:
        N: rows.
        M: columns, as many as rows by default.
        k: which diagonal: 0 the main one, positive above, negative below.
        dtype: `floatx()` by default.
    """
    return eager(np.eye(N, M, k, dtype=_dtype(dtype)))


def identity(n: int, dtype: DTypeLike = None) -> np.ndarray:
    """The identity matrix of `n` rows."""
    return eye(n, dtype=dtype)


def tri(N: int, M: int | None = None, k: int = 0, dtype: DTypeLike = None) -> np.ndarray:
    """Ones on and below a diagonal, zeros above it.

    Args:
        N: rows.
        M: columns, as many as rows by default.
        k: which diagonal: 0 the main one, positive above, negative below.
        dtype: `floatx()` by default.
    """
    return eager(np.tri(N, M, k, dtype=_dtype(dtype)))


def _linspace_forward(start: Any, stop: Any, *, num: int, endpoint: bool, dtype: Any, axis: int) -> Any:
    start, stop = (to_float(x) for x in promote(start, stop))
    made = np.linspace(start, stop, num, endpoint=endpoint, dtype=dtype or start.dtype, axis=axis)
    return np.asarray(made)


def _shares(y: Any, num: int, endpoint: bool, axis: int) -> Any:
    """How much of `stop` each number holds, from 0 to 1, along its axis."""
    parts = max(num - 1 if endpoint else num, 1)
    steps = np.arange(num, dtype=y.dtype) / y.dtype.type(parts)
    return np.reshape(steps, (-1,) + (1,) * (np.ndim(y) - 1 - axis % np.ndim(y)))


def _linspace_start_vjp(g: Any, y: Any, start: Any, stop: Any, *, num: int, endpoint: bool, axis: int, **_: Any) -> Any:
    return np.sum(g * (1 - _shares(y, num, endpoint, axis)), axis=axis)


def _linspace_stop_vjp(g: Any, y: Any, start: Any, stop: Any, *, num: int, endpoint: bool, axis: int, **_: Any) -> Any:
    return np.sum(g * _shares(y, num, endpoint, axis), axis=axis)


def _spaced_spec(start: Any, stop: Any, *, num: int, axis: int, dtype: Any = None, **_: Any) -> KerasTensor:
    shape = broadcast_shapes(shape_of(start), shape_of(stop))
    place = axis_of(axis, len(shape) + 1)
    return KerasTensor((*shape[:place], num, *shape[place:]), dtype or float_kind(start, stop))


_linspace = primitive("linspace", _linspace_forward, _linspace_start_vjp, _linspace_stop_vjp, shape=_spaced_spec)


def linspace(
    start: Any,
    stop: Any,
    num: int = 50,
    endpoint: bool = True,
    retstep: bool = False,
    dtype: DTypeLike = None,
    axis: int = 0,
) -> Any:
    """`num` numbers evenly spaced from `start` to `stop`.

    Args:
        start, stop: numbers or arrays.
        num: how many.
        endpoint: whether `stop` is the last of them.
        retstep: whether to return the spacing too.
        dtype: by default the float type of `start` and `stop`.
        axis: where the numbers lie, if `start` and `stop` are arrays.

    Returns:
        An array, or the pair (array, step).

    Example:
        >>> import kerasish as keras
        >>> keras.ops.linspace(0, 1, 3)
        array([0. , 0.5, 1. ], dtype=float32)
    """
    made = _linspace(start, stop, num=num, endpoint=endpoint, dtype=_optional_dtype(dtype), axis=axis)
    if not retstep:
        return made
    parts = num - 1 if endpoint else num
    return made, divide(subtract(stop, start), parts) if parts > 0 else np.nan


def logspace(
    start: Any, stop: Any, num: int = 50, endpoint: bool = True, base: Any = 10, dtype: DTypeLike = None, axis: int = 0
) -> Any:
    """`num` numbers from `base**start` to `base**stop`, each the same multiple of the one before.

    Args:
        start, stop: the exponents.
        num: how many.
        endpoint: whether `base**stop` is the last of them.
        base: the base.
        dtype: by default the float type of `start` and `stop`.
        axis: where the numbers lie, if `start` and `stop` are arrays.
    """
    made = power(base, linspace(start, stop, num, endpoint, axis=axis))
    return made if dtype is None else made.astype(_dtype(dtype))


def _geomspace_forward(start: Any, stop: Any, *, num: int, endpoint: bool, axis: int) -> Any:
    start, stop = (to_float(x) for x in promote(start, stop))
    return _geometric(np.asarray(start), np.asarray(stop), num=num, endpoint=endpoint, axis=axis)


@in_single
def _geometric(start: Any, stop: Any, *, num: int, endpoint: bool, axis: int) -> Any:
    return np.geomspace(start, stop, num, endpoint=endpoint, axis=axis).astype(start.dtype)


_geomspace = primitive(
    "geomspace", _geomspace_forward, underivable("geomspace"), underivable("geomspace"), shape=_spaced_spec
)


def geomspace(
    start: Any, stop: Any, num: int = 50, endpoint: bool = True, dtype: DTypeLike = None, axis: int = 0
) -> Any:
    """`num` numbers from `start` to `stop`, each the same multiple of the one before.

    Args:
        start, stop: numbers or arrays of the same sign, not 0.
        num: how many.
        endpoint: whether `stop` is the last of them.
        dtype: by default the float type of `start` and `stop`.
        axis: where the numbers lie, if `start` and `stop` are arrays.
    """
    made = _geomspace(start, stop, num=num, endpoint=endpoint, axis=axis)
    return made if dtype is None else made.astype(_dtype(dtype))


@numpy_rule(np.linspace)
def _numpy_linspace(start: Any, stop: Any, num: int = 50, endpoint: bool = True, dtype: Any = None, axis: int = 0,
                    retstep: bool = False) -> Any:  # fmt: skip
    return linspace(start, stop, num, endpoint, retstep, dtype, axis)


def _vander_spec(x: Any, N: int | None = None, increasing: bool = False) -> KerasTensor:
    shape = shape_of(x)
    if len(shape) != 1:
        raise ValueError(f"vander takes a vector; received shape {shape}")
    return KerasTensor((*shape, shape[0] if N is None else N), kind_of(x))


@composite_by(_vander_spec)
def vander(x: Any, N: int | None = None, increasing: bool = False) -> Any:
    """The Vandermonde matrix: the powers of each number, one row each.

    Args:
        x: array of one dimension.
        N: how many powers; as many as numbers by default.
        increasing: whether the powers go up from 0, not down to it.
    """
    x = x if hasattr(x, "shape") else to_array(x)
    if len(x.shape) != 1:
        raise ValueError(f"vander takes a vector; received shape {tuple(x.shape)}")
    count = x.shape[0] if N is None else N
    powers = np.arange(count, dtype=np.int32)
    return power(np.expand_dims(x, -1), powers if increasing else powers[::-1])


numpy_rule(np.vander)(vander)


def _window(function: Callable[..., np.ndarray], x: Any, *args: float) -> np.ndarray:
    return eager(function(int(_plain(x)), *args).astype(config.floatx()))


def bartlett(x: TensorLike) -> np.ndarray:
    """The triangular window of `x` samples: from 0 up to 1 and back."""
    return _window(np.bartlett, x)


def blackman(x: TensorLike) -> np.ndarray:
    """The Blackman window of `x` samples: `0.42 - 0.5 cos(2πt) + 0.08 cos(4πt)`."""
    return _window(np.blackman, x)


def hamming(x: TensorLike) -> np.ndarray:
    """The Hamming window of `x` samples: `0.54 - 0.46 cos(2πt)`."""
    return _window(np.hamming, x)


def hanning(x: TensorLike) -> np.ndarray:
    """The Hann window of `x` samples: `0.5 - 0.5 cos(2πt)`."""
    return _window(np.hanning, x)


def kaiser(x: TensorLike, beta: float) -> np.ndarray:
    """The Kaiser window of `x` samples; `beta` trades the width of the main lobe for the height of the others."""
    return _window(np.kaiser, x, float(_plain(beta)))
