"""What all convolution layers have in common: a window that moves, weights with their rules, bias and activation."""

from __future__ import annotations

from typing import Any, Unpack

import numpy as np

from kerasish import activations, regularizers
from kerasish.backend.sizes import tuple_of
from kerasish.backend.typing import ActivationLike, RegularizerLike, Sizes
from kerasish.layers.base.fused_activation import ActivatedLayer, shape_after
from kerasish.layers.base.input_spec import InputSpec
from kerasish.layers.base.layer_options import CommonOptions
from kerasish.layers.base.ruled_weights import RuledWeights
from kerasish.layers.base.spatial_layer import SpatialLayer
from kerasish.ops import convolution, windows


class WindowedLayer(ActivatedLayer, SpatialLayer, RuledWeights):
    """A layer that computes the same of every window of its input.

    A subclass says with `rank` how many spatial axes there are, and with `_settings` and `_roles` what its config
    lists: arguments as they are, and the prefixes of initializers, regularizers and constraints.

    Args:
        kernel_size: the window's sizes: a number, or one for each spatial axis.
        strides: the steps from window to window.
        padding: one of `_paddings`.
        data_format: `"channels_last"` or `"channels_first"`; `keras.config.image_data_format()` by default.
        dilation_rate: how far apart the numbers of a window are.
        activation: a name or function; None for the weighted sums themselves.
        use_bias: whether a bias is added.
        activity_regularizer: a penalty on the output.
        **kwargs: `name`, `dtype`, `trainable` of `Layer`.

    Raises:
        ValueError: if an argument is out of its range.
    """

    _paddings: tuple[str, ...] = ("valid", "same")

    def __init__(
        self,
        kernel_size: Sizes,
        strides: Sizes,
        padding: str,
        data_format: str | None,
        dilation_rate: Sizes,
        activation: ActivationLike,
        use_bias: bool,
        activity_regularizer: RegularizerLike,
        **kwargs: Unpack[CommonOptions],
    ) -> None:
        super().__init__(data_format, activity_regularizer=activity_regularizer, **kwargs)
        kind = type(self).__name__
        self.kernel_size = tuple_of(kernel_size, self.rank, "kernel_size", kind)
        self.strides = tuple_of(strides, self.rank, "strides", kind)
        self.dilation_rate = tuple_of(dilation_rate, self.rank, "dilation_rate", kind)
        self.padding = windows.standardized_padding(padding, self._paddings)
        self.activation = activations.get(activation)
        self.use_bias = use_bias
        self.input_spec = InputSpec(min_ndim=self.rank + 2, max_ndim=self.rank + 2)

    # -- arguments -------------------------------------------------------------------------------------------

    def _refuse_strides_with_dilation(self) -> None:
        if max(self.strides) > 1 and max(self.dilation_rate) > 1:
            raise ValueError(
                f"{type(self).__name__} takes either strides or a dilation_rate above 1, not both; received "
                f"strides={self.strides}, dilation_rate={self.dilation_rate}"
            )

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this layer anew."""
        return {
            **super().get_config(),
            **self._settings_config(),
            "activation": activations.serialize(self.activation),
            "use_bias": self.use_bias,
            **self._rules("initializer"),
            **self._rules("regularizer"),
            "activity_regularizer": regularizers.serialize(self.activity_regularizer),
            **self._rules("constraint"),
        }

    # -- building --------------------------------------------------------------------------------------------

    def _channels(self, input_shape: Any) -> int:
        self._sizes(input_shape)
        channels = input_shape[1 if self._channels_first else -1]
        if channels is None:
            raise ValueError(
                f"the layer {self.name!r} needs to know how many channels its inputs have; received shape "
                f"{tuple(input_shape)}, data_format={self.data_format!r}"
            )
        return channels

    def _accept(self, input_shape: Any) -> None:
        """Take inputs with so many channels from now on, if the window fits into them.

        Raises:
            ValueError: if it does not.
        """
        self._check_fit(input_shape)
        axes: dict[int, int | None] = {1 if self._channels_first else self.rank + 1: self._channels(input_shape)}
        self.input_spec = InputSpec(min_ndim=self.rank + 2, max_ndim=self.rank + 2, axes=axes)

    def _check_fit(self, input_shape: Any) -> None:
        try:
            self.compute_output_shape(input_shape)
        except ValueError as error:
            raise ValueError(
                f"the layer {self.name!r} does not fit its input of shape {tuple(input_shape)}: {error}"
            ) from error

    def _add_bias(self, filters: int) -> None:
        self.bias = self._weight("bias", "bias", (filters,)) if self.use_bias else None

    # -- calling ---------------------------------------------------------------------------------------------

    def call(self, inputs: Any) -> Any:
        """The weighted sums of every window through the activation."""
        try:
            return self._compute(inputs)
        except ValueError:
            self._check_fit(np.shape(inputs))  # says which layer it was, where sizes were unknown before
            raise

    def _compute(self, inputs: Any) -> Any:
        raise NotImplementedError

    def _image(self, inputs: Any) -> Any:
        """The inputs with their channels last."""
        return windows.to_last(inputs, self._channels_first)

    @property
    def _moves(self) -> dict[str, Any]:
        return {"strides": self.strides, "padding": self.padding, "dilation": self.dilation_rate}

    def _activated_sums(self, image: Any, kernel: Any, **moves: Any) -> Any:
        """The output, from an image with its channels last: bias and activation are computed along."""
        weights = (kernel,) if self.bias is None else (kernel, self.bias)
        y = convolution.convolution(image, *weights, activation=self._fused, **moves)
        y = self._in_format(y)
        return y if self._after is None else self._after(y)

    def _in_format(self, image: Any) -> Any:
        """The way back from `_image`."""
        return windows.to_first(image, self._channels_first)

    def _shape_of(self, batch: Any, sizes: tuple[Any, ...], channels: Any) -> tuple[Any, ...]:
        return shape_after(self.activation, super()._shape_of(batch, sizes, channels))

    def _shape_of_places(self, input_shape: Any, filters: int) -> tuple[int | None, ...]:
        """The shape of an output with a place for each window, None where the input's size is unknown."""
        moves = (self.kernel_size, self.strides, self.padding, self.dilation_rate)
        return self._shape_of(input_shape[0], windows.places(self._sizes(input_shape), *moves), filters)
