"""Lion: steps of one size, in the direction of a sign."""

from __future__ import annotations

from typing import Any, Unpack

import numpy as np

from kerasish.backend.typing import RateLike
from kerasish.optimizers.optimizer import Optimizer
from kerasish.optimizers.state import Options


class Lion(Optimizer):
    """`w -= learning_rate * sign(beta_1 m + (1 - beta_1) g)`, `m = beta_2 m + (1 - beta_2) g`.

    Args:
        learning_rate: the size of every number's step.
        beta_1: the share of the mean in the direction.
        beta_2: the share of the old mean in the new one.
        **options: `weight_decay`, `clipnorm` and the others of `Optimizer`.

    Raises:
        ValueError: if `beta_1` is not above 0 and at most 1.

    Source: Chen et al., Symbolic discovery of optimization algorithms (2023).
    """

    def __init__(
        self, learning_rate: RateLike = 0.001, beta_1: float = 0.9, beta_2: float = 0.99, **options: Unpack[Options]
    ) -> None:
        super().__init__(learning_rate, **options)
        if not 0 < beta_1 <= 1:
            raise ValueError(f"beta_1 must be above 0 and at most 1; received {beta_1}")
        self.beta_1 = beta_1
        self.beta_2 = beta_2

    def slot_groups(self) -> tuple[tuple[str, ...], ...]:
        return (("momentum",),)

    def update(
        self, p: np.ndarray, g: np.ndarray, slots: list[np.ndarray], rate: float, step: int, scratch: list[np.ndarray]
    ) -> None:
        (m,) = slots
        a, b = scratch
        np.multiply(m, self.beta_1, out=a)
        a += np.multiply(g, 1.0 - self.beta_1, out=b)
        p -= np.multiply(np.sign(a, out=a), rate, out=a)
        m *= self.beta_2
        m += np.multiply(g, 1.0 - self.beta_2, out=b)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "beta_1": self.beta_1, "beta_2": self.beta_2}
