"""Half-precision arrays in operations that have no form of their own for them."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from kerasish.backend import dtypes


def is_half(x: Any) -> bool:
    """Whether `x` is an array of float16 or bfloat16."""
    return isinstance(x, np.ndarray) and x.dtype.itemsize == 2 and dtypes.has_gradient(x.dtype)


def in_single(forward: Callable[..., Any]) -> Callable[..., Any]:
    """A forward that computes half-precision arrays in float32 and gives its result in their dtype.

    Products and decompositions need it: LAPACK knows no halves, NumPy multiplies bfloat16 into float32, and a sum of
    many float16 numbers overflows on its way to a result that would fit.
    """

    @functools.wraps(forward)
    def wrapped(*args: Any, **params: Any) -> Any:
        if not any(map(is_half, args)):
            return forward(*args, **params)
        kind = dtypes.result_type(*(x.dtype for x in args if isinstance(x, np.ndarray)))
        result = forward(*(x.astype(np.float32) if is_half(x) else x for x in args), **params)
        if kind not in ("float16", "bfloat16"):
            return result
        parts = [_narrowed(part, kind) for part in (result if isinstance(result, tuple) else (result,))]
        return tuple(parts) if isinstance(result, tuple) else parts[0]

    return wrapped


def _narrowed(x: Any, kind: str) -> Any:
    return np.asarray(x).astype(dtypes.numpy_dtype(kind)) if x.dtype == np.float32 else x
