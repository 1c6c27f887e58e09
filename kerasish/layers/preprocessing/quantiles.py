"""Quantiles of data that comes in batches, from a summary of what was seen so far."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish.backend.admission import as_array


class QuantileSummary:
    """Some of the values of a stream, each with the number of values that it stands for.

    Args:
        epsilon: how exact: a summary keeps at most `1 / epsilon` values.

    Attributes:
        values: in order.
        weights: how many values each stands for.
    """

    def __init__(self, epsilon: float) -> None:
        self.epsilon = epsilon
        self.values = np.zeros(0, np.float32)
        self.weights = np.zeros(0, np.float32)

    def add(self, batch: Any) -> None:
        """Take in a batch of numbers."""
        ordered = np.sort(as_array(batch, np.float32, "the data to adapt to"), axis=None)
        step = max(ordered.size * self.epsilon, 1)
        chosen = ordered[int(step - 1) :: int(step)]
        values = np.concatenate([chosen, self.values])
        weights = np.concatenate([np.full(chosen.size, step, np.float32), self.weights])
        order = np.argsort(values)
        self.values, self.weights = _compressed(values[order], weights[order], self.epsilon)

    def boundaries(self, count: int) -> list[float]:
        """The numbers between `count` bins that hold equally many of the values."""
        values, _ = _compressed(self.values, self.weights, 1 / count)
        return values[:-1].tolist()


def _compressed(values: np.ndarray, weights: np.ndarray, share: float) -> tuple[np.ndarray, np.ndarray]:
    """Values a `share` of the whole weight apart, between which is interpolated."""
    if values.size * share < 1:
        return values, weights
    wanted = share + np.arange(0.0, 1.0, share)
    below = weights.cumsum()
    reached = below / below[-1]
    kept = np.interp(wanted, reached, values)
    weight = np.diff(np.interp(wanted, reached, below), prepend=0)
    return kept.astype(np.float32), weight.astype(np.float32)
