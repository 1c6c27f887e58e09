"""One step of a recurrence of images."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish.backend.config import standardize_data_format
from kerasish.backend.sizes import tuple_of
from kerasish.backend.typing import ActivationLike
from kerasish.layers.recurrent.gated_cell import GatedCell
from kerasish.layers.recurrent.lstm_cell import forgetting_little
from kerasish.ops import windows
from kerasish.ops.convolution import conv
from kerasish.ops.recurrence import lstm_step


class ConvLSTMCell(GatedCell):
    """What `ConvLSTM1D`, `2D` and `3D` do at each step: `LSTMCell` with convolutions in place of products.

    Args:
        rank: the number of spatial axes.
        filters: how many channels each of the two states has.
        kernel_size, strides, padding, data_format, dilation_rate: of the convolution of the inputs; that of the state
            has strides of 1 and zeros around, so that its sizes stay.
        **kwargs: the arguments of `LSTMCell` after `units`.

    Call arguments:
        inputs: those of one step, `(batch, *spatial, channels)`.
        states: the list `[h, c]`, each of the shape of the output.
        training: whether to drop.
    """

    blocks = 4
    _settings = (
        "filters", "kernel_size", "strides", "padding", "data_format", "dilation_rate", "use_bias", "unit_forget_bias",
    )  # fmt: skip

    bias_initializer: Any

    def __init__(
        self,
        rank: int,
        filters: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: Any = 1,
        recurrent_activation: ActivationLike = "sigmoid",
        unit_forget_bias: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(filters, **kwargs)
        kind = type(self).__name__
        self.rank = rank
        self.filters = self.units
        self.kernel_size = tuple_of(kernel_size, rank, "kernel_size", kind)
        self.strides = tuple_of(strides, rank, "strides", kind)
        self.dilation_rate = tuple_of(dilation_rate, rank, "dilation_rate", kind)
        self.padding = windows.standardized_padding(padding, ("valid", "same"))
        self.data_format = standardize_data_format(data_format)
        self.unit_forget_bias = unit_forget_bias
        self._set_gates(recurrent_activation)
        self.implementation = 2  # one mask for all gates
        self._places: tuple[int | None, ...] = (None,) * rank

    @property
    def state_size(self) -> list[int]:
        """How many channels `h` and `c` have."""
        return [self.filters, self.filters]

    @property
    def _first(self) -> bool:
        return self.data_format == "channels_first"

    def places(self, input_shape: Any) -> tuple[int | None, ...]:
        """The sizes of an output, for the inputs of one step of this shape."""
        sizes = tuple(input_shape[2:] if self._first else input_shape[1:-1])
        return windows.places(sizes, self.kernel_size, self.strides, self.padding, self.dilation_rate)

    def state_shape(self, input_shape: Any) -> tuple[int | None, ...]:
        """The shape of each state, for the inputs of one step of this shape."""
        places = self.places(input_shape)
        return (input_shape[0], *((self.filters, *places) if self._first else (*places, self.filters)))

    def build(self, input_shape: Any) -> None:
        """Make the weights for the inputs of one step."""
        channels = input_shape[1 if self._first else -1]
        if channels is None:
            raise ValueError(
                f"the layer {self.name!r} needs to know how many channels its inputs have; received shape "
                f"{tuple(input_shape)}, data_format={self.data_format!r}"
            )
        self._places = self.places(input_shape)
        width = self.blocks * self.filters
        self.kernel = self._weight("kernel", "kernel", (*self.kernel_size, channels, width))
        self.recurrent_kernel = self._weight("recurrent_kernel", "recurrent", (*self.kernel_size, self.filters, width))
        if self.use_bias:
            first = forgetting_little(self.bias_initializer, self.filters) if self.unit_forget_bias else None
            self.bias = self._weight("bias", "bias", (width,), first)

    def get_initial_state(self, batch_size: int | None = None) -> list[Any]:
        """Zeros for `h` and `c`, of the sizes that the cell was built for."""
        shape = (self.filters, *self._places) if self._first else (*self._places, self.filters)
        return [np.zeros((batch_size, *shape), self.compute_dtype) for _ in self.state_size]

    def call(self, inputs: Any, states: Any, training: bool = False) -> Any:
        """The output of the step and the next states."""
        h, c = states
        factors, recurrent_factors = self._masks(inputs, h, training)
        inputs = inputs if factors is None else inputs * factors
        seen = h if recurrent_factors is None else h * recurrent_factors
        moves = (self.strides, self.padding, self.data_format, self.dilation_rate)
        sums = self._last(conv(inputs, self.kernel, *moves))
        if self.bias is not None:
            sums = sums + self.bias
        sums = sums + self._last(conv(seen, self.recurrent_kernel, 1, "same", self.data_format))
        h, c = lstm_step(sums, self._last(c), self.activation, self.recurrent_activation)
        h, c = windows.to_first(h, self._first), windows.to_first(c, self._first)
        return h, [h, c]

    def _last(self, image: Any) -> Any:
        return windows.to_last(image, self._first)
