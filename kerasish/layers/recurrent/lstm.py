"""Long short-term memory."""

from __future__ import annotations

from typing import Any

from kerasish.backend.typing import ActivationLike, ConstraintLike, InitializerLike, RegularizerLike
from kerasish.layers.recurrent.lstm_cell import LSTMCell
from kerasish.layers.recurrent.own_cell_rnn import OwnCellRNN, of_cell


class LSTM(OwnCellRNN):
    """Long short-term memory: a carry `c` that gates let grow, fade and out.

    With `[i f g o] = x[t] W + b + h[t - 1] U`, and the recurrent activation of i, f and o:
    `c[t] = f c[t - 1] + i activation(g)`, `h[t] = o activation(c[t])`. A gradient goes along `c` without a product with
    weights, so that it does not vanish over many steps.

    Args:
        units: how many numbers each of the two states has.
        activation: of the candidate and the carry: a name or function.
        recurrent_activation: of the gates.
        use_bias: whether there is a bias.
        kernel_initializer, recurrent_initializer, bias_initializer: the first values of the weights.
        unit_forget_bias: whether the forget gate's bias is 1 at first.
        kernel_regularizer, recurrent_regularizer, bias_regularizer: penalties on the weights, added to the loss.
        activity_regularizer: a penalty on the output.
        kernel_constraint, recurrent_constraint, bias_constraint: projections of the weights after each update.
        dropout: the share of the inputs that is dropped in training, the same in all steps.
        recurrent_dropout: the share of the state that is dropped on its way to the products.
        seed: a whole number, for the same masks in every run.
        return_sequences: whether the output of every step is returned, or only that of the last.
        return_state: whether the last states are returned after the output.
        go_backwards: whether the last step comes first; the outputs stand in the order of computation.
        stateful: whether each batch goes on with the states that the one before left; see `reset_state`.
        unroll: accepted, and nothing else is done: a sequence needs a known length.
        use_cudnn: accepted for compatibility.
        **kwargs: `zero_output_for_mask` of `RNN`, and `name`, `dtype`, `trainable` of `Layer`.

    Call arguments: see `RNN`. Shapes: sequences `(batch, steps, features)`, output `(batch, units)` or with
    `return_sequences` `(batch, steps, units)`, the states `h` and `c` `(batch, units)`.

    Raises:
        ValueError: if an argument is out of its range, or see `RNN`.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.layers.LSTM(4)(np.ones((2, 10, 3), "float32")).shape
        (2, 4)
        >>> encoder = keras.layers.LSTM(4, return_state=True)
        >>> y, h, c = encoder(np.ones((2, 10, 3), "float32"))
        >>> keras.layers.LSTM(4, return_sequences=True)(np.ones((2, 7, 5), "float32"), initial_state=[h, c]).shape
        (2, 7, 4)

    Source: Hochreiter and Schmidhuber, Long short-term memory (1997); the forget gate: Gers et al. (2000).
    """

    recurrent_activation = of_cell("recurrent_activation")
    unit_forget_bias = of_cell("unit_forget_bias")

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
        activity_regularizer: RegularizerLike = None,
        kernel_constraint: ConstraintLike = None,
        recurrent_constraint: ConstraintLike = None,
        bias_constraint: ConstraintLike = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        seed: int | None = None,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        unroll: bool = False,
        use_cudnn: Any = "auto",
        **kwargs: Any,
    ) -> None:
        cell = LSTMCell(
            units, activation, recurrent_activation, use_bias, kernel_initializer, recurrent_initializer,
            bias_initializer, unit_forget_bias, kernel_regularizer, recurrent_regularizer, bias_regularizer,
            kernel_constraint, recurrent_constraint, bias_constraint, dropout, recurrent_dropout, seed,
            name="lstm_cell", dtype=kwargs.get("dtype"), trainable=kwargs.get("trainable", True),
            implementation=kwargs.pop("implementation", 2),
        )  # fmt: skip
        super().__init__(
            cell, activity_regularizer, return_sequences=return_sequences, return_state=return_state,
            go_backwards=go_backwards, stateful=stateful, unroll=unroll, **kwargs,
        )  # fmt: skip
        self.use_cudnn = use_cudnn
