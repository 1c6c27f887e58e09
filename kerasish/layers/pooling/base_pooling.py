"""What the layers that pool by windows have in common."""

from __future__ import annotations

from typing import Any, Unpack

import numpy as np

from kerasish.backend.sizes import tuple_of
from kerasish.backend.typing import Shape, Sizes
from kerasish.layers.base.input_spec import InputSpec
from kerasish.layers.base.layer_options import BareOptions
from kerasish.layers.base.spatial_layer import SpatialLayer
from kerasish.ops import windows


class BasePooling(SpatialLayer):
    """One number for each window of each channel.

    Args:
        pool_size: the window's sizes: a number, or one for each spatial axis.
        strides: the steps from window to window; those of `pool_size` by default.
        padding: `"valid"`, only windows inside, or `"same"`, for as many as there are strides.
        data_format: `"channels_last"` or `"channels_first"`; `keras.config.image_data_format()` by default.
        name: the layer's name.
        **kwargs: `dtype`, `trainable` of `Layer`.

    Raises:
        ValueError: if an argument is out of its range, or the window does not fit into the image.
    """

    def __init__(
        self,
        pool_size: Sizes,
        strides: Sizes | None = None,
        padding: str = "valid",
        data_format: str | None = None,
        name: str | None = None,
        **kwargs: Unpack[BareOptions],
    ) -> None:
        super().__init__(data_format, name=name, **kwargs)
        self.input_spec = InputSpec(ndim=self.rank + 2)
        kind = type(self).__name__
        self.pool_size = tuple_of(pool_size, self.rank, "pool_size", kind)
        self.strides = self.pool_size if strides is None else tuple_of(strides, self.rank, "strides", kind)
        self.padding = windows.standardized_padding(padding)
        self.built = True

    def call(self, inputs: Any) -> Any:
        """The numbers of all windows."""
        first = self._channels_first
        image = windows.to_last(inputs, first)
        window = self._moved(windows.moving, np.shape(image)[1:-1], np.shape(inputs))
        return windows.to_first(self._pooled(image, window), first)

    def _pooled(self, image: Any, window: windows.Window) -> Any:
        """The numbers of all windows of an image with its channels last."""
        raise NotImplementedError

    def _moved(self, move: Any, sizes: tuple[Any, ...], shape: Any) -> Any:
        """What a function of `ops.windows` says about the window."""
        try:
            return move(sizes, self.pool_size, self.strides, self.padding, (1,) * self.rank)
        except ValueError as error:
            raise ValueError(
                f"the layer {self.name!r} does not fit its input of shape {tuple(shape)} with "
                f"data_format={self.data_format!r}: {error}"
            ) from error

    def compute_output_shape(self, input_shape: Shape) -> tuple[int | None, ...]:
        """The sizes of the output, None where the input's are unknown.

        Raises:
            ValueError: if the rank is another, or the window does not fit.
        """
        sizes = self._moved(windows.places, self._sizes(input_shape), input_shape)
        return self._with_sizes(sizes, input_shape)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this layer anew."""
        return {
            **super().get_config(),
            "pool_size": self.pool_size,
            "padding": self.padding,
            "strides": self.strides,
            "data_format": self.data_format,
        }
