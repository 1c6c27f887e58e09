"""Adamax: Adam with the largest gradient in place of the root of the mean square."""

from __future__ import annotations

import numpy as np

from kerasish.optimizers.moments import Moments


class Adamax(Moments):
    """`m += (1 - beta_1) (g - m)`, `u = max(beta_2 u, |g|)`, `w -= learning_rate / (1 - beta_1^t) * m / (u + epsilon)`.

    Args:
        learning_rate: the step size.
        beta_1, beta_2: the decay of the mean and of the maximum.
        epsilon: keeps the division finite.
        **options: `weight_decay`, `clipnorm` and the others of `Optimizer`.

    Source: Kingma and Ba, Adam: a method for stochastic optimization (2015), section 7.1.
    """

    def slot_groups(self) -> tuple[tuple[str, ...], ...]:
        return (("momentum", "norm"),)

    def update(
        self, p: np.ndarray, g: np.ndarray, slots: list[np.ndarray], rate: float, step: int, scratch: list[np.ndarray]
    ) -> None:
        m, u = slots
        a, b = scratch
        m *= self.beta_1
        m += np.multiply(g, 1.0 - self.beta_1, out=a)
        u *= self.beta_2
        np.maximum(u, np.absolute(g, out=a), out=u)
        np.divide(m, np.add(u, self.epsilon, out=b), out=a)
        a *= rate / (1.0 - self.beta_1**step)
        p -= a
