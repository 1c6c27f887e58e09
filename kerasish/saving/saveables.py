"""The parts of a model that have a state, in the order and under the paths that Keras's files give them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from kerasish.backend.names import to_snake_case
from kerasish.backend.random import SeedGenerator
from kerasish.saving.names import is_of_the_library

# Properties of library classes that lead to parts; a class may name further ones in `leads_to`.
_LEADING = ("layers", "optimizer")

Handle = Callable[[Any, str], bool]


def is_saveable(value: Any) -> bool:
    """Whether a value has a state of its own to save: a layer, a model, an optimizer."""
    kind = type(value)
    return not isinstance(value, type) and hasattr(kind, "save_own_variables") and hasattr(kind, "load_own_variables")


def has_random_state(value: Any) -> bool:
    """Whether a value is a source of random numbers, whose state Keras's files leave out."""
    return isinstance(value, SeedGenerator)


def walk(root: Any, handle: Handle, skip: Any = ()) -> None:
    """Take `handle` to every part of a model.

    A part is known by the first path that leads to it. Where `handle` reports a failure, in the part or in one below
    it, the next path that leads there is tried, which is how files of models with other attributes still open.

    Args:
        root: the model.
        handle: called with a part and its path, such as `"layers/dense"`; returns whether it succeeded.
        skip: parts to leave out.
    """
    _Walk(handle, skip).visit(root, "")


class _Walk:
    def __init__(self, handle: Handle, skip: Any) -> None:
        self.handle = handle
        self.done = {id(part) for part in skip}
        self.active: set[int] = set()

    def visit(self, part: Any, path: str) -> bool:
        if id(part) in self.done or id(part) in self.active:
            return True
        self.active.add(id(part))
        succeeded = self.handle(part, path)
        for name, value in _attributes(part):
            succeeded &= self.visit_value(value, f"{path}/{name}" if path else name)
        self.active.discard(id(part))
        if succeeded:
            self.done.add(id(part))
        return succeeded

    def visit_value(self, value: Any, path: str) -> bool:
        if is_saveable(value) or has_random_state(value):
            return self.visit(value, path)
        if isinstance(value, (list, tuple, dict)) and id(value) not in self.active:
            self.active.add(id(value))
            succeeded = self.visit_items(value, path)
            self.active.discard(id(value))
            return succeeded
        return True

    def visit_items(self, container: Any, path: str) -> bool:
        """The items of a list or dict, named after their classes: `dense`, `dense_1`; inner ones are `container`."""
        succeeded = True
        counts: dict[str, int] = {}
        for value in container.values() if isinstance(container, dict) else container:
            if is_saveable(value) or has_random_state(value):
                name = to_snake_case(type(value).__name__)
            elif isinstance(value, (list, tuple, dict)):
                name = "container"
            else:
                continue
            count = counts.get(name, 0)
            counts[name] = count + 1
            succeeded &= self.visit_value(value, f"{path}/{name}_{count}" if count else f"{path}/{name}")
        return succeeded


def _attributes(part: Any) -> Iterator[tuple[str, Any]]:
    """The attributes of a part by name, private ones last; a Sequential or functional model's layers come first."""
    if has_random_state(part):
        return
    leading = {name for name in _LEADING if hasattr(type(part), name)}
    unsaved = getattr(type(part), "unsaved_attributes", ())
    names = {name for name in vars(part) if name not in unsaved and not name.startswith(("__", "_untracked"))}
    names |= leading | set(_properties(type(part))) | set(getattr(type(part), "leads_to", ()))
    if getattr(type(part), "saves_layers_first", False):
        names.discard("layers")
        yield "layers", part.layers
    for name in sorted(names, key=lambda name: f"~{name}" if name.startswith("_") else name):
        try:
            value = getattr(part, name)
        except Exception:
            if name in leading:
                raise
            continue  # a caller's property that is not to be had now leads nowhere
        yield name, value


def _properties(kind: type) -> Iterator[str]:
    """The names that the classes of a caller add to those of the library, such as properties that lead to a layer."""
    for owner in kind.__mro__:
        if not is_of_the_library(owner) and owner is not object:
            for name, value in vars(owner).items():
                leads = isinstance(value, (property, list, tuple, dict)) or is_saveable(value)
                if leads and not name.startswith("__"):
                    yield name
