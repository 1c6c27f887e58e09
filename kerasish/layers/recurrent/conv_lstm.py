"""LSTM over sequences of rows of numbers, of images and of volumes."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish.backend.typing import ActivationLike, ConstraintLike, InitializerLike, RegularizerLike
from kerasish.layers.base.input_spec import InputSpec
from kerasish.layers.recurrent.conv_lstm_cell import ConvLSTMCell
from kerasish.layers.recurrent.own_cell_rnn import OwnCellRNN, of_cell


class ConvLSTM(OwnCellRNN):
    """LSTM over sequences of images: states are images, and products are convolutions."""

    rank: int

    filters = of_cell("filters")
    kernel_size = of_cell("kernel_size")
    strides = of_cell("strides")
    padding = of_cell("padding")
    data_format = of_cell("data_format")
    dilation_rate = of_cell("dilation_rate")
    recurrent_activation = of_cell("recurrent_activation")
    unit_forget_bias = of_cell("unit_forget_bias")

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: Any = 1,
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
        **kwargs: Any,
    ) -> None:
        cell = ConvLSTMCell(
            self.rank, filters, kernel_size, strides, padding, data_format, dilation_rate, recurrent_activation,
            unit_forget_bias, activation=activation, use_bias=use_bias, kernel_initializer=kernel_initializer,
            recurrent_initializer=recurrent_initializer, bias_initializer=bias_initializer,
            kernel_regularizer=kernel_regularizer, recurrent_regularizer=recurrent_regularizer,
            bias_regularizer=bias_regularizer, kernel_constraint=kernel_constraint,
            recurrent_constraint=recurrent_constraint, bias_constraint=bias_constraint, dropout=dropout,
            recurrent_dropout=recurrent_dropout, seed=seed, name="conv_lstm_cell", dtype=kwargs.get("dtype"),
            trainable=kwargs.get("trainable", True),
        )  # fmt: skip
        super().__init__(
            cell, activity_regularizer, return_sequences=return_sequences, return_state=return_state,
            go_backwards=go_backwards, stateful=stateful, **kwargs,
        )  # fmt: skip
        self.input_spec = InputSpec(ndim=self.rank + 3)

    @staticmethod
    def _step_shape(shape: Any) -> tuple[int | None, ...]:
        return (shape[0], *shape[2:])

    def _state_shapes(self, shape: Any) -> list[Any]:
        return [self.cell.state_shape(self._step_shape(shape))] * 2

    def _output_sizes(self, shape: Any) -> tuple[int | None, ...]:
        return self.cell.state_shape(self._step_shape(shape))[1:]

    def _initial_for(self, shape: Any) -> list[Any]:
        return [np.zeros(state, self.compute_dtype) for state in self._state_shapes(shape)]


class ConvLSTM1D(ConvLSTM):
    """LSTM over sequences of rows of numbers: the products with inputs and state are convolutions.

    Args: those of `ConvLSTM2D`; sizes are one number.

    Shapes: sequences `(batch, steps, size, channels)`; see `ConvLSTM2D`.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.layers.ConvLSTM1D(4, 3)(np.ones((2, 5, 8, 3), "float32")).shape
        (2, 6, 4)
    """

    rank = 1


class ConvLSTM2D(ConvLSTM):
    """LSTM over sequences of images: the products with inputs and state are convolutions.

    Args:
        filters: how many channels each of the two states has, and the output.
        kernel_size: the window's sizes: a number, or one for each spatial axis.
        strides, padding, data_format, dilation_rate: of the convolution of the inputs, see `Conv2D`.
        activation, recurrent_activation: of candidate and carry, and of the gates.
        use_bias, unit_forget_bias: whether there is a bias, and that of the forget gate is 1 at first.
        kernel_initializer, recurrent_initializer, bias_initializer: the first values of the weights.
        kernel_regularizer, recurrent_regularizer, bias_regularizer: penalties on the weights, added to the loss.
        activity_regularizer: a penalty on the output.
        kernel_constraint, recurrent_constraint, bias_constraint: projections of the weights after each update.
        dropout, recurrent_dropout: the shares of inputs and state that are dropped in training.
        seed: a whole number, for the same masks in every run.
        return_sequences, return_state, go_backwards, stateful: see `RNN`.
        **kwargs: `zero_output_for_mask` of `RNN`, and `name`, `dtype`, `trainable` of `Layer`.

    Shapes: sequences `(batch, steps, height, width, channels)`, with the channels before the sizes if `data_format`
    says so; the output likewise with `return_sequences`, otherwise without the steps.

    Raises:
        ValueError: if an argument is out of its range, the window does not fit, or see `RNN`.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.layers.ConvLSTM2D(4, 3)(np.ones((2, 5, 8, 8, 3), "float32")).shape
        (2, 6, 6, 4)

    Source: Shi et al., Convolutional LSTM network (2015), https://arxiv.org/abs/1506.04214
    """

    rank = 2


class ConvLSTM3D(ConvLSTM):
    """LSTM over sequences of volumes: the products with inputs and state are convolutions.

    Args: those of `ConvLSTM2D`, with sizes for depth, height and width.

    Shapes: sequences `(batch, steps, depth, height, width, channels)`; see `ConvLSTM2D`.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.layers.ConvLSTM3D(4, 3)(np.ones((2, 5, 8, 8, 8, 3), "float32")).shape
        (2, 6, 6, 6, 4)
    """

    rank = 3
