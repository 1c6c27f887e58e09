"""Losses of numbers: how far a prediction is from its target."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from kerasish.backend import config
from kerasish.backend.typing import DTypeLike, TensorLike
from kerasish.losses.loss import BuiltinLoss
from kerasish.losses.reduction import align, with_mean
from kerasish.ops import mean_losses


@with_mean(mean_losses.squared_error)
def mean_squared_error(y_true: Any, y_pred: Any) -> Any:
    """Mean of squared differences: `mean((y_true - y_pred)**2, axis=-1)`.

    Args:
        y_true: targets, shape `(batch, d0, .., dN)`.
        y_pred: predictions of the same shape.

    Returns:
        Losses of shape `(batch, d0, .., dN-1)`.

    Raises:
        ValueError: if the shapes differ.

    Example:
        >>> mean_squared_error([[0.0, 1.0]], [[1.0, 3.0]])
        array([2.5], dtype=float32)
    """
    y_true, y_pred = align(y_true, y_pred)
    return np.mean(np.square(y_true - y_pred), axis=-1)


@with_mean(mean_losses.absolute_error)
def mean_absolute_error(y_true: Any, y_pred: Any) -> Any:
    """Mean of absolute differences: `mean(|y_true - y_pred|, axis=-1)`.

    Args:
        y_true: targets, shape `(batch, d0, .., dN)`.
        y_pred: predictions of the same shape.

    Returns:
        Losses of shape `(batch, d0, .., dN-1)`.

    Raises:
        ValueError: if the shapes differ.

    Example:
        >>> mean_absolute_error([[0.0, 1.0]], [[1.0, 3.0]])
        array([1.5], dtype=float32)
    """
    y_true, y_pred = align(y_true, y_pred)
    return np.mean(np.absolute(y_true - y_pred), axis=-1)


def mean_absolute_percentage_error(y_true: Any, y_pred: Any) -> Any:
    """Mean of differences in percent of the target: `100 * mean(|y_true - y_pred| / max(|y_true|, epsilon))`.

    Args:
        y_true: targets, shape `(batch, d0, .., dN)`.
        y_pred: predictions of the same shape.

    Returns:
        Losses in percent, shape `(batch, d0, .., dN-1)`.

    Raises:
        ValueError: if the shapes differ.

    Example:
        >>> mean_absolute_percentage_error([[4.0, 8.0]], [[5.0, 4.0]])
        array([37.5], dtype=float32)
    """
    y_true, y_pred = align(y_true, y_pred)
    relative = (y_true - y_pred) / np.maximum(np.absolute(y_true), config.epsilon())
    return 100.0 * np.mean(np.absolute(relative), axis=-1)


def mean_squared_logarithmic_error(y_true: Any, y_pred: Any) -> Any:
    """Mean of squared differences of logarithms: `mean((log(1 + y_true) - log(1 + y_pred))**2, axis=-1)`.

    Numbers below `epsilon` count as `epsilon`.

    Args:
        y_true: targets, shape `(batch, d0, .., dN)`.
        y_pred: predictions of the same shape.

    Returns:
        Losses of shape `(batch, d0, .., dN-1)`.

    Raises:
        ValueError: if the shapes differ.

    Example:
        >>> mean_squared_logarithmic_error([[0.0, 3.0]], [[0.0, 3.0]])
        array([0.], dtype=float32)
    """
    y_true, y_pred = align(y_true, y_pred)
    small = config.epsilon()
    log_ratio = np.log(np.maximum(y_pred, small) + 1.0) - np.log(np.maximum(y_true, small) + 1.0)
    return np.mean(np.square(log_ratio), axis=-1)


def unit(x: Any, axis: Any = -1) -> Any:
    """`x` divided by its length along `axis`; vectors shorter than `epsilon` stay short."""
    length = np.sqrt(np.maximum(np.sum(np.square(x), axis=axis, keepdims=True), config.epsilon() ** 2))
    return x / length


def cosine_similarity(y_true: TensorLike, y_pred: TensorLike, axis: int = -1) -> Any:
    """Minus the cosine of the angle between target and prediction: -1 if they point the same way, 1 if opposite.

    Args:
        y_true: targets.
        y_pred: predictions of the same shape.
        axis: the axis of the vectors.

    Returns:
        Losses from -1 to 1, the shape of `y_pred` without `axis`.

    Raises:
        ValueError: if the shapes differ.

    Example:
        >>> cosine_similarity([[0.0, 2.0], [1.0, 0.0]], [[0.0, 1.0], [0.0, 1.0]])
        array([-1., -0.], dtype=float32)
    """
    y_true, y_pred = align(y_true, y_pred)
    return -np.sum(unit(y_true, axis) * unit(y_pred, axis), axis=axis)


def huber(y_true: Any, y_pred: Any, delta: float = 1.0) -> Any:
    """Squared for small differences, linear for large ones, so that outliers pull with bounded force.

    With `e = y_pred - y_true`: the mean over the last axis of `e**2 / 2` where `|e| <= delta`, and of
    `delta * |e| - delta**2 / 2` elsewhere.

    Args:
        y_true: targets, shape `(batch, d0, .., dN)`.
        y_pred: predictions of the same shape.
        delta: the difference at which the parabola turns into a line.

    Returns:
        Losses of shape `(batch, d0, .., dN-1)`.

    Raises:
        ValueError: if the shapes differ.

    Example:
        >>> huber([[0.0, 0.0]], [[1.0, 3.0]])
        array([1.5], dtype=float32)

    Source: P. J. Huber, Robust Estimation of a Location Parameter, 1964.
    """
    y_true, y_pred = align(y_true, y_pred)
    error = y_pred - y_true
    size = np.absolute(error)
    return np.mean(np.where(size <= delta, 0.5 * np.square(error), delta * size - 0.5 * delta * delta), axis=-1)


def log_cosh(y_true: Any, y_pred: Any) -> Any:
    """Mean of `log(cosh(y_pred - y_true))`: a half of the square for small differences, `|e| - log 2` for large ones.

    Args:
        y_true: targets, shape `(batch, d0, .., dN)`.
        y_pred: predictions of the same shape.

    Returns:
        Losses of shape `(batch, d0, .., dN-1)`.

    Raises:
        ValueError: if the shapes differ.

    Example:
        >>> log_cosh([[0.0, 0.0]], [[0.0, 0.0]])
        array([0.], dtype=float32)
    """
    y_true, y_pred = align(y_true, y_pred)
    error = y_pred - y_true
    return np.mean(np.logaddexp(error, -error) - float(np.log(2.0)), axis=-1)


class MeanSquaredError(BuiltinLoss):
    """The mean of squared differences, `mean_squared_error`, reduced over the batch.

    Args:
        reduction: see `Loss`.
        name: see `Loss`.
        dtype: see `Loss`.

    Example:
        >>> float(MeanSquaredError()([[0.0, 1.0]], [[1.0, 3.0]]))
        2.5
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "mean_squared_error",
        dtype: DTypeLike = None,
    ) -> None:
        super().__init__(mean_squared_error, name=name, reduction=reduction, dtype=dtype)


