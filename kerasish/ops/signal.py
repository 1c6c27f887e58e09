"""Series: windows, correlation, the noise left in a reconstruction."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from kerasish.backend.operators import divide, matmul, promote, subtract, to_array, to_float
from kerasish.backend.primitive import Primitive, numpy_rule, primitive
from kerasish.backend.symbolic import KerasTensor
from kerasish.backend.tensor import Traceable
from kerasish.ops.composite import composite_by
from kerasish.ops.elementwise import clip, log10, square
from kerasish.ops.means import floats
from kerasish.ops.reduction import mean
from kerasish.ops.shape import flip, pad
from kerasish.ops.specs import agreed, float_kind, kind_of, shape_of


def _framed_forward(x: Any, *, length: int, stride: int) -> Any:
    x = to_array(x)
    count = max((x.shape[-1] - length) // stride + 1, 0)
    if not count:
        return np.empty((*x.shape[:-1], 0, length), x.dtype)
    return np.ascontiguousarray(np.lib.stride_tricks.sliding_window_view(x, length, -1)[..., ::stride, :])


def _overlap_forward(frames: Any, *, stride: int, size: int) -> Any:
    """Pieces of a frame that are a stride long fall on whole pieces of the sum: one addition for each."""
    frames = to_array(frames)
    *rest, count, length = frames.shape
    pieces = -(-length // stride)
    padded = np.zeros((*rest, count, pieces * stride), frames.dtype)
    padded[..., :length] = frames
    padded = padded.reshape(*rest, count, pieces, stride)
    total = np.zeros((*rest, max(count + pieces - 1, -(-size // stride)), stride), frames.dtype)
    for piece in range(pieces):
        total[..., piece : piece + count, :] += padded[..., piece, :]
    return total.reshape(*rest, -1)[..., :size]


framed: Primitive = primitive(
    "framed",
    _framed_forward,
    lambda g, y, x, *, length, stride: overlap_added(g, stride=stride, size=np.shape(x)[-1]),
    shape=lambda x, *, length, stride: _sequences_spec(x, length, stride),
    doc="Windows of the last axis; see `extract_sequences`.",
)
overlap_added: Primitive = primitive(
    "overlap_added",
    _overlap_forward,
    lambda g, y, frames, *, stride, size: framed(g, length=np.shape(frames)[-1], stride=stride),
    shape=lambda frames, *, stride, size: KerasTensor((*shape_of(frames)[:-2], size), kind_of(frames)),
    doc="Frames, each a stride after the one before, added up over `size` samples: the transpose of `framed`.",
)


def _sequences_spec(x: Any, sequence_length: int, sequence_stride: int) -> KerasTensor:
    shape = shape_of(x)
    if not shape or sequence_length < 1 or sequence_stride < 1:
        raise ValueError(
            "extract_sequences needs an axis, and a length and a stride of at least 1; received shape "
            f"{shape}, sequence_length={sequence_length}, sequence_stride={sequence_stride}"
        )
    n = shape[-1]
    count = None if n is None else max((n - sequence_length) // sequence_stride + 1, 0)
    return KerasTensor((*shape[:-1], count, sequence_length), kind_of(x))


@composite_by(_sequences_spec)
def extract_sequences(x: Any, sequence_length: int, sequence_stride: int) -> Any:
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
    return framed(x, length=int(sequence_length), stride=int(sequence_stride))


def _correlate_spec(x1: Any, x2: Any, mode: str = "valid") -> KerasTensor:
    if mode not in ("valid", "same", "full"):
        raise ValueError(f'mode must be "valid", "same" or "full"; received {mode!r}')
    sizes = shape_of(x1) + shape_of(x2)
    if len(shape_of(x1)) != 1 or len(sizes) != 2:
        raise ValueError(f"correlate takes vectors; received shapes {shape_of(x1)} and {shape_of(x2)}")
    if sizes[0] is None or sizes[1] is None:
        return KerasTensor((None,), float_kind(x1, x2))
    short, long = sorted((sizes[0], sizes[1]))
    count = {"valid": long - short + 1, "same": long, "full": long + short - 1}[mode]
    return KerasTensor((count,), float_kind(x1, x2))


@composite_by(_correlate_spec)
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


def _corrcoef_spec(x: Any) -> KerasTensor:
    shape = shape_of(x)
    if len(shape) not in (1, 2):
        raise ValueError(f"corrcoef takes (variables, observations) or (observations,); received shape {shape}")
    return KerasTensor(() if len(shape) == 1 else (shape[0], shape[0]), float_kind(x))


@composite_by(_corrcoef_spec)
def corrcoef(x: Any) -> Any:
    """Pearson's correlation of every row with every row: covariance over both standard deviations.

    Args:
        x: (variables, observations), or (observations,).
    """
    x = floats(x)
    centred = x - mean(x, axis=-1, keepdims=True)
    if np.ndim(x) == 1:
        return divide(matmul(centred, centred), matmul(centred, centred))
    covariance = matmul(centred, np.swapaxes(centred, -1, -2))
    deviation = np.sqrt(np.diagonal(covariance))
    return clip(covariance / np.expand_dims(deviation, 1) / deviation, -1, 1)


numpy_rule(np.corrcoef)(corrcoef)


def _psnr_spec(x1: Any, x2: Any, max_val: float) -> KerasTensor:
    if len(shape_of(x1)) != len(shape_of(x2)):
        raise ValueError(f"psnr compares arrays of one shape; received {shape_of(x1)} and {shape_of(x2)}")
    for n, m in zip(shape_of(x1), shape_of(x2), strict=True):
        agreed(n, m, f"psnr compares arrays of one shape; received {shape_of(x1)} and {shape_of(x2)}")
    return KerasTensor((), float_kind(x1, x2))


@composite_by(_psnr_spec)
def psnr(x1: Any, x2: Any, max_val: float) -> Any:
    """The peak signal-to-noise ratio in decibels: `10 log₁₀(max_val² / mean((x1 - x2)²))`.

    Args:
        x1, x2: arrays of one shape.
        max_val: the largest value that a signal can have.
    """
    if np.shape(x1) != np.shape(x2):
        raise ValueError(f"psnr compares arrays of one shape; received {np.shape(x1)} and {np.shape(x2)}")
    return 20 * math.log10(max_val) - 10 * log10(mean(square(subtract(x1, x2))))
