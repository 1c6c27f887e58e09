"""Constraints by name, as configs, and from arguments."""

from __future__ import annotations

from typing import Any

from kerasish.backend.typing import ConstraintLike
from kerasish.saving.registry import Registry, classes_of
from kerasish.saving.serialization import serialize_keras_object

NAMES = classes_of("kerasish.constraints")

_registry = Registry("constraint", "keras.constraints", NAMES)


def serialize(constraint: Any) -> Any:
    """The config of a constraint."""
    return serialize_keras_object(constraint)


def deserialize(config: Any, custom_objects: dict[str, Any] | None = None) -> Any:
    """The constraint of a config or a name, which may be one of `custom_objects`; ValueError where nothing has it."""
    return _registry.deserialize(config, custom_objects)


def get(identifier: ConstraintLike) -> Any:
    """The constraint that an argument means: a name, a config, a class, an instance, a callable or None.

    Raises:
        ValueError: if it means nothing, with the nearest names.

    Example:
        >>> import kerasish as keras
        >>> keras.constraints.get("max_norm").max_value
        2
    """
    return _registry.get(identifier)
