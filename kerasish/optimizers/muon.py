"""Muon: for each matrix a step in which all directions count alike."""

from __future__ import annotations

import re
from math import sqrt
from typing import Any

import numpy as np

from kerasish.backend.typing import RateLike
from kerasish.backend.variable import Variable
from kerasish.optimizers.optimizer import Optimizer


class Muon(Optimizer):
    """Momentum, made orthogonal: the singular values of a matrix's step are all brought near 1.

    `m = momentum * m + g`; `x = g + momentum * m` (without Nesterov, `x = m`), divided by its norm, is put `ns_steps`
    times through the Newton-Schulz iteration `x = a x + (b A + c A A) x` with `A = x x^T`, which draws every singular
    value towards 1; then `w -= learning_rate * rms_rate * sqrt(max(rows, columns)) * x`.

    Variables that are no matrices, embeddings and those of `exclude_layers` are updated by AdamW.

    Args:
        learning_rate: the step size.
        adam_beta_1, adam_beta_2, epsilon: see `Adam`; for the variables that AdamW updates.
        adam_weight_decay: the weight decay of the variables that AdamW updates, or None.
        weight_decay: the weight decay of the matrices, or None.
        clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum, ema_overwrite_frequency, loss_scale_factor,
            gradient_accumulation_steps, name: see `Optimizer`.
        exclude_layers: patterns; a variable whose path one of them is found in is updated by AdamW. Usually the layer
            of the outputs.
        exclude_embeddings: whether variables with `embedding` in their path are updated by AdamW.
        muon_a, muon_b, muon_c: the coefficients of the iteration.
        adam_lr_ratio: a factor of the learning rate for AdamW.
        momentum: the share of the old momentum in the new one.
        ns_steps: how often the iteration is made.
        nesterov: whether Nesterov's form of momentum is used.
        rms_rate: the size of a step, in the unit of AdamW's; None leaves the step as the iteration gives it.

    Source: Jordan et al., Muon: an optimizer for hidden layers in neural networks (2024),
    https://kellerjordan.github.io/posts/muon/; Liu et al., Muon is scalable for LLM training (2025),
    https://arxiv.org/abs/2502.16982, for `rms_rate`.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> v = keras.Variable(np.zeros((2, 2)))
        >>> keras.optimizers.Muon(0.1, rms_rate=None).apply([np.diag([3.0, 0.1])], [v])
        >>> bool(v[1, 1] < -0.05)  # the small direction is followed about as far as the large one
        True
    """

    def __init__(
        self,
        learning_rate: RateLike = 0.001,
        adam_beta_1: float = 0.9,
        adam_beta_2: float = 0.999,
        adam_weight_decay: float | None = 0.004,
        epsilon: float = 1e-7,
        weight_decay: float | None = 0.004,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
        use_ema: bool = False,
        ema_momentum: float = 0.99,
        ema_overwrite_frequency: int | None = None,
        loss_scale_factor: float | None = None,
        gradient_accumulation_steps: int | None = None,
        name: str | None = None,
        exclude_layers: list[str] | None = None,
        exclude_embeddings: bool = True,
        muon_a: float = 3.4445,
        muon_b: float = -4.7750,
        muon_c: float = 2.0315,
        adam_lr_ratio: float = 1,
        momentum: float = 0.95,
        ns_steps: int = 5,
        nesterov: bool = True,
        rms_rate: float | None = 0.2,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            learning_rate, weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum,
            ema_overwrite_frequency, loss_scale_factor, gradient_accumulation_steps, name, **kwargs,
        )  # fmt: skip
        self.adam_beta_1 = adam_beta_1
        self.adam_beta_2 = adam_beta_2
        self.adam_weight_decay = adam_weight_decay
        self.epsilon = epsilon
        self.exclude_layers = exclude_layers or []
        self.exclude_embeddings = exclude_embeddings
        self.muon_a = muon_a
        self.muon_b = muon_b
        self.muon_c = muon_c
        self.adam_lr_ratio = adam_lr_ratio
        self.momentum = momentum
        self.ns_steps = ns_steps
        self.nesterov = nesterov
        self.rms_rate = rms_rate

    def _is_for_adamw(self, variable: Variable) -> bool:
        if len(variable.shape) != 2 or (self.exclude_embeddings and "embedding" in variable.path.lower()):
            return True
        return any(re.search(pattern, variable.path) for pattern in self.exclude_layers)

    def build(self, var_list: list[Variable]) -> None:
        if self.built:
            return
        super().build(var_list)
        self._momentums: list[Variable] = []
        self._velocities: list[Variable | None] = []
        for variable in self._trainable_variables:
            self._momentums.append(self.add_variable_from_reference(variable, "momentum"))
            has_velocity = self._is_for_adamw(variable)
            velocity = self.add_variable_from_reference(variable, "velocity") if has_velocity else None
            self._velocities.append(velocity)

    def transpose_last_axis(self, X: Any) -> Any:
        """Matrices transposed."""
        return np.swapaxes(X, -1, -2)

    def update_step(self, gradient: Any, variable: Variable, learning_rate: Any) -> None:
        g = np.asarray(gradient, variable._value.dtype)
        index = self._get_variable_index(variable)
        m, velocity, rate = self._momentums[index]._value, self._velocities[index], float(learning_rate)
        variable.detach()
        if velocity is None:
            variable._value -= self._orthogonal_step(g, m, rate)
        else:
            variable._value -= self._adam_step(g, m, velocity._value, rate * self.adam_lr_ratio)

    def _adam_step(self, g: np.ndarray, m: np.ndarray, v: np.ndarray, rate: float) -> np.ndarray:
        m += (g - m) * (1.0 - self.adam_beta_1)
        v += (g * g - v) * (1.0 - self.adam_beta_2)
        step = self._step_number()
        rate *= sqrt(1.0 - self.adam_beta_2**step) / (1.0 - self.adam_beta_1**step)
        return m * rate / (np.sqrt(v) + self.epsilon)

    def _orthogonal_step(self, g: np.ndarray, m: np.ndarray, rate: float) -> np.ndarray:
        m *= self.momentum
        m += g
        x = g + self.momentum * m if self.nesterov else m
        return self.lr_adjust(rate * self.zeropower_via_newtonschulz5(x, self.ns_steps))

    def lr_adjust(self, x: Any) -> Any:
        """A step scaled to the size that AdamW's would have."""
        return x if self.rms_rate is None else x * (sqrt(max(x.shape)) * self.rms_rate)

    def zeropower_via_newtonschulz5(self, x: Any, steps: int) -> Any:
        """A matrix with the same directions, whose singular values are all near 1.

        Args:
            x: a matrix.
            steps: how often the iteration is made.
        """
        is_tall = x.shape[0] > x.shape[1]
        if is_tall:
            x = x.T  # so that x x^T is the smaller of the two products
        x = x / (np.linalg.norm(x) + 1e-7)
        for _ in range(steps):
            square = x @ x.T
            x = self.muon_a * x + (self.muon_b * square + self.muon_c * square @ square) @ x
        return x.T if is_tall else x

    def _decay(self, rate: float, only: list[Variable] | None) -> None:
        for variable in only or self._trainable_variables:
            is_matrix = self._velocities[self._get_variable_index(variable)] is None
            share = self.weight_decay if is_matrix else self.adam_weight_decay
            if share and self._use_weight_decay(variable):
                variable._value *= 1.0 - rate * share

    def get_config(self) -> dict[str, Any]:
        own = {
            "adam_beta_1": self.adam_beta_1,
            "adam_beta_2": self.adam_beta_2,
            "epsilon": self.epsilon,
            "exclude_layers": self.exclude_layers,
            "muon_a": self.muon_a,
            "muon_b": self.muon_b,
            "muon_c": self.muon_c,
            "adam_lr_ratio": self.adam_lr_ratio,
            "momentum": self.momentum,
            "ns_steps": self.ns_steps,
            "nesterov": self.nesterov,
            "exclude_embeddings": self.exclude_embeddings,
            "adam_weight_decay": self.adam_weight_decay,
            "rms_rate": self.rms_rate,
        }
        return {**super().get_config(), **own}
