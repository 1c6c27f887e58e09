"""Losses of distributions that are not crossentropies: relative entropy, and the likelihood of counts."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish.backend import config
from kerasish.backend.typing import DTypeLike
from kerasish.losses.loss import BuiltinLoss
from kerasish.losses.reduction import align


def kl_divergence(y_true: Any, y_pred: Any) -> Any:
    """Relative entropy of the target to the prediction: `sum(y_true * log(y_true / y_pred), axis=-1)`.

    Probabilities are kept between `epsilon` and one.

    Args:
        y_true: target distributions, shape `(batch, .., classes)`.
        y_pred: predicted distributions of the same shape.

    Returns:
        Losses in nats, shape `(batch, ..)`.

    Raises:
        ValueError: if the shapes differ.

    Example:
        >>> kl_divergence([[0.5, 0.5]], [[0.5, 0.5]])
        array([0.], dtype=float32)

    Source: S. Kullback and R. A. Leibler, On Information and Sufficiency, 1951.
    """
    y_true, y_pred = align(y_true, y_pred)
    small = config.epsilon()
    y_true, y_pred = np.clip(y_true, small, 1.0), np.clip(y_pred, small, 1.0)
    return np.sum(y_true * np.log(y_true / y_pred), axis=-1)


def poisson(y_true: Any, y_pred: Any) -> Any:
    """Minus the log-likelihood of counts, up to a constant: `mean(y_pred - y_true * log(y_pred), axis=-1)`.

    Args:
        y_true: counts, shape `(batch, d0, .., dN)`.
        y_pred: predicted rates, positive, of the same shape.

    Returns:
        Losses of shape `(batch, d0, .., dN-1)`.

    Raises:
        ValueError: if the shapes differ.

    Example:
        >>> poisson([[2.0, 0.0]], [[1.0, 3.0]]).round(4)
        array([2.], dtype=float32)
    """
    y_true, y_pred = align(y_true, y_pred)
    return np.mean(y_pred - y_true * np.log(y_pred + config.epsilon()), axis=-1)


class KLDivergence(BuiltinLoss):
    """Relative entropy of the target to the prediction, `kl_divergence`, reduced over the batch.

    Args:
        reduction: see `Loss`.
        name: see `Loss`.
        dtype: see `Loss`.

    Example:
        >>> float(KLDivergence()([[0.5, 0.5]], [[0.5, 0.5]]))
        0.0
    """

    def __init__(
        self, reduction: str | None = "sum_over_batch_size", name: str | None = "kl_divergence", dtype: DTypeLike = None
    ) -> None:
        super().__init__(kl_divergence, name=name, reduction=reduction, dtype=dtype)


class Poisson(BuiltinLoss):
    """Minus the log-likelihood of counts, `poisson`, reduced over the batch.

    Args:
        reduction: see `Loss`.
        name: see `Loss`.
        dtype: see `Loss`.

    Example:
        >>> round(float(Poisson()([[2.0, 0.0]], [[1.0, 3.0]])), 4)
        2.0
    """

    def __init__(
        self, reduction: str | None = "sum_over_batch_size", name: str | None = "poisson", dtype: DTypeLike = None
    ) -> None:
        super().__init__(poisson, name=name, reduction=reduction, dtype=dtype)
