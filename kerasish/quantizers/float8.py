"""Numbers as they would be in eight bits with a point, and the scales that keep them in range.

Source: Micikevicius et al., FP8 formats for deep learning (2022), https://arxiv.org/abs/2209.05433
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from kerasish import ops
from kerasish.backend.primitive import primitive
from kerasish.ops.specs import same


class Format(NamedTuple):
    """A kind of floats: the bits of the fraction, the exponent of the smallest normal number, the largest number."""

    fraction: int
    least: int
    largest: float


FORMATS = {"float8_e4m3fn": Format(3, -6, 448.0), "float8_e5m2": Format(2, -14, 57344.0)}


def format_of(dtype: Any) -> Format:
    """The format of a dtype or its name.

    Raises:
        ValueError: if it is none with eight bits that is known here.
    """
    name = dtype if isinstance(dtype, str) else np.dtype(dtype).name
    if name not in FORMATS:
        raise ValueError(f"expected a float with eight bits, one of {', '.join(FORMATS)}; received {dtype!r}")
    return FORMATS[name]


def _rounded(x: np.ndarray, *, fraction: int, least: int) -> np.ndarray:
    # frexp says x = m · 2^e with m from a half to 1, so that the first bit of the fraction is worth 2^(e - 1)
    unit = np.maximum(np.frexp(x)[1] - 1, least) - fraction
    return np.ldexp(np.round(np.ldexp(x, -unit)), unit).astype(x.dtype)


# As a cast there and back, its gradient passes unchanged.
rounded = primitive("round_to_float8", _rounded, lambda g, y, x, **_: g, shape=same())


def quantize_and_dequantize(inputs: Any, scale: Any, quantized_dtype: Any, compute_dtype: Any) -> Any:
    """The numbers that a float with eight bits would hold in place of these: `cast(inputs / scale) · scale`.

    What is out of its range becomes the largest number that is in it.

    Args:
        inputs: real numbers.
        scale: what they are divided by before.
        quantized_dtype: `"float8_e4m3fn"`, to 448 with a fraction of 3 bits, or `"float8_e5m2"`, to 57344 with 2.
        compute_dtype: the dtype of the result.

    Raises:
        ValueError: if `quantized_dtype` is another one.

    Example:
        >>> import kerasish as keras
        >>> keras.quantizers.quantize_and_dequantize([1.0, 1.1, 1000.0], 1.0, "float8_e4m3fn", "float32")
        array([  1.   ,   1.125, 448.   ], dtype=float32)
    """
    fraction, least, largest = format_of(quantized_dtype)
    scale = ops.cast(scale, compute_dtype)
    x = ops.clip(ops.cast(inputs, compute_dtype) / scale, -largest, largest)
    return rounded(x, fraction=fraction, least=least) * scale


def compute_float8_scale(amax: Any, scale: Any, dtype_max: Any, margin: int = 0) -> Any:
    """The scale with which numbers up to `amax` use the whole range: `amax / dtype_max · 2^margin`.

    Args:
        amax: the largest size of late.
        scale: the scale before, which stays where `amax` is 0 or no finite number.
        dtype_max: the largest number of the float with eight bits.
        margin: powers of two that are left free.

    Example:
        >>> import kerasish as keras
        >>> float(keras.quantizers.compute_float8_scale(896.0, 1.0, 448.0))
        2.0
    """
    amax, scale = ops.convert_to_tensor(amax), ops.convert_to_tensor(scale)
    before = ops.reciprocal(scale)
    is_known = ops.logical_and(amax > 0.0, ops.isfinite(amax))
    factor = ops.divide(ops.divide(dtype_max, ops.where(is_known, amax, 1.0)), 2**margin)
    return ops.reciprocal(ops.where(is_known, factor, before))


def compute_float8_amax_history(x: Any, amax_history: Any) -> Any:
    """The largest sizes of the last steps, with that of `x` in the first place and all others moved on.

    Args:
        x: the numbers of this step.
        amax_history: the largest sizes before, of shape `(steps,)`.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.quantizers.compute_float8_amax_history([1.0, -5.0], np.array([2.0, 3.0, 4.0]))
        array([5., 4., 2.])
    """
    history = ops.convert_to_tensor(amax_history)
    largest = ops.cast(ops.max(ops.absolute(ops.convert_to_tensor(x))), history.dtype)
    return ops.concatenate([ops.reshape(largest, (1,)), ops.roll(history, -1)[1:]])
