"""Windows of sequences and images, each with weights of its own."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from kerasish.backend.operators import matmul
from kerasish.backend.typing import ActivationLike, ConstraintLike, InitializerLike, RegularizerLike
from kerasish.layers.convolutional.windowed_layer import WindowedLayer
from kerasish.ops import windows
from kerasish.ops.indexing import take
from kerasish.ops.shape import moveaxis, reshape

_ONE_BLOCK_A_PLACE, _DENSE, _SPARSE = 1, 2, 3


class _Wiring(NamedTuple):
    """Which number of the input meets which of the kernel, by place, number of the window, and filter.

    Attributes:
        inputs: the position in the flat input, `(places, window)`.
        weights: the position in the flat kernel, `(places, window, filters)`.
        exists: whether the window has a number there, `(places, window, 1)`; outside the image it has none.
    """

    inputs: np.ndarray
    weights: np.ndarray
    exists: np.ndarray


class BaseLocallyConnected(WindowedLayer):
    """A convolution whose kernel is another one at every place."""

    _settings = ("filters", "kernel_size", "strides", "padding", "data_format", "implementation")
    _roles = ("kernel", "bias")

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        data_format: str | None = None,
        activation: ActivationLike = None,
        use_bias: bool = True,
        kernel_initializer: InitializerLike = "glorot_uniform",
        bias_initializer: InitializerLike = "zeros",
        kernel_regularizer: RegularizerLike = None,
        bias_regularizer: RegularizerLike = None,
        activity_regularizer: RegularizerLike = None,
        kernel_constraint: ConstraintLike = None,
        bias_constraint: ConstraintLike = None,
        implementation: int = 1,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            kernel_size, strides, padding, data_format, 1, activation, use_bias, activity_regularizer, **kwargs
        )
        self.filters = self._positive(filters, "filters")
        if implementation not in (_ONE_BLOCK_A_PLACE, _DENSE, _SPARSE):
            raise ValueError(f"{type(self).__name__} has the implementations 1, 2 and 3; received {implementation!r}")
        if self.padding != "valid" and implementation == _ONE_BLOCK_A_PLACE:
            raise ValueError(
                f"{type(self).__name__} takes padding={self.padding!r} with implementation=2 or 3 only: with 1 every "
                "place has a whole window"
            )
        self.implementation = implementation
        self._set_rules("kernel", kernel_initializer, kernel_regularizer, kernel_constraint)
        self._set_rules("bias", bias_initializer, bias_regularizer, bias_constraint)

    def build(self, input_shape: Any) -> None:
        """Make the kernels and biases for inputs of this shape."""
        sizes = self._sizes(input_shape)
        if None in sizes:
            raise ValueError(
                f"the layer {self.name!r} has a kernel for every place, so it needs to know all sizes of its inputs; "
                f"received shape {tuple(input_shape)}"
            )
        self._accept(input_shape)
        channels = self._channels(input_shape)
        moves = (self.kernel_size, self.strides, self.padding, self.dilation_rate)
        self._places: tuple[int, ...] = tuple(windows.places(sizes, *moves))
        self._wiring = self._wired(sizes, channels)
        self.kernel = self._weight("kernel", "kernel", self._kernel_shape(sizes, channels))
        self.bias = self._weight("bias", "bias", (*self._places, self.filters)) if self.use_bias else None

    def _kernel_shape(self, sizes: tuple[int, ...], channels: int) -> tuple[int, ...]:
        if self.implementation == _ONE_BLOCK_A_PLACE:
            return math.prod(self._places), math.prod(self.kernel_size) * channels, self.filters
        if self.implementation == _DENSE:
            return (*self._in_order(sizes, channels), *self._in_order(self._places, self.filters))
        return (int(self._wiring.exists.sum()) * self.filters,)

    def _in_order(self, spatial: tuple[Any, ...], channels: Any) -> tuple[Any, ...]:
        return (channels, *spatial) if self._channels_first else (*spatial, channels)

    def _wired(self, sizes: tuple[int, ...], channels: int) -> _Wiring:
        """The positions of what belongs together, for every place, number of the window, and filter."""
        rank = self.rank
        # Unlike that of a convolution, the middle of a window that reaches outside is at the place itself.
        before = [k // 2 if self.padding == "same" else 0 for k in self.kernel_size]
        grid = np.indices((*self._places, *self.kernel_size, channels))
        place, within, channel = grid[:rank], grid[rank : 2 * rank], grid[-1]
        moves = zip(place, within, self.strides, before, strict=True)
        at = [p * stride + w - b for p, w, stride, b in moves]
        exists = np.logical_and.reduce([(a >= 0) & (a < n) for a, n in zip(at, sizes, strict=True)])
        at = [np.clip(a, 0, n - 1) for a, n in zip(at, sizes, strict=True)]
        parts = [
            np.ravel_multi_index(self._in_order(tuple(at), channel), self._in_order(sizes, channels)),
            np.ravel_multi_index(tuple(place), self._places),
            exists,
        ]
        inputs, places, exists = (self._by_place(part) for part in parts)
        return _Wiring(inputs, self._weights(inputs, places, exists, math.prod(sizes) * channels), exists[..., None])

    def _by_place(self, part: np.ndarray) -> np.ndarray:
        """A position for each place and each number of its window, whose channels come where those of an image do."""
        if self._channels_first:
            part = np.moveaxis(part, -1, self.rank)
        return part.reshape(math.prod(self._places), -1)

    def _weights(self, inputs: np.ndarray, places: np.ndarray, exists: np.ndarray, total: int) -> np.ndarray:
        """The position in the flat kernel for every place, number of the window, and filter."""
        shape = (*inputs.shape, self.filters)
        if self.implementation == _ONE_BLOCK_A_PLACE:
            return np.arange(math.prod(shape)).reshape(shape)
        count, filters = math.prod(self._places), np.arange(self.filters)
        at = places[..., None]
        outputs = filters * count + at if self._channels_first else at * len(filters) + filters
        if self.implementation == _DENSE:
            return inputs[..., None] * (count * self.filters) + outputs
        pairs = np.where(exists[..., None], outputs * total + inputs[..., None], -1)
        return np.maximum(np.searchsorted(np.unique(pairs[pairs >= 0]), pairs), 0)

    def _compute(self, inputs: Any) -> Any:
        wiring = self._wiring
        batch = inputs.shape[0]
        kernel = take(reshape(self.kernel, (-1,)), wiring.weights, axis=0)
        if not wiring.exists.all():
            kernel = kernel * wiring.exists.astype(kernel.dtype)
        seen = take(reshape(inputs, (batch, -1)), wiring.inputs, axis=1)
        sums = moveaxis(matmul(moveaxis(seen, 1, 0), kernel), 0, 1)
        y = self._in_format(reshape(sums, (batch, *self._places, self.filters)))
        if self.bias is not None:
            # Not transposed: Keras reads the numbers of the bias as if they were in the order of the output.
            y = y + reshape(self.bias, self._in_order(self._places, self.filters))
        return y if self.activation is None else self.activation(y)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The sizes of the output."""
        return self._shape_of_places(input_shape, self.filters)


