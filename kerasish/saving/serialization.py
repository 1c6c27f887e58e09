"""Objects as JSON-able dictionaries, in Keras's layout, and back."""

from __future__ import annotations

import threading
from types import FunctionType
from typing import Any

import numpy as np

from kerasish.backend import dtypes
from kerasish.backend.tensor import Tensor
from kerasish.backend.variable import Variable
from kerasish.saving import names
from kerasish.saving.errors import UnfitError, reason_of

_PLAIN = (str, int, float, bool, type(None))
_MAX_DEPTH = 200
# The most objects of one config, and the most results of calls: the largest networks in use have a quarter of that.
_MAX_OBJECTS = 40_000
_MAX_CALLS = 20_000

# The only packages whose functions a config can name.
_FUNCTION_HOMES = ("activations", "losses", "metrics", "initializers", "regularizers", "constraints")


class UnknownNameError(UnfitError):
    """A config names what is neither part of the library nor registered."""


class SharedObjects(threading.local):
    """The objects that a file names by a number, so that what was shared when it was written is shared again."""

    def __init__(self) -> None:
        self.files: list[dict[int, Any]] = []

    def __enter__(self) -> SharedObjects:
        self.files.append({})
        return self

    def __exit__(self, *exception: object) -> None:
        self.files.pop()

    def get(self, number: Any) -> Any:
        """What this number stands for in the file being read, or None."""
        return self.files[-1].get(number) if self.files and isinstance(number, int) else None

    def note(self, number: Any, made: Any) -> None:
        """Remember what a number stands for."""
        if self.files and isinstance(number, int):
            self.files[-1][number] = made


sharing = SharedObjects()


class _Reading(threading.local):
    """How many configurations are being read in this thread, one within the other, and the objects made of them."""

    def __init__(self) -> None:
        self.depth = self.made = self.called = 0

    def __enter__(self) -> None:
        if not self.depth:
            self.made = self.called = 0
        self.depth += 1

    def __exit__(self, *exception: object) -> None:
        self.depth -= 1


_reading = _Reading()


def is_reading_a_config() -> bool:
    """Whether an object is being made from a configuration, whose strings a stranger may have chosen."""
    return _reading.depth > 0


def count_calls(number: int = 1) -> None:
    """Count results of calls of layers that the configuration being read asks for.

    Raises:
        ValueError: if they are more than any honest model has; without a configuration nothing is counted.
    """
    if _reading.depth:
        _reading.called += number
        if _reading.called > _MAX_CALLS:
            raise ValueError(f"the config has more than {_MAX_CALLS} calls, which is taken for an attack on time")


def serialize_keras_object(obj: Any) -> Any:
    """A layer, loss, function, or structure of such, as a dictionary that `deserialize_keras_object` reads.

    An instance becomes `{"module", "class_name", "config", "registered_name"}`, and where it has them
    `"build_config"` and `"compile_config"`; plain values stay as they are.

    Raises:
        ValueError: if the object has no `get_config` and is not a function or a plain value.

    Example:
        >>> import kerasish as keras
        >>> serialize_keras_object(keras.initializers.Ones())["class_name"]
        'Ones'
    """
    if isinstance(obj, _PLAIN):
        return obj
    if isinstance(obj, dict):
        return {key: serialize_keras_object(value) for key, value in obj.items()}
    if isinstance(obj, (list, tuple)):
        parts = [serialize_keras_object(x) for x in obj]
        return tuple(parts) if isinstance(obj, tuple) else parts
    special = _serialize_value(obj)
    if special is not None:
        return special
    if isinstance(obj, (FunctionType, type)) or (callable(obj) and not hasattr(obj, "get_config")):
        return _serialize_function(obj)
    if not hasattr(obj, "get_config"):
        raise ValueError(f"cannot serialize {obj!r}: {type(obj).__name__} has no `get_config` method")
    return _serialize_instance(obj)


def _serialize_value(obj: Any) -> Any:
    """Numbers, arrays and the like, which JSON has no spelling for."""
    if isinstance(obj, (np.bool_, np.integer, np.floating)):
        return obj.item()
    if isinstance(obj, (Variable, Tensor)):
        obj = obj.numpy()
    if isinstance(obj, np.ndarray):
        if obj.ndim == 0:
            return obj.item()
        return {"class_name": "__numpy__", "config": {"value": obj.tolist(), "dtype": obj.dtype.name}}
    if isinstance(obj, np.dtype):
        return obj.name
    if isinstance(obj, bytes):
        return {"class_name": "__bytes__", "config": {"value": obj.decode("utf-8")}}
    if isinstance(obj, slice):
        parts = (serialize_keras_object(part) for part in (obj.start, obj.stop, obj.step))
        return {"class_name": "__slice__", "config": dict(zip(("start", "stop", "step"), parts, strict=True))}
    if obj is Ellipsis:
        return {"class_name": "__ellipsis__", "config": {}}
    return None


