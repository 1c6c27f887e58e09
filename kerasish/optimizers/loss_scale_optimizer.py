"""Another optimizer, behind a scale of the loss that keeps small gradients from vanishing."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from kerasish.backend.variable import Variable
from kerasish.initializers.constant_initializers import Constant
from kerasish.optimizers.optimizer import Optimizer, refuse_pieces
from kerasish.optimizers.state import Options
from kerasish.saving.serialization import deserialize_keras_object, serialize_keras_object


class LossScaleOptimizer(Optimizer):
    """Scales the loss up before gradients are taken, and the gradients down before the inner optimizer sees them.

    float16 has no numbers below 6e-8, which gradients often are. If a gradient is not finite, the step is left out
    and the scale halved; after `dynamic_growth_steps` steps that went well, it is doubled.

    Args:
        inner_optimizer: the optimizer that makes the steps.
        initial_scale: the scale to begin with. Too high a scale is soon lowered, so begin high.
        dynamic_growth_steps: after how many good steps the scale is doubled.
        name: the optimizer's name.
        **kwargs: `dynamic=True`, and the options of `Optimizer` with their defaults, as in old files.

    Raises:
        ValueError: if an option is given that belongs to the inner optimizer.

    Source: Micikevicius et al., Mixed precision training (2018), section 3.2, https://arxiv.org/abs/1710.03740

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> v = keras.Variable([1.0, 2.0])
        >>> optimizer = keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(0.5), initial_scale=8.0)
        >>> optimizer.apply([np.array([8.0, np.inf])], [v])  # left out
        >>> float(optimizer.dynamic_scale), v.numpy().tolist()
        (4.0, [1.0, 2.0])
        >>> optimizer.apply([np.array([8.0, 8.0])], [v])
        >>> v.numpy().tolist()
        [0.0, 1.0]
    """

    scale_changes: ClassVar[bool] = True

    def __init__(
        self,
        inner_optimizer: Any,
        initial_scale: float = 2.0**15,
        dynamic_growth_steps: int = 2000,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        if not kwargs.pop("dynamic", True):
            raise ValueError("LossScaleOptimizer is always dynamic; for a fixed scale, set the inner optimizer's "
                             "loss_scale_factor")  # fmt: skip
        _check_unset(kwargs)
        super().__init__(0.0, name=name)
        self.inner_optimizer = inner_optimizer
        self.initial_scale = initial_scale
        self.dynamic_growth_steps = dynamic_growth_steps
        inner_optimizer.loss_scale_factor = None  # the gradients must not be scaled twice

    def build(self, var_list: list[Variable]) -> None:
        if self.built:
            return
        refuse_pieces(self, var_list)
        inner = self.inner_optimizer
        self.step_counter = self.add_variable((), "zeros", "int32", name="step_counter")
        self.dynamic_scale = self.add_variable((), Constant(self.initial_scale), "float32", name="dynamic_scale")
        inner.build(var_list)
        self._trainable_variables, self._index = inner._trainable_variables, inner._index
        self._groups, self.gradient_of = inner._groups, inner.gradient_of
        self._overwritten = inner._overwritten
        self.built = True

    def check_finite(self, grads: Any) -> bool:
        """Whether all gradients are finite; None stands for one that is not there."""
        return all(np.isfinite(g).all() for g in grads if g is not None)

    @property
    def variables(self) -> list[Variable]:
        return [*self._variables, *self.inner_optimizer.variables]

    @property
    def learning_rate(self) -> Any:
        """The inner optimizer's."""
        return self.inner_optimizer.learning_rate

    @learning_rate.setter
    def learning_rate(self, value: Any) -> None:
        self.inner_optimizer.learning_rate = value

    @property
    def iterations(self) -> Any:
        """The inner optimizer's: steps that were left out do not count."""
        return self.inner_optimizer.iterations

    @property
    def loss_scale_factor(self) -> float:
        """The scale now."""
        return float(self.dynamic_scale._value if self.built else self.initial_scale)

    @loss_scale_factor.setter
    def loss_scale_factor(self, value: Any) -> None:
        if value is not None:
            raise ValueError("LossScaleOptimizer changes its scale by itself; give it initial_scale")

    def step(self, only: list[Variable] | None = None) -> None:
        gradients = [self.gradient_of[id(variable)] for variable in only or self._trainable_variables]
        count, scale = self.step_counter._value, self.dynamic_scale._value
        if not self.check_finite(gradients):
            count[...] = 0
            scale *= 0.5
            return
        for g in gradients:
            g /= scale
        self.inner_optimizer.step(only)
        if count == self.dynamic_growth_steps - 1:
            count[...] = 0
            scale *= 2.0
        else:
            count += 1

    def finalize_variable_values(self, var_list: Any) -> None:
        self.inner_optimizer.finalize_variable_values(var_list)

    def get_config(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "inner_optimizer": serialize_keras_object(self.inner_optimizer),
            "initial_scale": self.initial_scale,
            "dynamic_growth_steps": self.dynamic_growth_steps,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> Any:
        rest = dict(config)
        inner = deserialize_keras_object(rest.pop("inner_optimizer"), custom_objects=custom_objects)
        return cls(inner, **rest)


def _check_unset(options: dict[str, Any]) -> None:
    defaults = {"use_ema": False, "ema_momentum": 0.99}
    for name, value in options.items():
        if name not in Options.__annotations__:
            raise ValueError(f"LossScaleOptimizer does not know the argument {name!r}")
        if value != defaults.get(name):
            raise ValueError(f"LossScaleOptimizer takes no {name}; set it on the inner optimizer")
