"""Losses of maximal margins: zero once a prediction is on the right side by a margin of one."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish.backend.symbolic import is_symbolic
from kerasish.backend.typing import DTypeLike, TensorLike
from kerasish.losses.loss import BuiltinLoss
from kerasish.losses.reduction import align, constant


def _signs(y_true: Any) -> Any:
    """Labels of zeros and ones as -1 and 1; labels that hold other numbers as they are."""
    if is_symbolic(y_true):
        return y_true
    labels = constant(y_true)
    is_binary = np.all(np.logical_or(np.equal(labels, 0), np.equal(labels, 1)))
    return np.where(is_binary, 2.0 * y_true - 1.0, y_true)


def hinge(y_true: TensorLike, y_pred: TensorLike) -> Any:
    """Mean of what is missing to a margin of one: `mean(max(0, 1 - y_true * y_pred), axis=-1)`.

    Args:
        y_true: -1 or 1, shape `(batch, d0, .., dN)`; labels of 0 and 1 are read as -1 and 1.
        y_pred: predictions of the same shape.

    Returns:
        Losses of shape `(batch, d0, .., dN-1)`.

    Raises:
        ValueError: if the shapes differ.

    Example:
        >>> hinge([[-1.0, 1.0]], [[-2.0, 0.5]])
        array([0.25], dtype=float32)
    """
    y_true, y_pred = align(y_true, y_pred)
    return np.mean(np.maximum(1.0 - _signs(y_true) * y_pred, 0.0), axis=-1)


def squared_hinge(y_true: TensorLike, y_pred: TensorLike) -> Any:
    """Mean of the square of what is missing to a margin of one: `mean(max(0, 1 - y_true * y_pred)**2, axis=-1)`.

    Args:
        y_true: -1 or 1, shape `(batch, d0, .., dN)`; labels of 0 and 1 are read as -1 and 1.
        y_pred: predictions of the same shape.

    Returns:
        Losses of shape `(batch, d0, .., dN-1)`.

    Raises:
        ValueError: if the shapes differ.

    Example:
        >>> squared_hinge([[-1.0, 1.0]], [[-2.0, 0.0]])
        array([0.5], dtype=float32)
    """
    y_true, y_pred = align(y_true, y_pred)
    return np.mean(np.square(np.maximum(1.0 - _signs(y_true) * y_pred, 0.0)), axis=-1)


def categorical_hinge(y_true: Any, y_pred: Any) -> Any:
    """What the right class is short of leading the best wrong one by one: `max(0, wrong - right + 1)`.

    `right = sum(y_true * y_pred)` and `wrong = max((1 - y_true) * y_pred)` along the last axis.

    Args:
        y_true: one-hot labels, shape `(batch, .., classes)`.
        y_pred: predictions of the same shape.

    Returns:
        Losses of shape `(batch, ..)`.

    Raises:
        ValueError: if the shapes differ.

    Example:
        >>> categorical_hinge([[0.0, 1.0, 0.0]], [[0.25, 0.5, 0.0]])
        array([0.75], dtype=float32)
    """
    y_true, y_pred = align(y_true, y_pred)
    right = np.sum(y_true * y_pred, axis=-1)
    wrong = np.max((1.0 - y_true) * y_pred, axis=-1)
    return np.maximum(wrong - right + 1.0, 0.0)


class Hinge(BuiltinLoss):
    """What is missing to a margin of one, `hinge`, reduced over the batch.

    Args:
        reduction: see `Loss`.
        name: see `Loss`.
        dtype: see `Loss`.

    Example:
        >>> float(Hinge()([[-1.0, 1.0]], [[-2.0, 0.5]]))
        0.25
    """

    def __init__(
        self, reduction: str | None = "sum_over_batch_size", name: str | None = "hinge", dtype: DTypeLike = None
    ) -> None:
        super().__init__(hinge, name=name, reduction=reduction, dtype=dtype)


class SquaredHinge(BuiltinLoss):
    """The square of what is missing to a margin of one, `squared_hinge`, reduced over the batch.

    Args:
        reduction: see `Loss`.
        name: see `Loss`.
        dtype: see `Loss`.

    Example:
        >>> float(SquaredHinge()([[-1.0, 1.0]], [[-2.0, 0.0]]))
        0.5
    """

    def __init__(
        self, reduction: str | None = "sum_over_batch_size", name: str | None = "squared_hinge", dtype: DTypeLike = None
    ) -> None:
        super().__init__(squared_hinge, name=name, reduction=reduction, dtype=dtype)


class CategoricalHinge(BuiltinLoss):
    """What the right class is short of leading the best wrong one by one, `categorical_hinge`, over the batch.

    Args:
        reduction: see `Loss`.
        name: see `Loss`.
        dtype: see `Loss`.

    Example:
        >>> float(CategoricalHinge()([[0.0, 1.0, 0.0]], [[0.25, 0.5, 0.0]]))
        0.75
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "categorical_hinge",
        dtype: DTypeLike = None,
    ) -> None:
        super().__init__(categorical_hinge, name=name, reduction=reduction, dtype=dtype)
