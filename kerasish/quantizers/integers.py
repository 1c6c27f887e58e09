"""Real numbers as small whole numbers with a scale, and two of four bits in a byte."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from kerasish import ops
from kerasish.backend import dtypes
from kerasish.backend.array import eager

_BYTES = ("int8", "uint8")


def abs_max_quantize(
    inputs: Any,
    axis: Any,
    value_range: tuple[int, int] = (-127, 127),
    dtype: Any = "int8",
    epsilon: float = 1e-7,
    to_numpy: bool = False,
) -> tuple[Any, Any]:
    """Whole numbers for real ones: `round(inputs · scale)`, where the largest of an axis becomes the largest there is.

    scale = value_range[1] / (max |inputs| + epsilon), and `outputs / scale` are the inputs again, to half a step.

    Args:
        inputs: real numbers.
        axis: the axis or axes whose numbers share a scale.
        value_range: the smallest and the largest whole number.
        dtype: of the whole numbers.
        epsilon: keeps the scale of numbers that are all zero finite.
        to_numpy: accepted for compatibility: everything is NumPy here.

    Returns:
        The whole numbers, and the scales, of the shape of the inputs with size 1 on `axis`.

    Example:
        >>> import kerasish as keras
        >>> whole, scale = keras.quantizers.abs_max_quantize([[0.5, -1.0, 0.25]], axis=-1)
        >>> whole
        array([[  63, -127,   32]], dtype=int8)
    """
    inputs = ops.convert_to_tensor(inputs)
    kind = dtypes.standardize_dtype(inputs.dtype)
    largest = ops.max(ops.absolute(inputs), axis=_axes(axis), keepdims=True)
    scale = ops.cast(value_range[1] / (largest + epsilon), kind)
    whole = ops.clip(ops.round(inputs * scale), value_range[0], value_range[1])
    return ops.cast(whole, dtype), scale


def _axes(axis: Any) -> Any:
    return tuple(axis) if isinstance(axis, (list, tuple)) else axis


def abs_max_quantize_grouped_with_zero_point(
    inputs: Any,
    block_size: int,
    value_range: tuple[int, int] = (-8, 7),
    dtype: Any = "int8",
    epsilon: float = 1e-7,
    to_numpy: bool = False,
) -> tuple[Any, Any, Any]:
    """Whole numbers for those of a matrix, with a scale and a zero for each block of rows in a column.

    scale = (max - min + epsilon) / (value_range[1] - value_range[0]), and `(outputs - zero) · scale` are the inputs
    again. The last block may have fewer rows; zeros stand for those that it lacks. A zero is itself in the range,
    so that small blocks, in which all numbers may have one sign, lose the largest of them.

    Args:
        inputs: a matrix `(rows, columns)`.
        block_size: how many rows share a scale.
        value_range: the smallest and the largest whole number.
        dtype: of the whole numbers.
        epsilon: keeps the scale of numbers that are all the same above zero.
        to_numpy: accepted for compatibility: everything is NumPy here.

    Returns:
        The whole numbers `(rows, columns)`; scales and zeros `(blocks, columns)`, the zeros int8.

    Example:
        >>> import kerasish as keras
        >>> whole, scale, zero = keras.quantizers.abs_max_quantize_grouped_with_zero_point([[0.0], [7.0], [-8.0]], 3)
        >>> whole.ravel(), zero
        (array([ 0,  7, -8], dtype=int8), array([[0]], dtype=int8))
    """
    given = ops.convert_to_numpy(ops.convert_to_tensor(inputs))
    lowest, highest = value_range
    rows, columns = given.shape
    blocks = math.ceil(rows / block_size)
    padded = np.zeros((blocks, block_size, columns), given.dtype)
    padded.reshape(-1, columns)[:rows] = given
    low, high = padded.min(axis=1, keepdims=True), padded.max(axis=1, keepdims=True)
    scale = (high - low + epsilon) / (highest - lowest)
    zero = np.clip(np.round(-low / scale) + lowest, lowest, highest)
    whole = np.clip(np.round(padded / scale) + zero, lowest, highest)
    kind = dtypes.numpy_dtype(dtypes.standardize_dtype(dtype))
    whole = whole.reshape(-1, columns)[:rows].astype(kind)
    return eager(whole), eager(scale[:, 0].astype(given.dtype)), eager(zero[:, 0].astype(np.int8))


def pack_int4(arr: Any, axis: int = 0, dtype: str = "int8") -> tuple[Any, tuple[int, ...], int]:
    """Two numbers of four bits in each byte: of two neighbours on an axis the first is in the lower half.

    Args:
        arr: whole numbers from -8 to 7, or from 0 to 15, of dtype `dtype`.
        axis: the axis that becomes half as long; of an odd one the last half byte is 0.
        dtype: `"int8"` or `"uint8"`.

    Returns:
        The bytes, their shape, and the length that the axis had.

    Raises:
        ValueError: if `dtype` is another one.
        TypeError: if the array has another dtype.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.quantizers.pack_int4(np.array([1, 2, -1], "int8"))
        (array([33, 15], dtype=int8), (2,), 3)
    """
    _check_bytes(dtype)
    found = dtypes.standardize_dtype(arr.dtype)
    if found != dtype:
        raise TypeError(f"pack_int4 packs arrays of dtype={dtype!r}; received one of {found}. Cast it first")
    halves = np.moveaxis(ops.convert_to_numpy(arr).view(np.uint8), axis, 0)
    length = len(halves)
    if length % 2:
        halves = np.concatenate([halves, np.zeros_like(halves[:1])])
    packed = (halves[::2] & 15) | (halves[1::2] << 4)
    made = np.ascontiguousarray(np.moveaxis(packed, 0, axis)).view(dtype)
    return eager(made), made.shape, length


def unpack_int4(packed: Any, orig_len: int, axis: int = 0, dtype: str = "int8") -> Any:
    """What `pack_int4` packed.

    Args:
        packed: the bytes.
        orig_len: the length that the axis had.
        axis: the axis that was halved.
        dtype: `"int8"` for numbers with a sign, `"uint8"` for those without.

    Raises:
        ValueError: if `dtype` is another one.
        TypeError: if the array does not consist of bytes.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.quantizers.unpack_int4(np.array([33, 15], "int8"), 3)
        array([ 1,  2, -1], dtype=int8)
    """
    _check_bytes(dtype)
    found = dtypes.standardize_dtype(packed.dtype)
    if found not in _BYTES:
        raise TypeError(f"unpack_int4 unpacks arrays of int8 or uint8; received one of {found}")
    return eager(unpacked(ops.convert_to_numpy(packed), orig_len, axis, dtype))


def unpacked(packed: np.ndarray, length: int, axis: int, dtype: str = "int8") -> np.ndarray:
    """The numbers of four bits in the bytes of an array.

    A byte becomes two by way of a number of 16 bits, which NumPy does many of at a time.
    """
    last = np.ascontiguousarray(np.moveaxis(packed, axis, -1))
    pairs = last.view(np.uint8).astype("<u2")
    pairs |= pairs << 4
    pairs &= 0x0F0F
    halves = pairs.view(np.uint8)[..., :length]
    if dtype == "int8":  # from 0 to 15 becomes from 0 to 7 and from -8 to -1
        halves ^= 8
        halves -= 8
    return np.moveaxis(halves.view(dtype), -1, axis)


def _check_bytes(dtype: str) -> None:
    if dtype not in _BYTES:
        raise ValueError(f"numbers of four bits are unpacked as 'int8' or 'uint8'; received dtype={dtype!r}")
