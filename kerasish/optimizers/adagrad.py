"""Adagrad: the gradient divided by the size of all gradients so far."""

from __future__ import annotations

from typing import Any, Unpack

import numpy as np

from kerasish.backend.typing import RateLike
from kerasish.optimizers.optimizer import Optimizer
from kerasish.optimizers.state import Options


class Adagrad(Optimizer):
    """`a += g^2`, `w -= learning_rate * g / sqrt(a + epsilon)`.

    Args:
        learning_rate: the step size.
        initial_accumulator_value: what `a` starts with.
        epsilon: keeps the division finite.
        **options: `weight_decay`, `clipnorm` and the others of `Optimizer`.

    Source: Duchi et al., Adaptive subgradient methods for online learning and stochastic optimization (2011).
    """

    def __init__(
        self,
        learning_rate: RateLike = 0.001,
        initial_accumulator_value: float = 0.1,
        epsilon: float = 1e-7,
        **options: Unpack[Options],
    ) -> None:
        super().__init__(learning_rate, **options)
        self.initial_accumulator_value = initial_accumulator_value
        self.epsilon = epsilon

    def slot_groups(self) -> tuple[tuple[str, ...], ...]:
        return (("accumulator",),)

    def initial_slot(self, name: str) -> float:
        return self.initial_accumulator_value if name == "accumulator" else 0.0

    def update(
        self, p: np.ndarray, g: np.ndarray, slots: list[np.ndarray], rate: float, step: int, scratch: list[np.ndarray]
    ) -> None:
        (a,) = slots
        change, root = scratch
        a += np.multiply(g, g, out=change)
        np.sqrt(np.add(a, self.epsilon, out=root), out=root)
        np.divide(np.multiply(g, rate, out=change), root, out=change)
        p -= change

    def get_config(self) -> dict[str, Any]:
        own = {"initial_accumulator_value": self.initial_accumulator_value, "epsilon": self.epsilon}
        return {**super().get_config(), **own}
