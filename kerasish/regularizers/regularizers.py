"""Penalties: a number that grows with the weights, added to the loss."""

from __future__ import annotations

import math
from typing import Any, Self

import numpy as np

from kerasish.backend import dtypes

_SMALLEST_NORM = 1e-12


class Regularizer:
    """A penalty: called with a weight or an output, it returns a scalar to add to the loss.

    Subclasses define `__call__(self, x)`, with NumPy functions or `kerasish.ops` so that it has a gradient, and
    `get_config` where their constructor has arguments.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> class Largest(keras.regularizers.Regularizer):
        ...     def __call__(self, x):
        ...         return 0.1 * np.max(np.abs(x))
        >>> layer = keras.layers.Dense(2, kernel_regularizer=Largest())
    """

    def __call__(self, x: Any) -> Any:
        """The penalty of an array: zero."""
        return 0.0

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this regularizer anew."""
        raise NotImplementedError(f"{type(self).__name__} must define `get_config(self)` to be saved")

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """A regularizer from the result of `get_config`."""
        return cls(**config)


class L1(Regularizer):
    """The sum of absolute values, `l1 * sum(|x|)`: drives weights that do not matter to exactly zero.

    Args:
        l1: the factor, at least 0.

    Raises:
        ValueError: if the factor is negative or not a finite number.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> print(keras.regularizers.L1(0.5)(np.array([1.0, -3.0])))
        2.0

    Source: Tibshirani, 1996, Regression shrinkage and selection via the lasso
    """

    def __init__(self, l1: float = 0.01) -> None:
        self.l1 = _factor("l1", 0.01 if l1 is None else l1)

    def __call__(self, x: Any) -> Any:
        return self.l1 * np.sum(np.absolute(x))

    def get_config(self) -> dict[str, Any]:
        return {"l1": self.l1}


class L2(Regularizer):
    """The sum of squares, `l2 * sum(x²)`: keeps weights small, the large ones most.

    Args:
        l2: the factor, at least 0.

    Raises:
        ValueError: if the factor is negative or not a finite number.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> print(keras.regularizers.L2(0.5)(np.array([1.0, -3.0])))
        5.0

    Source: Hoerl & Kennard, 1970, Ridge regression
    """

    def __init__(self, l2: float = 0.01) -> None:
        self.l2 = _factor("l2", 0.01 if l2 is None else l2)

    def __call__(self, x: Any) -> Any:
        return self.l2 * np.sum(np.square(x))

    def get_config(self) -> dict[str, Any]:
        return {"l2": self.l2}


class L1L2(Regularizer):
    """Both penalties together, `l1 * sum(|x|) + l2 * sum(x²)`.

    Args:
        l1: the factor of the absolute values, at least 0.
        l2: the factor of the squares, at least 0.

    Raises:
        ValueError: if a factor is negative or not a finite number.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> print(keras.regularizers.L1L2(l1=0.5, l2=0.5)(np.array([1.0, -3.0])))
        7.0

    Source: Zou & Hastie, 2005, Regularization and variable selection via the elastic net
    """

    def __init__(self, l1: float = 0.0, l2: float = 0.0) -> None:
        self.l1 = _factor("l1", 0.0 if l1 is None else l1)
        self.l2 = _factor("l2", 0.0 if l2 is None else l2)

    def __call__(self, x: Any) -> Any:
        if not self.l1:
            return self.l2 * np.sum(np.square(x))
        penalty = self.l1 * np.sum(np.absolute(x))
        return penalty + self.l2 * np.sum(np.square(x)) if self.l2 else penalty

    def get_config(self) -> dict[str, Any]:
        return {"l1": self.l1, "l2": self.l2}


class OrthogonalRegularizer(Regularizer):
    """The mean absolute cosine between the rows of a matrix, or its columns: zero when they are orthogonal.

    `factor * sum over i < j of |cos(x_i, x_j)| / (n (n - 1) / 2)`.

    Args:
        factor: the factor, at least 0.
        mode: `"rows"` or `"columns"`.

    Raises:
        ValueError: if an argument is not one of these, or when called with an array that is not a matrix.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> print(keras.regularizers.OrthogonalRegularizer(0.5)(np.array([[1.0, 0.0], [1.0, 0.0]])))
        0.5
    """

    def __init__(self, factor: float = 0.01, mode: str = "rows") -> None:
        self.factor = _factor("factor", factor)
        if mode not in ("rows", "columns"):
            raise ValueError(f"mode must be 'rows' or 'columns'; received mode={mode!r}")
        self.mode = mode

    def __call__(self, inputs: Any) -> Any:
        shape = np.shape(inputs)
        if len(shape) != 2:
            raise ValueError(f"OrthogonalRegularizer needs a matrix; received an array of shape {shape}")
        vectors = inputs if self.mode == "rows" else np.transpose(inputs)
        squares = np.sum(np.square(vectors), axis=1, keepdims=True)
        unit = vectors / np.sqrt(np.maximum(squares, _SMALLEST_NORM**2))
        cosines = np.matmul(unit, np.transpose(unit))
        count = shape[0 if self.mode == "rows" else 1]
        others = 1 - np.eye(count, dtype=dtypes.numpy_dtype(dtypes.standardize_dtype(inputs.dtype)))
        pairs = max(count * (count - 1), 1)
        return self.factor * np.sum(np.absolute(cosines * others)) / pairs

    def get_config(self) -> dict[str, Any]:
        return {"factor": self.factor, "mode": self.mode}


def _factor(name: str, value: Any) -> float:
    """A factor that is a finite number of at least 0."""
    if not isinstance(value, (float, int)) or not 0 <= value < math.inf:
        raise ValueError(f"{name} must be a finite number of at least 0; received {name}={value!r}")
    return float(value)
