"""Metrics of yes-or-no decisions: counts of right and wrong ones, precision, recall."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from kerasish.backend.typing import DTypeLike, TensorLike
from kerasish.backend.variable import Variable
from kerasish.metrics.confusion_counts import BELOW_ALL, Counts, count_outcomes, is_evenly_distributed, parse_thresholds
from kerasish.metrics.metric import Metric, add_to, divide_no_nan, zeros


class ConfusionMatrixConditionCount(Metric):
    """The weighted count of one of the four outcomes.

    Args:
        thresholds: a number from 0 to 1 or a list of them; predictions above are positive. 0.5 by default.
        name: the key in logs.
        dtype: of the result.
    """

    _outcome: ClassVar[str]  # a field of `Counts`

    def __init__(self, thresholds: Any = None, name: str | None = None, dtype: DTypeLike = None) -> None:
        super().__init__(name=name, dtype=dtype)
        self.init_thresholds = thresholds
        self.thresholds = parse_thresholds(thresholds, 0.5)
        self._evenly = is_evenly_distributed(self.thresholds)
        self.accumulator = self.add_variable((len(self.thresholds),), zeros, name="accumulator")

    def update_state(self, y_true: TensorLike, y_pred: TensorLike, sample_weight: TensorLike | None = None) -> None:
        counts = count_outcomes(y_true, y_pred, self.thresholds, self._evenly, sample_weight=sample_weight)
        add_to(self.accumulator, getattr(counts, self._outcome))

    def result(self) -> Any:
        return _one_or_all(self.accumulator.numpy())

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "thresholds": self.init_thresholds}


def _one_or_all(values: Any) -> Any:
    return values[0] if len(values) == 1 else values


class TruePositives(ConfusionMatrixConditionCount):
    """The number of positives that were predicted as such.

    Args:
        thresholds: a number from 0 to 1 or a list of them; predictions above are positive. 0.5 by default.
        name: the key in logs.
        dtype: of the result.

    Example:
        >>> m = TruePositives()
        >>> m.update_state([0, 1, 1, 1], [1, 0, 1, 1])
        >>> float(m.result())
        2.0
    """

    _outcome = "true_positives"


class FalsePositives(ConfusionMatrixConditionCount):
    """The number of negatives that were predicted as positive.

    Args:
        thresholds: a number from 0 to 1 or a list of them; predictions above are positive. 0.5 by default.
        name: the key in logs.
        dtype: of the result.

    Example:
        >>> m = FalsePositives()
        >>> m.update_state([0, 1, 0, 0], [0, 0, 1, 1])
        >>> float(m.result())
        2.0
    """

    _outcome = "false_positives"


class TrueNegatives(ConfusionMatrixConditionCount):
    """The number of negatives that were predicted as such.

    Args:
        thresholds: a number from 0 to 1 or a list of them; predictions above are positive. 0.5 by default.
        name: the key in logs.
        dtype: of the result.

    Example:
        >>> m = TrueNegatives()
        >>> m.update_state([0, 1, 0, 0], [1, 1, 0, 0])
        >>> float(m.result())
        2.0
    """

    _outcome = "true_negatives"


class FalseNegatives(ConfusionMatrixConditionCount):
    """The number of positives that were predicted as negative.

    Args:
        thresholds: a number from 0 to 1 or a list of them; predictions above are positive. 0.5 by default.
        name: the key in logs.
        dtype: of the result.

    Example:
        >>> m = FalseNegatives()
        >>> m.update_state([0, 1, 1, 1], [0, 1, 0, 0])
        >>> float(m.result())
        2.0
    """

    _outcome = "false_negatives"


class PrecisionRecallBase(Metric):
    """True positives as a share of true positives and one kind of error.

    Args:
        thresholds: see `Precision`.
        top_k: see `Precision`.
        class_id: see `Precision`.
        name: the key in logs.
        dtype: of the result.
    """

    _direction = "up"
    _errors: ClassVar[str]  # a field of `Counts`

    def __init__(
        self,
        thresholds: Any = None,
        top_k: int | None = None,
        class_id: int | None = None,
        name: str | None = None,
        dtype: DTypeLike = None,
    ) -> None:
        super().__init__(name=name, dtype=dtype)
        self.init_thresholds = thresholds
        self.top_k = top_k
        self.class_id = class_id
        self.thresholds = parse_thresholds(thresholds, 0.5 if top_k is None else BELOW_ALL)
        self._evenly = is_evenly_distributed(self.thresholds)
        shape = (len(self.thresholds),)
        self.true_positives = self.add_variable(shape, zeros, name="true_positives")
        setattr(self, self._errors, self.add_variable(shape, zeros, name=self._errors))

    def update_state(self, y_true: TensorLike, y_pred: TensorLike, sample_weight: TensorLike | None = None) -> None:
        counts = count_outcomes(
            y_true, y_pred, self.thresholds, self._evenly, self.top_k, self.class_id, sample_weight=sample_weight
        )
        add_to(self.true_positives, counts.true_positives)
        add_to(getattr(self, self._errors), getattr(counts, self._errors))

    def result(self) -> Any:
        hits = self.true_positives._value
        return _one_or_all(divide_no_nan(hits, hits + getattr(self, self._errors)._value))

    def get_config(self) -> dict[str, Any]:
        own = {"thresholds": self.init_thresholds, "top_k": self.top_k, "class_id": self.class_id}
        return {**super().get_config(), **own}


class Precision(PrecisionRecallBase):
    """The share of predicted positives that are positive: `tp / (tp + fp)`.

    Args:
        thresholds: a number from 0 to 1 or a list of them; predictions above are positive. 0.5 by default; with
            `top_k`, none.
        top_k: only the `k` largest predictions of a sample can be positive.
        class_id: the only class that counts; all by default.
        name: the key in logs.
        dtype: of the result.

    Example:
        >>> m = Precision()
        >>> m.update_state([0, 1, 1, 1], [1, 0, 1, 1])
        >>> round(float(m.result()), 4)
        0.6667
    """

    _errors = "false_positives"


class Recall(PrecisionRecallBase):
    """The share of positives that were predicted as such: `tp / (tp + fn)`.

    Args:
        thresholds: a number from 0 to 1 or a list of them; predictions above are positive. 0.5 by default; with
            `top_k`, none.
        top_k: only the `k` largest predictions of a sample can be positive.
        class_id: the only class that counts; all by default.
        name: the key in logs.
        dtype: of the result.

    Example:
        >>> m = Recall()
        >>> m.update_state([0, 1, 1, 1], [1, 0, 1, 1])
        >>> round(float(m.result()), 4)
        0.6667
    """

    _errors = "false_negatives"


class FourCounts(Metric):
    """A metric whose state is the four outcomes at many thresholds."""

    _direction = "up"
    true_positives: Variable
    false_positives: Variable
    true_negatives: Variable
    false_negatives: Variable

    def _add_counts(self, shape: tuple[int, ...], order: tuple[str, ...] = Counts._fields) -> None:
        for name in order:
            setattr(self, name, self.add_variable(shape, zeros, name=name))

    def _count(self, counts: Counts) -> None:
        for name, count in zip(Counts._fields, counts, strict=True):
            add_to(getattr(self, name), count)

    def _recall(self) -> np.ndarray:
        hits = self.true_positives._value
        return divide_no_nan(hits, hits + self.false_negatives._value)

    def _precision(self) -> np.ndarray:
        hits = self.true_positives._value
        return divide_no_nan(hits, hits + self.false_positives._value)

    def _specificity(self) -> np.ndarray:
        hits = self.true_negatives._value
        return divide_no_nan(hits, hits + self.false_positives._value)
