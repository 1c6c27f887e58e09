"""Objects as JSON-able dictionaries, in Keras's layout, and back."""

from __future__ import annotations

from types import FunctionType
from typing import Any

import numpy as np

from kerasish.backend import dtypes
from kerasish.backend.tensor import Tensor
from kerasish.backend.variable import Variable
from kerasish.saving import registry

_PLAIN = (str, int, float, bool, type(None))
_MAX_DEPTH = 200


def serialize_keras_object(obj: Any) -> Any:
    """A layer, loss, function, or structure of such, as a dictionary that `deserialize_keras_object` reads.

    An instance becomes `{"module", "class_name", "config", "registered_name"}`; plain values stay as they are.

    Raises:
        ValueError: if the object has no `get_config` and is not a function or a plain value.
    """
    if isinstance(obj, _PLAIN):
        return obj
    if isinstance(obj, dict):
        return {key: serialize_keras_object(value) for key, value in obj.items()}
    if isinstance(obj, tuple):
        return {"class_name": "__tuple__", "config": {"value": [serialize_keras_object(x) for x in obj]}}
    if isinstance(obj, list):
        return [serialize_keras_object(x) for x in obj]
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
        return {"class_name": "__numpy__", "config": {"value": obj.tolist(), "dtype": obj.dtype.name}}
    if isinstance(obj, np.dtype):
        return obj.name
    if isinstance(obj, bytes):
        return {"class_name": "__bytes__", "config": {"value": obj.decode("latin-1")}}
    if isinstance(obj, slice):
        parts = (obj.start, obj.stop, obj.step)
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
    module = registry.public_module(obj)
    if isinstance(obj, type):
        return {"module": module, "class_name": name, "config": None, "registered_name": None}
    registered = registry.get_registered_name(obj) if registry.is_registered(obj) else name
    return {
        "module": module or "builtins",
        "class_name": "function",
        "config": name if module else registered,
        "registered_name": "function" if module else registered,
    }


def _serialize_instance(obj: Any) -> dict[str, Any]:
    cls = type(obj)
    module = registry.public_module(cls)
    own = module is not None and not registry.is_registered(cls)
    config = {
        "module": module if own else None,
        "class_name": cls.__name__,
        "config": {key: serialize_keras_object(value) for key, value in obj.get_config().items()},
        "registered_name": None if own else registry.get_registered_name(cls),
    }
    build_config = obj.get_build_config() if hasattr(obj, "get_build_config") and not hasattr(obj, "layers") else None
    if build_config is not None:
        config["build_config"] = {key: _plain_shape(value) for key, value in build_config.items()}
    compile_config = obj.get_compile_config() if hasattr(obj, "get_compile_config") else None
    if compile_config:
        config["compile_config"] = compile_config
    return config


