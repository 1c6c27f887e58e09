"""F-scores: precision and recall in one number."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish.backend import config, dtypes
from kerasish.backend.typing import DTypeLike
from kerasish.backend.variable import Variable
from kerasish.losses.reduction import as_dtype, check_same_shape, plain
from kerasish.metrics.metric import Metric, add_to, zeros

_AVERAGES = (None, "micro", "macro", "weighted")


class FBetaScore(Metric):
    """The weighted harmonic mean of precision and recall: `(1 + b**2) * p * r / (b**2 * p + r)`.

    Args:
        average: how the scores of the classes become one: `"micro"` counts all classes together, `"macro"` is
            the mean of the scores, `"weighted"` weighs them by the number of true samples; None keeps one each.
        beta: how much recall counts more than precision; a float above 0.
        threshold: predictions above it are positive; with None it is the largest of each sample.
        name: the key in logs.
        dtype: of the result.

    Raises:
        ValueError: if an argument is not one of these, or inputs are not of shape `(batch, classes)`.

    Example:
        >>> m = FBetaScore(beta=2.0, threshold=0.5)
        >>> m.update_state([[1, 1, 1], [1, 0, 0], [1, 1, 0]], [[0.2, 0.6, 0.7], [0.2, 0.6, 0.6], [0.6, 0.8, 0.0]])
        >>> m.result().round(4)
        array([0.3846, 0.9091, 0.8333], dtype=float32)
    """

    _direction = "up"

    def __init__(
        self,
        average: str | None = None,
        beta: float = 1.0,
        threshold: float | None = None,
        name: str | None = "fbeta_score",
        dtype: DTypeLike = None,
    ) -> None:
        super().__init__(name=name, dtype=dtype)
        if average not in _AVERAGES:
            raise ValueError(f"average must be one of {_AVERAGES}; received {average!r}")
        if not isinstance(beta, float) or beta <= 0.0:
            raise ValueError(f"beta must be a float above 0; received {beta!r} ({type(beta).__name__})")
        if threshold is not None and (not isinstance(threshold, float) or not 0.0 < threshold <= 1.0):
            raise ValueError(
                f"threshold must be None or a float above 0 and up to 1; received {threshold!r} "
                f"({type(threshold).__name__})"
            )
        self.average = average
        self.beta = beta
        self.threshold = threshold
        self.axis = None if average == "micro" else 0
        self._built = False

    def _build(self, y_true: np.ndarray, y_pred: np.ndarray) -> None:
        if y_true.ndim != 2 or y_pred.ndim != 2:
            raise ValueError(
                f"{type(self).__name__} needs inputs of shape (batch, classes); received y_true of shape "
                f"{y_true.shape} and y_pred of shape {y_pred.shape}"
            )
        shape = () if self.average == "micro" else y_pred.shape[1:]
        self.true_positives = self._counts(shape, "true_positives")
        self.false_positives = self._counts(shape, "false_positives")
        self.false_negatives = self._counts(shape, "false_negatives")
        self.intermediate_weights = self._counts(shape, "intermediate_weights")
        self._built = True

    def _counts(self, shape: tuple[int, ...], name: str) -> Variable:
        return self.add_variable(shape, zeros, dtype=self.dtype, name=name)

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        kind = dtypes.numpy_dtype(self.dtype)
        y_true, y_pred = as_dtype(plain(y_true), kind), as_dtype(plain(y_pred), kind)
        if not self._built:
            self._build(y_true, y_pred)
        check_same_shape(y_true, y_pred)
        if self.threshold is None:
            chosen = (y_pred >= y_pred.max(axis=-1, keepdims=True)) & (np.absolute(y_pred) > 1e-9)
        else:
            chosen = y_pred > self.threshold
        positive = chosen.astype(kind)
        weights = None if sample_weight is None else as_dtype(plain(sample_weight), kind)[:, None]

        def count(which: np.ndarray) -> Any:
            return np.sum(which if weights is None else which * weights, axis=self.axis)

        add_to(self.true_positives, count(positive * y_true))
        add_to(self.false_positives, count(positive * (1 - y_true)))
        add_to(self.false_negatives, count((1 - positive) * y_true))
        add_to(self.intermediate_weights, count(y_true))

    def result(self) -> Any:
        small = config.epsilon()
        hits = self.true_positives._value
        precision = hits / (hits + self.false_positives._value + small)
        recall = hits / (hits + self.false_negatives._value + small)
        weight = self.beta**2
        score = (1 + weight) * precision * recall / (weight * precision + recall + small)
        if self.average == "weighted":
            true = self.intermediate_weights._value
            return np.sum(score * (true / (np.sum(true) + small)))
        return score if self.average is None else np.mean(score)

    def get_config(self) -> dict[str, Any]:
        own = {"average": self.average, "beta": self.beta, "threshold": self.threshold}
        return {**super().get_config(), **own}


class F1Score(FBetaScore):
    """The harmonic mean of precision and recall: `2 * p * r / (p + r)`.

    Args:
        average: how the scores of the classes become one; see `FBetaScore`.
        threshold: predictions above it are positive; with None it is the largest of each sample.
        name: the key in logs.
        dtype: of the result.

    Example:
        >>> m = F1Score(threshold=0.5)
        >>> m.update_state([[1, 1, 1], [1, 0, 0], [1, 1, 0]], [[0.2, 0.6, 0.7], [0.2, 0.6, 0.6], [0.6, 0.8, 0.0]])
        >>> m.result().round(4)
        array([0.5   , 0.8   , 0.6667], dtype=float32)
    """

    def __init__(
        self,
        average: str | None = None,
        threshold: float | None = None,
        name: str | None = "f1_score",
        dtype: DTypeLike = None,
    ) -> None:
        super().__init__(average=average, beta=1.0, threshold=threshold, name=name, dtype=dtype)

    def get_config(self) -> dict[str, Any]:
        own = super().get_config()
        del own["beta"]
        return own
