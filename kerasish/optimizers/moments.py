"""What Adam and the rules made of it have in common."""

from __future__ import annotations

from typing import Any, Unpack

from kerasish.backend.typing import RateLike
from kerasish.optimizers.optimizer import Optimizer
from kerasish.optimizers.state import Options


class Moments(Optimizer):
    """A rule that keeps two numbers for each one of a variable: of its gradient, and of the gradient's size.

    Args:
        learning_rate: the step size.
        beta_1, beta_2: the shares of the old numbers in the new ones.
        epsilon: keeps the division finite.
        **options: `weight_decay`, `clipnorm` and the others of `Optimizer`.
    """

    def __init__(
        self,
        learning_rate: RateLike = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        **options: Unpack[Options],
    ) -> None:
        super().__init__(learning_rate, **options)
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.epsilon = epsilon

    def slot_groups(self) -> tuple[tuple[str, ...], ...]:
        return (("momentum", "velocity"),)

    def get_config(self) -> dict[str, Any]:
        own = {"beta_1": self.beta_1, "beta_2": self.beta_2, "epsilon": self.epsilon}
        return {**super().get_config(), **own}
