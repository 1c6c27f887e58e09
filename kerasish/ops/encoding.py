"""Whole numbers as rows of zeros and ones."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish.backend import dtypes
from kerasish.backend.operators import to_array
from kerasish.backend.primitive import primitive
from kerasish.backend.symbolic import KerasTensor
from kerasish.backend.typing import DTypeLike, TensorLike
from kerasish.ops.specs import axis_of, shape_of, without


def _one_hot_forward(x: Any, *, num_classes: int, axis: int, dtype: Any) -> Any:
    x = to_array(x)
    flat = x.reshape(-1).astype(np.int64, copy=False)
    rows = np.zeros((flat.size, num_classes), dtype)
    valid = (flat >= 0) & (flat < num_classes)
    if valid.all():
        rows[np.arange(flat.size), flat] = 1
    else:
        rows[np.flatnonzero(valid), flat[valid]] = 1
    rows = rows.reshape(*x.shape, num_classes)
    return rows if axis in (-1, x.ndim) else np.moveaxis(rows, -1, axis)


def _one_hot_spec(x: Any, *, num_classes: int, axis: int, dtype: Any) -> KerasTensor:
    shape = shape_of(x)
    place = axis_of(axis, len(shape) + 1)
    return KerasTensor((*shape[:place], num_classes, *shape[place:]), dtype)


_one_hot = primitive("one_hot", _one_hot_forward, shape=_one_hot_spec)


def _dense(dtype: Any, sparse: bool) -> Any:
    if sparse:
        raise ValueError("sparse=True does not exist here: every tensor is a dense array")
    return dtypes.numpy_dtype(dtypes.standardize_dtype(dtype))


def one_hot(x: TensorLike, num_classes: int, axis: int = -1, dtype: DTypeLike = None, sparse: bool = False) -> Any:
    """A one at the place of each class, zeros elsewhere.

    Args:
        x: whole numbers; those outside 0 ... num_classes - 1 become all zeros.
        num_classes: the size of the new axis.
        axis: where the new axis is in the result.
        dtype: `floatx()` by default.
        sparse: must be False.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.one_hot([0, 2], 3)
        array([[1., 0., 0.],
               [0., 0., 1.]], dtype=float32)
    """
    return _one_hot(x, num_classes=int(num_classes), axis=axis, dtype=_dense(dtype, sparse))


def _multi_hot_forward(x: Any, *, num_classes: int, axis: int, dtype: Any) -> Any:
    x = to_array(x)
    hot = _one_hot_forward(x, num_classes=num_classes, axis=axis, dtype=dtype)
    return hot.max(axis=1 if x.ndim > 1 else 0)


def _multi_hot_spec(x: Any, *, num_classes: int, axis: int, dtype: Any) -> KerasTensor:
    hot = _one_hot_spec(x, num_classes=num_classes, axis=axis, dtype=dtype)
    return KerasTensor(without(hot.shape, 1 if len(hot.shape) > 2 else 0, False), dtype)


_multi_hot = primitive("multi_hot", _multi_hot_forward, shape=_multi_hot_spec)


def multi_hot(
    inputs: TensorLike,
    num_classes: int | None = None,
    axis: int = -1,
    dtype: DTypeLike = None,
    sparse: bool = False,
    **kwargs: Any,
) -> Any:
    """A one at the place of every class that a row names.

    Args:
        inputs: whole numbers, one row of them for each example.
        num_classes: the size of the new axis.
        axis: where the new axis is in the one-hot encoding of `inputs`, of which the maximum is taken.
        dtype: `floatx()` by default.
        sparse: must be False.
        **kwargs: `num_tokens`, the old name of `num_classes`.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.multi_hot([[0, 2]], 3)
        array([[1., 0., 1.]], dtype=float32)
    """
    num_classes = kwargs.pop("num_tokens", num_classes)
    if kwargs or num_classes is None:
        raise ValueError(f"multi_hot needs num_classes and knows no argument(s) {sorted(kwargs)}")
    return _multi_hot(inputs, num_classes=int(num_classes), axis=axis, dtype=_dense(dtype, sparse))
