"""Constraints: the nearest allowed weights, applied after every step of the optimizer."""

from __future__ import annotations

from typing import Any, Self

import numpy as np

from kerasish.backend.config import epsilon


class Constraint:
    """A limit on a weight: called with the weight, it returns the weight that is allowed in its place.

    Subclasses define `__call__(self, w)`, and `get_config` where their constructor has arguments.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> class Symmetric(keras.constraints.Constraint):
        ...     def __call__(self, w):
        ...         return (w + np.transpose(w)) / 2
        >>> layer = keras.layers.Dense(4, kernel_constraint=Symmetric())
    """

    def __call__(self, w: Any) -> Any:
        """The weight that is allowed in the place of `w`: by default, the same."""
        return w

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this constraint anew."""
        return {}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """A constraint from the result of `get_config`."""
        return cls(**config)


class MaxNorm(Constraint):
    """Vectors longer than `max_value` are shortened to that length.

    Args:
        max_value: the largest length.
        axis: the axis, or axes, along which a vector lies: 0 for the inputs of each unit of a `Dense` kernel,
            `[0, 1, 2]` for the filters of a `Conv2D` kernel.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.constraints.MaxNorm(1.0)(np.array([[3.0, 0.3], [4.0, 0.4]])).round(3)
        array([[0.6, 0.3],
               [0.8, 0.4]])

    Source: Srivastava et al., 2014, Dropout, section 5.1, https://jmlr.org/papers/v15/srivastava14a.html
    """

    def __init__(self, max_value: float = 2, axis: Any = 0) -> None:
        self.max_value = max_value
        self.axis = axis

    def __call__(self, w: Any) -> Any:
        norms = _norms(w, self.axis)
        return w * (np.minimum(norms, self.max_value) / (norms + epsilon()))

    def get_config(self) -> dict[str, Any]:
        return {"max_value": self.max_value, "axis": self.axis}


class NonNeg(Constraint):
    """Negative weights become zero.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.constraints.NonNeg()(np.array([-1.0, 2.0]))
        array([0., 2.])
    """

    def __call__(self, w: Any) -> Any:
        return np.maximum(w, 0)


class UnitNorm(Constraint):
    """Vectors are scaled to length one.

    Args:
        axis: the axis, or axes, along which a vector lies (see `MaxNorm`).

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.constraints.UnitNorm()(np.array([3.0, 4.0])).round(3)
        array([0.6, 0.8])
    """

    def __init__(self, axis: Any = 0) -> None:
        self.axis = axis

    def __call__(self, w: Any) -> Any:
        return w / (_norms(w, self.axis) + epsilon())

    def get_config(self) -> dict[str, Any]:
        return {"axis": self.axis}


class MinMaxNorm(Constraint):
    """The lengths of vectors are brought between two bounds, at once or little by little.

    The new length is `rate * clip(length, min_value, max_value) + (1 - rate) * length`.

    Args:
        min_value: the smallest length.
        max_value: the largest length.
        rate: how much of the way is gone with each step; 1 goes all of it.
        axis: the axis, or axes, along which a vector lies (see `MaxNorm`).

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.constraints.MinMaxNorm(1.0, 2.0)(np.array([0.3, 0.4])).round(3)
        array([0.6, 0.8])
    """

    def __init__(self, min_value: float = 0.0, max_value: float = 1.0, rate: float = 1.0, axis: Any = 0) -> None:
        self.min_value = min_value
        self.max_value = max_value
        self.rate = rate
        self.axis = axis

    def __call__(self, w: Any) -> Any:
        norms = _norms(w, self.axis)
        bounded = np.minimum(np.maximum(norms, self.min_value), self.max_value)
        wanted = self.rate * bounded + (1 - self.rate) * norms
        return w * (wanted / (norms + epsilon()))

    def get_config(self) -> dict[str, Any]:
        return {"min_value": self.min_value, "max_value": self.max_value, "rate": self.rate, "axis": self.axis}


def _norms(w: Any, axis: Any) -> Any:
    """The lengths of the vectors along `axis`, an int or a sequence of them, which stay as axes of size one."""
    axes = tuple(axis) if isinstance(axis, (list, tuple)) else axis
    return np.sqrt(np.sum(np.square(w), axis=axes, keepdims=True))
