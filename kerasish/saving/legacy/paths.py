"""Where tf.keras 2.12 to 2.14 put the parts of a model: under another name, and numbered by another count."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

# What the container of a model's layers was called before it was called `layers`.
CONTAINER = "_layer_checkpoint_dependencies"
_NUMBER = re.compile(r"_(\d+)$")


class FormerPaths:
    """The paths in an old file for the paths of today.

    These versions numbered the layers of a class by the times that they came across one, which could be twice for a
    layer with weights, or by a count that went on from model to model; only the order is the same. So the first
    `dense` that is asked for is the one with the lowest number.

    Args:
        children: the names at a path of the file.

    Example:
        >>> paths = FormerPaths(lambda path: ["dense", "dense_2"] if path else [CONTAINER])
        >>> paths.find("layers/dense"), paths.find("layers/dense_1")
        ('_layer_checkpoint_dependencies/dense', '_layer_checkpoint_dependencies/dense_2')
    """

    def __init__(self, children: Callable[[str], Iterable[str]]) -> None:
        self._children = children
        self._known = {"": ""}
        self._numbered: dict[str, dict[str, list[str]]] = {}

    def find(self, path: str) -> str:
        """The path in the file; a path that the file does not have is as it is today.

        A model's layers must be asked for in their order.
        """
        if path not in self._known:
            above, _, name = path.rpartition("/")
            parent = self.find(above)
            self._known[path] = f"{parent}/{self._name(parent, name)}".removeprefix("/")
        return self._known[path]

    def _name(self, parent: str, name: str) -> str:
        if name == "layers" and parent.rpartition("/")[2] != CONTAINER:
            names = set(self._children(parent))
            return CONTAINER if CONTAINER in names and name not in names else name
        if parent.rpartition("/")[2] == CONTAINER:
            if parent not in self._numbered:
                self._numbered[parent] = _by_class(self._children(parent))
            left = self._numbered[parent].get(_class_of(name), [])
            return left.pop(0) if left else name
        return name


def _class_of(name: str) -> str:
    """What tells the class in a part's name; where a class's name has digits, the underscores are not always alike."""
    return _NUMBER.sub("", name).replace("_", "")


def _by_class(names: Iterable[str]) -> dict[str, list[str]]:
    """For each class the names of its parts, in the order of their numbers."""
    found: dict[str, list[str]] = {}
    for name in sorted(names, key=_number):
        found.setdefault(_class_of(name), []).append(name)
    return found


def _number(name: str) -> int:
    match = _NUMBER.search(name)
    return int(match[1]) if match else 0
