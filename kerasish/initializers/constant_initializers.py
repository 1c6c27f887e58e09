"""Initializers that draw nothing: zeros, ones, a constant, the identity matrix."""

from __future__ import annotations

from typing import Any, Self

import numpy as np

from kerasish.backend import dtypes
from kerasish.backend.admission import as_array
from kerasish.backend.typing import DTypeLike
from kerasish.initializers.initializer import Initializer
from kerasish.saving.serialization import deserialize_keras_object, serialize_keras_object


def _numpy_dtype(dtype: DTypeLike) -> np.dtype[Any]:
    return dtypes.numpy_dtype(dtypes.standardize_dtype(dtype))


class Zeros(Initializer):
    """All zeros.

    Example:
        >>> import kerasish as keras
        >>> keras.initializers.Zeros()((2,))
        array([0., 0.], dtype=float32)
    """

    def __call__(self, shape: Any, dtype: DTypeLike = None) -> np.ndarray:
        return np.zeros(shape, _numpy_dtype(dtype))


class Ones(Initializer):
    """All ones.

    Example:
        >>> import kerasish as keras
        >>> keras.initializers.Ones()((2,))
        array([1., 1.], dtype=float32)
    """

    def __call__(self, shape: Any, dtype: DTypeLike = None) -> np.ndarray:
        return np.ones(shape, _numpy_dtype(dtype))


class Constant(Initializer):
    """One value everywhere.

    Args:
        value: a number, or an array that broadcasts to the shape.

    Example:
        >>> import kerasish as keras
        >>> keras.initializers.Constant(3)((2,))
        array([3., 3.], dtype=float32)
    """

    def __init__(self, value: Any = 0.0) -> None:
        self.value = value

    def __call__(self, shape: Any, dtype: Any = None) -> np.ndarray:
        kind = _numpy_dtype(dtype)  # at once: of texts, NumPy makes each as long as the longest
        return np.broadcast_to(as_array(self.value, kind, "the value of Constant"), shape).astype(kind)

    def get_config(self) -> dict[str, Any]:
        return {"value": serialize_keras_object(self.value)}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        return cls(deserialize_keras_object(config["value"]))


class Identity(Initializer):
    """The identity matrix, times a gain: a layer that passes its input through.

    Args:
        gain: the number on the diagonal.

    Raises:
        ValueError: when called with a shape that is not two-dimensional.

    Example:
        >>> import kerasish as keras
        >>> keras.initializers.Identity(gain=2.0)((2, 3))
        array([[2., 0., 0.],
               [0., 2., 0.]], dtype=float32)
    """

    def __init__(self, gain: float = 1.0) -> None:
        self.gain = gain

    def __call__(self, shape: Any, dtype: DTypeLike = None) -> np.ndarray:
        if len(shape) != 2:
            raise ValueError(f"Identity makes matrices: it needs a shape of two sizes; received shape={tuple(shape)}")
        found = _numpy_dtype(dtype)
        return np.eye(*shape, dtype=found) * found.type(self.gain)

    def get_config(self) -> dict[str, Any]:
        return {"gain": self.gain}
