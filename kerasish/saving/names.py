"""The table of serializable names: what a name in a file or a string argument may stand for.

A name is looked up in a package's list of public names, or in what the caller registered, and nowhere else:
no import, attribute walk or evaluation is ever caused by a file.
"""

from __future__ import annotations

import difflib
import importlib
import threading
from collections.abc import Callable
from typing import Any

from kerasish import _keras_names, _lazy

# The public homes of serializable classes: the module named in a config, and the package that answers for it.
PACKAGES = {
    "keras": "kerasish",
    "keras.activations": "kerasish.activations",
    "keras.constraints": "kerasish.constraints",
    "keras.distillation": "kerasish.distillation",
    "keras.dtype_policies": "kerasish.dtype_policies",
    "keras.initializers": "kerasish.initializers",
    "keras.layers": "kerasish.layers",
    "keras.losses": "kerasish.losses",
    "keras.metrics": "kerasish.metrics",
    "keras.models": "kerasish.models",
    "keras.optimizers": "kerasish.optimizers",
    "keras.optimizers.schedules": "kerasish.optimizers.schedules",
    "keras.quantizers": "kerasish.quantizers",
    "keras.random": "kerasish.random",
    "keras.regularizers": "kerasish.regularizers",
    "keras.src.applications.convnext": "kerasish.applications.convnext",
    "keras.src.applications.inception_resnet_v2": "kerasish.applications.inception_resnet_v2",
    "keras.src.layers.preprocessing.feature_space": "kerasish.layers.preprocessing.feature_space",
    "keras.utils": "kerasish.layers.preprocessing.feature_space",
    "kerasish.layers.legacy": "kerasish.layers.legacy",
}

# Names that a config looks for elsewhere than in the package of their file.
_ELSEWHERE = {
    **dict.fromkeys(("DTypePolicy", "FloatDTypePolicy", "Model", "Sequential"), "keras"),
    **dict.fromkeys(
        ("Cross", "Feature", "TFDConcat", "TFDIdentity"), "keras.src.layers.preprocessing.feature_space"
    ),
    "FeatureSpace": "keras.utils", "Functional": "keras.src.models.functional", "SeedGenerator": "keras.random",
}  # fmt: skip
# The functions of a package that look up what it has; no config or string means one of them.
LOOKUP = ("deserialize", "get", "serialize")

# The most letters of a wrong name that are compared with the known ones, which takes the square of their number.
_LONGEST = 100

_custom_objects: dict[str, Any] = {}
_custom_names: dict[Any, str] = {}


class _Scopes(threading.local):
    def __init__(self) -> None:
        self.stack: list[dict[str, Any]] = []


_scopes = _Scopes()


class CustomObjectScope:
    """A context in which names stand for the caller's own classes and functions.

    Args:
        custom_objects: names and what they stand for.

    Example:
        >>> import kerasish as keras
        >>> def double(x):
        ...     return 2 * x
        >>> with keras.saving.CustomObjectScope({"double": double}):
        ...     layer = keras.layers.Dense(2, activation="double")
    """

    def __init__(self, custom_objects: dict[str, Any] | None) -> None:
        self.custom_objects = custom_objects or {}

    def __enter__(self) -> CustomObjectScope:
        _scopes.stack.append(self.custom_objects)
        return self

    def __exit__(self, *exception: object) -> None:
        _scopes.stack.pop()


custom_object_scope = CustomObjectScope


def get_custom_objects() -> dict[str, Any]:
    """The registered names; changing the dict registers or forgets names for the whole process."""
    return _custom_objects


def register_keras_serializable(package: str = "Custom", name: str | None = None) -> Callable[[Any], Any]:
    """A decorator that lets files and configs name a class or function.

    Args:
        package: the first part of the registered name, `package>name`.
        name: the second part; the object's own name by default.

    Raises:
        ValueError: if a class has no `get_config`.

    Example:
        >>> import kerasish as keras
        >>> @keras.saving.register_keras_serializable("demo")
        ... def double(x):
        ...     return 2 * x
        >>> keras.saving.get_registered_name(double)
        'demo>double'
    """

    def register(obj: Any) -> Any:
        if isinstance(obj, type) and not hasattr(obj, "get_config"):
            raise ValueError(f"the class {obj.__name__} needs a `get_config` method to be serializable")
        full = f"{package}>{name or obj.__name__}"
        _custom_objects[full] = obj
        _custom_names[obj] = full
        return obj

    return register


