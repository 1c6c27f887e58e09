"""Losses of regions: one minus how well a predicted region covers the true one."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish.backend import config
from kerasish.backend.typing import DTypeLike
from kerasish.losses.loss import BuiltinLoss
from kerasish.losses.reduction import align


def dice(y_true: Any, y_pred: Any, axis: Any = None) -> Any:
    """One minus the Dice coefficient: `1 - 2 * sum(y_true * y_pred) / (sum(y_true) + sum(y_pred) + epsilon)`.

    Args:
        y_true: true membership of each pixel, from 0 to 1.
        y_pred: predicted membership, of the same shape.
        axis: the axes to sum over; all by default.

    Returns:
        Losses from 0 to 1, the shape of `y_pred` without `axis`.

    Raises:
        ValueError: if the shapes differ.

    Example:
        >>> round(float(dice([[1.0, 1.0, 0.0]], [[1.0, 0.0, 0.0]])), 4)
        0.3333

    Source: https://arxiv.org/abs/1606.04797
    """
    y_true, y_pred = align(y_true, y_pred)
    axis = tuple(axis) if isinstance(axis, list) else axis  # a file holds tuples as lists
    shared = np.sum(y_true * y_pred, axis=axis)
    return 1.0 - 2.0 * shared / (np.sum(y_true, axis=axis) + np.sum(y_pred, axis=axis) + config.epsilon())


def tversky(y_true: Any, y_pred: Any, alpha: float = 0.5, beta: float = 0.5, axis: Any = None) -> Any:
    """One minus the Tversky index, which weighs the two kinds of error: `1 - s / (s + alpha * a + beta * b)`.

    `s = sum(y_true * y_pred)`, `a = sum(y_true * (1 - y_pred))` and `b = sum((1 - y_true) * y_pred)`; with
    `alpha = beta = 0.5` it is `dice`.

    Args:
        y_true: true membership of each pixel, from 0 to 1.
        y_pred: predicted membership, of the same shape.
        alpha: the weight of pixels that are missing from the prediction.
        beta: the weight of pixels that should not be in it.
        axis: the axes to sum over; all by default.

    Returns:
        Losses from 0 to 1, the shape of `y_pred` without `axis`.

    Raises:
        ValueError: if the shapes differ.

    Example:
        >>> float(tversky([[1.0, 1.0, 0.0]], [[1.0, 0.0, 0.0]], alpha=1.0).round(4))
        0.5

    Source: https://arxiv.org/abs/1706.05721
    """
    y_true, y_pred = align(y_true, y_pred)
    axis = tuple(axis) if isinstance(axis, list) else axis  # a file holds tuples as lists
    shared = np.sum(y_true * y_pred, axis=axis)
    missing = np.sum(y_true * (1.0 - y_pred), axis=axis)
    wrong = np.sum((1.0 - y_true) * y_pred, axis=axis)
    return 1.0 - shared / (shared + alpha * missing + beta * wrong + config.epsilon())


class Dice(BuiltinLoss):
    """One minus the Dice coefficient, `dice`.

    Args:
        reduction: see `Loss`.
        name: see `Loss`.
        axis: the axes to sum over; all by default.
        dtype: see `Loss`.

    Example:
        >>> round(float(Dice()([[1.0, 1.0, 0.0]], [[1.0, 0.0, 0.0]])), 4)
        0.3333
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "dice",
        axis: Any = None,
        dtype: DTypeLike = None,
    ) -> None:
        super().__init__(dice, name=name, reduction=reduction, dtype=dtype, axis=axis)
        self.axis = axis


class Tversky(BuiltinLoss):
    """One minus the Tversky index, `tversky`.

    Args:
        alpha: the weight of pixels that are missing from the prediction.
        beta: the weight of pixels that should not be in it.
        reduction: see `Loss`.
        name: see `Loss`.
        axis: the axes to sum over; all by default.
        dtype: see `Loss`.

    Example:
        >>> round(float(Tversky(alpha=1.0)([[1.0, 1.0, 0.0]], [[1.0, 0.0, 0.0]])), 4)
        0.5
    """

    def __init__(
        self,
        alpha: float = 0.5,
        beta: float = 0.5,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "tversky",
        axis: Any = None,
        dtype: DTypeLike = None,
    ) -> None:
        super().__init__(tversky, name=name, reduction=reduction, dtype=dtype, alpha=alpha, beta=beta, axis=axis)
        self.alpha = alpha
        self.beta = beta
        self.axis = axis
