"""Series: windows, correlation, the noise left in a reconstruction."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish.backend.operators import divide, matmul, promote, subtract, to_array, to_float
from kerasish.backend.primitive import numpy_rule
from kerasish.backend.tensor import Traceable
from kerasish.backend.typing import TensorLike
from kerasish.ops.composite import composite
from kerasish.ops.elementwise import log10, square
from kerasish.ops.indexing import take
from kerasish.ops.reduction import mean
from kerasish.ops.shape import flip, pad


@composite
def extract_sequences(x: TensorLike, sequence_length: int, sequence_stride: int) -> Any:
    """Windows of the last axis, each `sequence_stride` after the one before.

    Args:
        x: (..., length).
        sequence_length: the size of a window.
        sequence_stride: the step.

    Returns:
        (..., windows, sequence_length).

    Example:
        >>> import kerasish as keras
        >>> keras.ops.extract_sequences(keras.ops.arange(5), 3, 2)
        array([[0, 1, 2],
               [2, 3, 4]], dtype=int32)
    """
    x = x if hasattr(x, "shape") else to_array(x)
    starts = np.arange(0, np.shape(x)[-1] - sequence_length + 1, sequence_stride)
    return take(x, starts[:, None] + np.arange(sequence_length), axis=-1)


@composite
def correlate(x1: Any, x2: Any, mode: str = "valid") -> Any:
    """The sliding inner product of two vectors: `Σₙ x1[k + n] x2[n]` for each shift `k`.

    Args:
        x1, x2: vectors.
        mode: `"valid"`: the shifts at which they overlap whole; `"same"`: as many as the longer has numbers, from
            the middle; `"full"`: all at which they overlap.
    """
    if mode not in ("valid", "same", "full"):
        raise ValueError(f'mode must be "valid", "same" or "full"; received {mode!r}')
    if np.ndim(x1) != 1 or np.ndim(x2) != 1:
        raise ValueError(f"correlate takes vectors; received shapes {np.shape(x1)} and {np.shape(x2)}")
    if not isinstance(x1, Traceable) and not isinstance(x2, Traceable):
        x1, x2 = (to_float(x) for x in promote(x1, x2))
    n1, n2 = np.shape(x1)[0], np.shape(x2)[0]
    if n1 < n2:
        return flip(correlate(x2, x1, mode))
    outside = {"valid": (0, 0), "same": ((n2) // 2, (n2 - 1) // 2), "full": (n2 - 1, n2 - 1)}[mode]
    return matmul(extract_sequences(pad(x1, (outside,)), n2, 1), x2)


numpy_rule(np.correlate)(correlate)


@composite
def corrcoef(x: Any) -> Any:
    """Pearson's correlation of every row with every row: covariance over both standard deviations.

    Args:
        x: (variables, observations), or (observations,).
    """
    x = x if hasattr(x, "dtype") and np.dtype(x.dtype).kind == "f" else to_float(x)
    centred = x - mean(x, axis=-1, keepdims=True)
    if np.ndim(x) == 1:
        return divide(matmul(centred, centred), matmul(centred, centred))
    covariance = matmul(centred, np.swapaxes(centred, -1, -2))
    deviation = np.sqrt(np.diagonal(covariance))
    return np.clip(covariance / np.expand_dims(deviation, 1) / deviation, -1, 1)


numpy_rule(np.corrcoef)(corrcoef)


@composite
def psnr(x1: Any, x2: Any, max_val: float) -> Any:
    """The peak signal-to-noise ratio in decibels: `10 log₁₀(max_val² / mean((x1 - x2)²))`.

    Args:
        x1, x2: arrays of one shape.
        max_val: the largest value that a signal can have.
    """
    if np.shape(x1) != np.shape(x2):
        raise ValueError(f"psnr compares arrays of one shape; received {np.shape(x1)} and {np.shape(x2)}")
    return 20 * log10(to_float(float(max_val))) - 10 * log10(mean(square(subtract(x1, x2))))
