"""Weights with their rules: how they start, what they cost, and where they stay."""

from __future__ import annotations

from typing import Any

from kerasish import constraints, initializers, regularizers
from kerasish.backend.sizes import whole
from kerasish.backend.variable import Variable
from kerasish.layers.base.layer import Layer

_MODULES: dict[str, Any] = {"initializer": initializers, "regularizer": regularizers, "constraint": constraints}


class RuledWeights(Layer):
    """A layer whose weights have roles, each with an initializer, a regularizer and a constraint.

    A subclass lists with `_settings` and `_roles` what its config has: arguments as they are, and the roles.
    """

    _settings: tuple[str, ...] = ()
    _roles: tuple[str, ...] = ()

    def _set_rules(self, role: str, initializer: Any, regularizer: Any, constraint: Any) -> None:
        """Keep how weights of this role start, what they cost, and where they stay."""
        setattr(self, f"{role}_initializer", initializers.get(initializer))
        setattr(self, f"{role}_regularizer", regularizers.get(regularizer))
        setattr(self, f"{role}_constraint", constraints.get(constraint))

    def _weight(self, name: str, role: str, shape: tuple[int, ...], initializer: Any = None) -> Variable:
        """A weight of this role; an initializer may take the place of the role's own."""
        return self.add_weight(
            name=name,
            shape=shape,
            initializer=initializer or getattr(self, f"{role}_initializer"),
            regularizer=getattr(self, f"{role}_regularizer"),
            constraint=getattr(self, f"{role}_constraint"),
        )

    def _positive(self, value: Any, name: str) -> int:
        if not whole(value) or value < 1:
            raise ValueError(
                f"{type(self).__name__} needs a positive whole number as {name}; received {name}={value!r}"
            )
        return int(value)

    def _settings_config(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self._settings}

    def _rules(self, rule: str) -> dict[str, Any]:
        """One rule of each role, `"initializer"`, `"regularizer"` or `"constraint"`, ready for `get_config`."""
        names = [f"{role}_{rule}" for role in self._roles]
        return {name: _MODULES[rule].serialize(getattr(self, name)) for name in names}
