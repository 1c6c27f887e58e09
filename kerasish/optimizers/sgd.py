"""Gradient descent, plain and with momentum."""

from __future__ import annotations

from typing import Any, Unpack

import numpy as np

from kerasish.backend.typing import RateLike
from kerasish.optimizers.optimizer import Optimizer
from kerasish.optimizers.state import Options


class SGD(Optimizer):
    """Gradient descent: `w -= learning_rate * g`.

    With momentum, the step is a velocity that remembers earlier gradients: `v = momentum * v - learning_rate * g`,
    `w += v`; with Nesterov's momentum, `w += momentum * v - learning_rate * g`, which looks ahead.

    Args:
        learning_rate: the step size.
        momentum: from 0 to 1, how much of the last step is kept.
        nesterov: whether Nesterov's form of momentum is used.
        **options: `weight_decay`, `clipnorm` and the others of `Optimizer`.

    Raises:
        ValueError: if `momentum` is not from 0 to 1.

    Source: Sutskever et al., On the importance of initialization and momentum in deep learning (2013).

    Example:
        >>> import kerasish as keras
        >>> v = keras.Variable(1.0)
        >>> SGD(learning_rate=0.5).apply([2.0], [v])
        >>> float(v)
        0.0
    """

    def __init__(
        self, learning_rate: RateLike = 0.01, momentum: float = 0.0, nesterov: bool = False, **options: Unpack[Options]
    ) -> None:
        super().__init__(learning_rate, **options)
        if not isinstance(momentum, (int, float)) or not 0 <= momentum <= 1:
            raise ValueError(f"momentum must be a number from 0 to 1; received {momentum!r}")
        self.momentum = momentum
        self.nesterov = nesterov

    def slot_groups(self) -> tuple[tuple[str, ...], ...]:
        return (("momentum",),) if self.momentum else ()

    def update(
        self, p: np.ndarray, g: np.ndarray, slots: list[np.ndarray], rate: float, step: int, scratch: list[np.ndarray]
    ) -> None:
        change = np.multiply(g, rate, out=scratch[0])
        if not self.momentum:
            p -= change
            return
        (v,) = slots
        v *= self.momentum
        v -= change
        if self.nesterov:
            p -= change
            p += np.multiply(v, self.momentum, out=change)
        else:
            p += v

    def fused(self, rate: float, step: int) -> tuple[str, tuple[float, ...]] | None:
        if not self.momentum:
            return "sgd", (rate,)
        return "nesterov" if self.nesterov else "momentum", (self.momentum, rate)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "momentum": self.momentum, "nesterov": self.nesterov}
