"""Metrics of arrays that stay in place: what a replayed training step updates with a few NumPy calls.

For the functions listed here the mean of a batch is computed in kept buffers. The result equals that of
`update_state`; a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from kerasish.metrics.metric import Metric
from kerasish.metrics.reduction_metrics import MeanMetricWrapper

Update = Callable[[], None]


def recorded_update(metric: Metric, y_true: np.ndarray, y_pred: np.ndarray) -> Update:
    """A function without arguments that takes the present contents of two arrays into a metric."""
    if not keeps_nothing(metric):
        return lambda: metric.update_state(y_true.copy(), y_pred.copy())
    if isinstance(metric, MeanMetricWrapper) and type(metric).update_state is MeanMetricWrapper.update_state:
        counter = _COUNTERS.get(getattr(metric._fn, "__name__", ""))
        if counter is not None and y_pred.dtype.kind == "f" and metric.total._value.dtype.kind == "f":
            count = counter(y_true, y_pred, **metric._fn_kwargs)
            if count is not None:
                return _adding(metric, len(y_pred), *count)
    return lambda: metric.update_state(y_true, y_pred)


def keeps_nothing(metric: Metric) -> bool:
    """Whether a metric is the library's own; a user's may keep the arrays that it is given, beyond the next batch."""
    parts = (type(metric), getattr(metric, "_fn", None) or type(metric))
    return all((getattr(part, "__module__", None) or "").startswith("kerasish.") for part in parts)


def _adding(metric: MeanMetricWrapper, samples: int, count: Callable[[], int], per_sample: int) -> Update:
    total, seen = metric.total._value, metric.count._value
    right, size = np.empty_like(total), np.full_like(seen, samples)

    def update() -> None:
        right.fill(count() / per_sample)
        np.add(total, right, total)
        np.add(seen, size, seen)

    return update


Counter = tuple[Callable[[], int], int] | None


def _binary(y_true: np.ndarray, y_pred: np.ndarray, threshold: float = 0.5) -> Counter:
    if y_true.shape != y_pred.shape or y_pred.ndim < 1 or not y_pred.size:
        return None
    above, right = np.empty(y_pred.shape, bool), np.empty(y_pred.shape, bool)
    limit = np.full((), threshold, y_pred.dtype)
    in_floats = np.empty(y_pred.shape, y_true.dtype)

    def count() -> int:
        np.greater(y_pred, limit, above)
        np.copyto(in_floats, above, casting="unsafe")
        np.equal(in_floats, y_true, right)
        return int(np.count_nonzero(right))

    return count, y_pred.size // len(y_pred)


def _sparse(y_true: np.ndarray, y_pred: np.ndarray) -> Counter:
    if y_pred.ndim != 2 or y_true.dtype.kind not in "iu":
        return None
    labels = y_true.reshape(-1)
    if labels.shape != y_pred.shape[:1]:
        return None
    best, right = np.empty(len(y_pred), np.intp), np.empty(len(y_pred), bool)

    def count() -> int:
        y_pred.argmax(1, best)
        np.equal(best, labels, right)
        return int(np.count_nonzero(right))

    return count, 1


def _categorical(y_true: np.ndarray, y_pred: np.ndarray) -> Counter:
    if y_pred.ndim != 2 or y_true.shape != y_pred.shape:
        return None
    best, true = np.empty(len(y_pred), np.intp), np.empty(len(y_pred), np.intp)
    right = np.empty(len(y_pred), bool)

    def count() -> int:
        y_pred.argmax(1, best)
        y_true.argmax(1, true)
        np.equal(best, true, right)
        return int(np.count_nonzero(right))

    return count, 1


_COUNTERS: dict[str, Callable[..., Counter]] = {
    "binary_accuracy": _binary,
    "categorical_accuracy": _categorical,
    "sparse_categorical_accuracy": _sparse,
}
