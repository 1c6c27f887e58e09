"""One step of SimpleRNN."""

from __future__ import annotations

from typing import Any

from kerasish.layers.recurrent.recurrent_cell import RecurrentCell
from kerasish.ops.recurrence import activate, masked_product, simple_rnn


class SimpleRNNCell(RecurrentCell):
    """`h = activation(x W + b + h U)`: what `SimpleRNN` does at each step.

    Args:
        units: how many numbers the state has.
        activation: a name or function; None for the weighted sums themselves.
        use_bias: whether there is a bias `b`.
        kernel_initializer, recurrent_initializer, bias_initializer: the first values of `W`, `U` and `b`.
        kernel_regularizer, recurrent_regularizer, bias_regularizer: penalties on the weights, added to the loss.
        kernel_constraint, recurrent_constraint, bias_constraint: projections of the weights after each update.
        dropout: the share of the inputs that is dropped in training, the same in all steps.
        recurrent_dropout: the share of the state that is dropped on its way to the product.
        seed: a whole number, for the same masks in every run.
        **kwargs: `name`, `dtype`, `trainable` of `Layer`.

    Call arguments:
        sequence: the inputs of one step, `(batch, features)`.
        states: a list of the state, `(batch, units)`.
        training: whether to drop.

    Returns:
        The output, and a list of the next state, which is the same.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> cell = keras.layers.SimpleRNNCell(4)
        >>> y, states = cell(np.ones((2, 3), "float32"), [np.zeros((2, 4), "float32")])
        >>> y.shape
        (2, 4)
    """

    operation = staticmethod(simple_rnn)

    def call(self, sequence: Any, states: Any, training: bool = False) -> Any:
        """The output of the step and the next state."""
        (h,) = self._checked(sequence, states)
        factors, recurrent_factors = self._masks(sequence, h, training)
        sums = masked_product(sequence, self.kernel, factors)
        if self.bias is not None:
            sums = sums + self.bias
        y = activate(sums + masked_product(h, self.recurrent_kernel, recurrent_factors), self.activation)
        return y, [y]
