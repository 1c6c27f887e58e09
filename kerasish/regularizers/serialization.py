"""Regularizers by name, as configs, and from arguments."""

from __future__ import annotations

from typing import Any

from kerasish.backend.typing import RegularizerLike
from kerasish.saving.registry import Registry, classes_of
from kerasish.saving.serialization import serialize_keras_object

NAMES = classes_of("kerasish.regularizers")

_registry = Registry("regularizer", "keras.regularizers", NAMES)


def serialize(regularizer: Any) -> Any:
    """The config of a regularizer."""
    return serialize_keras_object(regularizer)


def deserialize(config: Any, custom_objects: dict[str, Any] | None = None) -> Any:
    """The regularizer of a config or a name, which may be one of `custom_objects`; ValueError where nothing has it."""
    return _registry.deserialize(config, custom_objects)


def get(identifier: RegularizerLike) -> Any:
    """The regularizer that an argument means: a name, a config, a class, an instance, a callable or None.

    Raises:
        ValueError: if it means nothing, with the nearest names.

    Example:
        >>> import kerasish as keras
        >>> keras.regularizers.get("l2").l2
        0.01
    """
    return _registry.get(identifier)
