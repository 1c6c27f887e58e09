"""Schedule-free AdamW: an average of all steps in the place of a falling learning rate."""

from __future__ import annotations

from math import sqrt
from typing import Any, Unpack

import numpy as np

from kerasish.backend.typing import RateLike
from kerasish.backend.variable import Variable
from kerasish.optimizers.moments import Moments
from kerasish.optimizers.state import Options


class ScheduleFreeAdamW(Moments):
    """Adam's steps are made on a point `z`; the weights `w` lie between it and the average `x` of all such points.

    `v += (1 - beta_2) (g^2 - v)`, `z -= learning_rate * g / (sqrt(v / (1 - beta_2^t)) + epsilon)`,
    `x += (z - x) / t`, `w = (1 - beta_1) z + beta_1 x`.

    Args:
        learning_rate: the step size.
        beta_1: how near the weights are to the average.
        beta_2: the share of the old mean of squared gradients in the new one.
        epsilon: keeps the division finite.
        warmup_steps: over how many steps the step size grows to `learning_rate`.
        **options: `weight_decay`, `clipnorm` and the others of `Optimizer`.

    Source: Defazio et al., The road less scheduled (2024), https://arxiv.org/abs/2405.15682

    Example:
        >>> import kerasish as keras
        >>> v = keras.Variable(1.0)
        >>> keras.optimizers.ScheduleFreeAdamW(0.1).apply([2.0], [v])
        >>> round(float(v), 4)
        0.9
    """

    def __init__(
        self,
        learning_rate: RateLike = 0.0025,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        warmup_steps: int = 0,
        **options: Unpack[Options],
    ) -> None:
        super().__init__(learning_rate, beta_1, beta_2, epsilon, **options)
        self.warmup_steps = warmup_steps

    def build(self, var_list: list[Variable]) -> None:
        if self.built:
            return
        super().build(var_list)
        for group, slots in zip(self._groups, self._flat_slots, strict=True):
            slots["momentum"][...] = group.values

    def update(
        self, p: np.ndarray, g: np.ndarray, slots: list[np.ndarray], rate: float, step: int, scratch: list[np.ndarray]
    ) -> None:
        z, v = slots
        x, change = scratch
        np.multiply(z, self.beta_1 - 1.0, out=x)
        x += p
        x *= (1.0 - 1.0 / step) / self.beta_1
        if self.warmup_steps > 0:
            rate *= min(step / self.warmup_steps, 1.0)
        np.multiply(g, g, out=change)
        change -= v
        change *= 1.0 - self.beta_2
        v += change
        np.sqrt(v, out=change)
        change *= 1.0 / sqrt(1.0 - self.beta_2**step)
        change += self.epsilon
        np.divide(g, change, out=change)
        change *= rate
        z -= change
        x += np.multiply(z, 1.0 / step, out=change)
        x *= self.beta_1
        np.multiply(z, 1.0 - self.beta_1, out=p)
        p += x

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "warmup_steps": self.warmup_steps}
