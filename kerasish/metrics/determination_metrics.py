"""The coefficient of determination: the share of the targets' variance that the predictions explain."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish.backend import dtypes
from kerasish.backend.callers import warn
from kerasish.backend.typing import DTypeLike
from kerasish.backend.variable import Variable
from kerasish.losses.reduction import as_dtype, check_same_shape, plain, squeeze_or_expand_to_same_rank
from kerasish.metrics.metric import Metric, add_to, zeros

_AGGREGATIONS = (None, "uniform_average", "variance_weighted_average")


class R2Score(Metric):
    """`1 - sum((y_true - y_pred)**2) / sum((y_true - mean(y_true))**2)`: 1 is perfect, 0 no better than the mean.

    Args:
        class_aggregation: how the scores of several outputs become one: `"uniform_average"`,
            `"variance_weighted_average"`, or None to keep one score for each output.
        num_regressors: the number of independent variables, for the adjusted score; 0 for the standard one.
        name: the key in logs.
        dtype: of the result.

    Raises:
        ValueError: if an argument is not one of these.

    Example:
        >>> m = R2Score()
        >>> m.update_state([[1.0], [4.0], [3.0]], [[2.0], [4.0], [4.0]])
        >>> round(float(m.result()), 4)
        0.5714
    """

    _direction = "up"

    def __init__(
        self,
        class_aggregation: str | None = "uniform_average",
        num_regressors: int = 0,
        name: str | None = "r2_score",
        dtype: DTypeLike = None,
    ) -> None:
        super().__init__(name=name, dtype=dtype)
        if class_aggregation not in _AGGREGATIONS:
            raise ValueError(f"class_aggregation must be one of {_AGGREGATIONS}; received {class_aggregation!r}")
        if num_regressors < 0:
            raise ValueError(f"num_regressors must be at least 0; received {num_regressors}")
        self.class_aggregation = class_aggregation
        self.num_regressors = num_regressors
        self.num_samples = self.add_variable((), zeros, name="num_samples")
        self._built = False

    def _build(self, y_true: np.ndarray, y_pred: np.ndarray) -> None:
        if y_true.ndim != 2 or y_pred.ndim != 2:
            raise ValueError(
                f"R2Score needs inputs of shape (batch, outputs); received y_true of shape {y_true.shape} and y_pred "
                f"of shape {y_pred.shape}"
            )
        self.squared_sum = self._sums(y_pred, "squared_sum")
        self.sum = self._sums(y_pred, "sum")
        self.total_mse = self._sums(y_pred, "residual")
        self.count = self._sums(y_pred, "count")
        self._built = True

    def _sums(self, y_pred: np.ndarray, name: str) -> Variable:
        return self.add_variable(y_pred.shape[1:], zeros, name=name)

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        kind = dtypes.numpy_dtype(self.dtype)
        y_true, y_pred = squeeze_or_expand_to_same_rank(as_dtype(plain(y_true), kind), as_dtype(plain(y_pred), kind))
        check_same_shape(y_true, y_pred)
        if not self._built:
            self._build(y_true, y_pred)
        weights = np.ones((), kind) if sample_weight is None else as_dtype(plain(sample_weight), kind)
        weights = np.broadcast_to(weights[:, None] if weights.ndim == 1 else weights, y_true.shape)
        add_to(self.sum, (y_true * weights).sum(axis=0))
        add_to(self.squared_sum, (y_true * y_true * weights).sum(axis=0))
        add_to(self.total_mse, (np.square(y_true - y_pred) * weights).sum(axis=0))
        add_to(self.count, weights.sum(axis=0))
        add_to(self.num_samples, y_true.size)

    def result(self) -> Any:
        total_sum, count = self.sum._value, self.count._value
        with np.errstate(divide="ignore", invalid="ignore"):
            variation = self.squared_sum._value - total_sum * (total_sum / count)
            scores = 1 - self.total_mse._value / variation
            scores = np.where(np.isinf(scores), np.zeros((), scores.dtype), scores)
            if self.class_aggregation == "uniform_average":
                return self._adjusted(np.mean(scores))
            if self.class_aggregation == "variance_weighted_average":
                return self._adjusted(np.sum(variation * scores) / np.sum(variation))
        return self._adjusted(scores)

    def _adjusted(self, score: Any) -> Any:
        """The score less what so many regressors explain by chance."""
        if not self.num_regressors:
            return score
        spare = float(self.num_samples._value) - self.num_regressors - 1
        if spare <= 0:
            warn(
                f"the adjusted R2 score needs more than {self.num_regressors + 1} samples with "
                f"{self.num_regressors} regressors; this is the standard R2 score",
            )
            return score
        return 1 - (1 - score) * ((float(self.num_samples._value) - 1) / spare)

    def get_config(self) -> dict[str, Any]:
        own = {"class_aggregation": self.class_aggregation, "num_regressors": self.num_regressors}
        return {**super().get_config(), **own}
