"""Layers as configs and back."""

from __future__ import annotations

from typing import Any

from kerasish.saving.registry import Registry
from kerasish.saving.serialization import serialize_keras_object

_registry = Registry("layer", "keras.layers", {})


def serialize(layer: Any) -> dict[str, Any]:
    """The config of a layer, without its weights.

    Example:
        >>> import kerasish as keras
        >>> keras.layers.serialize(keras.layers.Flatten())["class_name"]
        'Flatten'
    """
    return serialize_keras_object(layer)


def deserialize(config: Any, custom_objects: dict[str, Any] | None = None) -> Any:
    """The layer of a config or a name, which may be one of `custom_objects`; ValueError where nothing has it."""
    return _registry.deserialize(config, custom_objects)
