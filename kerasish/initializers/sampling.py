"""The three distributions that initializers draw from, in the dtype asked for."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish.backend import dtypes
from kerasish.backend.random import generator
from kerasish.backend.typing import DTypeLike

# A normal variable cut off at two standard deviations has this standard deviation:
# the square root of 1 - 4 f(2) / (F(2) - F(-2)), with the normal density f and distribution F.
TRUNCATED_STDDEV = 0.8796256610342398


def _float_dtypes(dtype: DTypeLike) -> tuple[Any, np.dtype[Any]]:
    """The dtype to draw in, which NumPy can do for float32 and float64 only, and the dtype to return."""
    name = dtypes.standardize_dtype(dtype)
    if name not in dtypes.FLOAT_TYPES:
        raise ValueError(f"random initial values are floats; received dtype={name!r}")
    return (np.float64 if name == "float64" else np.float32), dtypes.numpy_dtype(name)


def uniform(shape: Any, minval: float, maxval: float, dtype: DTypeLike, seed: Any) -> np.ndarray:
    """Draws that are equally likely anywhere in `[minval, maxval)`."""
    drawn, wanted = _float_dtypes(dtype)
    values = generator(seed).random(tuple(shape), drawn)
    values *= maxval - minval
    values += minval
    return values.astype(wanted, copy=False)


def normal(shape: Any, mean: float, stddev: float, dtype: DTypeLike, seed: Any) -> np.ndarray:
    """Draws from the normal distribution."""
    drawn, wanted = _float_dtypes(dtype)
    values = generator(seed).standard_normal(tuple(shape), drawn)
    values *= stddev
    values += mean
    return values.astype(wanted, copy=False)


def truncated_normal(shape: Any, mean: float, stddev: float, dtype: DTypeLike, seed: Any) -> np.ndarray:
    """Draws from the normal distribution; those further than two `stddev` from `mean` are drawn again."""
    drawn, wanted = _float_dtypes(dtype)
    source = generator(seed)
    values = source.standard_normal(tuple(shape), drawn)
    flat = values.reshape(-1)
    outside = np.flatnonzero(np.abs(flat) > 2)
    while outside.size:
        again = source.standard_normal(outside.size, drawn)
        flat[outside] = again
        outside = outside[np.abs(again) > 2]
    values *= stddev
    values += mean
    return values.astype(wanted, copy=False)
