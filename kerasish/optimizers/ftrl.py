"""FTRL: follow the regularized leader."""

from __future__ import annotations

from typing import Any, Unpack

import numpy as np

from kerasish.backend.typing import RateLike
from kerasish.optimizers.optimizer import Optimizer
from kerasish.optimizers.state import Options


class Ftrl(Optimizer):
    """Follow the regularized leader, proximal: weights that an L1 penalty sets to exactly zero.

    With `n` the sum of squared gradients and `q = -learning_rate_power`,
    `z += g - (n_new^q - n^q) / learning_rate * w` and
    `w = (clip(z, -l1, l1) - z) / (n_new^q / learning_rate + 2 l2 + beta / learning_rate)`.

    Args:
        learning_rate: the step size.
        learning_rate_power: not above 0; 0 keeps the step size.
        initial_accumulator_value: what `n` starts with.
        l1_regularization_strength, l2_regularization_strength: penalties of the weights.
        l2_shrinkage_regularization_strength: a penalty that enters the gradient.
        beta: the paper's beta.
        **options: `weight_decay`, `clipnorm` and the others of `Optimizer`.

    Raises:
        ValueError: if a strength or the start is negative, or the power is above 0.

    Source: McMahan et al., Ad click prediction: a view from the trenches (2013).
    """

    def __init__(
        self,
        learning_rate: RateLike = 0.001,
        learning_rate_power: float = -0.5,
        initial_accumulator_value: float = 0.1,
        l1_regularization_strength: float = 0.0,
        l2_regularization_strength: float = 0.0,
        l2_shrinkage_regularization_strength: float = 0.0,
        beta: float = 0.0,
        **options: Unpack[Options],
    ) -> None:
        super().__init__(learning_rate, **options)
        own = {
            "learning_rate_power": learning_rate_power,
            "initial_accumulator_value": initial_accumulator_value,
            "l1_regularization_strength": l1_regularization_strength,
            "l2_regularization_strength": l2_regularization_strength,
            "l2_shrinkage_regularization_strength": l2_shrinkage_regularization_strength,
            "beta": beta,
        }
        for name, value in own.items():
            if (value > 0) if name == "learning_rate_power" else (value < 0):
                raise ValueError(f"{name}={value} has the wrong sign")
        self._own = own

    def slot_groups(self) -> tuple[tuple[str, ...], ...]:
        return (("accumulator", "linear"),)

    def initial_slot(self, name: str) -> float:
        return self._own["initial_accumulator_value"] if name == "accumulator" else 0.0

    def update(
        self, p: np.ndarray, g: np.ndarray, slots: list[np.ndarray], rate: float, step: int, scratch: list[np.ndarray]
    ) -> None:
        n, z = slots
        power = -self._own["learning_rate_power"]
        l1, l2 = self._own["l1_regularization_strength"], self._own["l2_regularization_strength"]
        shrinkage = self._own["l2_shrinkage_regularization_strength"]
        total = n + g * g
        z += g + 2.0 * shrinkage * p if shrinkage else g
        root = total**power
        z -= (root - n**power) / rate * p
        quadratic = root / rate + 2.0 * (l2 + self._own["beta"] / (2.0 * rate))
        p[...] = (np.clip(z, -l1, l1) - z) / quadratic
        n[...] = total

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), **self._own}
