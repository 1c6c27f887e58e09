"""Gated recurrent unit."""

from __future__ import annotations

from typing import Any

from kerasish.backend.typing import ActivationLike, ConstraintLike, InitializerLike, RegularizerLike
from kerasish.layers.recurrent.gru_cell import GRUCell
from kerasish.layers.recurrent.own_cell_rnn import OwnCellRNN, of_cell


class GRU(OwnCellRNN):
    """Gated recurrent unit: `h[t] = z h[t - 1] + (1 - z) g`, with an update gate `z` and a reset gate `r`.

    `z` and `r` are the recurrent activation of `x[t] W + b + h[t - 1] U`, each of its own part, and the candidate is
    `g = activation(x[t] W + b + r (h[t - 1] U + b'))`, or without `reset_after`
    `g = activation(x[t] W + b + (r h[t - 1]) U)`.

    Args:
        units: how many numbers the state has.
        activation: of the candidate: a name or function.
        recurrent_activation: of the gates.
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
        reset_after: whether the reset gate acts on the product, as in cuDNN; the bias has then two rows.
        use_cudnn: accepted for compatibility.
        **kwargs: `zero_output_for_mask` of `RNN`, and `name`, `dtype`, `trainable` of `Layer`.

    Call arguments: see `RNN`. Shapes: sequences `(batch, steps, features)`, output `(batch, units)` or with
    `return_sequences` `(batch, steps, units)`, the state `(batch, units)`.

    Raises:
        ValueError: if an argument is out of its range, or see `RNN`.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.layers.GRU(4)(np.ones((2, 10, 3), "float32")).shape
        (2, 4)
        >>> keras.layers.GRU(4, return_sequences=True)(np.ones((2, 10, 3), "float32")).shape
        (2, 10, 4)

    Source: Cho et al., https://arxiv.org/abs/1406.1078 (2014).
    """

    recurrent_activation = of_cell("recurrent_activation")
    reset_after = of_cell("reset_after")

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
        reset_after: bool = True,
        use_cudnn: Any = "auto",
        **kwargs: Any,
    ) -> None:
        cell = GRUCell(
            units, activation, recurrent_activation, use_bias, kernel_initializer, recurrent_initializer,
            bias_initializer, kernel_regularizer, recurrent_regularizer, bias_regularizer, kernel_constraint,
            recurrent_constraint, bias_constraint, dropout, recurrent_dropout, reset_after, seed,
            name="gru_cell", dtype=kwargs.get("dtype"), trainable=kwargs.get("trainable", True),
            implementation=kwargs.pop("implementation", 2),
        )  # fmt: skip
        super().__init__(
            cell, activity_regularizer, return_sequences=return_sequences, return_state=return_state,
            go_backwards=go_backwards, stateful=stateful, unroll=unroll, **kwargs,
        )  # fmt: skip
        self.use_cudnn = use_cudnn
