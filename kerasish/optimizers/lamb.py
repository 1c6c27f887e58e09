"""LAMB: Adam with a step for each layer in proportion to its weights."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from kerasish.optimizers.moments import Moments


class Lamb(Moments):
    """Adam's step `r`, scaled for each variable by `|w| / |r|`.

    Args:
        learning_rate: the step size.
        beta_1, beta_2: the shares of the old means in the new ones.
        epsilon: keeps the division finite.
        **options: `weight_decay`, `clipnorm` and the others of `Optimizer`.

    Source: You et al., Large batch optimization for deep learning (2020).
    """

    _elementwise: ClassVar[bool] = False  # the norms are those of one variable

    def update(
        self, p: np.ndarray, g: np.ndarray, slots: list[np.ndarray], rate: float, step: int, scratch: list[np.ndarray]
    ) -> None:
        m, v = slots
        m += (g - m) * (1.0 - self.beta_1)
        v += (g * g - v) * (1.0 - self.beta_2)
        r = m / (1.0 - self.beta_1**step) / (np.sqrt(v / (1.0 - self.beta_2**step)) + self.epsilon)
        weight_norm, step_norm = float(np.sqrt(p @ p)), float(np.sqrt(r @ r))
        ratio = weight_norm / step_norm if weight_norm > 0 and step_norm > 0 else 1.0
        p -= ratio * rate * r
