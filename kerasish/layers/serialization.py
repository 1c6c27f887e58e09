"""Layers as configs and back."""

from __future__ import annotations

from typing import Any

from kerasish.saving.registry import Registry

_registry = Registry("layer", "keras.layers", {}, base=None)


def serialize(layer: Any) -> dict[str, Any]:
    """The config of a layer, without its weights.

    Example:
        >>> import kerasish as keras
        >>> keras.layers.serialize(keras.layers.Flatten())["class_name"]
        'Flatten'
    """
    return _registry.serialize(layer)


def deserialize(config: Any, custom_objects: dict[str, Any] | None = None) -> Any:
    """The layer that a config describes.

    Args:
        config: what `serialize` returned, or Keras did.
        custom_objects: the caller's own classes by name.

    Raises:
        ValueError: if it names nothing known here, with the nearest names.
    """
    return _registry.deserialize(config, custom_objects)
