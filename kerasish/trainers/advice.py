"""Settings of `compile` that cannot work with the model or its targets: said once, before the first step."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from kerasish import losses
from kerasish.backend import nest
from kerasish.backend.callers import warn
from kerasish.backend.names import to_snake_case
from kerasish.layers.activations.softmax import Softmax
from kerasish.layers.core.activation import Activation

_ACCURACY = ("accuracy", "acc", "binary_accuracy", "categorical_accuracy", "sparse_categorical_accuracy")
_REGRESSION = (
    losses.MeanSquaredError,
    losses.MeanAbsoluteError,
    losses.MeanAbsolutePercentageError,
    losses.MeanSquaredLogarithmicError,
    losses.Huber,
    losses.LogCosh,
)


_CROSSENTROPIES = (
    losses.BinaryCrossentropy,
    losses.CategoricalCrossentropy,
    losses.SparseCategoricalCrossentropy,
)
_NO_PROBABILITIES = ("linear", "relu", "leaky_relu", "elu", "selu", "gelu", "silu", "tanh")

# Targets that are looked at.
ROWS = 2**20


def advise(model: Any, y: Any) -> None:
    """Warn of a last layer that does not go with the loss, of labels that do not, and of accuracy on a regression.

    Args:
        model: a compiled model.
        y: its targets, or those of its first batch.
    """
    _look_for_lone_softmax(model)
    arguments = model._compile_arguments or {}
    _look_at_last_layer(model, arguments.get("loss"))
    for target, loss, metrics in _by_output(y, arguments.get("loss"), arguments.get("metrics")):
        values = np.asarray(target[:ROWS])
        if not values.size or values.dtype.kind not in "biuf":
            continue
        if _is_kind(loss, (losses.BinaryCrossentropy,)):
            _look_at_binary_labels(values)
        elif _is_kind(loss, (losses.SparseCategoricalCrossentropy,)):
            _look_at_class_numbers(values)
        elif _is_kind(loss, _REGRESSION) and any(isinstance(m, str) and m in _ACCURACY for m in metrics):
            _look_at_regression(values)


def _look_for_lone_softmax(model: Any) -> None:
    for layer in model._flatten_layers():
        if _softmax_width(layer) == 1:
            warn(
                f"the layer {layer.name!r} takes the softmax of a single number, which is 1 whatever comes in, so "
                "nothing is learned: use a sigmoid for two classes, or one unit for each class.",
            )


def _softmax_width(layer: Any) -> int | None:
    """How many numbers share a softmax in a layer, as far as its settings or its symbolic output tell."""
    if isinstance(layer, Softmax):
        axis = layer.axis
    elif getattr(getattr(layer, "activation", None), "__name__", None) == "softmax":
        axis = -1
        for name in ("units", "filters"):
            if hasattr(layer, name):
                return getattr(layer, name)
    else:
        return None
    shape = getattr(getattr(layer, "output", None), "shape", None)
    return shape[axis] if shape and isinstance(axis, int) else None


def _look_at_last_layer(model: Any, loss: Any) -> None:
    """Tell of scores where a crossentropy reads probabilities, and of the reverse, in a model with one output."""
    layer = _last_layer(model)
    if isinstance(loss, (list, tuple)) or not _is_kind(loss, _CROSSENTROPIES):
        return
    if not hasattr(layer, "kernel") and not isinstance(layer, (Softmax, Activation)):
        return
    last = "softmax" if isinstance(layer, Softmax) else getattr(getattr(layer, "activation", None), "__name__", None)
    name = loss if isinstance(loss, str) else getattr(loss, "name", getattr(loss, "__name__", loss))
    fitting = "a sigmoid" if _is_kind(loss, (losses.BinaryCrossentropy,)) else "a softmax"
    if getattr(loss, "from_logits", False):
        if last in ("softmax", "sigmoid"):
            warn(
                f"{name} with from_logits=True takes scores and makes probabilities of them, but the layer "
                f"{layer.name!r} has made them already, by a {last}: leave one of the two out."
            )
    elif last in _NO_PROBABILITIES:
        what = "no activation" if last == "linear" else f"the activation {last!r}"
        warn(
            f"{name} takes probabilities, and the layer {layer.name!r} has {what}: its outputs may be any numbers. "
            f"Give it {fitting}, or the loss from_logits=True."
        )


def _last_layer(model: Any) -> Any:
    """The layer that makes the output of a model, if it has one output and knows; None otherwise."""
    outputs = nest.flatten(getattr(model, "outputs", None))
    history = getattr(outputs[0], "history", None) if len(outputs) == 1 else None
    return getattr(history, "operation", None)


def _look_at_class_numbers(values: np.ndarray) -> None:
    if values.dtype.kind == "f" and not np.array_equal(values, np.trunc(values), equal_nan=True):
        warn(
            "sparse_categorical_crossentropy takes the numbers of classes, and the targets are not all whole numbers: "
            "what follows the point is cut off. A regression has a loss such as mse."
        )


def _look_at_binary_labels(values: np.ndarray) -> None:
    low, high = values.min(), values.max()
    if low < 0 or high > 1:
        warn(
            f"binary_crossentropy compares with targets from 0 to 1; these run from {low:g} to {high:g}. For several "
            "classes give the last layer one unit for each, a softmax, and the loss sparse_categorical_crossentropy. "
            "The labels -1 and 1 become 0 and 1 with (y + 1) / 2.",
        )


def _look_at_regression(values: np.ndarray) -> None:
    if not np.isin(values, (0, 1)).all():
        warn(
            "accuracy counts targets that are met exactly, which says nothing of a regression, and the targets are not "
            "only 0 and 1: use metrics=['mae'], or R2Score.",
        )


def _is_kind(loss: Any, kinds: tuple[type, ...]) -> bool:
    """Whether a loss, by name, function or object, is one of these."""
    if isinstance(loss, dict) or loss is None:
        return False
    found = losses.get(loss) if isinstance(loss, str) and loss.lower() not in ("crossentropy", "ce") else loss
    return isinstance(found, kinds) or any(found is getattr(losses, to_snake_case(kind.__name__)) for kind in kinds)


def _by_output(y: Any, loss: Any, metrics: Any) -> Iterator[tuple[Any, Any, list[Any]]]:
    """Each target with the loss and the metrics of its output, where lists and dicts tell which belong together."""
    if y is None:
        return
    if not nest.is_nested(y):
        yield (
            y,
            nest.flatten(loss)[0] if isinstance(loss, (list, tuple)) and len(loss) == 1 else loss,
            nest.flatten(metrics),
        )
        return
    keys = list(y) if isinstance(y, dict) else range(len(y))
    for key in keys:
        target = y[key]
        if target is not None and not nest.is_nested(target):
            yield target, _of(loss, key, len(y)), nest.flatten(_of(metrics, key, len(y)))


def _of(setting: Any, key: Any, count: int) -> Any:
    if isinstance(setting, dict):
        return setting.get(key)
    if isinstance(setting, (list, tuple)):
        return setting[key] if isinstance(key, int) and len(setting) == count else None
    return setting
