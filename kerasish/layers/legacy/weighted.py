"""What dense layers of Keras 1 have in common: a kernel, a bias, and the rules of both."""

from __future__ import annotations

from typing import Any

from kerasish import constraints, initializers, regularizers
from kerasish.backend.variable import Variable
from kerasish.layers.base.input_spec import InputSpec
from kerasish.layers.base.layer import Layer

_MODULES = {"initializer": initializers, "regularizer": regularizers, "constraint": constraints}
_STARTS = {"kernel_initializer": "glorot_uniform", "bias_initializer": "zeros"}
_RULES = [f"{role}_{rule}" for rule in _MODULES for role in ("kernel", "bias")]


class Weighted(Layer):
    """A layer of samples that are vectors, with kernels and biases.

    Args:
        use_bias: whether biases are added.
        **kwargs: `kernel_initializer`, `bias_initializer`, the first values of the weights; `kernel_regularizer`,
            `bias_regularizer`, penalties on them, added to the loss; `kernel_constraint`, `bias_constraint`,
            projections of them after each update; and `activity_regularizer`, `name`, `dtype`, `trainable` of `Layer`.
    """

    def __init__(self, use_bias: bool = True, **kwargs: Any) -> None:
        rules = {name: kwargs.pop(name, _STARTS.get(name)) for name in _RULES}
        super().__init__(**kwargs)
        self.use_bias = use_bias
        for name, rule in rules.items():
            setattr(self, name, _MODULES[name.partition("_")[2]].get(rule))
        self.input_spec = InputSpec(ndim=2)

    def _ruled(self, role: str, shape: tuple[int, ...]) -> Variable:
        """A kernel or bias, by the rules of its role."""
        rules = {rule: getattr(self, f"{role}_{rule}") for rule in _MODULES}
        return self.add_weight(name=role, shape=shape, **rules)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this layer anew."""
        rules = {name: _MODULES[name.partition("_")[2]].serialize(getattr(self, name)) for name in _RULES}
        activity = {"activity_regularizer": regularizers.serialize(self.activity_regularizer)}
        return {**super().get_config(), "use_bias": self.use_bias, **rules, **activity}
