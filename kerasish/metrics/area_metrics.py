"""The area under the curve that a classifier draws as its threshold goes from one end to the other."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish.backend import budget, config, dtypes
from kerasish.backend.typing import DTypeLike
from kerasish.losses.reduction import as_dtype, plain
from kerasish.metrics.confusion_counts import count_outcomes, is_evenly_distributed
from kerasish.metrics.confusion_metrics import FourCounts
from kerasish.metrics.metric import divide_no_nan

_CURVES = {"roc": "ROC", "ROC": "ROC", "pr": "PR", "PR": "PR", "prgain": "PRGAIN", "PRGAIN": "PRGAIN"}
_METHODS = {name: name.lower() for word in ("interpolation", "majoring", "minoring") for name in (word, word.title())}
# The order in which Keras keeps the counts, which files rely on.
_ORDER = ("true_positives", "false_positives", "true_negatives", "false_negatives")


def _choose(value: Any, choices: dict[str, str], name: str) -> str:
    value = getattr(value, "value", value)
    if value not in choices:
        raise ValueError(f"{name} must be one of {sorted(set(choices.values()))}; received {value!r}")
    return choices[value]


class AUC(FourCounts):
    """The area under the receiver operating characteristic, or under the precision-recall curve.

    The curve is drawn through `num_thresholds` points, so the area is approximate where predictions crowd.

    Args:
        num_thresholds: how many thresholds are tried, evenly from 0 to 1; more than 1.
        curve: `"ROC"`: the rate of true over that of false positives. `"PR"`: precision over recall. `"PRGAIN"`:
            precision gain over recall gain.
        summation_method: `"interpolation"` (trapezoids; for PR the interpolation of Davis and Goadrich),
            `"minoring"` (the lower of two neighbours) or `"majoring"` (the higher).
        name: the key in logs.
        dtype: of the result.
        thresholds: thresholds from 0 to 1 of your own in place of `num_thresholds`.
        multi_label: whether each column of `(batch, labels)` has a curve of its own, whose areas are averaged.
        num_labels: the number of columns, if `multi_label` and known.
        label_weights: weights of the columns: of their areas if `multi_label`, else of their samples.
        from_logits: whether predictions are logits, to which the sigmoid is applied.

    Raises:
        ValueError: if an argument is not one of these.

    Example:
        >>> m = AUC(num_thresholds=3)
        >>> m.update_state([0, 0, 1, 1], [0, 0.5, 0.3, 0.9])
        >>> float(m.result())
        0.75

    Source: J. Davis and M. Goadrich, The Relationship Between Precision-Recall and ROC Curves, 2006.
    """

    def __init__(
        self,
        num_thresholds: int = 200,
        curve: str = "ROC",
        summation_method: str = "interpolation",
        name: str | None = None,
        dtype: DTypeLike = None,
        thresholds: Any = None,
        multi_label: bool = False,
        num_labels: int | None = None,
        label_weights: Any = None,
        from_logits: bool = False,
    ) -> None:
        super().__init__(name=name, dtype=dtype)
        self.curve = _choose(curve, _CURVES, "curve")
        self.summation_method = _choose(summation_method, _METHODS, "summation_method")
        self._set_thresholds(num_thresholds, thresholds)
        self.multi_label = multi_label
        self.num_labels = num_labels
        self.label_weights = label_weights
        self._shares = None if label_weights is None else np.asarray(label_weights, dtypes.numpy_dtype(self.dtype))
        self._from_logits = from_logits
        self._built = False
        if num_labels and not multi_label:
            raise ValueError(f"num_labels={num_labels} is for multi_label=True only")
        if num_labels or not multi_label:
            self._build((None, num_labels))

    def _set_thresholds(self, num_thresholds: int, thresholds: Any) -> None:
        self._init_from_thresholds = thresholds is not None
        if thresholds is None:
            if num_thresholds <= 1:
                raise ValueError(f"num_thresholds must be a whole number above 1; received {num_thresholds}")
            budget.check(64 * num_thresholds, f"num_thresholds={num_thresholds}")  # Python's numbers
            inner = [i / (num_thresholds - 1) for i in range(1, num_thresholds - 1)]
        else:
            inner = sorted(thresholds)
        self.num_thresholds = len(inner) + 2
        self._evenly = thresholds is None or is_evenly_distributed([0.0, *inner, 1.0])
        small = config.epsilon()  # so that at the ends all is positive, and nothing is
        self._thresholds = np.array([-small, *inner, 1.0 + small], np.float64)

    @property
    def thresholds(self) -> list[float]:
        """The thresholds, with one below 0 and one above 1."""
        return self._thresholds.tolist()

    def _build(self, shape: tuple[int | None, ...]) -> None:
        if len(shape) != 2 and self.multi_label:
            raise ValueError(f"multi_label=True needs predictions of shape (batch, labels); received shape {shape}")
        counts: tuple[Any, ...] = (self.num_thresholds, shape[1]) if self.multi_label else (self.num_thresholds,)
        self._add_counts(counts, _ORDER)
        self._built = True

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        y_pred = plain(y_pred)
        if not self._built:
            self._build(y_pred.shape)
        if self._from_logits:
            y_pred = 0.5 * np.tanh(0.5 * as_dtype(y_pred, np.dtype(config.floatx()))) + 0.5
        counts = count_outcomes(
            y_true,
            y_pred,
            self._thresholds,
            self._evenly,
            sample_weight=sample_weight,
            multi_label=self.multi_label,
            label_weights=self._shares,
        )
        self._count(counts)

    def interpolate_pr_auc(self) -> Any:
        """The area under the precision-recall curve with the true positives linear between two thresholds.

        Precision itself is not linear there: with `slope = dTP / dP` and `intercept = TP - slope * P`, the area of a
        piece is `slope * (dTP + intercept * log(P_left / P_right)) / (TP + FN)`.
        """
        hits = self.true_positives._value
        predicted = hits + self.false_positives._value
        gained = hits[:-1] - hits[1:]
        slope = divide_no_nan(gained, np.maximum(predicted[:-1] - predicted[1:], 0))
        intercept = hits[1:] - slope * predicted[1:]
        both = (predicted[:-1] > 0) & (predicted[1:] > 0)
        ratio = np.where(both, divide_no_nan(predicted[:-1], predicted[1:]), 1).astype(hits.dtype)
        pieces = slope * (gained + intercept * np.log(ratio))
        return self._total(divide_no_nan(pieces, hits[1:] + self.false_negatives._value[1:]))

    def result(self) -> Any:
        if self.curve == "PR" and self.summation_method == "interpolation":
            return self.interpolate_pr_auc()
        x, y = self._points()
        left, right = y[:-1], y[1:]
        if self.summation_method == "interpolation":
            heights = (left + right) / 2
        else:
            heights = np.minimum(left, right) if self.summation_method == "minoring" else np.maximum(left, right)
        return self._total((x[:-1] - x[1:]) * heights)

    def _points(self) -> tuple[np.ndarray, np.ndarray]:
        if self.curve == "ROC":
            wrong = self.false_positives._value
            return divide_no_nan(wrong, wrong + self.true_negatives._value), self._recall()
        if self.curve == "PR":
            return self._recall(), self._precision()
        hits, missed, wrong = self.true_positives._value, self.false_negatives._value, self.false_positives._value
        odds = divide_no_nan(hits + missed, self.true_negatives._value + wrong)
        recall_gain = np.where(hits == 0, 0, 1 - odds * divide_no_nan(missed, hits)).astype(hits.dtype)
        precision_gain = np.where(hits == 0, 1, 1 - odds * divide_no_nan(wrong, hits)).astype(hits.dtype)
        return np.maximum(recall_gain, 0), precision_gain

    def _total(self, pieces: np.ndarray) -> Any:
        if not self.multi_label:
            return np.sum(pieces)
        areas = np.sum(pieces, axis=0)
        if self._shares is None:
            return np.mean(areas)
        return divide_no_nan(np.sum(areas * self._shares), np.sum(self._shares))

    def get_config(self) -> dict[str, Any]:
        own: dict[str, Any] = {
            "num_thresholds": self.num_thresholds,
            "curve": self.curve,
            "summation_method": self.summation_method,
            "multi_label": self.multi_label,
            "num_labels": self.num_labels,
            "label_weights": self.label_weights,
            "from_logits": self._from_logits,
        }
        if self._init_from_thresholds:
            own["thresholds"] = self.thresholds[1:-1]
        return {**super().get_config(), **own}