class MeanAbsoluteError(BuiltinLoss):
    """The mean of absolute differences, `mean_absolute_error`, reduced over the batch.

    Args:
        reduction: see `Loss`.
        name: see `Loss`.
        dtype: see `Loss`.

    Example:
        >>> float(MeanAbsoluteError()([[0.0, 1.0]], [[1.0, 3.0]]))
        1.5
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "mean_absolute_error",
        dtype: DTypeLike = None,
    ) -> None:
        super().__init__(mean_absolute_error, name=name, reduction=reduction, dtype=dtype)


class MeanAbsolutePercentageError(BuiltinLoss):
    """The mean of differences in percent of the target, `mean_absolute_percentage_error`, reduced over the batch.

    Args:
        reduction: see `Loss`.
        name: see `Loss`.
        dtype: see `Loss`.

    Example:
        >>> float(MeanAbsolutePercentageError()([[4.0, 8.0]], [[5.0, 4.0]]))
        37.5
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "mean_absolute_percentage_error",
        dtype: DTypeLike = None,
    ) -> None:
        super().__init__(mean_absolute_percentage_error, name=name, reduction=reduction, dtype=dtype)


class MeanSquaredLogarithmicError(BuiltinLoss):
    """The mean of squared differences of logarithms, `mean_squared_logarithmic_error`, reduced over the batch.

    Args:
        reduction: see `Loss`.
        name: see `Loss`.
        dtype: see `Loss`.

    Example:
        >>> float(MeanSquaredLogarithmicError()([[0.0, 3.0]], [[0.0, 3.0]]))
        0.0
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "mean_squared_logarithmic_error",
        dtype: DTypeLike = None,
    ) -> None:
        super().__init__(mean_squared_logarithmic_error, name=name, reduction=reduction, dtype=dtype)


class CosineSimilarity(BuiltinLoss):
    """Minus the cosine of the angle between target and prediction, `cosine_similarity`, reduced over the batch.

    Args:
        axis: the axis of the vectors.
        reduction: see `Loss`.
        name: see `Loss`.
        dtype: see `Loss`.

    Example:
        >>> float(CosineSimilarity()([[0.0, 2.0], [1.0, 0.0]], [[0.0, 1.0], [0.0, 1.0]]))
        -0.5
    """

    _unnamed: ClassVar[dict[str, Any]] = {"axis": -1}

    def __init__(
        self,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "cosine_similarity",
        dtype: DTypeLike = None,
    ) -> None:
        super().__init__(cosine_similarity, name=name, reduction=reduction, dtype=dtype, axis=axis)


class Huber(BuiltinLoss):
    """Squared for small differences, linear for large ones: `huber`, reduced over the batch.

    Args:
        delta: the difference at which the parabola turns into a line.
        reduction: see `Loss`.
        name: see `Loss`.
        dtype: see `Loss`.

    Example:
        >>> float(Huber()([[0.0, 0.0]], [[1.0, 3.0]]))
        1.5
    """

    _unnamed: ClassVar[dict[str, Any]] = {"delta": 1.0}

    def __init__(
        self,
        delta: float = 1.0,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "huber_loss",
        dtype: DTypeLike = None,
    ) -> None:
        super().__init__(huber, name=name, reduction=reduction, dtype=dtype, delta=delta)


class LogCosh(BuiltinLoss):
    """The mean of `log(cosh(y_pred - y_true))`, `log_cosh`, reduced over the batch.

    Args:
        reduction: see `Loss`.
        name: see `Loss`.
        dtype: see `Loss`.

    Example:
        >>> float(LogCosh()([[0.0, 0.0]], [[0.0, 0.0]]))
        0.0
    """

    def __init__(
        self, reduction: str | None = "sum_over_batch_size", name: str | None = "log_cosh", dtype: DTypeLike = None
    ) -> None:
        super().__init__(log_cosh, name=name, reduction=reduction, dtype=dtype)
