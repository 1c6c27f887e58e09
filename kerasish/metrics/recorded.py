"""Metrics of arrays that stay in place: what a replayed training step updates with a few NumPy calls.

For the functions listed here the mean of a batch is computed in kept buffers. The result equals that of
`update_state`; a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from types import NoneType
from typing import Any, NamedTuple

import numpy as np

from kerasish.backend.array import eager
from kerasish.backend.plans import same_floats
from kerasish.backend.room import Calls, adding
from kerasish.backend.variable import Variable
from kerasish.metrics import accuracy_metrics
from kerasish.metrics.metric import Metric
from kerasish.metrics.reduction_metrics import Mean, MeanMetricWrapper


class Growth(NamedTuple):
    """What a batch adds to a mean.

    Attributes:
        metric: the mean.
        samples: how many samples the batch has.
        fill: the calls that write the sum of their values into an array without axes.
        dtype: of that array.
    """

    metric: Mean
    samples: int
    fill: Callable[[np.ndarray], Calls]
    dtype: np.dtype


def recorded_update(metric: Metric, y_true: np.ndarray, y_pred: np.ndarray) -> Growth | Calls:
    """What takes the present contents of two arrays into a metric: calls without arguments, or all that they add."""
    if isinstance(metric, MeanMetricWrapper) and type(metric).update_state is MeanMetricWrapper.update_state:
        comparison = _COMPARISONS.get(metric._fn)
        if comparison is not None and y_pred.dtype.kind == "f" and metric.total._value.dtype.kind == "f":
            hits = comparison(y_true, y_pred, **metric._fn_kwargs)
            if hits is not None:
                return Growth(metric, len(y_pred), partial(_counting, hits), metric.total._value.dtype)
    return [lambda: metric.update_state(eager(y_true.copy()), eager(y_pred.copy()))]  # which it may keep


def mean_grows(metric: Mean, values: np.ndarray, sample_weight: Any = None) -> Calls | None:
    """What takes one number with a fixed weight into a mean."""
    total, count = metric.total._value, metric.count._value
    if type(sample_weight) not in (int, float, NoneType) or np.ndim(values) or not same_floats(values, total, count):
        return None
    weight = np.full((), 1 if sample_weight is None else sample_weight, total.dtype)
    amount = np.empty((), total.dtype)
    return [partial(np.multiply, values, weight, amount), *adding(total, amount), *adding(count, weight)]


def growing(growths: list[Growth]) -> tuple[Calls, list[Variable]]:
    """The calls that let means grow, and the variables that they change, which stay in place from now on.

    The sums and counts of means of one dtype move into one array, so that one addition serves them all.
    """
    together: dict[np.dtype, list[Growth]] = {}
    alone: list[Growth] = []
    known: set[int] = set()
    for growth in growths:
        metric = growth.metric
        is_alike = growth.dtype == metric.total._value.dtype == metric.count._value.dtype
        if is_alike and id(metric) not in known:
            together.setdefault(growth.dtype, []).append(growth)
            known.add(id(metric))
        else:
            alone.append(growth)
    calls: Calls = []
    for dtype, group in together.items():
        sums = side_by_side([v for growth in group for v in (growth.metric.total, growth.metric.count)])
        amounts = np.array([number for growth in group for number in (0, growth.samples)], dtype)
        for i, growth in enumerate(group):
            calls += growth.fill(amounts[2 * i, ...])
        calls.append(partial(np.add, sums, amounts, sums))
    for growth in alone:
        total, count = growth.metric.total._value, growth.metric.count._value
        score = np.empty((), growth.dtype)
        calls += [*growth.fill(score), *adding(total, score), *adding(count, np.full_like(count, growth.samples))]
    return calls, [v for growth in growths for v in (growth.metric.total, growth.metric.count)]


def side_by_side(variables: list[Variable]) -> np.ndarray:
    """An array whose numbers are these variables, each of one number; they move into one, unless they lie so."""
    present = variables[0]._value.base
    n = len(variables)
    if present is not None and present.shape == (n,):
        places = [present.ctypes.data + i * present.itemsize for i in range(n)]
        if [v._value.ctypes.data for v in variables] == places:
            return present
    sums = np.empty(n, variables[0]._value.dtype)
    for i, variable in enumerate(variables):
        variable.rehome(sums[i, ...])
    return sums


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


def _counting(hits: Hits, score: np.ndarray) -> Calls:
    right, per_sample = hits.right, hits.per_sample

    def count() -> None:
        score.fill(np.count_nonzero(right) / per_sample)

    return [*hits.calls, count]


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


_COMPARISONS: dict[Callable[..., Any], Callable[..., Hits | None]] = {
    accuracy_metrics.binary_accuracy: _binary,
    accuracy_metrics.categorical_accuracy: _categorical,
    accuracy_metrics.sparse_categorical_accuracy: _sparse,
}
