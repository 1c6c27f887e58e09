"""Nadam: Adam with Nesterov's look ahead."""

from __future__ import annotations

import numpy as np

from kerasish.backend.variable import Variable
from kerasish.optimizers.moments import Moments

_DECAY = 0.96


class Nadam(Moments):
    """Adam whose momentum is the one of the next step.

    With the schedule `mu_t = beta_1 (1 - 0.96^t / 2)` and its running product `M_t`, the mean in Adam's rule is
    `mu_(t+1) m / (1 - M_(t+1)) + (1 - mu_t) g / (1 - M_t)`.

    Args:
        learning_rate: the step size.
        beta_1, beta_2: the shares of the old means in the new ones.
        epsilon: keeps the division finite.
        **options: `weight_decay`, `clipnorm` and the others of `Optimizer`.

    Source: Dozat, Incorporating Nesterov momentum into Adam (2016).
    """

    def build(self, var_list: list[Variable]) -> None:
        if self.built:
            return
        super().build(var_list)
        self._product = Variable(np.float32(1.0), trainable=False, name="variable")

    def _momentum(self, step: int) -> float:
        return self.beta_1 * (1.0 - 0.5 * _DECAY**step)

    def _update_all(self, only: list[Variable] | None) -> None:
        self._product._value *= np.float32(self._momentum(self._step_number()))
        super()._update_all(only)

    def update(
        self, p: np.ndarray, g: np.ndarray, slots: list[np.ndarray], rate: float, step: int, scratch: list[np.ndarray]
    ) -> None:
        m, v = slots
        a, b = scratch
        now, following = self._momentum(step), self._momentum(step + 1)
        product = float(self._product._value)
        m *= self.beta_1
        m += np.multiply(g, 1.0 - self.beta_1, out=a)
        v *= self.beta_2
        v += np.multiply(np.multiply(g, g, out=b), 1.0 - self.beta_2, out=b)
        np.multiply(m, following / (1.0 - product * following), out=a)
        a += np.multiply(g, (1.0 - now) / (1.0 - product), out=b)
        np.multiply(v, 1.0 / (1.0 - self.beta_2**step), out=b)
        np.sqrt(b, out=b)
        b += self.epsilon
        a /= b
        a *= rate
        p -= a
