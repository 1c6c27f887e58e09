"""Different optimizers for different variables of one model."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, MutableMapping
from typing import Any

from kerasish.backend.variable import Variable
from kerasish.optimizers.loss_scale_optimizer import LossScaleOptimizer
from kerasish.optimizers.optimizer import Optimizer
from kerasish.saving.serialization import deserialize_keras_object, serialize_keras_object


class OptimizerMap(MutableMapping[str, Any]):
    """For each variable's path an optimizer: that of the key it equals or, as a pattern, matches as a whole.

    Args:
        default_optimizer: for the paths that no key matches.
        optimizer_map: a dict of keys and optimizers to begin with.

    Raises:
        TypeError: if these are not an optimizer and a dict.

    Example:
        >>> import kerasish as keras
        >>> found = keras.optimizers.OptimizerMap(keras.optimizers.SGD(name="rest"))
        >>> found["encoder/.*"] = keras.optimizers.Adam(name="slow")
        >>> found["encoder/dense/kernel"].name, found["decoder/kernel"].name
        ('slow', 'rest')
    """

    def __init__(self, default_optimizer: Any, optimizer_map: dict[str, Any] | None = None) -> None:
        if not isinstance(default_optimizer, Optimizer):
            raise TypeError(f"default_optimizer must be an optimizer; received {default_optimizer!r}")
        if optimizer_map is not None and not isinstance(optimizer_map, dict):
            raise TypeError(f"optimizer_map must be a dict; received {optimizer_map!r}")
        self._default_optimizer = default_optimizer
        self._optimizer_map = optimizer_map or {}

    @property
    def default_optimizer(self) -> Any:
        """The optimizer of variables that no key matches."""
        return self._default_optimizer

    def __getitem__(self, key: str) -> Any:
        if key in self._optimizer_map:
            return self._optimizer_map[key]
        matching = [pattern for pattern in self._optimizer_map if re.fullmatch(pattern, key)]
        if len(matching) > 1:
            raise ValueError(f"{key!r} is matched by several keys of the OptimizerMap: {matching}")
        return self._optimizer_map[matching[0]] if matching else self._default_optimizer

    def __setitem__(self, key: str, optimizer: Any) -> None:
        if key in self._optimizer_map:
            raise ValueError(f"the OptimizerMap has the key {key!r} already; delete it first")
        if not isinstance(key, str):
            raise ValueError(f"a key of an OptimizerMap is a path or a pattern; received {key!r}")
        _check_inner(optimizer, key)
        self._optimizer_map[key] = optimizer

    def __delitem__(self, key: str) -> None:
        del self._optimizer_map[key]

    def __len__(self) -> int:
        return len(self._optimizer_map)

    def __iter__(self) -> Iterator[str]:
        return iter(self._optimizer_map)

    def __call__(self, variable: Variable) -> Any:
        return self[variable.path]

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this map anew."""
        return {
            "default_optimizer": serialize_keras_object(self._default_optimizer),
            "optimizer_map": serialize_keras_object(self._optimizer_map),
        }

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> OptimizerMap:
        """A map from the result of `get_config`."""
        parts = [deserialize_keras_object(config[k], custom_objects) for k in ("default_optimizer", "optimizer_map")]
        return cls(*parts)