class LocallyConnected1D(BaseLocallyConnected):
    """Weighted sums of every window of a sequence, with other weights at every place.

    Args: those of `LocallyConnected2D`; `kernel_size` and `strides` are one number.

    Shapes: inputs `(batch, steps, channels)`, output `(batch, new steps, filters)`.

    Example:
        >>> import numpy as np
        >>> LocallyConnected1D(4, 3)(np.ones((2, 10, 3), "float32")).shape
        (2, 8, 4)
    """

    rank = 1


class LocallyConnected2D(BaseLocallyConnected):
    """Weighted sums of every window of an image, with other weights at every place.

    Like a convolution, but what is learned at one place is not known at another. A layer of Keras 1 and 2.

    Args:
        filters: how many sums are formed of each window, the number of channels of the output.
        kernel_size: the window's sizes: a number, or one for each spatial axis.
        strides: the steps from window to window.
        padding: `"valid"`, or `"same"` if `implementation` is 2 or 3.
        data_format: `"channels_last"` or `"channels_first"`; `keras.config.image_data_format()` by default.
        activation: a name or function; None for the weighted sums themselves.
        use_bias: whether a bias is added, another one at every place.
        kernel_initializer, bias_initializer: the first values of the weights.
        kernel_regularizer, bias_regularizer: penalties on the weights, added to the loss.
        activity_regularizer: a penalty on the output.
        kernel_constraint, bias_constraint: projections of the weights after each update.
        implementation: how the kernel is kept: 1, a block for each place; 2, one matrix from all inputs to all outputs,
            most of which is not used; 3, only the numbers of that matrix that are used. The results are the same.
        **kwargs: `name`, `dtype`, `trainable` of `Layer`.

    Shapes: inputs `(batch, rows, columns, channels)`, output `(batch, new rows, new columns,
    filters)`; with the channels second if `data_format` says so.

    Raises:
        ValueError: if an argument is out of its range, or a spatial size of the input is not known.

    Example:
        >>> import numpy as np
        >>> LocallyConnected2D(4, 3)(np.ones((2, 6, 5, 3), "float32")).shape
        (2, 4, 3, 4)

    Source: LeCun, Generalization and network design strategies (1989)
    """

    rank = 2