def _serialize_function(obj: Any) -> Any:
    name = getattr(obj, "__name__", None) or getattr(obj, "name", None)
    if name is None:
        raise ValueError(f"cannot serialize {obj!r}: it has neither a `get_config` method nor a name")
    if name == "<lambda>":
        raise ValueError(
            "a lambda cannot be saved: a file holds names, never code. Give it a name with `def` and register it "
            "with @kerasish.saving.register_keras_serializable()."
        )
    if isinstance(obj, type):
        return {"module": names.public_module(obj), "class_name": name, "config": None, "registered_name": None}
    if names.is_registered(obj):
        name = names.get_registered_name(obj)
    return {"module": "builtins", "class_name": "function", "config": name, "registered_name": "function"}


def _serialize_instance(obj: Any) -> dict[str, Any]:
    cls = type(obj)
    own = None if names.is_registered(cls) else names.public_module(cls)
    home = cls.__module__ if cls.__module__ != "__main__" else None
    config = {
        "module": own or home,
        "class_name": cls.__dict__.get("public_name", cls.__name__),
        "config": {key: serialize_keras_object(value) for key, value in obj.get_config().items()},
        "registered_name": None if own else names.get_registered_name(cls),
    }
    build_config = obj.get_build_config() if hasattr(obj, "get_build_config") else None
    if build_config is not None:
        config["build_config"] = serialize_keras_object(build_config)
    if hasattr(obj, "get_compile_config"):
        config["compile_config"] = serialize_keras_object(obj.get_compile_config() or {})
    return config


def deserialize_keras_object(
    config: Any, custom_objects: dict[str, Any] | None = None, safe_mode: bool = True, **kwargs: Any
) -> Any:
    """The object that a dictionary describes.

    Args:
        config: what `serialize_keras_object` returned, or Keras did.
        custom_objects: the caller's own classes and functions by name.
        safe_mode: accepted for compatibility: code from a config is never run, whatever it says.
        **kwargs: `module_objects`, further classes and functions by name, before `custom_objects`; the rest is ignored.

    Raises:
        ValueError: if a name is not known here, with the nearest ones, or the config is malformed.

    Example:
        >>> import kerasish as keras
        >>> config = keras.saving.serialize_keras_object(keras.layers.Dense(3))
        >>> keras.saving.deserialize_keras_object(config).units
        3
    """
    with names.CustomObjectScope(kwargs.get("module_objects")), names.CustomObjectScope(custom_objects), _reading:
        return _deserialize(config, 0)


def _deserialize(config: Any, depth: int) -> Any:
    if depth > _MAX_DEPTH:
        raise ValueError(f"the config is nested deeper than {_MAX_DEPTH} levels")
    if isinstance(config, _PLAIN):
        return config
    if isinstance(config, (list, tuple)):
        return [_deserialize(item, depth + 1) for item in config]
    if not isinstance(config, dict):
        raise ValueError(f"a config is made of dicts, lists and plain values; received {type(config).__name__}")
    if "class_name" not in config or "config" not in config:
        return {key: _deserialize(value, depth + 1) for key, value in config.items()}
    name, inner = config["class_name"], config["config"]
    if not isinstance(name, str):
        raise ValueError(f"class_name must be a string; received {name!r:.200}")
    if name.startswith("__"):
        return _deserialize_value(name, inner, depth)
    if name == "function":
        return _find_function(config)
    if inner is not None and not isinstance(inner, dict):
        raise ValueError(f"the config of {name} must be a dict; received {type(inner).__name__}")
    shared = sharing.get(config.get("shared_object_id"))
    if shared is not None:
        return shared
    cls = _find_class(config)
    if inner is None:
        return cls
    instance = _make_instance(cls, config)
    sharing.note(config.get("shared_object_id"), instance)
    return instance


def _deserialize_value(name: str, inner: Any, depth: int) -> Any:
    if name == "__lambda__":
        raise ValueError(
            "the config holds a lambda, that is, code to run. It is refused, whatever `safe_mode` says: code in a file "
            "is never executed here. Pass the function under its name in `custom_objects` instead."
        )
    if name == "__ellipsis__":
        return Ellipsis
    wanted = {"__slice__": ("start", "stop", "step"), "__bytes__": ("value",), "__tuple__": ("value",)}.get(name)
    if name in ("__numpy__", "__tensor__"):
        wanted = ("value", "dtype")
    if wanted is None:
        raise ValueError(f"unknown kind of value {name!r:.200} in a config")
    if not isinstance(inner, dict) or any(key not in inner for key in wanted):
        raise ValueError(f"the config of a {name} needs the keys {list(wanted)}; received {inner!r:.200}")
    if name == "__slice__":
        return slice(*(_deserialize(inner[key], depth + 1) for key in wanted))
    value = inner["value"]
    if name == "__bytes__" and isinstance(value, str):
        return value.encode("utf-8")
    if name == "__tuple__" and isinstance(value, (list, tuple)):
        return tuple(_deserialize(item, depth + 1) for item in value)
    if name in ("__numpy__", "__tensor__"):
        return _array(value, inner["dtype"])
    raise ValueError(f"the value of a {name} cannot be {type(value).__name__}")


