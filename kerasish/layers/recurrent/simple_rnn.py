"""The simplest recurrence."""

from __future__ import annotations

from typing import Any

from kerasish.backend.typing import ActivationLike, ConstraintLike, InitializerLike, RegularizerLike
from kerasish.layers.recurrent.own_cell_rnn import OwnCellRNN
from kerasish.layers.recurrent.simple_rnn_cell import SimpleRNNCell


class SimpleRNN(OwnCellRNN):
    """`h[t] = activation(x[t] W + b + h[t - 1] U)`: the state is the output of the step before.

    Args:
        units: how many numbers the state has.
        activation: of the state: a name or function.
        use_bias: whether there is a bias.
        kernel_initializer, recurrent_initializer, bias_initializer: the first values of the weights.
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
        **kwargs: `zero_output_for_mask` of `RNN`, and `name`, `dtype`, `trainable` of `Layer`.

    Call arguments: see `RNN`. Shapes: sequences `(batch, steps, features)`, output `(batch, units)` or with
    `return_sequences` `(batch, steps, units)`, the state `(batch, units)`.

    Raises:
        ValueError: if an argument is out of its range, or see `RNN`.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.layers.SimpleRNN(4)(np.ones((2, 10, 3), "float32")).shape
        (2, 4)
        >>> y, h = keras.layers.SimpleRNN(4, return_sequences=True, return_state=True)(np.ones((2, 10, 3), "float32"))
        >>> bool((y[:, -1] == h).all())
        True

    Source: Elman, Finding structure in time (1990).
    """

    def __init__(
        self,
        units: int,
        activation: ActivationLike = "tanh",
        use_bias: bool = True,
        kernel_initializer: InitializerLike = "glorot_uniform",
        recurrent_initializer: InitializerLike = "orthogonal",
        bias_initializer: InitializerLike = "zeros",
        kernel_regularizer: RegularizerLike = None,
        recurrent_regularizer: RegularizerLike = None,
        bias_regularizer: RegularizerLike = None,
        activity_regularizer: RegularizerLike = None,
        kernel_constraint: ConstraintLike = None,
        recurrent_constraint: ConstraintLike = None,
        bias_constraint: ConstraintLike = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        unroll: bool = False,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        cell = SimpleRNNCell(
            units, activation, use_bias, kernel_initializer, recurrent_initializer, bias_initializer,
            kernel_regularizer, recurrent_regularizer, bias_regularizer, kernel_constraint, recurrent_constraint,
            bias_constraint, dropout, recurrent_dropout, seed,
            name="simple_rnn_cell", dtype=kwargs.get("dtype"), trainable=kwargs.get("trainable", True),
            implementation=kwargs.pop("implementation", 2),
        )  # fmt: skip
        super().__init__(
            cell, activity_regularizer, return_sequences=return_sequences, return_state=return_state,
            go_backwards=go_backwards, stateful=stateful, unroll=unroll, **kwargs,
        )  # fmt: skip
