"""Adam: a step size for every number, from the mean and the size of its gradients."""

from __future__ import annotations

from math import sqrt
from typing import Any, Unpack

import numpy as np

from kerasish.backend.typing import RateLike
from kerasish.optimizers.moments import Moments
from kerasish.optimizers.state import Options, UndecayedOptions


class Adam(Moments):
    """Adaptive moments: `m` and `v` are running means of the gradient and of its square.

    `m += (1 - beta_1) (g - m)`, `v += (1 - beta_2) (g^2 - v)`,
    `w -= learning_rate * sqrt(1 - beta_2^t) / (1 - beta_1^t) * m / (sqrt(v) + epsilon)`.

    Args:
        learning_rate: the step size.
        beta_1, beta_2: the shares of the old means in the new ones.
        epsilon: keeps the division finite; the paper's epsilon-hat.
        amsgrad: divide by the largest `v` so far in place of the present one.
        **options: `weight_decay`, `clipnorm` and the others of `Optimizer`.

    Source: Kingma and Ba, Adam: a method for stochastic optimization (2015), the form at the end of section 2;
    Reddi et al., On the convergence of Adam and beyond (2018), for amsgrad.

    Example:
        >>> import kerasish as keras
        >>> v = keras.Variable(1.0)
        >>> Adam(learning_rate=0.1).apply([2.0], [v])
        >>> round(float(v), 4)
        0.9
    """

    def __init__(
        self,
        learning_rate: RateLike = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        amsgrad: bool = False,
        **options: Unpack[Options],
    ) -> None:
        super().__init__(learning_rate, beta_1, beta_2, epsilon, **options)
        self.amsgrad = amsgrad

    def slot_groups(self) -> tuple[tuple[str, ...], ...]:
        own = super().slot_groups()
        return (*own, ("velocity_hat",)) if self.amsgrad else own

    def update(
        self, p: np.ndarray, g: np.ndarray, slots: list[np.ndarray], rate: float, step: int, scratch: list[np.ndarray]
    ) -> None:
        m, v = slots[0], slots[1]
        a, b = scratch
        b1, b2 = self.beta_1, self.beta_2
        numbers = self._numbers(p.dtype, b1, 1.0 - b1, b2, 1.0 - b2, self.epsilon, 0.0)
        keep_m, add_m, keep_v, add_v, epsilon, scale = numbers
        scale.fill(rate * sqrt(1.0 - b2**step) / (1.0 - b1**step))
        np.multiply(g, add_m, a)
        np.multiply(m, keep_m, m)
        np.add(m, a, m)
        np.multiply(g, g, b)
        np.multiply(b, add_v, b)
        np.multiply(v, keep_v, v)
        np.add(v, b, v)
        if self.amsgrad:
            v = np.maximum(slots[2], v, out=slots[2])
        np.sqrt(v, b)
        np.add(b, epsilon, b)
        np.divide(m, b, a)
        np.multiply(a, scale, a)
        np.subtract(p, a, p)

    def fused(self, rate: float, step: int) -> tuple[str, tuple[float, ...]] | None:
        if self.amsgrad:
            return None
        b1, b2 = self.beta_1, self.beta_2
        return "adam", (b1, 1.0 - b1, b2, 1.0 - b2, self.epsilon, rate * sqrt(1.0 - b2**step) / (1.0 - b1**step))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "amsgrad": self.amsgrad}


class AdamW(Adam):
    """Adam with weight decay that does not pass through the moments: `w -= learning_rate * weight_decay * w`.

    Args:
        learning_rate: the step size.
        weight_decay: the share of each variable, times the learning rate, that is taken off in each step.
        beta_1, beta_2, epsilon, amsgrad: see `Adam`.
        **options: `weight_decay`, `clipnorm` and the others of `Optimizer`.

    Raises:
        ValueError: if `weight_decay` is None.

    Source: Loshchilov and Hutter, Decoupled weight decay regularization (2019).
    """

    def __init__(
        self,
        learning_rate: RateLike = 0.001,
        weight_decay: float = 0.004,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        amsgrad: bool = False,
        **options: Unpack[UndecayedOptions],
    ) -> None:
        super().__init__(learning_rate, beta_1, beta_2, epsilon, amsgrad, weight_decay=weight_decay, **options)
        if weight_decay is None:
            raise ValueError("AdamW needs a number as weight_decay; without decay, use Adam")
