"""Crossentropies, stable and in one piece with the softmax or sigmoid before them.

A probability that comes straight from a softmax or a sigmoid on a tape still knows its logits. The loss is then
computed from those: no logarithm of a rounded zero, and the gradient with respect to the logits is one
subtraction, `probability - target`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish.backend import config, dtypes
from kerasish.backend.operators import to_float
from kerasish.backend.primitive import primitive
from kerasish.backend.symbolic import KerasTensor
from kerasish.backend.tensor import Tensor, Traceable
from kerasish.backend.typing import TensorLike
from kerasish.ops.core import stop_gradient
from kerasish.ops.means import narrowed
from kerasish.ops.specs import elementwise, kind_of, promoted, shape_of, without


def _log_sum_exp(z: np.ndarray, axis: int) -> tuple[np.ndarray, np.ndarray]:
    """log(sum(exp(z))) as the largest logit and the rest, with the size along `axis` kept as one.

    They stay apart because logits that are large rob the rest of its digits when it is added to them.
    """
    top = z.max(axis=axis, keepdims=True)
    shifted = z - top
    np.exp(shifted, out=shifted)
    total = shifted.sum(axis=axis, keepdims=True)
    return top, np.log(total, out=total)


def _sparse_forward(labels: Any, z: Any, *, axis: int) -> Any:
    top, rest = _log_sum_exp(z, axis)
    rest += top - np.take_along_axis(z, np.expand_dims(labels, axis), axis)
    return rest.squeeze(axis)


def _sparse_vjp(g: Any, y: Any, labels: Any, z: Any, *, axis: int) -> Any:
    index = np.expand_dims(labels, axis)
    hit = (
        np.arange(z.shape[axis]).reshape([-1 if i == axis % len(z.shape) else 1 for i in range(len(z.shape))]) == index
    )
    return np.expand_dims(g, axis) * (np.exp(_log_softmax(z, axis)) - hit.astype(z.dtype))


sparse_softmax_crossentropy = primitive(
    "sparse_softmax_crossentropy",
    _sparse_forward,
    None,
    _sparse_vjp,
    shape=lambda labels, z, **_: KerasTensor(shape_of(labels), kind_of(z)),
    doc="-log softmax(z)[label] for integer labels; its gradient is softmax(z) - one_hot(label).",
)


def _dense_target_forward(target: Any, z: Any, *, axis: int) -> Any:
    top, rest = _log_sum_exp(z, axis)
    return (target * (rest + (top - z))).sum(axis=axis)


def _log_softmax(z: Any, axis: int) -> Any:
    """Log softmax(z) in operators and NumPy functions, for derivatives of derivatives."""
    top = np.max(stop_gradient(z), axis=axis, keepdims=True)
    shifted = z - top
    return shifted - np.log(np.sum(np.exp(shifted), axis=axis, keepdims=True))


softmax_crossentropy = primitive(
    "softmax_crossentropy",
    _dense_target_forward,
    lambda g, y, target, z, *, axis: -np.expand_dims(g, axis) * _log_softmax(z, axis),
    lambda g, y, target, z, *, axis: (
        np.expand_dims(g, axis) * (np.exp(_log_softmax(z, axis)) * np.sum(target, axis=axis, keepdims=True) - target)
    ),
    shape=lambda target, z, *, axis: KerasTensor(without(shape_of(z), axis, False), promoted(target, z)),
    doc="-sum(target * log softmax(z)); its gradient is softmax(z) - target where the target sums to one.",
)


def _sigmoid(z: Any) -> Any:
    return 0.5 * np.tanh(0.5 * z) + 0.5


sigmoid_crossentropy = primitive(
    "sigmoid_crossentropy",
    lambda target, z: np.maximum(z, 0) - z * target + np.log1p(np.exp(-np.abs(z))),
    lambda g, y, target, z: -g * z,
    lambda g, y, target, z: g * (_sigmoid(z) - target),
    shape=elementwise(promoted),
    doc="-target log sigmoid(z) - (1 - target) log(1 - sigmoid(z)); its gradient is sigmoid(z) - target.",
)


def logits_of(output: TensorLike, activation: str, axis: int = -1) -> Any:
    """The logits of which `output` is the softmax or sigmoid, if a tape remembers them; otherwise None."""
    if not isinstance(output, Tensor) or output.primitive is None or output.primitive.name != activation:
        return None
    logits = output.inputs[0]
    if activation == "softmax" and (output.params or {}).get("axis", -1) not in (axis, axis % logits.value.ndim):
        return None
    return logits


def _probabilities(output: Any, axis: int | None = None) -> Any:
    """Probabilities that sum to one along `axis` and stay away from zero and one."""
    small = config.epsilon()
    if axis is not None:
        output = output / np.sum(output, axis=axis, keepdims=True)
    return np.clip(output, small, 1.0 - small)


def _array(x: Any) -> Any:
    return x if isinstance(x, (Traceable, np.ndarray)) else np.asarray(x)


def _beside(target: Any, output: Any) -> Any:
    """Targets that are whole numbers in the dtype of the output, which NumPy would widen beside them."""
    target = _array(target)
    if isinstance(target, np.ndarray) and target.dtype.kind in "iub":
        return target.astype(dtypes.numpy_dtype(dtypes.standardize_dtype(output.dtype)))
    return target


def _floats(output: Any) -> Any:
    return output if isinstance(output, Traceable) else to_float(_array(output))


def _check_same_shape(target: Any, output: Any, name: str) -> None:
    if len(target.shape) != len(output.shape) or any(
        a is not None and b is not None and a != b for a, b in zip(target.shape, output.shape, strict=True)
    ):
        raise ValueError(
            f"{name} needs `target` and `output` of one shape; received {tuple(target.shape)} and {tuple(output.shape)}"
        )


def categorical_crossentropy(target: Any, output: Any, from_logits: bool = False, axis: int = -1) -> Any:
    """Crossentropy of a target distribution and a prediction: `-sum(target * log(output))` along `axis`.

    Args:
        target: probabilities, or one-hot labels, of the shape of `output`.
        output: predicted probabilities, or logits.
        from_logits: whether `output` holds logits, the numbers before the softmax.
        axis: the axis of the classes.

    Returns:
        The shape of `output` without `axis`.

    Raises:
        ValueError: if the shapes differ.

    Example:
        >>> import numpy as np
        >>> float(categorical_crossentropy(np.array([[0.0, 1.0]]), np.array([[0.5, 0.5]]))[0]) == float(np.log(2))
        True
    """
    output = _floats(output)
    target = _beside(target, output)
    _check_same_shape(target, output, "categorical_crossentropy")
    if len(output.shape) < 1:
        raise ValueError("categorical_crossentropy needs at least one dimension, that of the classes")
    logits = output if from_logits else logits_of(output, "softmax", axis)
    if logits is not None:
        return softmax_crossentropy(target, logits, axis=axis)
    values = -np.sum(target * np.log(_probabilities(output, axis)), axis=axis)
    return narrowed(values, dtypes.standardize_dtype(output.dtype))


def sparse_categorical_crossentropy(target: Any, output: Any, from_logits: bool = False, axis: int = -1) -> Any:
    """Crossentropy of integer labels and a prediction: `-log(output[label])`.

    Args:
        target: labels from 0 to classes - 1, of the shape of `output` without `axis` (or with size one there).
        output: predicted probabilities, or logits.
        from_logits: whether `output` holds logits.
        axis: the axis of the classes.

    Raises:
        ValueError: if the shapes do not fit or a label is out of range.
    """
    labels, output = _array(target), _floats(output)
    rank = len(output.shape)
    if rank < 1:
        raise ValueError("sparse_categorical_crossentropy needs an output with an axis of classes; received a scalar")
    if len(labels.shape) == rank and labels.shape[axis] == 1:
        labels = np.squeeze(labels, axis)
    rest = [n for i, n in enumerate(output.shape) if i != axis % rank]
    if len(labels.shape) != len(rest) or any(
        None not in (m, n) and m != n for m, n in zip(labels.shape, rest, strict=True)
    ):
        raise ValueError(
            f"sparse_categorical_crossentropy needs integer labels of shape {tuple(rest)} for an output of shape "
            f"{tuple(output.shape)}; received {tuple(labels.shape)}. For one-hot labels use categorical_crossentropy."
        )
    labels = as_labels(labels, classes=output.shape[axis])
    logits = output if from_logits else logits_of(output, "softmax", axis)
    if logits is not None:
        return sparse_softmax_crossentropy(labels, logits, axis=axis)
    picked = np.take_along_axis(_probabilities(output, axis), np.expand_dims(labels, axis), axis)
    return -np.squeeze(np.log(picked), axis)


def checked_labels(labels: np.ndarray, classes: int | None) -> np.ndarray:
    """Labels as integers, each from 0 to classes - 1; None where the number of classes is not known.

    Raises:
        ValueError: naming the smallest and largest label, if one is out of range; or if one is nan or infinite.
    """
    if labels.dtype.kind not in "iu":
        missing = np.count_nonzero(~np.isfinite(labels)) if labels.dtype.kind == "f" else 0
        if missing:
            raise ValueError(f"{missing} of {labels.size} labels are nan or infinite: leave those samples out.")
        labels = labels.astype(np.int64)
    if not labels.size:
        return labels
    low, high = int(labels.min()), int(labels.max())
    if low < 0 or (classes is not None and high >= classes):
        advice = (
            "Count labels from 0; a label that stands for nothing is left out with the loss's ignore_class"
            if low < 0
            else f"Give the last layer {high + 1} units, or count labels from 0"
            + ("; of two classes with one unit and a sigmoid the loss is binary_crossentropy" if classes == 1 else "")
        )
        known = (
            ""
            if classes is None
            else f", but the output has {classes} class{'es' * (classes > 1)}, so they must be from 0 to {classes - 1}"
        )
        raise ValueError(f"the labels run from {low} to {high}{known}. {advice}.")
    return labels


def _labels_spec(labels: Any, *, classes: int | None) -> KerasTensor:
    kind = kind_of(labels)
    return KerasTensor(shape_of(labels), kind if "int" in kind else "int64")


as_labels = primitive(
    "as_labels",
    checked_labels,
    shape=_labels_spec,
    doc="Labels as integers, each of them checked to be a class.",
    plan="kerasish.ops.plans.softmax:labels_as_they_are",
)


def binary_crossentropy(target: Any, output: Any, from_logits: bool = False) -> Any:
    """Crossentropy of yes-or-no targets: `-target log(output) - (1 - target) log(1 - output)`, element by element.

    Args:
        target: zeros and ones (or probabilities), of the shape of `output`.
        output: predicted probabilities, or logits.
        from_logits: whether `output` holds logits, the numbers before the sigmoid.

    Raises:
        ValueError: if the shapes differ.
    """
    output = _floats(output)
    target = _beside(target, output)
    _check_same_shape(target, output, "binary_crossentropy")
    logits = output if from_logits else logits_of(output, "sigmoid")
    if logits is not None:
        return sigmoid_crossentropy(target, logits)
    p = _probabilities(output)
    return narrowed(-(target * np.log(p) + (1.0 - target) * np.log(1.0 - p)), dtypes.standardize_dtype(output.dtype))
