"""What a string argument may stand for: one table of names for each kind of object.

A package that has `get`, `serialize` and `deserialize` makes a `Registry` of its public names, and says there what it
accepts besides.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kerasish import _lazy
from kerasish.backend.admission import of_another_keras
from kerasish.backend.names import to_snake_case
from kerasish.saving.names import LOOKUP, CustomObjectScope, explained, find_public, get_registered_object, nearest
from kerasish.saving.serialization import UnknownNameError, deserialize_keras_object

__all__ = ["CustomObjectScope", "Registry", "classes_of", "names_of", "nearest"]


def names_of(package: str) -> dict[str, str]:
    """The public names of a package without its three functions of lookup, each with the name of what it stands for.

    Example:
        >>> import kerasish.activations
        >>> names_of("kerasish.activations")["swish"]
        'silu'
    """
    return {name: own for name, (_, own) in _lazy.tables[package].items() if name not in LOOKUP}


def classes_of(package: str, spell: Callable[[str], str] = to_snake_case) -> dict[str, str]:
    """The public names of a package's classes, and those classes' own names as `spell` writes them.

    Example:
        >>> import kerasish.initializers
        >>> names = classes_of("kerasish.initializers")
        >>> names["he_normal"], names["STFTInitializer"]
        ('HeNormal', 'STFT')
    """
    classes = {name: own for name, own in names_of(package).items() if name[0].isupper()}
    return classes | {spell(own): own for own in classes.values()}


class Registry:
    """The names of one kind of object, and how an argument becomes such an object.

    Args:
        kind: what a message calls it: "loss", "optimizer".
        module: the module that configs name: "keras.losses".
        names: for every accepted spelling, the name of the public object in the package.
        base: the class of the instances that are no callables; None where all are.
    """

    def __init__(self, kind: str, module: str, names: dict[str, str], base: type | None = None) -> None:
        self.kind = kind
        self.module = module
        self.names = names
        self.base = base

    def find(self, name: str, custom_objects: dict[str, Any] | None = None) -> Any:
        """The class or function of this name.

        Raises:
            ValueError: with the nearest names, if there is none.
        """
        found = get_registered_object(name, custom_objects)
        if found is not None:
            return found
        public = self.names.get(name)
        if public is None:
            raise UnknownNameError(f"unknown {self.kind} {name!r:.200}. {explained(name, [self.module], self.names)}")
        return find_public(self.module, public)

    def get(self, identifier: Any) -> Any:
        """The object that an argument means: a name, a config, a class, an instance, a callable or None.

        Raises:
            ValueError: if it means nothing.
        """
        if identifier is None:
            return None
        given = identifier
        if isinstance(identifier, dict):
            identifier = self.deserialize(identifier)
        elif isinstance(identifier, str):
            identifier = self.find(identifier)
        if isinstance(identifier, type):
            identifier = identifier()
        if callable(identifier) or (self.base is not None and isinstance(identifier, self.base)):
            return identifier
        raise ValueError(
            f"cannot make {'an' if self.kind[0] in 'aeiou' else 'a'} {self.kind} of {given!r:.200} "
            f"({type(given).__name__}): expected a name, a config dict, an instance or a callable"
            f"{of_another_keras(given)}"
        )

    def deserialize(self, config: Any, custom_objects: dict[str, Any] | None = None) -> Any:
        """The object of a config or a name.

        Raises:
            ValueError: if the config names nothing known here.
        """
        if isinstance(config, str):
            found = self.find(config, custom_objects)
            return found() if isinstance(found, type) else found
        if isinstance(config, dict) and "module" not in config and "class_name" in config:
            config = {"module": self.module, "registered_name": None, **config}
            config["class_name"] = self.names.get(config["class_name"], config["class_name"])
        return deserialize_keras_object(config, custom_objects=custom_objects)
