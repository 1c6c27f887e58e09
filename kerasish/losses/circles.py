"""Losses of embeddings: alike things close together, others apart."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish.backend.typing import DTypeLike, TensorLike
from kerasish.losses.loss import BuiltinLoss
from kerasish.losses.reduction import as_tensor, plain


def _column(labels: Any) -> np.ndarray:
    labels = plain(labels).astype(np.int32)
    return labels.reshape(-1, 1) if labels.ndim == 1 else labels


def _log_sum_exp(z: Any, chosen: np.ndarray) -> Any:
    """log(sum(exp(z))) of the chosen elements of each row; zero where none is."""
    top = np.max(np.where(chosen, plain(z), -np.inf), axis=1, keepdims=True)
    top = np.where(np.isfinite(top), top, 0.0).astype(z.dtype)
    weights = chosen.astype(z.dtype)
    total = np.sum(np.exp(np.where(chosen, z - top, 0.0)) * weights, axis=1)
    nothing = (~chosen.any(axis=1)).astype(z.dtype)
    return np.log(total + nothing) + top[:, 0]


def circle(
    y_true: Any,
    y_pred: Any,
    ref_labels: Any = None,
    ref_embeddings: Any = None,
    remove_diagonal: bool = True,
    gamma: float = 80,
    margin: float = 0.4,
) -> Any:
    """Pairs of one class drawn together and pairs of two pushed apart, each the harder the worse it lies.

    With `d = max(0, 1 - cosine)` and, for each embedding, its pairs of the same class `p` and of others `n`:
    `log(1 + sum_n exp(gamma * max(0, 1 + margin - d_n) * (1 - margin - d_n))
    * sum_p exp(-gamma * (margin + d_p) * (margin - d_p)))`.

    Args:
        y_true: the class of each embedding, shape `(batch,)` or `(batch, 1)`.
        y_pred: embeddings of length one, shape `(batch, features)`.
        ref_labels: the classes of the embeddings to compare with; `y_true` by default.
        ref_embeddings: the embeddings to compare with; `y_pred` by default.
        remove_diagonal: whether an embedding is no pair with the one at its own place.
        gamma: how strongly bad pairs count more than good ones.
        margin: how far a pair may be from perfect.

    Returns:
        Losses of shape `(batch,)`; zero where there is no pair of one class or none of two.

    Example:
        >>> embeddings = [[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]]
        >>> circle([0, 0, 1], embeddings).round(4)
        array([0., 0., 0.], dtype=float32)

    Source: https://arxiv.org/abs/2002.10857
    """
    y_pred = as_tensor(y_pred)
    references = y_pred if ref_embeddings is None else as_tensor(ref_embeddings)
    labels = _column(y_true)
    alike = labels == (labels if ref_labels is None else _column(ref_labels)).T
    different = ~alike
    if remove_diagonal:
        alike = alike & (np.eye(*alike.shape) == 0)
    distance = np.maximum(1.0 - np.matmul(y_pred, np.transpose(references)), 0.0)
    pull = -gamma * (margin + distance) * (margin - distance)
    push = gamma * np.maximum(1.0 + margin - distance, 0.0) * (1.0 - margin - distance)
    total = _log_sum_exp(pull, alike) + _log_sum_exp(push, different)
    paired = alike.any(axis=1) & different.any(axis=1)
    return np.logaddexp(total, 0.0) * paired.astype(y_pred.dtype)


class Circle(BuiltinLoss):
    """Pairs of one class drawn together and pairs of two pushed apart, `circle`, over the embeddings with pairs.

    Args:
        gamma: how strongly bad pairs count more than good ones.
        margin: how far a pair may be from perfect.
        remove_diagonal: whether an embedding is no pair with itself.
        reduction: see `Loss`.
        name: see `Loss`.
        dtype: see `Loss`.

    Example:
        >>> embeddings = [[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]]
        >>> round(float(Circle()([0, 0, 1], embeddings)), 4)
        0.0
    """

    _integer_labels = True

    def __init__(
        self,
        gamma: float = 80.0,
        margin: float = 0.4,
        remove_diagonal: bool = True,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "circle",
        dtype: DTypeLike = None,
    ) -> None:
        super().__init__(
            circle,
            name=name,
            reduction=reduction,
            dtype=dtype,
            gamma=gamma,
            margin=margin,
            remove_diagonal=remove_diagonal,
        )
        self.gamma = gamma
        self.margin = margin
        self.remove_diagonal = remove_diagonal

    def mask_of(self, y_true: TensorLike, values: Any) -> Any:
        return plain(values) > 0
