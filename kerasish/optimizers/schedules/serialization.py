"""Learning rate schedules as configs."""

from __future__ import annotations

from typing import Any

from kerasish.saving.registry import Registry
from kerasish.saving.serialization import serialize_keras_object

_CLASSES = (
    "CosineDecay",
    "CosineDecayRestarts",
    "ExponentialDecay",
    "InverseTimeDecay",
    "LearningRateSchedule",
    "PiecewiseConstantDecay",
    "PolynomialDecay",
)

_registry = Registry(
    "learning rate schedule", "keras.optimizers.schedules", {name: name for name in _CLASSES}, base=None
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
    """The schedule of a config.

    Args:
        config: what `serialize` returned, or Keras did.
        custom_objects: the caller's own classes by name.

    Raises:
        ValueError: if the config names nothing known here.
    """
    return _registry.deserialize(config, custom_objects)
