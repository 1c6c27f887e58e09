"""The best of one rate that can be had while another is held: a point on a curve of thresholds."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish.backend import budget
from kerasish.backend.typing import DTypeLike, TensorLike
from kerasish.metrics.confusion_counts import count_outcomes
from kerasish.metrics.confusion_metrics import FourCounts


class SensitivitySpecificityBase(FourCounts):
    """The largest value of one rate over the thresholds at which another is at least `value`.

    Args:
        value: what the other rate must reach, from 0 to 1.
        num_thresholds: how many thresholds from 0 to 1 are tried.
        class_id: the only class that counts; all by default.
        name: the key in logs.
        dtype: of the result.

    Raises:
        ValueError: if `num_thresholds` is not positive.
    """

    def __init__(
        self,
        value: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: DTypeLike = None,
    ) -> None:
        super().__init__(name=name, dtype=dtype)
        if num_thresholds <= 0:
            raise ValueError(f"num_thresholds must be a whole number above 0; received {num_thresholds}")
        budget.check(64 * num_thresholds, f"num_thresholds={num_thresholds}")  # Python's numbers, before they are made
        self.value = value
        self.num_thresholds = num_thresholds
        self.class_id = class_id
        self._evenly = num_thresholds > 1
        self.thresholds = [i / (num_thresholds - 1) for i in range(num_thresholds)] if self._evenly else [0.5]
        self._add_counts((len(self.thresholds),))

    def update_state(self, y_true: TensorLike, y_pred: TensorLike, sample_weight: TensorLike | None = None) -> None:
        self._count(
            count_outcomes(
                y_true,
                y_pred,
                self.thresholds,
                self._evenly,
                class_id=self.class_id,
                sample_weight=sample_weight,
            )
        )

    def _largest(self, dependent: np.ndarray, constrained: np.ndarray) -> Any:
        """The largest of `dependent` where `constrained` reaches the value; zero where it never does."""
        return np.max(dependent, where=constrained >= self.value, initial=0)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "class_id": self.class_id, "num_thresholds": self.num_thresholds}


def _check_share(value: float, name: str) -> float:
    if not 0 <= value <= 1:
        raise ValueError(f"{name} must be from 0 to 1; received {value}")
    return value


class SensitivityAtSpecificity(SensitivitySpecificityBase):
    """The best sensitivity `tp / (tp + fn)` among thresholds with a specificity `tn / (tn + fp)` of at least so much.

    Args:
        specificity: what must be reached, from 0 to 1.
        num_thresholds: how many thresholds from 0 to 1 are tried.
        class_id: the only class that counts; all by default.
        name: the key in logs.
        dtype: of the result.

    Raises:
        ValueError: if `specificity` is not from 0 to 1.

    Example:
        >>> m = SensitivityAtSpecificity(0.5)
        >>> m.update_state([0, 0, 0, 1, 1], [0, 0.3, 0.8, 0.3, 0.8])
        >>> float(m.result())
        0.5
    """

    def __init__(
        self,
        specificity: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: DTypeLike = None,
    ) -> None:
        self.specificity = _check_share(specificity, "specificity")
        super().__init__(specificity, num_thresholds, class_id, name, dtype)

    def result(self) -> Any:
        return self._largest(self._recall(), self._specificity())

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "specificity": self.specificity}


class SpecificityAtSensitivity(SensitivitySpecificityBase):
    """The best specificity `tn / (tn + fp)` among thresholds with a sensitivity `tp / (tp + fn)` of at least so much.

    Args:
        sensitivity: what must be reached, from 0 to 1.
        num_thresholds: how many thresholds from 0 to 1 are tried.
        class_id: the only class that counts; all by default.
        name: the key in logs.
        dtype: of the result.

    Raises:
        ValueError: if `sensitivity` is not from 0 to 1.

    Example:
        >>> m = SpecificityAtSensitivity(0.5)
        >>> m.update_state([0, 0, 0, 1, 1], [0, 0.3, 0.8, 0.3, 0.8])
        >>> round(float(m.result()), 4)
        0.6667
    """

    def __init__(
        self,
        sensitivity: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: DTypeLike = None,
    ) -> None:
        self.sensitivity = _check_share(sensitivity, "sensitivity")
        super().__init__(sensitivity, num_thresholds, class_id, name, dtype)

    def result(self) -> Any:
        return self._largest(self._specificity(), self._recall())

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "sensitivity": self.sensitivity}


class PrecisionAtRecall(SensitivitySpecificityBase):
    """The best precision `tp / (tp + fp)` among thresholds with a recall `tp / (tp + fn)` of at least so much.

    Args:
        recall: what must be reached, from 0 to 1.
        num_thresholds: how many thresholds from 0 to 1 are tried.
        class_id: the only class that counts; all by default.
        name: the key in logs.
        dtype: of the result.

    Raises:
        ValueError: if `recall` is not from 0 to 1.

    Example:
        >>> m = PrecisionAtRecall(0.5)
        >>> m.update_state([0, 0, 0, 1, 1], [0, 0.3, 0.8, 0.3, 0.8])
        >>> float(m.result())
        0.5
    """

    def __init__(
        self,
        recall: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: DTypeLike = None,
    ) -> None:
        self.recall = _check_share(recall, "recall")
        super().__init__(recall, num_thresholds, class_id, name, dtype)

    def result(self) -> Any:
        return self._largest(self._precision(), self._recall())

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "recall": self.recall}


class RecallAtPrecision(SensitivitySpecificityBase):
    """The best recall `tp / (tp + fn)` among thresholds with a precision `tp / (tp + fp)` of at least so much.

    Args:
        precision: what must be reached, from 0 to 1.
        num_thresholds: how many thresholds from 0 to 1 are tried.
        class_id: the only class that counts; all by default.
        name: the key in logs.
        dtype: of the result.

    Raises:
        ValueError: if `precision` is not from 0 to 1.

    Example:
        >>> m = RecallAtPrecision(0.8)
        >>> m.update_state([0, 0, 1, 1], [0, 0.5, 0.3, 0.9])
        >>> float(m.result())
        0.5
    """

    def __init__(
        self,
        precision: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: DTypeLike = None,
    ) -> None:
        self.precision = _check_share(precision, "precision")
        super().__init__(precision, num_thresholds, class_id, name, dtype)

    def result(self) -> Any:
        return self._largest(self._recall(), self._precision())

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "precision": self.precision}
