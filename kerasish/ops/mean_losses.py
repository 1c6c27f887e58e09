"""The common losses together with their mean over the batch: one primitive from predictions to the number minimized.

Each function returns None where the short way does not apply (another dtype, shapes to be aligned first, a
probability whose logits nobody remembers), and the caller goes the long way to the same number.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish.backend.primitive import primitive
from kerasish.backend.tensor import Tensor
from kerasish.ops.core import stop_gradient
from kerasish.ops.crossentropy import as_labels, logits_of

_ARRAYS = (np.ndarray, Tensor)


def _mean_square(target: Any, p: Any) -> Any:
    d = (p - target).ravel()
    return np.dot(d, d) / d.dtype.type(d.size)


mean_square = primitive(
    "mean_square",
    _mean_square,
    lambda g, y, target, p: (target - p) * (g * (2.0 / p.size)),
    lambda g, y, target, p: (p - target) * (g * (2.0 / p.size)),
    doc="The mean of all (p - target)**2.",
    plan="kerasish.ops.plans.losses:mean_square",
)

mean_absolute = primitive(
    "mean_absolute",
    lambda target, p: np.absolute(p - target).mean(),
    lambda g, y, target, p: np.sign(target - p) * (g / p.size),
    lambda g, y, target, p: np.sign(p - target) * (g / p.size),
    doc="The mean of all |p - target|.",
)


def _half(z: Any) -> Any:
    return 0.5 * np.tanh(0.5 * z) + 0.5


mean_sigmoid_crossentropy = primitive(
    "mean_sigmoid_crossentropy",
    lambda target, z: (np.logaddexp(0, z) - z * target).mean(),
    lambda g, y, target, z: z * (-g / z.size),
    lambda g, y, target, z: (_half(z) - target) * (g / z.size),
    doc="The mean of log(1 + exp(z)) - target z: binary crossentropy of logits.",
    plan="kerasish.ops.plans.losses:mean_sigmoid_crossentropy",
)


def _softmax(z: Any) -> Any:
    shifted = z - np.max(stop_gradient(z), axis=-1, keepdims=True)
    e = np.exp(shifted)
    return e / np.sum(e, axis=-1, keepdims=True)


def _surprise(z: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """-log softmax(z) at the chosen logits; large logits are subtracted first, or they would take digits along."""
    top = z.max(axis=-1, keepdims=True)
    return (top - chosen) + np.log(np.exp(z - top).sum(axis=-1, keepdims=True))


def _one_hot(labels: Any, z: Any) -> Any:
    return (np.arange(z.shape[-1]) == np.expand_dims(labels, -1)).astype(z.dtype)


mean_sparse_softmax_crossentropy = primitive(
    "mean_sparse_softmax_crossentropy",
    lambda labels, z: _surprise(z, np.take_along_axis(z, labels[..., None], -1)).mean(),
    None,
    lambda g, y, labels, z: (_softmax(z) - _one_hot(labels, z)) * (g * (z.shape[-1] / z.size)),
    doc="The mean of -log softmax(z)[label].",
    plan="kerasish.ops.plans.softmax:mean_sparse_softmax_crossentropy",
)

mean_softmax_crossentropy = primitive(
    "mean_softmax_crossentropy",
    lambda target, z: (target * _surprise(z, z)).sum() * z.dtype.type(z.shape[-1] / z.size),
    lambda g, y, target, z: -np.log(_softmax(z)) * (g * (z.shape[-1] / z.size)),
    lambda g, y, target, z: (
        (_softmax(z) * np.sum(target, axis=-1, keepdims=True) - target) * (g * (z.shape[-1] / z.size))
    ),
    doc="The mean of -sum(target log softmax(z)).",
    plan="kerasish.ops.plans.softmax:mean_softmax_crossentropy",
)


def _alike(target: Any, output: Any) -> bool:
    return (
        type(target) in _ARRAYS
        and type(output) in _ARRAYS
        and target.dtype == output.dtype
        and output.dtype.kind == "f"
        and target.shape == output.shape
        and output.size > 0
    )


def squared_error(target: Any, output: Any) -> Any:
    """The mean squared error of a batch, or None."""
    return mean_square(target, output) if _alike(target, output) else None


def absolute_error(target: Any, output: Any) -> Any:
    """The mean absolute error of a batch, or None."""
    return mean_absolute(target, output) if _alike(target, output) else None


def binary(target: Any, output: Any, from_logits: bool = False, label_smoothing: float = 0.0, axis: int = -1) -> Any:
    """The mean binary crossentropy of a batch, or None."""
    if label_smoothing or not _alike(target, output):
        return None
    logits = output if from_logits else logits_of(output, "sigmoid")
    return None if logits is None else mean_sigmoid_crossentropy(target, logits)


def categorical(
    target: Any, output: Any, from_logits: bool = False, label_smoothing: float = 0.0, axis: int = -1
) -> Any:
    """The mean categorical crossentropy of a batch, or None."""
    if label_smoothing or axis != -1 or not _alike(target, output) or output.shape[-1] == 1:
        return None
    logits = output if from_logits else logits_of(output, "softmax")
    return None if logits is None else mean_softmax_crossentropy(target, logits)


def sparse(labels: Any, output: Any, from_logits: bool = False, ignore_class: int | None = None, axis: int = -1) -> Any:
    """The mean crossentropy of integer labels over a batch, or None."""
    if ignore_class is not None or axis != -1 or type(labels) not in _ARRAYS or type(output) not in _ARRAYS:
        return None
    shape = output.shape
    if not shape or output.dtype.kind != "f" or labels.dtype.kind not in "iu" or not output.size:
        return None
    if labels.shape != shape[:-1]:
        if labels.shape != (*shape[:-1], 1):
            return None
        labels = np.squeeze(labels, -1)
    logits = output if from_logits else logits_of(output, "softmax")
    if logits is None:
        return None
    labels = as_labels(labels, classes=shape[-1])
    return mean_sparse_softmax_crossentropy(labels, logits)
