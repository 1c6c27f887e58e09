"""Which attributes of a layer hold weights, layers, metrics and random states."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kerasish.backend.random import SeedGenerator
from kerasish.backend.variable import Variable
from kerasish.metrics.metric import Metric

# Attributes of the base class that are never searched.
INTERNAL = {"_calls", "_losses", "_loss_owners", "_build_shapes", "_init_arguments", "_plan", "_compile_arguments"}


def _is_layer(value: Any) -> bool:
    return hasattr(value, "_tracker") and hasattr(value, "add_weight")


def _holds(value: Any) -> bool:
    return isinstance(value, (Variable, SeedGenerator, Metric, list, tuple, dict)) or _is_layer(value)


class Tracker:
    """The attributes of one layer, in the order in which they were set.

    Lists, tuples and dicts are searched when asked, so what is appended later counts as well.
    """

    def __init__(self) -> None:
        self.changes = 0  # how often an attribute was set
        self.held: dict[str, Any] = {}
        self.owned: list[Variable] = []
        self.fixed: set[int] = set()  # made with trainable=False, and so whatever the layer is set to

    def concerns(self, name: str, value: Any) -> bool:
        """Whether an attribute holds something that is remembered, or did so before."""
        return name in self.held or _holds(value)

    def note(self, name: str, value: Any) -> None:
        """Remember an attribute if it can hold something."""
        self.changes += 1
        if name in INTERNAL:
            return
        if _holds(value):
            if isinstance(value, Variable) and all(v is not value for v in self.owned):
                self.own(value)
            self.held[name] = value
        elif name in self.held:
            self.forget(name)

    def forget(self, name: str) -> None:
        """Drop an attribute, and the variable that it held."""
        value = self.held.pop(name, None)
        if isinstance(value, Variable):
            self.owned = [v for v in self.owned if v is not value]

    def rename(self, name: str, new: str) -> None:
        """Know an attribute by another name, with the same variable in the same place."""
        self.held = {new if key == name else key: value for key, value in self.held.items()}

    def own(self, variable: Variable) -> None:
        """Add a variable that may never become an attribute."""
        self.owned.append(variable)
        if not variable.trainable:
            self.fixed.add(id(variable))

    def _search(self, wanted: type | None) -> Iterator[Any]:
        seen: set[int] = set()
        for value in self.held.values():
            for leaf in _leaves(value):
                matches = isinstance(leaf, wanted) if wanted is not None else _is_layer(leaf)
                if matches and id(leaf) not in seen:
                    seen.add(id(leaf))
                    yield leaf

    def variables(self) -> list[Variable]:
        """The layer's own variables: first those made to be trained, then the fixed ones, each in order."""
        seen = {id(v) for v in self.owned}
        for variable in self._search(Variable):
            if id(variable) not in seen:
                self.own(variable)
        return [v for v in self.owned if id(v) not in self.fixed] + [v for v in self.owned if id(v) in self.fixed]

    def layers(self) -> list[Any]:
        """The layers directly below."""
        return list(self._search(None))

    def has_layers(self) -> bool:
        """Whether there is a layer below."""
        return next(self._search(None), None) is not None

    def metrics(self) -> list[Metric]:
        """The layer's own metrics."""
        return list(self._search(Metric))

    def seed_generators(self) -> list[SeedGenerator]:
        """The layer's own random states."""
        return list(self._search(SeedGenerator))


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        for item in value.values():
            yield from _leaves(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _leaves(item)
    else:
        yield value
