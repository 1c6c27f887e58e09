"""Learning rate schedules as configs."""

from __future__ import annotations

from typing import Any

from kerasish.saving.registry import Registry, classes_of
from kerasish.saving.serialization import serialize_keras_object

_registry = Registry(
    "learning rate schedule", "keras.optimizers.schedules", classes_of("kerasish.optimizers.schedules", str)
)


def serialize(learning_rate_schedule: Any) -> Any:
    """The config of a schedule.

    Example:
        >>> import kerasish as keras
        >>> config = keras.optimizers.schedules.serialize(keras.optimizers.schedules.CosineDecay(0.1, 100))
        >>> keras.optimizers.schedules.deserialize(config)(0)
        0.1
    """
    return serialize_keras_object(learning_rate_schedule)


def deserialize(config: Any, custom_objects: dict[str, Any] | None = None) -> Any:
    """The schedule of a config or a name, which may be one of `custom_objects`; ValueError where nothing has it."""
    return _registry.deserialize(config, custom_objects)
