"""One step of GRU."""

from __future__ import annotations

from typing import Any

from kerasish.backend.typing import ActivationLike, ConstraintLike, InitializerLike, RegularizerLike
from kerasish.layers.recurrent.gated_cell import GatedCell
from kerasish.ops.recurrence import gru, gru_products, gru_step, masked_product


class GRUCell(GatedCell):
    """What `GRU` does at each step: `h = z h + (1 - z) g`, with an update gate `z` and a reset gate `r`.

    `z` and `r` are the recurrent activation of `x W + b + h U`, each of its own part, and the candidate is
    `g = activation(x W + b + r (h U + b'))`, or without `reset_after` `g = activation(x W + b + (r h) U)`.

    Args:
        units: how many numbers the state has.
        activation: of the candidate: a name or function.
        recurrent_activation: of the gates.
        use_bias: whether there are biases.
        kernel_initializer, recurrent_initializer, bias_initializer: the first values of `W`, `U` and the biases.
        kernel_regularizer, recurrent_regularizer, bias_regularizer: penalties on the weights, added to the loss.
        kernel_constraint, recurrent_constraint, bias_constraint: projections of the weights after each update.
        dropout: the share of the inputs that is dropped in training, the same in all steps.
        recurrent_dropout: the share of the state that is dropped on its way to the products, of each gate another.
        reset_after: whether the reset gate acts on the product, as in cuDNN; the bias has then two rows.
        seed: a whole number, for the same masks in every run.
        **kwargs: `name`, `dtype`, `trainable` of `Layer`.

    Call arguments:
        inputs: those of one step, `(batch, features)`.
        states: a list of the state, `(batch, units)`.
        training: whether to drop.

    Returns:
        The output, and a list of the next state, which is the same.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> cell = keras.layers.GRUCell(4)
        >>> y, states = cell(np.ones((2, 3), "float32"), cell.get_initial_state(2))
        >>> y.shape
        (2, 4)

    Source: Cho et al., https://arxiv.org/abs/1406.1078 (2014).
    """

    blocks = 3
    operation = staticmethod(gru)
    _settings = ("units", "use_bias", "reset_after")

    def __init__(
        self,
        units: int,
        activation: ActivationLike = "tanh",
        recurrent_activation: ActivationLike = "sigmoid",
        use_bias: bool = True,
        kernel_initializer: InitializerLike = "glorot_uniform",
        recurrent_initializer: InitializerLike = "orthogonal",
        bias_initializer: InitializerLike = "zeros",
        kernel_regularizer: RegularizerLike = None,
        recurrent_regularizer: RegularizerLike = None,
        bias_regularizer: RegularizerLike = None,
        kernel_constraint: ConstraintLike = None,
        recurrent_constraint: ConstraintLike = None,
        bias_constraint: ConstraintLike = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        reset_after: bool = True,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            units, activation, use_bias, kernel_initializer, recurrent_initializer, bias_initializer,
            kernel_regularizer, recurrent_regularizer, bias_regularizer, kernel_constraint, recurrent_constraint,
            bias_constraint, dropout, recurrent_dropout, seed, **kwargs,
        )  # fmt: skip
        self.reset_after = reset_after
        self._set_gates(recurrent_activation)

    def _add_bias(self, width: int) -> Any:
        return self._weight("bias", "bias", (2, width) if self.reset_after else (width,))

    def call(self, inputs: Any, states: Any, training: bool = False) -> Any:
        """The output of the step and the next state."""
        (h,) = self._checked(inputs, states)
        factors, recurrent_factors = self._masks(inputs, h, training)
        sums = masked_product(inputs, self.kernel, factors)
        own_bias = None
        if self.bias is not None:
            bias, own_bias = (self.bias[0], self.bias[1]) if self.reset_after else (self.bias, None)
            sums = sums + bias
        gates, past = gru_products(h, self.recurrent_kernel, own_bias, self.reset_after, recurrent_factors)
        y = gru_step(sums, gates, past, h, self.activation, self.recurrent_activation)
        return y, [y]
