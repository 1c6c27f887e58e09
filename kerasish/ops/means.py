"""How means are computed, and in which dtype."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from kerasish.backend import dtypes
from kerasish.backend.operators import cast_to, dtype_of, to_array, to_float
from kerasish.backend.tensor import Traceable


def floats(x: Any) -> Any:
    """Numbers as floats, on a tape and symbolic ones too; what is a float stays."""
    if isinstance(x, Traceable):
        kind = dtypes.result_type(dtype_of(x), float)
        return x if dtype_of(x) == kind else cast_to(x, dtype=kind)
    return to_float(x if hasattr(x, "dtype") else to_array(x))


@lru_cache(maxsize=64)
def equal_shares(count: int, dtype: np.dtype[Any]) -> np.ndarray:
    """`1 / count`, as often: a mean is then a product of BLAS, faster than a sum and more exact."""
    return np.full(count, 1 / count if count else 0, dtype)


def widened(x: Any) -> tuple[Any, str]:
    """Numbers as floats that hold their sums, and the dtype that their mean is to have.

    A sum of half-precision numbers soon overflows, and is coarse before that.
    """
    given = dtype_of(x)
    kind = dtypes.result_type(given, float)
    wide = "float32" if kind in ("float16", "bfloat16") else kind
    return (x if given == wide else cast_to(x, dtype=wide)), kind


def narrowed(means: Any, kind: str) -> Any:
    """The means in the dtype that they are to have."""
    return means if dtype_of(means) == kind else cast_to(means, dtype=kind)
