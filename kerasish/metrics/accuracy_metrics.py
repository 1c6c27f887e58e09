"""Accuracies: the share of predictions that are right."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from kerasish.backend import config
from kerasish.backend.typing import DTypeLike, TensorLike
from kerasish.losses.reduction import check_same_shape, plain, squeeze_or_expand_to_same_rank
from kerasish.metrics.reduction_metrics import BuiltinMean
from kerasish.ops.crossentropy import checked_labels


def _as_floats(matches: Any) -> np.ndarray:
    return np.asarray(matches).astype(config.floatx())


def _same_shape(y_true: Any, y_pred: Any) -> tuple[np.ndarray, np.ndarray]:
    y_true, y_pred = squeeze_or_expand_to_same_rank(plain(y_true), plain(y_pred))
    if y_true.shape != y_pred.shape:
        check_same_shape(y_true, y_pred)
    return y_true, y_pred


def accuracy(y_true: TensorLike, y_pred: TensorLike) -> np.ndarray:
    """One where prediction and target are equal, zero elsewhere.

    Args:
        y_true: targets.
        y_pred: predictions of the same shape.

    Example:
        >>> accuracy([1, 2, 3], [1, 2, 4])
        array([1., 1., 0.], dtype=float32)
    """
    y_true, y_pred = _same_shape(y_true, y_pred)
    return _as_floats(y_true == y_pred)


def binary_accuracy(y_true: TensorLike, y_pred: TensorLike, threshold: float = 0.5) -> np.ndarray:
    """One where the prediction is on the side of the threshold that the target says, zero elsewhere.

    Args:
        y_true: zeros and ones.
        y_pred: predictions of the same shape.
        threshold: predictions above it count as one.

    Raises:
        ValueError: if the shapes differ.

    Example:
        >>> binary_accuracy([1, 1, 0, 0], [0.98, 1, 0, 0.6])
        array([1., 1., 1., 0.], dtype=float32)
    """
    y_true, y_pred = _same_shape(y_true, y_pred)
    return _as_floats(y_true == (y_pred > threshold))


def categorical_accuracy(y_true: Any, y_pred: Any) -> np.ndarray:
    """One where the largest prediction is that of the true class, zero elsewhere.

    Args:
        y_true: one-hot labels, shape `(batch, .., classes)`.
        y_pred: predictions of the same shape.

    Raises:
        ValueError: if the shapes differ.

    Example:
        >>> categorical_accuracy([[0, 0, 1], [0, 1, 0]], [[0.1, 0.9, 0.8], [0.05, 0.95, 0]])
        array([0., 1.], dtype=float32)
    """
    labels, y_pred = plain(y_true).argmax(axis=-1), plain(y_pred)
    return _matches(labels, y_pred).reshape(labels.shape)


def _matches(labels: np.ndarray, y_pred: np.ndarray) -> np.ndarray:
    """Whether the largest prediction is that of the label, in floats."""
    if labels.ndim == y_pred.ndim and labels.shape[-1] == 1:
        labels = labels.reshape(labels.shape[:-1])
    if labels.shape != y_pred.shape[:-1]:
        raise ValueError(
            f"labels of shape {labels.shape} do not fit predictions of shape {y_pred.shape}: expected one label for "
            f"each of the {y_pred.shape[:-1]}. One-hot labels need categorical_accuracy, numbers of classes "
            "sparse_categorical_accuracy."
        )
    return (labels == y_pred.argmax(axis=-1)).astype(config.floatx())


def sparse_categorical_accuracy(y_true: Any, y_pred: Any) -> np.ndarray:
    """One where the largest prediction is that of the true class, which is given by its number; zero elsewhere.

    Args:
        y_true: labels from 0 to classes - 1, shape `(batch, ..)` or `(batch, .., 1)`.
        y_pred: predictions, shape `(batch, .., classes)`.

    Raises:
        ValueError: if the shapes do not fit.

    Example:
        >>> sparse_categorical_accuracy([2, 1], [[0.1, 0.6, 0.3], [0.05, 0.95, 0]])
        array([0., 1.], dtype=float32)
    """
    y_true, y_pred = plain(y_true), plain(y_pred)
    matches = _matches(y_true, y_pred)
    if matches.ndim > 1 and matches.shape[-1] == 1 and matches.shape == y_true.shape:
        return matches.reshape(matches.shape[:-1])
    return matches


def _in_top_k(labels: np.ndarray, y_pred: np.ndarray, k: int) -> np.ndarray:
    """Whether fewer than `k` predictions exceed that of the label."""
    y_pred = y_pred.reshape(-1, y_pred.shape[-1])
    chosen = np.take_along_axis(y_pred, checked_labels(labels.reshape(-1), y_pred.shape[-1])[:, None], axis=1)
    larger = np.count_nonzero(y_pred > chosen, axis=1)
    return ((larger < k) & np.isfinite(chosen[:, 0])).reshape(labels.shape)


def top_k_categorical_accuracy(y_true: TensorLike, y_pred: TensorLike, k: int = 5) -> np.ndarray:
    """One where the true class is among the `k` largest predictions, zero elsewhere.

    Args:
        y_true: one-hot labels, shape `(batch, .., classes)`.
        y_pred: predictions of the same shape.
        k: how many predictions may be looked at.

    Example:
        >>> top_k_categorical_accuracy([[0, 0, 1], [0, 1, 0]], [[0.1, 0.9, 0.8], [0.05, 0.95, 0]], k=2)
        array([1., 1.], dtype=float32)
    """
    return _as_floats(_in_top_k(plain(y_true).argmax(axis=-1), plain(y_pred), k))


def sparse_top_k_categorical_accuracy(
    y_true: Any, y_pred: Any, k: int = 5, from_sorted_ids: bool = False
) -> np.ndarray:
    """One where the true class, given by its number, is among the `k` largest predictions, zero elsewhere.

    Args:
        y_true: labels from 0 to classes - 1, shape `(batch, ..)`.
        y_pred: predictions, shape `(batch, .., classes)`.
        k: how many predictions may be looked at.
        from_sorted_ids: whether `y_pred` holds numbers of classes, the most likely first, in place of scores.

    Example:
        >>> sparse_top_k_categorical_accuracy([2, 1], [[0.1, 0.9, 0.8], [0.05, 0.95, 0]], k=2)
        array([1., 1.], dtype=float32)
    """
    labels, y_pred = plain(y_true), plain(y_pred)
    if not from_sorted_ids:
        return _as_floats(_in_top_k(labels, y_pred, k))
    first = y_pred.reshape(-1, y_pred.shape[-1])[:, :k]
    return _as_floats((labels.reshape(-1, 1) == first).any(axis=1).reshape(labels.shape))


class Accuracy(BuiltinMean):
    """The share of predictions that equal their target.

    Args:
        name: the key in logs.
        dtype: of the result.

    Example:
        >>> m = Accuracy()
        >>> m.update_state([[1], [2], [3], [4]], [[0], [2], [3], [4]])
        >>> float(m.result())
        0.75
    """

    _direction = "up"

    def __init__(self, name: str | None = "accuracy", dtype: DTypeLike = None) -> None:
        super().__init__(accuracy, name=name, dtype=dtype)


class BinaryAccuracy(BuiltinMean):
    """The share of predictions on the right side of a threshold.

    Args:
        name: the key in logs.
        dtype: of the result.
        threshold: predictions above it count as one.

    Example:
        >>> m = BinaryAccuracy()
        >>> m.update_state([[1], [1], [0], [0]], [[0.98], [1], [0], [0.6]])
        >>> float(m.result())
        0.75
    """

    _direction = "up"

    def __init__(self, name: str | None = "binary_accuracy", dtype: DTypeLike = None, threshold: float = 0.5) -> None:
        super().__init__(binary_accuracy, name=name, dtype=dtype, threshold=threshold)
        self.threshold = threshold


class CategoricalAccuracy(BuiltinMean):
    """The share of samples whose largest prediction is that of the true class, given one-hot.

    Args:
        name: the key in logs.
        dtype: of the result.

    Example:
        >>> m = CategoricalAccuracy()
        >>> m.update_state([[0, 0, 1], [0, 1, 0]], [[0.1, 0.9, 0.8], [0.05, 0.95, 0]])
        >>> float(m.result())
        0.5
    """

    _direction = "up"

    def __init__(self, name: str | None = "categorical_accuracy", dtype: DTypeLike = None) -> None:
        super().__init__(categorical_accuracy, name=name, dtype=dtype)


class SparseCategoricalAccuracy(BuiltinMean):
    """The share of samples whose largest prediction is that of the true class, given by its number.

    Args:
        name: the key in logs.
        dtype: of the result.

    Example:
        >>> m = SparseCategoricalAccuracy()
        >>> m.update_state([[2], [1]], [[0.1, 0.6, 0.3], [0.05, 0.95, 0]])
        >>> float(m.result())
        0.5
    """

    _direction = "up"

    def __init__(self, name: str | None = "sparse_categorical_accuracy", dtype: DTypeLike = None) -> None:
        super().__init__(sparse_categorical_accuracy, name=name, dtype=dtype)


class TopKCategoricalAccuracy(BuiltinMean):
    """The share of samples whose true class, given one-hot, is among the `k` largest predictions.

    Args:
        k: how many predictions may be looked at.
        name: the key in logs.
        dtype: of the result.

    Example:
        >>> m = TopKCategoricalAccuracy(k=1)
        >>> m.update_state([[0, 0, 1], [0, 1, 0]], [[0.1, 0.9, 0.8], [0.05, 0.95, 0]])
        >>> float(m.result())
        0.5
    """

    _direction = "up"

    def __init__(self, k: int = 5, name: str | None = "top_k_categorical_accuracy", dtype: DTypeLike = None) -> None:
        super().__init__(top_k_categorical_accuracy, name=name, dtype=dtype, k=k)
        self.k = k


class SparseTopKCategoricalAccuracy(BuiltinMean):
    """The share of samples whose true class, given by its number, is among the `k` largest predictions.

    Args:
        k: how many predictions may be looked at.
        name: the key in logs.
        dtype: of the result.
        from_sorted_ids: whether predictions are numbers of classes, the most likely first, in place of scores.

    Example:
        >>> m = SparseTopKCategoricalAccuracy(k=1)
        >>> m.update_state([2, 1], [[0.1, 0.9, 0.8], [0.05, 0.95, 0]])
        >>> float(m.result())
        0.5
    """

    _direction = "up"
    _unnamed: ClassVar[dict[str, Any]] = {"from_sorted_ids": False}

    def __init__(
        self,
        k: int = 5,
        name: str | None = "sparse_top_k_categorical_accuracy",
        dtype: DTypeLike = None,
        from_sorted_ids: bool = False,
    ) -> None:
        super().__init__(
            sparse_top_k_categorical_accuracy, name=name, dtype=dtype, k=k, from_sorted_ids=from_sorted_ids
        )
        self.k = k
        self.from_sorted_ids = from_sorted_ids
