"""Adadelta: steps in the units of the parameters."""

from __future__ import annotations

from typing import Any, Unpack

import numpy as np

from kerasish.backend.typing import RateLike
from kerasish.optimizers.optimizer import Optimizer
from kerasish.optimizers.state import Options


class Adadelta(Optimizer):
    """`d = g * sqrt(x + epsilon) / sqrt(a + epsilon)`, `w -= learning_rate * d`.

    `a` is the running mean of the squared gradients, `x` that of the squared steps `d`.

    Args:
        learning_rate: a factor of the step; the paper has 1.
        rho: the share of the old means in the new ones.
        epsilon: keeps the division finite, and the first steps from being zero.
        **options: `weight_decay`, `clipnorm` and the others of `Optimizer`.

    Source: Zeiler, ADADELTA: an adaptive learning rate method (2012).
    """

    def __init__(
        self, learning_rate: RateLike = 0.001, rho: float = 0.95, epsilon: float = 1e-7, **options: Unpack[Options]
    ) -> None:
        super().__init__(learning_rate, **options)
        self.rho = rho
        self.epsilon = epsilon

    def slot_groups(self) -> tuple[tuple[str, ...], ...]:
        return (("accumulated_grad", "accumulated_delta_var"),)

    def update(
        self, p: np.ndarray, g: np.ndarray, slots: list[np.ndarray], rate: float, step: int, scratch: list[np.ndarray]
    ) -> None:
        size, step_size = slots
        a, b = scratch
        size *= self.rho
        size += np.multiply(np.multiply(g, g, out=a), 1.0 - self.rho, out=a)
        np.sqrt(np.add(step_size, self.epsilon, out=a), out=a)
        a *= g
        np.sqrt(np.add(size, self.epsilon, out=b), out=b)
        a /= b
        step_size *= self.rho
        step_size += np.multiply(np.multiply(a, a, out=b), 1.0 - self.rho, out=b)
        a *= rate
        p -= a

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "rho": self.rho, "epsilon": self.epsilon}
