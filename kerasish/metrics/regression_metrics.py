"""Metrics of numbers: how far predictions are from their targets on average."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from kerasish.backend import dtypes
from kerasish.backend.typing import DTypeLike, TensorLike
from kerasish.losses import regression
from kerasish.losses.reduction import align, as_dtype, plain
from kerasish.metrics.reduction_metrics import BuiltinMean, Mean


def cosine_similarity(y_true: TensorLike, y_pred: TensorLike, axis: int = -1) -> Any:
    """The cosine of the angle between target and prediction: 1 if they point the same way, -1 if opposite.

    Args:
        y_true: targets.
        y_pred: predictions of the same shape.
        axis: the axis of the vectors.

    Example:
        >>> cosine_similarity([[0.0, 2.0], [1.0, 0.0]], [[0.0, 1.0], [0.0, 1.0]])
        array([1., 0.], dtype=float32)
    """
    return -regression.cosine_similarity(plain(y_true), plain(y_pred), axis)


class MeanSquaredError(BuiltinMean):
    """The mean of squared differences.

    Args:
        name: the key in logs.
        dtype: of the result.

    Example:
        >>> m = MeanSquaredError()
        >>> m.update_state([[0, 1], [0, 0]], [[1, 1], [0, 0]])
        >>> float(m.result())
        0.25
    """

    _direction = "down"

    def __init__(self, name: str | None = "mean_squared_error", dtype: DTypeLike = None) -> None:
        super().__init__(regression.mean_squared_error, name=name, dtype=dtype)


class RootMeanSquaredError(Mean):
    """The square root of the mean of squared differences, in the unit of the targets.

    Args:
        name: the key in logs.
        dtype: of the result.

    Example:
        >>> m = RootMeanSquaredError()
        >>> m.update_state([[0, 1], [0, 0]], [[1, 1], [0, 0]])
        >>> float(m.result())
        0.5
    """

    _direction = "down"

    def __init__(self, name: str | None = "root_mean_squared_error", dtype: DTypeLike = None) -> None:
        super().__init__(name=name, dtype=dtype)

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:  # type: ignore[override]
        y_true, y_pred = align(plain(y_true), as_dtype(plain(y_pred), dtypes.numpy_dtype(self.dtype)))
        super().update_state(np.square(y_pred - y_true), sample_weight)

    def result(self) -> Any:
        return np.sqrt(super().result())


class MeanAbsoluteError(BuiltinMean):
    """The mean of absolute differences.

    Args:
        name: the key in logs.
        dtype: of the result.

    Example:
        >>> m = MeanAbsoluteError()
        >>> m.update_state([[0, 1], [0, 0]], [[1, 1], [0, 0]])
        >>> float(m.result())
        0.25
    """

    _direction = "down"

    def __init__(self, name: str | None = "mean_absolute_error", dtype: DTypeLike = None) -> None:
        super().__init__(regression.mean_absolute_error, name=name, dtype=dtype)


class MeanAbsolutePercentageError(BuiltinMean):
    """The mean of absolute differences in percent of the targets.

    Args:
        name: the key in logs.
        dtype: of the result.

    Example:
        >>> m = MeanAbsolutePercentageError()
        >>> m.update_state([[4.0, 8.0]], [[5.0, 4.0]])
        >>> float(m.result())
        37.5
    """

    _direction = "down"

    def __init__(self, name: str | None = "mean_absolute_percentage_error", dtype: DTypeLike = None) -> None:
        super().__init__(regression.mean_absolute_percentage_error, name=name, dtype=dtype)


class MeanSquaredLogarithmicError(BuiltinMean):
    """The mean of squared differences of logarithms, `(log(1 + y_true) - log(1 + y_pred))**2`.

    Args:
        name: the key in logs.
        dtype: of the result.

    Example:
        >>> m = MeanSquaredLogarithmicError()
        >>> m.update_state([[0, 3]], [[0, 3]])
        >>> float(m.result())
        0.0
    """

    _direction = "down"

    def __init__(self, name: str | None = "mean_squared_logarithmic_error", dtype: DTypeLike = None) -> None:
        super().__init__(regression.mean_squared_logarithmic_error, name=name, dtype=dtype)


class CosineSimilarity(BuiltinMean):
    """The mean of the cosine of the angle between target and prediction.

    Args:
        name: the key in logs.
        dtype: of the result.
        axis: the axis of the vectors.

    Example:
        >>> m = CosineSimilarity()
        >>> m.update_state([[0.0, 2.0], [1.0, 0.0]], [[0.0, 1.0], [0.0, 1.0]])
        >>> float(m.result())
        0.5
    """

    _direction = "up"
    _unnamed: ClassVar[dict[str, Any]] = {"axis": -1}

    def __init__(self, name: str | None = "cosine_similarity", dtype: DTypeLike = None, axis: int = -1) -> None:
        super().__init__(cosine_similarity, name=name, dtype=dtype, axis=axis)


class LogCoshError(BuiltinMean):
    """The mean of `log(cosh(y_pred - y_true))`.

    Args:
        name: the key in logs.
        dtype: of the result.

    Example:
        >>> m = LogCoshError()
        >>> m.update_state([[0, 1], [0, 0]], [[0, 1], [0, 0]])
        >>> float(m.result())
        0.0
    """

    _direction = "down"

    def __init__(self, name: str | None = "logcosh", dtype: DTypeLike = None) -> None:
        super().__init__(regression.log_cosh, name=name, dtype=dtype)
