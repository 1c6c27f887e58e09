"""Objects as Keras 2's configs, and back."""

from __future__ import annotations

from typing import Any

from kerasish.saving.names import CustomObjectScope, get_registered_name, get_registered_object, nearest


def serialize_keras_object(instance: Any) -> Any:
    """An object as `{"class_name": ..., "config": ...}`, a function as its name.

    Args:
        instance: an object with `get_config`, a function, or None.

    Raises:
        ValueError: if it has neither a config nor a name.

    Example:
        >>> import kerasish as keras
        >>> serialize_keras_object(keras.losses.MeanSquaredError())["class_name"]
        'MeanSquaredError'
    """
    if instance is None:
        return None
    if hasattr(instance, "get_config"):
        config = {key: _plain(value) for key, value in instance.get_config().items()}
        return {"class_name": get_registered_name(type(instance)), "config": config}
    if hasattr(instance, "__name__"):
        return get_registered_name(instance)
    raise ValueError(f"cannot serialize {instance!r:.200}: it has neither a `get_config` method nor a name")


def _plain(value: Any) -> Any:
    return value if isinstance(value, (str, int, float, bool, list, tuple, dict)) else serialize_keras_object(value)


def deserialize_keras_object(
    identifier: Any,
    module_objects: dict[str, Any] | None = None,
    custom_objects: dict[str, Any] | None = None,
    printable_module_name: str = "object",
) -> Any:
    """The object of a config of Keras 2, or of a name.

    Nothing that a config names is imported: names are looked up in what the caller gave or registered.

    Args:
        identifier: what `serialize_keras_object` returned; None; or a function, which is returned.
        module_objects: classes and functions by name.
        custom_objects: the caller's own, which come first.
        printable_module_name: what a message calls the object.

    Raises:
        ValueError: if the name is not among them, or the config is none.

    Example:
        >>> import kerasish as keras
        >>> config = {"class_name": "Huber", "config": {"delta": 2.0}}
        >>> deserialize_keras_object(config, {"Huber": keras.losses.Huber}).name
        'huber_loss'
    """
    if identifier is None or (callable(identifier) and not isinstance(identifier, type)):
        return identifier
    known = {**(module_objects or {}), **(custom_objects or {})}
    if isinstance(identifier, str):
        found = _found(identifier, known, printable_module_name)
        return found() if isinstance(found, type) else found
    if not isinstance(identifier, dict) or "class_name" not in identifier or "config" not in identifier:
        raise ValueError(
            f"the config of {printable_module_name} must be a name, or a dict with 'class_name' and 'config'; received "
            f"{identifier!r:.200}"
        )
    cls = _found(identifier["class_name"], known, printable_module_name)
    with CustomObjectScope(custom_objects):
        return cls.from_config(identifier["config"]) if hasattr(cls, "from_config") else cls(**identifier["config"])


def _found(name: str, known: dict[str, Any], kind: str) -> Any:
    found = get_registered_object(name, known)
    if found is None:
        raise ValueError(f"unknown {kind} {name!r:.200}. {nearest(name, known)}")
    return found
