"""Quantizers by name, as configs, and from arguments."""

from __future__ import annotations

from typing import Any

from kerasish.saving.registry import Registry, classes_of
from kerasish.saving.serialization import serialize_keras_object

_registry = Registry("quantizer", "keras.quantizers", classes_of("kerasish.quantizers"))


def serialize(initializer: Any) -> Any:
    """The config of a quantizer."""
    return serialize_keras_object(initializer)


def deserialize(config: Any, custom_objects: dict[str, Any] | None = None) -> Any:
    """The quantizer of a config or a name, which may be one of `custom_objects`; ValueError where nothing has it."""
    return _registry.deserialize(config, custom_objects)


def get(identifier: Any, **kwargs: Any) -> Any:
    """The quantizer that an argument means: a name, a config, a class, an instance, a callable or None.

    Args:
        identifier: what may mean one.
        **kwargs: the arguments of a class that is given, by itself or by its name.

    Raises:
        ValueError: if it means none.

    Example:
        >>> import kerasish as keras
        >>> keras.quantizers.get("abs_max_quantizer", axis=0).axis
        (0,)
    """
    if isinstance(identifier, str):
        identifier = _registry.find(identifier)
    return identifier(**kwargs) if isinstance(identifier, type) else _registry.get(identifier)