def get_registered_name(obj: Any) -> str:
    """The name under which a class or function was registered, or its own name."""
    try:
        return _custom_names.get(obj) or obj.__name__
    except TypeError:  # not hashable
        return obj.__name__


def get_registered_object(
    name: str, custom_objects: dict[str, Any] | None = None, module_objects: dict[str, Any] | None = None
) -> Any:
    """What the caller registered under `name`, or None.

    Args:
        name: the name; in `register_keras_serializable`'s spelling, `package>name`.
        custom_objects: names that count besides those of the open scopes and the registered ones.
        module_objects: names that count last.
    """
    for scope in (*reversed(_scopes.stack), _custom_objects, custom_objects or {}, module_objects or {}):
        if name in scope:
            return scope[name]
    return None


def find_by_last_part(name: str) -> Any:
    """What is registered as `package>name` for any package, or None."""
    for scope in (*reversed(_scopes.stack), _custom_objects):
        for full, found in scope.items():
            if full.endswith(f">{name}"):
                return found
    return None


def is_registered(obj: Any) -> bool:
    """Whether a class or function was registered by `register_keras_serializable`."""
    try:
        return obj in _custom_names
    except TypeError:
        return False


def is_of_the_library(obj: Any) -> bool:
    """Whether a class or function was written here and not by a user."""
    return (getattr(obj, "__module__", None) or "").startswith("kerasish.")


def public_module(obj: Any) -> str | None:
    """The module that a config names for a class or function of this library; None for anybody else's."""
    if not is_of_the_library(obj):
        return None
    home, name = obj.__module__, obj.__name__
    if name in _ELSEWHERE:
        return _ELSEWHERE[name]
    parts = home.split(".")
    if parts[1] == "optimizers" and parts[2:3] == ["schedules"]:
        return "keras.optimizers.schedules"
    if parts[1:3] == ["layers", "legacy"]:
        return "kerasish.layers.legacy"
    if parts[1] == "applications":
        return f"keras.src.{'.'.join(parts[1:])}"
    return f"keras.{parts[1]}" if f"keras.{parts[1]}" in PACKAGES else None


def find_public(module: str, name: str) -> Any:
    """The public object `name` of a package in the table, or None."""
    if name not in public_names(module):
        return None
    return getattr(importlib.import_module(PACKAGES[module]), name)


def public_names(module: str) -> list[str]:
    """The public names of a package in the table."""
    return importlib.import_module(PACKAGES[module]).__all__ if module in PACKAGES else []


def is_own(obj: Any, module: str) -> bool:
    """Whether a class or function is itself what a package in the table has under a public name, and no namesake."""
    name, package = getattr(obj, "__name__", ""), PACKAGES[module]
    importlib.import_module(package)
    homes = [home for home, own in _lazy.tables[package].values() if own == name]
    return any(getattr(importlib.import_module(home), name) is obj for home in homes)


def explained(name: str, homes: Any, known: Any) -> str:
    """Why a name is unknown: it is one of Keras's that is not here yet, or perhaps a misspelt one.

    Args:
        name: the name.
        homes: the modules that it may be from.
        known: the names that are here.
    """
    for home in homes:
        if _keras_names.is_known(home, name):
            return f"{_keras_names.told(home, name)}."
    return nearest(name, known)


def nearest(name: str, known: Any, limit: int = 4) -> str:
    """The end of an error message: the known names closest to a wrong one."""
    names = [n for n in known if isinstance(n, str)]
    name = str(name)[:_LONGEST]
    lower = name.islower()
    alike_first = sorted(names, key=lambda n: n.islower() != lower)  # "acuracy" is "accuracy" rather than "Accuracy"
    folded = {n.lower(): n for n in reversed(alike_first)}
    close = [folded[n] for n in difflib.get_close_matches(name.lower(), list(folded), limit, 0.5)]
    if close:
        return f"Did you mean {', '.join(repr(n) for n in close)}?"
    return f"Known names: {', '.join(repr(n) for n in sorted(names)[:12])}{', ...' if len(names) > 12 else '.'}"
