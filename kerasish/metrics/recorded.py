"""Metrics of arrays that stay in place: what a replayed training step updates with a few NumPy calls.

For the functions listed here the mean of a batch is computed in kept buffers. The result equals that of
`update_state`; a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np

from kerasish.backend.program import Calls, adding
from kerasish.metrics.metric import Metric
from kerasish.metrics.reduction_metrics import MeanMetricWrapper


def recorded_update(metric: Metric, y_true: np.ndarray, y_pred: np.ndarray) -> Calls:
    """The calls, without arguments, that take the present contents of two arrays into a metric."""
    if not keeps_nothing(metric):
        return [lambda: metric.update_state(y_true.copy(), y_pred.copy())]
    if isinstance(metric, MeanMetricWrapper) and type(metric).update_state is MeanMetricWrapper.update_state:
        comparison = _COMPARISONS.get(getattr(metric._fn, "__name__", ""))
        if comparison is not None and y_pred.dtype.kind == "f" and metric.total._value.dtype.kind == "f":
            hits = comparison(y_true, y_pred, **metric._fn_kwargs)
            if hits is not None:
                return _counting(metric, len(y_pred), hits)
    return [lambda: metric.update_state(y_true, y_pred)]


def keeps_nothing(metric: Metric) -> bool:
    """Whether a metric is the library's own; a user's may keep the arrays that it is given, beyond the next batch."""
    parts = (type(metric), getattr(metric, "_fn", None) or type(metric))
    return all((getattr(part, "__module__", None) or "").startswith("kerasish.") for part in parts)


class Hits(NamedTuple):
    """Which predictions are right.

    Attributes:
        calls: what fills `right`.
        right: an array of booleans.
        per_sample: how many of them a sample has.
    """

    calls: Calls
    right: np.ndarray
    per_sample: int


def _counting(metric: MeanMetricWrapper, samples: int, hits: Hits) -> Calls:
    total, seen = metric.total._value, metric.count._value
    score, right, per_sample = np.empty_like(total), hits.right, hits.per_sample

    def count() -> None:
        score.fill(np.count_nonzero(right) / per_sample)

    return [*hits.calls, count, *adding(total, score), *adding(seen, np.full_like(seen, samples))]


def _binary(y_true: np.ndarray, y_pred: np.ndarray, threshold: float = 0.5) -> Hits | None:
    if y_true.shape != y_pred.shape or y_pred.ndim < 1 or not y_pred.size:
        return None
    above, right = np.empty(y_pred.shape, bool), np.empty(y_pred.shape, bool)
    in_numbers = np.empty(y_pred.shape, y_true.dtype)
    calls: Calls = [
        partial(np.greater, y_pred, np.full((), threshold, y_pred.dtype), above),
        partial(in_numbers.__setitem__, ..., above),
        partial(np.equal, in_numbers, y_true, right),
    ]
    return Hits(calls, right, y_pred.size // len(y_pred))


def _sparse(y_true: np.ndarray, y_pred: np.ndarray) -> Hits | None:
    if y_pred.ndim != 2 or y_true.dtype.kind not in "iu":
        return None
    labels = y_true.reshape(-1)
    if labels.shape != y_pred.shape[:1]:
        return None
    best, right = np.empty(len(y_pred), np.intp), np.empty(len(y_pred), bool)
    return Hits([partial(y_pred.argmax, 1, best), partial(np.equal, best, labels, right)], right, 1)


def _categorical(y_true: np.ndarray, y_pred: np.ndarray) -> Hits | None:
    if y_pred.ndim != 2 or y_true.shape != y_pred.shape:
        return None
    best, true = np.empty(len(y_pred), np.intp), np.empty(len(y_pred), np.intp)
    right = np.empty(len(y_pred), bool)
    calls: Calls = [
        partial(y_pred.argmax, 1, best),
        partial(y_true.argmax, 1, true),
        partial(np.equal, best, true, right),
    ]
    return Hits(calls, right, 1)


_COMPARISONS: dict[str, Callable[..., Hits | None]] = {
    "binary_accuracy": _binary,
    "categorical_accuracy": _categorical,
    "sparse_categorical_accuracy": _sparse,
}
