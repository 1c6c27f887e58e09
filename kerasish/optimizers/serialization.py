"""Optimizers by name."""

from __future__ import annotations

from typing import Any

from kerasish.optimizers.optimizer import Optimizer
from kerasish.saving.registry import Registry, classes_of
from kerasish.saving.serialization import serialize_keras_object

_NAMES = classes_of("kerasish.optimizers", str.lower) | {"RMSProp": "RMSprop"}
# The base of all is no optimizer itself.
del _NAMES["Optimizer"], _NAMES["optimizer"]

_registry = Registry("optimizer", "keras.optimizers", _NAMES, base=Optimizer)


def get(identifier: Any) -> Any:
    """An optimizer for a name, a config, a class or an optimizer; None for None.

    Raises:
        ValueError: if it means nothing, with the nearest names.

    Example:
        >>> get("adam").get_config()["beta_1"]
        0.9
    """
    found = _registry.get(identifier)
    if found is not None and not hasattr(found, "apply_gradients"):
        raise ValueError(
            f"cannot make an optimizer of {identifier!r} ({type(identifier).__name__}): expected a name such as "
            "'adam', a config or an instance"
        )
    return found


def serialize(optimizer: Optimizer) -> Any:
    """The config of an optimizer."""
    return serialize_keras_object(optimizer)


def deserialize(config: Any, custom_objects: dict[str, Any] | None = None) -> Any:
    """The optimizer of a config."""
    return _registry.deserialize(config, custom_objects)
