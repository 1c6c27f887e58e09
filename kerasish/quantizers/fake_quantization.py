"""Rounding to a grid as if numbers were quantized, with a gradient that trains through it."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish import ops
from kerasish.backend import dtypes
from kerasish.backend.primitive import Primitive
from kerasish.ops.specs import same


def _grid(low: Any, high: Any, num_bits: int, narrow_range: bool) -> tuple[Any, Any, Any, Any]:
    """The ends of the range moved so that 0 lies on the grid, the step, and how many steps there are to 1."""
    least, most = int(narrow_range), 2**num_bits - 1
    step = (high - low) / (most - least)
    zero = np.round(np.clip(least - low / step, least, most))
    return (least - zero) * step, (most - zero) * step, step, (most - least) / (high - low)


def _as_floats(x: Any, low: Any, high: Any, axis: int | None) -> tuple[Any, Any]:
    """The ends in single precision at least, in a shape that goes with `x`."""
    kind = dtypes.numpy_dtype(dtypes.result_type(low.dtype, "float32"))
    shape = () if axis is None else tuple(-1 if i == axis else 1 for i in range(np.ndim(x)))
    return tuple(np.reshape(np.asarray(end, kind), shape) for end in (low, high))  # type: ignore[return-value]


def _forward(
    x: Any, min_vals: Any, max_vals: Any, *, num_bits: int, narrow_range: bool, axis: int | None
) -> np.ndarray:
    low, high, step, rate = _grid(*_as_floats(x, min_vals, max_vals, axis), num_bits, narrow_range)
    steps = (np.clip(x.astype(low.dtype), low, high) - low) * rate - np.floor(-low * rate + 0.5)
    return (np.floor(steps + 0.5) * step).astype(x.dtype)


def _vjp(i: int, g: Any, y: Any, x: Any, min_vals: Any, max_vals: Any, **settings: Any) -> Any:
    """The gradient passes where nothing was cut off; what was cut off counts to the end that cut it."""
    plain = ops.convert_to_numpy
    axis, bits, narrow = settings["axis"], settings["num_bits"], settings["narrow_range"]
    low, high, _, _ = _grid(*_as_floats(x, plain(min_vals), plain(max_vals), axis), bits, narrow)
    data = plain(x)
    if i == 0:
        return np.where((data >= low) & (data <= high), g, 0)
    outside = np.where(data <= low if i == 1 else data >= high, g, 0)
    axes = tuple(a for a in range(np.ndim(x)) if a != axis)
    return np.reshape(np.sum(outside, axis=axes), np.shape(min_vals if i == 1 else max_vals))


_fake_quantized = Primitive("fake_quant_with_min_max_vars", _forward, _vjp, shape=same())


def fake_quant_with_min_max_vars(
    inputs: Any,
    min_vals: Any,
    max_vals: Any,
    num_bits: int = 8,
    narrow_range: bool = False,
    axis: int | None = None,
) -> Any:
    """Numbers on a grid of `2^num_bits` from `min_vals` to `max_vals`, for training that expects to be quantized.

    The ends are moved a little so that 0 is on the grid. The gradient passes unchanged where a number is in the range;
    elsewhere it is that of the end.

    Args:
        inputs: real numbers.
        min_vals, max_vals: the ends of the range: a number each, or one for each place on `axis`.
        num_bits: how many bits a number would have.
        narrow_range: whether the grid has one place less, so that it has as many below 0 as above.
        axis: the axis with ranges of its own; None for one range.

    Example:
        >>> import kerasish as keras
        >>> keras.quantizers.fake_quant_with_min_max_vars([0.2, 0.8, 9.0], 0.0, 1.0, num_bits=1)
        array([0., 1., 1.], dtype=float32)
    """
    inputs, low, high = (ops.convert_to_tensor(x) for x in (inputs, min_vals, max_vals))
    axis = None if axis is None else axis % len(inputs.shape)
    return _fake_quantized(inputs, low, high, num_bits=int(num_bits), narrow_range=bool(narrow_range), axis=axis)
