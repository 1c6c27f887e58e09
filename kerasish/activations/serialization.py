"""Activation functions by name, as configs, and from arguments."""

from __future__ import annotations

from typing import Any

from kerasish import ops
from kerasish.activations.activations import linear
from kerasish.backend.typing import ActivationLike
from kerasish.saving.names import is_own
from kerasish.saving.registry import Registry, names_of
from kerasish.saving.serialization import serialize_keras_object

NAMES = names_of("kerasish.activations")

_registry = Registry("activation", "keras.activations", NAMES)


def serialize(activation: Any) -> Any:
    """The name of an activation function of this library, or the config of another function or object.

    Raises:
        ValueError: if it has neither a name nor a `get_config`.

    Example:
        >>> import kerasish as keras
        >>> keras.activations.serialize(keras.activations.relu)
        'relu'
    """
    config = serialize_keras_object(activation)
    is_function = isinstance(config, dict) and config.get("class_name") == "function"
    return config["config"] if is_function and is_known(activation) else config


def is_known(function: Any) -> bool:
    """Whether a function is the activation of its name, or the operation in `keras.ops` that this stands for."""
    name = getattr(function, "__name__", None)
    if name not in NAMES:
        return False
    # ops.gelu approximates unless told otherwise; activations.gelu does not.
    is_operation = name != "gelu" and function is getattr(ops, name, None)
    return is_operation or is_own(function, "keras.activations")


def deserialize(config: Any, custom_objects: dict[str, Any] | None = None) -> Any:
    """The activation of a config or a name, which may be one of `custom_objects`; ValueError where nothing has it."""
    if isinstance(config, dict) and config.get("class_name") == "function":
        config = config["config"]
    return _registry.deserialize(config, custom_objects)


def get(identifier: ActivationLike) -> Any:
    """The activation that an argument means: a name, a config, a callable, or None for `linear`.

    Raises:
        ValueError: if it means nothing, with the nearest names.

    Example:
        >>> import kerasish as keras
        >>> keras.activations.get("swish").__name__
        'silu'
    """
    if identifier is None:
        return linear
    if isinstance(identifier, dict):
        identifier = deserialize(identifier)
    return _registry.get(identifier)
