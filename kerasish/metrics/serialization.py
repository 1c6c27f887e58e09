"""Metrics by name: what `compile(metrics=["auc"])` means."""

from __future__ import annotations

from typing import Any

from kerasish.saving.registry import Registry, classes_of
from kerasish.saving.serialization import serialize_keras_object

_SHORT = {
    "bce": "BinaryCrossentropy",
    "mae": "MeanAbsoluteError",
    "mape": "MeanAbsolutePercentageError",
    "mse": "MeanSquaredError",
    "msle": "MeanSquaredLogarithmicError",
}

NAMES = {
    **classes_of("kerasish.metrics"),
    **_SHORT,
    **{short.upper(): name for short, name in _SHORT.items()},
}
_registry = Registry("metric", "keras.metrics", NAMES)


def get(identifier: Any) -> Any:
    """The metric that an argument means: a name, a config, a class, an instance, a function or None.

    A name gives an instance. `"acc"` and the choice that `"accuracy"` makes between labels and one-hot labels are
    `compile`'s, which knows the shapes; here `"accuracy"` is `Accuracy`.

    Raises:
        ValueError: if it means nothing, with the nearest names.

    Example:
        >>> get("mse").name
        'mean_squared_error'
    """
    return _registry.get(identifier)


def serialize(metric: Any) -> Any:
    """The config of a metric, or the name of a function.

    Example:
        >>> from kerasish.metrics import Mean
        >>> serialize(Mean())["class_name"]
        'Mean'
    """
    return serialize_keras_object(metric)


def deserialize(config: Any, custom_objects: dict[str, Any] | None = None) -> Any:
    """The metric of a config or a name, which may be one of `custom_objects`; ValueError where nothing has it."""
    return _registry.deserialize(config, custom_objects)
