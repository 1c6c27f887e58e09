"""The time of a training step, beside what it is made of: matrix products, or calls of NumPy if they are small."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from kerasish.backend import fast

ROUNDS = 5
LARGE, LARGE_ROWS, LARGE_STEPS = (784, 512, 512, 10), 128, 10
SMALL, SMALL_ROWS, SMALL_STEPS = (2, 8, 1), 4, 400
# What a step was measured to cost on a quiet machine (docs/benchmarks-table.md): in times its matrix products, without
# and with fused loops; and for the small network in calls of NumPy on small arrays.
LARGE_COST, LARGE_COST_FAST = 1.5, 1.2
SMALL_COST = 60


class StepTime(NamedTuple):
    """Seconds of a step; of its yardstick, measured in the same moments; and how many of these a step should cost."""

    step: float
    yardstick: float
    cost: float

    @property
    def expected(self) -> float:
        """The seconds that a step should take here and now."""
        return self.yardstick * self.cost


def large() -> StepTime:
    """A step of a network whose time goes into matrix products; they are the yardstick."""
    cost = LARGE_COST_FAST if fast.is_fast_enabled() and fast.wait() else LARGE_COST
    step = _training(LARGE, LARGE_ROWS, LARGE_STEPS, "sparse_categorical_crossentropy", "softmax")
    return StepTime(*_both(step, _products, LARGE_STEPS), cost)


def small() -> StepTime:
    """A step of a network whose time goes into calls; a call of NumPy is the yardstick."""
    step = _training(SMALL, SMALL_ROWS, SMALL_STEPS, "binary_crossentropy", "sigmoid")
    return StepTime(*_both(step, _calls, SMALL_STEPS), SMALL_COST)


def operations() -> int:
    """Additions and multiplications in the products of the large network's step."""
    pairs = list(pairwise(LARGE))
    return 2 * LARGE_ROWS * sum(a * b * (2 if i == 0 else 3) for i, (a, b) in enumerate(pairs))


def _training(widths: tuple[int, ...], rows: int, steps: int, loss: str, last: str) -> Callable[[], Any]:
    from kerasish import layers
    from kerasish.models import Sequential

    hidden = [layers.Dense(width, activation="relu") for width in widths[1:-1]]
    model = Sequential([layers.Input((widths[0],)), *hidden, layers.Dense(widths[-1], activation=last)])
    model.compile("adam", loss)
    rng = np.random.default_rng(0)
    x = rng.random((rows * steps, widths[0])).astype("float32")
    y = rng.integers(0, max(2, widths[-1]), rows * steps)
    return lambda: model.fit(x, y, batch_size=rows, verbose=0)


def _products() -> None:
    pairs = list(pairwise(LARGE))
    kernels = [np.zeros(shape, "float32") for shape in pairs]
    values = [np.zeros((LARGE_ROWS, width), "float32") for width in LARGE]
    gradients = [np.empty_like(kernel) for kernel in kernels]
    for _ in range(LARGE_STEPS):
        for i, kernel in enumerate(kernels):
            np.dot(values[i], kernel, values[i + 1])
        for i in reversed(range(len(kernels))):
            np.dot(values[i].T, values[i + 1], gradients[i])
            if i:
                np.dot(values[i + 1], kernels[i].T, values[i])


def _calls() -> None:
    a, b = np.ones((SMALL_ROWS, SMALL[1]), "float32"), np.ones(SMALL[1], "float32")
    for _ in range(SMALL_STEPS):
        np.add(a, b, a)


def _both(step: Callable[[], Any], yardstick: Callable[[], Any], count: int) -> tuple[float, float]:
    """Medians of both, of rounds that take turns, so that a busy machine slows them alike."""
    step()  # the first steps are recorded
    times = [(_seconds(step), _seconds(yardstick)) for _ in range(ROUNDS)]
    steps, sticks = zip(*times, strict=True)
    return statistics.median(steps) / count, statistics.median(sticks) / count


def _seconds(function: Callable[[], Any]) -> float:
    start = time.perf_counter()
    function()
    return time.perf_counter() - start