def _array(value: Any, dtype: Any) -> np.ndarray:
    kind = dtypes.numpy_dtype(dtypes.standardize_dtype(dtype))
    if kind.hasobject:
        raise ValueError(f"an array in a config is made of numbers; received dtype {dtype!r}")
    try:
        return np.array(value, dtype=kind)
    except TypeError as error:
        raise ValueError(f"the value of an array in a config must be nested lists of numbers: {error}") from error


def _find_function(config: dict[str, Any]) -> Any:
    name, module = config["config"], config.get("module")
    if not isinstance(name, str):
        raise ValueError(f"a function is given by its name; received {name!r:.200}")
    found = names.get_registered_object(name)
    if found is None and name not in names.LOOKUP:
        homes = [h for h in _FUNCTION_HOMES if module in ("builtins", None, f"keras.{h}")]
        places = (names.find_public(f"keras.{home}", name) for home in homes)
        found = next((place for place in places if place is not None), None)
    if found is None:
        found = names.find_by_last_part(name)  # Keras 3.6 and before wrote `name` for `package>name`
    if found is None:
        raise UnknownNameError(
            f"unknown function {name!r:.200}: it is not part of the library. If it is yours, pass it in "
            "`custom_objects` or register it with @kerasish.saving.register_keras_serializable()."
        )
    return found


def _find_class(config: dict[str, Any]) -> Any:
    name, registered, module = config["class_name"], config.get("registered_name"), config.get("module")
    found = names.get_registered_object(registered) if isinstance(registered, str) else None
    if found is None:
        found = _public(module, name)
    if found is None:
        found = names.get_registered_object(name)
    if not isinstance(found, type):
        homes = [module] if isinstance(module, str) and module in names.PACKAGES else names.PACKAGES
        known = [n for home in homes for n in names.public_names(home) if n[:1].isupper()]
        raise UnknownNameError(
            f"unknown class {name!r:.200} (module {module!r:.200}). {names.explained(name, homes, known)} If the class "
            "is yours, pass it in `custom_objects` or register it with @kerasish.saving.register_keras_serializable()."
        )
    return found


def _public(module: Any, name: str) -> Any:
    """The public class of a config's module and name; private module paths are read as their public package."""
    if not isinstance(module, str) or module.split(".")[0] not in ("keras", "kerasish"):
        return None
    parts = module.removeprefix("keras.src.").removeprefix("keras.").split(".")
    schedules = ["keras.optimizers.schedules"] if "schedules" in parts or "learning_rate_schedule" in parts else []
    for home in (module, *schedules, f"keras.{parts[0]}", "keras"):
        found = names.find_public(home, name)
        if isinstance(found, type) and hasattr(found, "from_config"):
            return found
    return None


def _make_instance(cls: Any, config: dict[str, Any]) -> Any:
    if not hasattr(cls, "from_config"):
        raise ValueError(f"cannot make {cls.__name__} from a config: it has no `from_config`")
    _reading.made += 1
    if _reading.made > _MAX_OBJECTS:
        raise ValueError(f"the config has more than {_MAX_OBJECTS} objects, which is taken for an attack on time")
    inner = dict(config["config"]) if hasattr(cls, "replaces_code") else _without_code(config["config"], cls.__name__)
    try:
        instance = cls.from_config(inner)
    except (TypeError, KeyError, AttributeError) as error:
        label = f"{config['class_name']} {inner['name']!r}" if isinstance(inner.get("name"), str) else cls.__name__
        raise UnfitError(f"the config of {label} does not fit its class: {reason_of(error)}") from error
    build_config = config.get("build_config")
    if build_config and hasattr(instance, "build_from_config") and not getattr(instance, "built", True):
        instance.build_from_config(build_config)
    compile_config = config.get("compile_config")
    if compile_config and hasattr(instance, "compile_from_config"):
        instance.compile_from_config(compile_config)
    return instance


def is_code(value: Any) -> bool:
    """Whether a part of a config is a lambda; that of an activation is written without its class."""
    if not isinstance(value, dict):
        return False
    parts = value.get("value")
    is_bare = set(value) == {"value"} and isinstance(parts, list) and len(parts) == 3 and isinstance(parts[0], str)
    return value.get("class_name") == "__lambda__" or is_bare or {"code", "defaults", "closure"} == set(value)


def _without_code(config: dict[str, Any], kind: str) -> dict[str, Any]:
    """The arguments of an object, with the caller's functions in the place of code.

    Raises:
        ValueError: if there is code, and no function to take its place.
    """
    made = dict(config)
    for key, value in config.items():
        if is_code(value):
            label = f"{config.get('name')}.{key}"
            made[key] = names.get_registered_object(label)
            if made[key] is None:
                raise ValueError(
                    f"the argument {key!r} of the {kind} {config.get('name')!r:.100} is Python code, which is never "
                    "executed here, whatever `safe_mode` says: put a function in its place by "
                    f'`custom_objects={{"{label:.100}": function}}`, its name and the argument'
                )
    return made
