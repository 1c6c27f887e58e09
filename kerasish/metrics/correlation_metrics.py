"""Correlations of targets and predictions."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish.backend import config
from kerasish.backend.typing import DTypeLike, TensorLike
from kerasish.losses.reduction import align, plain
from kerasish.metrics.reduction_metrics import BuiltinMean


def pearson_correlation(y_true: TensorLike, y_pred: TensorLike, axis: int = -1) -> Any:
    """The correlation of targets and predictions along `axis`: `cov(t, p) / (std(t) * std(p))`.

    Args:
        y_true: targets.
        y_pred: predictions of the same shape.
        axis: the axis of the mean.

    Returns:
        Numbers from -1 to 1, the shape of `y_pred` without `axis`; nan where one of the two is constant.

    Example:
        >>> pearson_correlation([[0.0, 1.0, 2.0]], [[4.0, 3.0, 2.0]]).round(4)
        array([-1.], dtype=float32)
    """
    y_true, y_pred = align(plain(y_true), plain(y_pred))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.mean(_standard(y_true, axis) * _standard(y_pred, axis), axis=axis)


def _standard(x: Any, axis: int) -> Any:
    """`x` with mean zero and variance one along `axis`."""
    x = x - np.mean(x, axis=axis, keepdims=True)
    return x / np.std(x, axis=axis, keepdims=True)


def concordance_correlation(y_true: Any, y_pred: Any, axis: int = -1) -> Any:
    """How well predictions lie on the line `y_pred = y_true`: `2 cov / (var(t) + var(p) + (mean(t) - mean(p))**2)`.

    Args:
        y_true: targets.
        y_pred: predictions of the same shape.
        axis: the axis of the means.

    Returns:
        Numbers from -1 to 1, the shape of `y_pred` without `axis`.

    Example:
        >>> concordance_correlation([[0.0, 1.0, 2.0]], [[0.0, 1.0, 2.0]]).round(4)
        array([1.], dtype=float32)

    Source: L. I. Lin, A Concordance Correlation Coefficient to Evaluate Reproducibility, 1989.
    """
    y_true, y_pred = align(plain(y_true), plain(y_pred))
    true_mean = np.mean(y_true, axis=axis, keepdims=True)
    pred_mean = np.mean(y_pred, axis=axis, keepdims=True)
    covariance = (y_true - true_mean) * (y_pred - pred_mean)
    spread = np.var(y_true, axis=axis, keepdims=True) + np.var(y_pred, axis=axis, keepdims=True)
    return np.mean(2 * covariance / (spread + np.square(true_mean - pred_mean) + config.epsilon()), axis=axis)


class PearsonCorrelation(BuiltinMean):
    """The mean of the correlation of targets and predictions.

    Args:
        name: the key in logs.
        dtype: of the result.
        axis: the axis along which they are correlated.

    Example:
        >>> m = PearsonCorrelation(axis=-1)
        >>> m.update_state([[0.0, 1.0, 2.0]], [[4.0, 3.0, 2.0]])
        >>> round(float(m.result()), 4)
        -1.0
    """

    _direction = "up"

    def __init__(self, name: str | None = "pearson_correlation", dtype: DTypeLike = None, axis: int = -1) -> None:
        super().__init__(pearson_correlation, name=name, dtype=dtype, axis=axis)
        self.axis = axis


class ConcordanceCorrelation(BuiltinMean):
    """The mean of the concordance of targets and predictions, which also counts shifts and scales as errors.

    Args:
        name: the key in logs.
        dtype: of the result.
        axis: the axis along which they are compared.

    Example:
        >>> m = ConcordanceCorrelation(axis=-1)
        >>> m.update_state([[0.0, 1.0, 2.0]], [[0.0, 1.0, 2.0]])
        >>> round(float(m.result()), 4)
        1.0
    """

    _direction = "up"

    def __init__(self, name: str | None = "concordance_correlation", dtype: DTypeLike = None, axis: int = -1) -> None:
        super().__init__(concordance_correlation, name=name, dtype=dtype, axis=axis)
        self.axis = axis
