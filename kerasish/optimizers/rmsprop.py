"""RMSprop: the gradient divided by its running size."""

from __future__ import annotations

from typing import Any, Unpack

import numpy as np

from kerasish.backend.typing import RateLike
from kerasish.optimizers.optimizer import Optimizer
from kerasish.optimizers.state import Options


class RMSprop(Optimizer):
    """`v = rho v + (1 - rho) g^2`, `w -= learning_rate * g / sqrt(v + epsilon)`.

    Args:
        learning_rate: the step size.
        rho: the share of the old mean in the new one.
        momentum: how much of the last step is kept.
        epsilon: keeps the division finite.
        centered: divide by the deviation of the gradient, `sqrt(v - mean(g)^2 + epsilon)`, in place of its size.
        **options: `weight_decay`, `clipnorm` and the others of `Optimizer`.

    Source: Tieleman and Hinton, Lecture 6.5 of Neural networks for machine learning (2012); Graves, Generating
    sequences with recurrent neural networks (2013), for the centered form.
    """

    def __init__(
        self,
        learning_rate: RateLike = 0.001,
        rho: float = 0.9,
        momentum: float = 0.0,
        epsilon: float = 1e-7,
        centered: bool = False,
        **options: Unpack[Options],
    ) -> None:
        super().__init__(learning_rate, **options)
        self.rho = rho
        self.momentum = momentum
        self.epsilon = epsilon
        self.centered = centered

    def slot_groups(self) -> tuple[tuple[str, ...], ...]:
        groups: tuple[tuple[str, ...], ...] = (("velocity",),)
        if self.momentum > 0:
            groups += (("momentum",),)
        return (*groups, ("average_gradient",)) if self.centered else groups

    def update(
        self, p: np.ndarray, g: np.ndarray, slots: list[np.ndarray], rate: float, step: int, scratch: list[np.ndarray]
    ) -> None:
        a, b = scratch
        v = slots[0]
        np.multiply(g, g, out=a)
        a *= 1.0 - self.rho
        v *= self.rho
        v += a
        if self.centered:
            mean = slots[-1]
            mean *= self.rho
            mean += np.multiply(g, 1.0 - self.rho, out=a)
            # The small epsilon comes last: beside a large v it would be rounded away, and the rest may be zero.
            np.subtract(v, np.multiply(mean, mean, out=a), out=b)
            b += self.epsilon
        else:
            np.add(v, self.epsilon, out=b)
        np.sqrt(b, out=b)
        np.divide(g, b, out=a)
        a *= rate
        if self.momentum > 0:
            m = slots[1]
            m *= self.momentum
            m += a
            p -= m
        else:
            p -= a

    def fused(self, rate: float, step: int) -> tuple[str, tuple[float, ...]] | None:
        if self.centered or self.momentum > 0:
            return None
        return "rmsprop", (self.rho, 1.0 - self.rho, self.epsilon, rate)

    def get_config(self) -> dict[str, Any]:
        own = {"rho": self.rho, "momentum": self.momentum, "epsilon": self.epsilon, "centered": self.centered}
        return {**super().get_config(), **own}
