"""Adafactor: adaptive steps whose memory is a row and a column for each matrix."""

from __future__ import annotations

from math import sqrt
from typing import Any, Unpack

import numpy as np

from kerasish.backend.typing import RateLike
from kerasish.backend.variable import Variable
from kerasish.optimizers.optimizer import Optimizer
from kerasish.optimizers.state import Options


class Adafactor(Optimizer):
    """The squared gradients of a matrix are remembered as the means `r` of its rows and `c` of its columns.

    With `t` the number of the step, `s = 1 - t^beta_2_decay` and `q = g^2 + epsilon_1`:
    `r = s r + (1 - s) mean(q, columns)`, `c = s c + (1 - s) mean(q, rows)`, `v = r / mean(r) * c`
    (for a vector `v = s v + (1 - s) q`); then `u = g / sqrt(v)` and
    `w -= max(epsilon_2, rms(w)) * min(learning_rate, 1 / sqrt(t)) * u / max(1, rms(u) / clip_threshold)`.

    Args:
        learning_rate: the largest step in the unit of the weights' root mean square.
        beta_2_decay: how fast the memory of squared gradients grows, below 0.
        epsilon_1: keeps the division finite.
        epsilon_2: the least size of weights that steps are measured by.
        clip_threshold: the largest root mean square of `u`.
        relative_step: accepted for compatibility: the step is never above `1 / sqrt(t)`, as in Keras.
        **options: `weight_decay`, `clipnorm` and the others of `Optimizer`.

    Source: Shazeer and Stern, Adafactor: adaptive learning rates with sublinear memory cost (2018), algorithm 4,
    https://arxiv.org/abs/1804.04235

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> v = keras.Variable(np.ones((300, 200)))
        >>> optimizer = keras.optimizers.Adafactor()
        >>> optimizer.build([v])
        >>> [slot.shape for slot in optimizer.variables[2:4]]
        [(300,), (200,)]
    """

    def __init__(
        self,
        learning_rate: RateLike = 0.001,
        beta_2_decay: float = -0.8,
        epsilon_1: float = 1e-30,
        epsilon_2: float = 1e-3,
        clip_threshold: float = 1.0,
        relative_step: bool = True,
        **options: Unpack[Options],
    ) -> None:
        super().__init__(learning_rate, **options)
        self.beta_2_decay = beta_2_decay
        self.epsilon_1 = epsilon_1
        self.epsilon_2 = epsilon_2
        self.clip_threshold = clip_threshold
        self.relative_step = relative_step

    def build(self, var_list: list[Variable]) -> None:
        if self.built:
            return
        super().build(var_list)
        self._memory = [self._memory_of(variable) for variable in self._trainable_variables]

    def _memory_of(self, variable: Variable) -> tuple[Variable, Variable, Variable]:
        """The means of rows and columns, and the whole; of a vector, the first two are empty places."""
        shape, name = variable.shape, variable.name
        if len(shape) < 2:
            rows, columns = (Variable(0, trainable=False, name=name) for _ in range(2))
            self._variables += [rows, columns]
        else:
            rows = self.add_variable(shape[:-1], dtype=variable.dtype, name=name)
            columns = self.add_variable((*shape[:-2], shape[-1]), dtype=variable.dtype, name=name)
        return rows, columns, self.add_variable_from_reference(variable, "velocity")

    def update_step(self, gradient: Any, variable: Variable, learning_rate: Any) -> None:
        g, w = np.asarray(gradient, variable._value.dtype), variable._value
        step = self._step_number()
        rate = min(float(learning_rate), 1.0 / sqrt(step))
        fresh = float(step) ** self.beta_2_decay
        rows, columns, whole = (slot._value for slot in self._memory[self._get_variable_index(variable)])
        square = g * g + self.epsilon_1
        if g.ndim < 2:
            _mix(whole, square, fresh)
        else:
            _mix(rows, square.mean(-1), fresh)
            _mix(columns, square.mean(-2), fresh)
            np.multiply((rows / rows.mean(-1, keepdims=True))[..., None], columns[..., None, :], out=whole)
        change = g / np.sqrt(whole)
        size = max(self.epsilon_2, _root_mean_square(w)) * rate
        variable.detach()
        w -= change * (size / max(1.0, _root_mean_square(change) / self.clip_threshold))

    def get_config(self) -> dict[str, Any]:
        own = {
            "beta_2_decay": self.beta_2_decay,
            "epsilon_1": self.epsilon_1,
            "epsilon_2": self.epsilon_2,
            "clip_threshold": self.clip_threshold,
            "relative_step": self.relative_step,
        }
        return {**super().get_config(), **own}


def _mix(mean: np.ndarray, new: np.ndarray, share: float) -> None:
    mean *= 1.0 - share
    mean += share * new


def _root_mean_square(x: np.ndarray) -> float:
    return sqrt(float(np.mean(x * x)))