class MultiOptimizer(Optimizer):
    """Gives every variable to an optimizer of its own.

    Args:
        optimizer_map: an `OptimizerMap`, or a function from a variable to its optimizer.
        loss_scale_factor: the scale of the loss, in place of those of the optimizers.
        name: the optimizer's name.

    Attributes:
        optimizers: the optimizers, whose learning rates are read and set there.

    Raises:
        ValueError: when it is built, if a variable's optimizer is none, or one that wraps others.
        AttributeError: if `learning_rate` is asked for.

    Example:
        >>> import kerasish as keras
        >>> a, b = keras.Variable(1.0, name="a"), keras.Variable(1.0, name="b")
        >>> choice = keras.optimizers.OptimizerMap(keras.optimizers.SGD(0.5), {"a": keras.optimizers.SGD(0.25)})
        >>> keras.optimizers.MultiOptimizer(choice).apply([1.0, 1.0], [a, b])
        >>> float(a), float(b)
        (0.75, 0.5)
    """

    def __init__(
        self,
        optimizer_map: OptimizerMap | Callable[[Variable], Any],
        loss_scale_factor: float | None = None,
        name: str | None = None,
    ) -> None:
        self._inner_optimizers: list[Any] = []
        super().__init__(0.0, loss_scale_factor=loss_scale_factor, name=name)
        self._optimizer_map = optimizer_map
        if isinstance(optimizer_map, OptimizerMap):
            for optimizer in (*optimizer_map.values(), optimizer_map.default_optimizer):
                self._place_of(optimizer)

    def _place_of(self, optimizer: Any) -> int:
        if not any(optimizer is known for known in self._inner_optimizers):
            optimizer.loss_scale_factor = self.loss_scale_factor
            self._inner_optimizers.append(optimizer)
        return next(i for i, known in enumerate(self._inner_optimizers) if known is optimizer)

    def build(self, var_list: list[Variable]) -> None:
        if self.built:
            return
        self._trainable_variables = list(var_list)
        self._index = {id(v): i for i, v in enumerate(self._trainable_variables)}
        self._owner: dict[int, int] = {}
        for variable in self._trainable_variables:
            optimizer = self._optimizer_map(variable)
            _check_inner(optimizer, variable.path)
            self._owner[id(variable)] = self._place_of(optimizer)
        self.gradient_of = {}
        for optimizer, own in self._shares(self._trainable_variables):
            optimizer.build(own)
            self._groups += optimizer._groups
            self.gradient_of.update(optimizer.gradient_of)
        self.built = True

    def _shares(self, variables: list[Variable]) -> list[tuple[Any, list[Variable]]]:
        """The optimizers that have any of these variables, and which."""
        shares: list[list[Variable]] = [[] for _ in self._inner_optimizers]
        for variable in variables:
            shares[self._owner[id(variable)]].append(variable)
        return [(o, own) for o, own in zip(self._inner_optimizers, shares, strict=True) if own]

    @property
    def optimizers(self) -> list[Any]:
        """The optimizers."""
        return self._inner_optimizers

    @property
    def variables(self) -> list[Variable]:
        return [*self._variables, *(v for optimizer in self._inner_optimizers for v in optimizer.variables)]

    @property
    def learning_rate(self) -> Any:
        """There is none: each of `optimizers` has its own."""
        raise AttributeError("a MultiOptimizer has no learning rate of its own; read those of its `optimizers`")

    @learning_rate.setter
    def learning_rate(self, value: Any) -> None:
        raise AttributeError("a MultiOptimizer has no learning rate of its own; set those of its `optimizers`")

    @property
    def loss_scale_factor(self) -> float | None:
        """The scale of the loss, for all optimizers."""
        return self._loss_scale_factor

    @loss_scale_factor.setter
    def loss_scale_factor(self, value: float | None) -> None:
        self._loss_scale_factor = value
        for optimizer in self._inner_optimizers:
            optimizer.loss_scale_factor = value

    def step(self, only: list[Variable] | None = None) -> None:
        for optimizer, own in self._shares(only or self._trainable_variables):
            optimizer.step(optimizer.only(own))
        self._iterations._value += 1

    def finalize_variable_values(self, var_list: Any) -> None:
        for optimizer in self._inner_optimizers:
            optimizer.finalize_variable_values(var_list)

    def get_config(self) -> dict[str, Any]:
        return {
            "optimizer_map": serialize_keras_object(self._optimizer_map),
            "loss_scale_factor": self.loss_scale_factor,
            "name": self.name,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> Any:
        chosen = deserialize_keras_object(config["optimizer_map"], custom_objects=custom_objects)
        return cls(**{**config, "optimizer_map": chosen})


def _check_inner(optimizer: Any, key: str) -> None:
    if not isinstance(optimizer, Optimizer):
        raise ValueError(f"the optimizer for {key!r} must be an optimizer; received {optimizer!r}")
    if isinstance(optimizer, (LossScaleOptimizer, MultiOptimizer)):
        raise ValueError(f"the optimizer for {key!r} cannot be a {type(optimizer).__name__}, which wraps others")