def _plain_shape(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def deserialize_keras_object(
    config: Any, custom_objects: dict[str, Any] | None = None, safe_mode: bool = True, **kwargs: Any
) -> Any:
    """The object that a dictionary describes.

    Args:
        config: what `serialize_keras_object` returned, or Keras did.
        custom_objects: the caller's own classes and functions by name.
        safe_mode: refuses what would run code from the file.

    Raises:
        ValueError: if a name is not known here, with the nearest ones, or the config is malformed.
    """
    with registry.CustomObjectScope(custom_objects):
        return _deserialize(config, safe_mode, 0)


def _deserialize(config: Any, safe_mode: bool, depth: int) -> Any:
    if depth > _MAX_DEPTH:
        raise ValueError(f"the config is nested deeper than {_MAX_DEPTH} levels")
    if isinstance(config, _PLAIN):
        return config
    if isinstance(config, (list, tuple)):
        return [_deserialize(item, safe_mode, depth + 1) for item in config]
    if not isinstance(config, dict):
        raise ValueError(f"a config is made of dicts, lists and plain values; received {type(config).__name__}")
    if "class_name" not in config or "config" not in config:
        return {key: _deserialize(value, safe_mode, depth + 1) for key, value in config.items()}
    name, inner = config["class_name"], config["config"]
    if not isinstance(name, str):
        raise ValueError(f"class_name must be a string; received {name!r}")
    if name.startswith("__"):
        return _deserialize_value(name, inner, safe_mode, depth)
    if name == "function":
        return _find_function(config)
    cls = _find_class(config)
    if inner is None:
        return cls
    if not isinstance(inner, dict):
        raise ValueError(f"the config of {name} must be a dict; received {type(inner).__name__}")
    return _make_instance(cls, config, safe_mode)


def _deserialize_value(name: str, inner: Any, safe_mode: bool, depth: int) -> Any:
    if name == "__tuple__":
        return tuple(_deserialize(item, safe_mode, depth + 1) for item in inner["value"])
    if name in ("__numpy__", "__tensor__"):
        return np.array(inner["value"], dtype=dtypes.numpy_dtype(dtypes.standardize_dtype(inner["dtype"])))
    if name == "__bytes__":
        return inner["value"].encode("latin-1")
    if name == "__slice__":
        return slice(*(_deserialize(inner[key], safe_mode, depth + 1) for key in ("start", "stop", "step")))
    if name == "__ellipsis__":
        return Ellipsis
    if name == "__lambda__":
        raise ValueError(
            "the config holds a lambda, that is, code to run. It is refused: code in a file is never executed here. "
            "Pass the function under its name in `custom_objects` instead."
        )
    raise ValueError(f"unknown kind of value {name!r} in a config")


def _find_function(config: dict[str, Any]) -> Any:
    name = config["config"]
    if not isinstance(name, str):
        raise ValueError(f"a function is given by its name; received {name!r}")
    for key in (config.get("registered_name"), name):
        found = registry.get_registered_object(key) if isinstance(key, str) else None
        if found is not None:
            return found
    found = _public(config.get("module"), name)
    if found is None:
        raise ValueError(
            f"unknown function {name!r}: it is not part of the library. If it is yours, pass it in `custom_objects` "
            "or register it with @kerasish.saving.register_keras_serializable()."
        )
    return found


def _find_class(config: dict[str, Any]) -> Any:
    name = config["class_name"]
    for key in (config.get("registered_name"), name):
        found = registry.get_registered_object(key) if isinstance(key, str) else None
        if found is not None:
            return found
    found = _public(config.get("module"), name)
    if found is None or not isinstance(found, type):
        known = [n for path in registry.PACKAGES.values() for n in _package_names(path)]
        raise ValueError(
            f"unknown class {name!r} (module {config.get('module')!r}). {registry.nearest(name, known)} If the class "
            "is yours, pass it in `custom_objects` or register it with @kerasish.saving.register_keras_serializable()."
        )
    return found


def _package_names(path: str) -> list[str]:
    import importlib

    return importlib.import_module(path).__all__


def _public(module: Any, name: str) -> Any:
    """The public object of a config's module and name; private module paths are read as their public package."""
    if not isinstance(module, str):
        return None
    candidates = [module]
    parts = module.removeprefix("keras.src.").removeprefix("keras.").split(".")
    if module.startswith("keras"):
        candidates += [f"keras.{parts[0]}", "keras.optimizers.schedules" if "schedules" in parts else "keras"]
    for candidate in candidates:
        found = registry.find_public(candidate, name)
        if found is not None:
            return found
    return None


def _make_instance(cls: Any, config: dict[str, Any], safe_mode: bool) -> Any:
    if not hasattr(cls, "from_config"):
        raise ValueError(f"cannot make {cls.__name__} from a config: it has no `from_config`")
    inner = dict(config["config"])
    try:
        instance = cls.from_config(inner)
    except TypeError as error:
        raise ValueError(f"the config of {config['class_name']} does not fit its class: {error}") from error
    build_config = config.get("build_config")
    if build_config and hasattr(instance, "build_from_config") and not getattr(instance, "built", True):
        instance.build_from_config(build_config)
    compile_config = config.get("compile_config")
    if compile_config and hasattr(instance, "compile_from_config"):
        instance.compile_from_config(compile_config)
    return instance
