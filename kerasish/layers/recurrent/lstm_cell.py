"""One step of LSTM."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish import initializers
from kerasish.backend.typing import ActivationLike, ConstraintLike, InitializerLike, RegularizerLike
from kerasish.layers.recurrent.gated_cell import GatedCell
from kerasish.ops.recurrence import lstm, lstm_step, masked_product


def forgetting_little(initializer: Any, units: int) -> Any:
    """An initializer of biases, with those of the forget gate 1, so that the carry stays (Jozefowicz et al., 2015)."""

    def biases(shape: Any, dtype: Any = None) -> np.ndarray:
        parts = [initializer((units,), dtype=dtype), initializers.Ones()((units,), dtype=dtype)]
        return np.concatenate([*parts, initializer((2 * units,), dtype=dtype)])

    return biases


class LSTMCell(GatedCell):
    """What `LSTM` does at each step: `c = f c + i activation(g)`, `h = o activation(c)`.

    With `[i f g o] = x W + b + h U`, and the recurrent activation of i, f and o.

    Args:
        units: how many numbers each of the two states has.
        activation: of the candidate and of the carry: a name or function.
        recurrent_activation: of the gates.
        use_bias: whether there is a bias `b`.
        kernel_initializer, recurrent_initializer, bias_initializer: the first values of `W`, `U` and `b`.
        unit_forget_bias: whether the forget gate's bias is 1 at first.
        kernel_regularizer, recurrent_regularizer, bias_regularizer: penalties on the weights, added to the loss.
        kernel_constraint, recurrent_constraint, bias_constraint: projections of the weights after each update.
        dropout: the share of the inputs that is dropped in training, the same in all steps.
        recurrent_dropout: the share of the state that is dropped on its way to the products, of each gate another.
        seed: a whole number, for the same masks in every run.
        **kwargs: `name`, `dtype`, `trainable` of `Layer`.

    Call arguments:
        inputs: those of one step, `(batch, features)`.
        states: the list `[h, c]`, each `(batch, units)`.
        training: whether to drop.

    Returns:
        The output `h`, and the list of the next `h` and `c`.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> cell = keras.layers.LSTMCell(4)
        >>> y, (h, c) = cell(np.ones((2, 3), "float32"), cell.get_initial_state(2))
        >>> h.shape, c.shape
        ((2, 4), (2, 4))

    Source: Hochreiter and Schmidhuber, Long short-term memory (1997); the forget gate: Gers et al. (2000).
    """

    blocks = 4
    operation = staticmethod(lstm)
    _settings = ("units", "use_bias", "unit_forget_bias")

    bias_initializer: Any

    def __init__(
        self,
        units: int,
        activation: ActivationLike = "tanh",
        recurrent_activation: ActivationLike = "sigmoid",
        use_bias: bool = True,
        kernel_initializer: InitializerLike = "glorot_uniform",
        recurrent_initializer: InitializerLike = "orthogonal",
        bias_initializer: InitializerLike = "zeros",
        unit_forget_bias: bool = True,
        kernel_regularizer: RegularizerLike = None,
        recurrent_regularizer: RegularizerLike = None,
        bias_regularizer: RegularizerLike = None,
        kernel_constraint: ConstraintLike = None,
        recurrent_constraint: ConstraintLike = None,
        bias_constraint: ConstraintLike = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            units, activation, use_bias, kernel_initializer, recurrent_initializer, bias_initializer,
            kernel_regularizer, recurrent_regularizer, bias_regularizer, kernel_constraint, recurrent_constraint,
            bias_constraint, dropout, recurrent_dropout, seed, **kwargs,
        )  # fmt: skip
        self.unit_forget_bias = unit_forget_bias
        self._set_gates(recurrent_activation)

    @property
    def state_size(self) -> list[int]:
        """How many numbers `h` and `c` have."""
        return [self.units, self.units]

    def _add_bias(self, width: int) -> Any:
        first = forgetting_little(self.bias_initializer, self.units) if self.unit_forget_bias else None
        return self._weight("bias", "bias", (width,), first)

    def call(self, inputs: Any, states: Any, training: bool = False) -> Any:
        """The output of the step and the next states."""
        h, c = self._checked(inputs, states)
        factors, recurrent_factors = self._masks(inputs, h, training)
        sums = masked_product(inputs, self.kernel, factors)
        if self.bias is not None:
            sums = sums + self.bias
        sums = sums + masked_product(h, self.recurrent_kernel, recurrent_factors)
        h, c = lstm_step(sums, c, self.activation, self.recurrent_activation)
        return h, [h, c]
