"""Labels as vectors, and vectors of unit length."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish.backend import config
from kerasish.backend.admission import as_array


def to_categorical(x: Any, num_classes: int | None = None) -> np.ndarray:
    """Class numbers as rows of zeros with a one at the class (one-hot).

    Args:
        x: whole numbers from 0 to `num_classes - 1`, shape `(...)` or `(..., 1)`. As in NumPy, a negative number
            counts from the last class.
        num_classes: the number of classes; by default the largest number in `x` plus 1.

    Returns:
        An array of shape `(..., num_classes)` and dtype float64.

    Raises:
        IndexError: if a number is not below `num_classes`.
        ValueError: if `x` is empty and `num_classes` is not given, or holds text.

    Example:
        >>> import kerasish as keras
        >>> keras.utils.to_categorical([0, 2], num_classes=3)
        array([[1., 0., 0.],
               [0., 0., 1.]])
    """
    given = as_array(x, what="x")
    if given.dtype.kind in "OUST":
        raise ValueError(
            f"to_categorical takes numbers of classes; received dtype {given.dtype}. Of names of classes "
            "`np.unique(x, return_inverse=True)` makes numbers."
        )
    labels = np.array(given, "int64")
    if labels.ndim > 1 and labels.shape[-1] == 1:
        labels = labels[..., 0]
    if not num_classes:
        if not labels.size:
            raise ValueError("to_categorical cannot infer `num_classes` from an empty `x`; give num_classes")
        num_classes = int(labels.max()) + 1
    if labels.size and not -num_classes <= labels.min() <= labels.max() < num_classes:
        raise IndexError(
            f"to_categorical needs class numbers from 0 to num_classes - 1 = {num_classes - 1}; received numbers from "
            f"{labels.min()} to {labels.max()}. Raise num_classes, or number the classes from 0."
        )
    return np.eye(num_classes)[labels]


def normalize(x: Any, axis: int | None = -1, order: float = 2) -> np.ndarray:
    """`x` divided by its norm along `axis`; what has norm zero stays as it is.

    Args:
        x: an array of any shape.
        axis: the axis of the vectors. None divides by the norm of the whole, which for a matrix and `order=2` is the
            largest singular value, as in `numpy.linalg.norm`.
        order: the order of the norm: 1, 2, `numpy.inf`, ...

    Returns:
        An array of the shape of `x`, but `(1, n)` for an array of shape `(n,)`. An array of integers becomes float64,
        a list becomes `floatx()`.

    Example:
        >>> import kerasish as keras
        >>> import numpy as np
        >>> keras.utils.normalize(np.array([[3.0, 4.0], [0.0, 0.0]]))
        array([[0.6, 0.8],
               [0. , 0. ]])
    """
    array = as_array(x, None if isinstance(x, np.ndarray) else config.floatx(), "x")
    norm = np.linalg.norm(array, order, axis, keepdims=True)
    unit = array / np.where(norm == 0, np.ones_like(norm), norm)
    return unit[None] if unit.ndim == 1 and isinstance(x, np.ndarray) else unit
