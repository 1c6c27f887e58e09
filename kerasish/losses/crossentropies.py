"""Losses of classes: minus the logarithm of the probability that was given to what is true."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish.backend import config
from kerasish.backend.callers import warn
from kerasish.backend.typing import TensorLike
from kerasish.losses.reduction import align, as_dtype, as_tensor, constant, plain, with_mean
from kerasish.ops import crossentropy, mean_losses


@with_mean(mean_losses.binary)
def binary_crossentropy(
    y_true: Any, y_pred: Any, from_logits: bool = False, label_smoothing: float = 0.0, axis: int = -1
) -> Any:
    """Mean of `-y_true * log(y_pred) - (1 - y_true) * log(1 - y_pred)` along `axis`, for yes-or-no targets.

    Args:
        y_true: zeros and ones, or probabilities, shape `(batch, d0, .., dN)`.
        y_pred: predicted probabilities, or logits, of the same shape.
        from_logits: whether `y_pred` holds logits, the numbers before the sigmoid.
        label_smoothing: the share `s` of each target that is moved to the middle: `y_true * (1 - s) + s / 2`.
        axis: the axis of the mean.

    Returns:
        Losses in nats, the shape of `y_pred` without `axis`.

    Raises:
        ValueError: if the shapes differ.

    Example:
        >>> binary_crossentropy([[0.0, 1.0]], [[0.5, 0.5]]).round(4)
        array([0.6931], dtype=float32)
    """
    y_true, y_pred = align(y_true, y_pred)
    if label_smoothing:
        y_true = y_true * (1.0 - label_smoothing) + 0.5 * label_smoothing
    return np.mean(crossentropy.binary_crossentropy(y_true, y_pred, from_logits), axis=axis)


def _check_classes(y_pred: Any, axis: Any, name: str) -> None:
    if isinstance(axis, bool):
        raise ValueError(f"axis must be a whole number; received axis={axis}")
    if y_pred.shape[-1:] == (1,):
        warn(
            f"{name} of predictions of shape {tuple(y_pred.shape)}: with a single class nothing can be learned. For "
            "two classes and one unit use binary_crossentropy.",
            SyntaxWarning,
        )


def _smooth(y_true: Any, label_smoothing: float) -> Any:
    return y_true * (1.0 - label_smoothing) + label_smoothing / y_true.shape[-1] if label_smoothing else y_true


@with_mean(mean_losses.categorical)
def categorical_crossentropy(
    y_true: TensorLike, y_pred: TensorLike, from_logits: bool = False, label_smoothing: float = 0.0, axis: int = -1
) -> Any:
    """Minus the logarithm of the probability of the true class: `-sum(y_true * log(y_pred))` along `axis`.

    Args:
        y_true: one-hot labels, or distributions, shape `(batch, .., classes)`.
        y_pred: predicted probabilities, or logits, of the same shape.
        from_logits: whether `y_pred` holds logits, the numbers before the softmax.
        label_smoothing: the share `s` that is spread over all classes: `y_true * (1 - s) + s / classes`.
        axis: the axis of the classes.

    Returns:
        Losses in nats, the shape of `y_pred` without `axis`.

    Raises:
        ValueError: if the shapes differ.

    Example:
        >>> categorical_crossentropy([[0.0, 1.0, 0.0]], [[0.25, 0.5, 0.25]]).round(4)
        array([0.6931], dtype=float32)
    """
    y_true, y_pred = align(y_true, y_pred)
    _check_classes(y_pred, axis, "categorical_crossentropy")
    y_true = _smooth(y_true, label_smoothing)
    return crossentropy.categorical_crossentropy(y_true, y_pred, from_logits=from_logits, axis=axis)


@with_mean(mean_losses.sparse)
def sparse_categorical_crossentropy(
    y_true: Any, y_pred: Any, from_logits: bool = False, ignore_class: int | None = None, axis: int = -1
) -> Any:
    """Minus the logarithm of the probability of the true class, which is given by its number.

    Args:
        y_true: labels from 0 to classes - 1, shape `(batch, ..)` or `(batch, .., 1)`.
        y_pred: predicted probabilities, or logits, shape `(batch, .., classes)`.
        from_logits: whether `y_pred` holds logits, the numbers before the softmax.
        ignore_class: a label whose losses are zero, such as that of pixels nobody labelled.
        axis: the axis of the classes.

    Returns:
        Losses in nats, the shape of `y_pred` without `axis`.

    Raises:
        ValueError: if the shapes do not fit, or a label is out of range.

    Example:
        >>> sparse_categorical_crossentropy([1], [[0.25, 0.5, 0.25]]).round(4)
        array([0.6931], dtype=float32)
    """
    if ignore_class is None:
        return crossentropy.sparse_categorical_crossentropy(
            as_tensor(y_true), as_tensor(y_pred), from_logits=from_logits, axis=axis
        )
    y_true, y_pred = constant(y_true), as_tensor(y_pred)
    if y_true.ndim == len(y_pred.shape) and y_true.shape[axis] == 1:
        y_true = np.squeeze(y_true, axis)
    counts = y_true != ignore_class
    labels = np.where(counts, y_true, np.zeros((), y_true.dtype))
    losses = crossentropy.sparse_categorical_crossentropy(labels, y_pred, from_logits=from_logits, axis=axis)
    return np.where(counts, losses, 0.0)


def binary_focal_crossentropy(
    y_true: Any,
    y_pred: Any,
    apply_class_balancing: bool = False,
    alpha: float = 0.25,
    gamma: float = 2.0,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Any:
    """Binary crossentropy that looks away from what is easy: times `(1 - p)**gamma`, `p` the probability of the truth.

    Args:
        y_true: zeros and ones, shape `(batch, d0, .., dN)`.
        y_pred: predicted probabilities, or logits, of the same shape.
        apply_class_balancing: whether ones are weighted by `alpha` and zeros by `1 - alpha`.
        alpha: the weight of the ones.
        gamma: how little easy samples count; 0 gives `binary_crossentropy`.
        from_logits: whether `y_pred` holds logits, the numbers before the sigmoid.
        label_smoothing: the share `s` of each target that is moved to the middle: `y_true * (1 - s) + s / 2`.
        axis: the axis of the mean.

    Returns:
        Losses, the shape of `y_pred` without `axis`.

    Raises:
        ValueError: if the shapes differ.

    Example:
        >>> binary_focal_crossentropy([[0.0, 1.0]], [[0.5, 0.5]]).round(4)
        array([0.1733], dtype=float32)

    Source: https://arxiv.org/abs/1708.02002
    """
    y_true, y_pred = align(y_true, y_pred)
    if label_smoothing:
        y_true = y_true * (1.0 - label_smoothing) + 0.5 * label_smoothing
    if from_logits:
        y_pred = 0.5 * np.tanh(0.5 * y_pred) + 0.5
    p = y_true * y_pred + (1.0 - y_true) * (1.0 - y_pred)
    losses = np.power(1.0 - p, gamma) * crossentropy.binary_crossentropy(y_true, y_pred)
    if apply_class_balancing:
        losses = (y_true * alpha + (1.0 - y_true) * (1.0 - alpha)) * losses
    return np.mean(losses, axis=axis)


def categorical_focal_crossentropy(
    y_true: Any,
    y_pred: Any,
    alpha: Any = 0.25,
    gamma: float = 2.0,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Any:
    """Crossentropy that looks away from what is easy: `-sum(alpha * (1 - y_pred)**gamma * y_true * log(y_pred))`.

    Args:
        y_true: one-hot labels, shape `(batch, .., classes)`.
        y_pred: predicted probabilities, or logits, of the same shape.
        alpha: the weight of all classes, or a list with that of each.
        gamma: how little easy samples count.
        from_logits: whether `y_pred` holds logits, the numbers before the softmax.
        label_smoothing: the share `s` that is spread over all classes: `y_true * (1 - s) + s / classes`.
        axis: the axis of the classes.

    Returns:
        Losses, the shape of `y_pred` without `axis`.

    Raises:
        ValueError: if the shapes differ.

    Example:
        >>> categorical_focal_crossentropy([[0.0, 1.0]], [[0.5, 0.5]]).round(4)
        array([0.0433], dtype=float32)

    Source: https://arxiv.org/abs/1708.02002
    """
    y_true, y_pred = align(y_true, y_pred)
    _check_classes(y_pred, axis, "categorical_focal_crossentropy")
    y_true = _smooth(y_true, label_smoothing)
    if from_logits:
        y_pred = np.exp(y_pred - np.max(constant(y_pred), axis=axis, keepdims=True))
    p = y_pred / np.sum(y_pred, axis=axis, keepdims=True)
    p = np.clip(p, config.epsilon(), 1.0 - config.epsilon())
    weights = as_dtype(alpha, np.dtype(y_pred.dtype)) * np.power(1.0 - p, gamma)
    return -np.sum(weights * y_true * np.log(p), axis=axis)


def categorical_generalized_cross_entropy(y_true: Any, y_pred: Any, q: float) -> Any:
    """Between crossentropy and absolute error, so that wrong labels pull less: `(1 - p**q) / q`.

    `p` is the probability of the true class. As `q` goes to 0 it is crossentropy, at 1 it is `1 - p`.

    Args:
        y_true: labels from 0 to classes - 1, shape `(batch, ..)` or `(batch, .., 1)`.
        y_pred: predicted probabilities, shape `(batch, .., classes)`.
        q: from 0 (trust the labels) to 1 (do not).

    Returns:
        Losses of shape `(batch, ..)`.

    Raises:
        ValueError: if a label is out of range.

    Example:
        >>> categorical_generalized_cross_entropy([1], [[0.5, 0.25, 0.25]], q=0.5)
        array([1.], dtype=float32)

    Source: https://arxiv.org/abs/1805.07836
    """
    y_true, y_pred = plain(y_true), as_tensor(y_pred)
    if y_true.ndim == len(y_pred.shape) and y_true.shape[-1] == 1:
        y_true = np.squeeze(y_true, -1)
    labels = crossentropy.checked_labels(y_true, y_pred.shape[-1])
    chosen = np.expand_dims(labels, -1) == np.arange(y_pred.shape[-1])
    p = np.sum(y_pred * chosen.astype(y_pred.dtype), axis=-1)
    return (1.0 - np.power(p, q)) / q
