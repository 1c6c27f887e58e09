"""Names that are imported when they are first used (PEP 562), so that importing the library costs nothing."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Mapping
from typing import Any

# For each lazily filled package, where its public names come from: (module, name there). Stubs are written from it.
tables: dict[str, dict[str, tuple[str, str]]] = {}


def attach(
    package: str, exports: Mapping[str, str], submodules: tuple[str, ...] = ()
) -> tuple[Callable[[str], Any], Callable[[], list[str]], list[str]]:
    """A package's `__getattr__`, `__dir__` and `__all__`.

    Args:
        package: the package's `__name__`.
        exports: for each module below the package (`"core.dense"`), its public names, separated by spaces.
            `old=new` exports the module's `new` as `old`.
        submodules: modules that are themselves public names.

    Example:
        >>> __getattr__, __dir__, __all__ = attach("kerasish.layers", {"core.dense": "Dense"})
    """
    places = {name: (package, name) for name in submodules}
    for module, names in exports.items():
        path = module if module.startswith("kerasish") else f"{package}.{module}"
        for entry in names.split():
            public, _, private = entry.partition("=")
            places[public] = (path, private or public)
    tables[package] = places
    public_names = sorted(places)

    def __getattr__(name: str) -> Any:
        if name not in places:
            if not name.startswith("_") and (older := _older()).knows(package, name):
                return older.found(package, name)
            raise AttributeError(f"module {package!r} has no attribute {name!r}{_hint(package, name, public_names)}")
        module, attribute = places[name]
        if module == package:
            value: Any = importlib.import_module(f"{package}.{name}")
        else:
            value = getattr(importlib.import_module(module), attribute)
        setattr(sys.modules[package], name, value)
        return value

    def __dir__() -> list[str]:
        return public_names

    return __getattr__, __dir__, public_names


def within(package: str, names: str) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """A module's `__getattr__` and `__dir__` for names that its package has: a second place to find them.

    Args:
        package: the package's name; it is imported when a name is asked for, as the module is a part of it.
        names: the names, separated by spaces; those that the package lacks are lacking here too.
    """
    wanted = frozenset(names.split())

    def __getattr__(name: str) -> Any:
        if name not in wanted:
            raise AttributeError(
                f"module {package!r} has no attribute {name!r} here{_hint(package, name, sorted(wanted))}"
            )
        return getattr(sys.modules[package], name)

    def __dir__() -> list[str]:
        return sorted(name for name in wanted if hasattr(sys.modules[package], name))

    return __getattr__, __dir__


def absent(package: str, known: list[str]) -> Callable[[str], Any]:
    """The `__getattr__` of a module that has all its names already: it tells why one is not among them."""

    def __getattr__(name: str) -> Any:
        if not name.startswith("_") and (older := _older()).knows(package, name):
            return older.found(package, name)
        raise AttributeError(f"module {package!r} has no attribute {name!r}{_hint(package, name, known)}")

    return __getattr__


def _older() -> Any:
    """The table of Keras 2's names, which few scripts need."""
    return importlib.import_module("kerasish._older_names")


def _hint(package: str, name: str, known: list[str]) -> str:
    if name.startswith("_"):
        return ""
    import difflib

    from kerasish import _keras_names

    module = package.replace("kerasish", "keras", 1)
    if _keras_names.is_known(module, name):
        return f": {_keras_names.told(module, name)}"

    close = difflib.get_close_matches(name, known, 3)
    return f". Did you mean {' or '.join(close)}?" if close else ""
