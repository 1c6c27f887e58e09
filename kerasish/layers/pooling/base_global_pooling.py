"""What the layers that make one number of each channel have in common."""

from __future__ import annotations

from typing import Any, Unpack

import numpy as np

from kerasish.backend.typing import Shape
from kerasish.layers.base.input_spec import InputSpec
from kerasish.layers.base.layer_options import LayerOptions
from kerasish.layers.base.spatial_layer import SpatialLayer
from kerasish.ops import reduction


class BaseGlobalPooling(SpatialLayer):
    """One number for each channel.

    Args:
        data_format: `"channels_last"` or `"channels_first"`; `keras.config.image_data_format()` by default.
        keepdims: whether the spatial axes stay, with size one.
        **kwargs: `name`, `dtype`, `trainable` of `Layer`.
    """

    def __init__(self, data_format: str | None = None, keepdims: bool = False, **kwargs: Unpack[LayerOptions]) -> None:
        super().__init__(data_format, **kwargs)
        self.input_spec = InputSpec(ndim=self.rank + 2)
        self.keepdims = bool(keepdims)
        self.built = True

    def compute_output_shape(self, input_shape: Shape) -> tuple[int | None, ...]:
        """The samples and the channels.

        Raises:
            ValueError: if the rank is another.
        """
        sizes = self._sizes(input_shape)
        return self._with_sizes((1,) * len(sizes) if self.keepdims else (), input_shape)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this layer anew."""
        return {**super().get_config(), "data_format": self.data_format, "keepdims": self.keepdims}


class BaseGlobalMaxPooling(BaseGlobalPooling):
    """The largest number of each channel."""

    def call(self, inputs: Any) -> Any:
        """The largest number of each channel.

        Raises:
            ValueError: if there is none.
        """
        if 0 in self._sizes(np.shape(inputs)):
            raise ValueError(
                f"the layer {self.name!r} finds no largest number where there is none; received inputs of shape "
                f"{tuple(np.shape(inputs))} with data_format={self.data_format!r}"
            )
        return reduction.max(inputs, axis=self._axes, keepdims=self.keepdims)


class BaseGlobalAveragePooling(BaseGlobalPooling):
    """The mean of each channel."""

    def call(self, inputs: Any) -> Any:
        """The mean of each channel."""
        return reduction.mean(inputs, axis=self._axes, keepdims=self.keepdims)
