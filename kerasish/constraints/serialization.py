"""Constraints by name, as configs, and from arguments."""

from __future__ import annotations

from typing import Any

from kerasish.backend.names import to_snake_case
from kerasish.backend.typing import ConstraintLike
from kerasish.saving.registry import Registry
from kerasish.saving.serialization import serialize_keras_object

_CLASSES = ("Constraint", "MaxNorm", "MinMaxNorm", "NonNeg", "UnitNorm")
NAMES = {name: name for name in _CLASSES} | {to_snake_case(name): name for name in _CLASSES}

_registry = Registry("constraint", "keras.constraints", NAMES, base=None)


def serialize(constraint: Any) -> Any:
    """The config of a constraint."""
    return serialize_keras_object(constraint)


def deserialize(config: Any, custom_objects: dict[str, Any] | None = None) -> Any:
    """The constraint of a config or a name.

    Args:
        config: what `serialize` returned, or Keras did.
        custom_objects: the caller's own classes and functions by name.

    Raises:
        ValueError: if the config names nothing known here.
    """
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
