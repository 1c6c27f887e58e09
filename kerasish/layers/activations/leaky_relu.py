"""The leaky rectified linear unit as a layer."""

from __future__ import annotations

from typing import Any, Unpack

from kerasish.activations.activations import leaky_relu
from kerasish.layers.base.layer_options import LayerOptions
from kerasish.layers.base.shape_preserving import ShapePreserving


class LeakyReLU(ShapePreserving):
    """`x` above 0 and `negative_slope * x` below, so that the gradient never vanishes.

    Args:
        negative_slope: the slope below 0.
        **kwargs: `name`, `dtype`, `trainable` of `Layer`; `alpha` is the older name of `negative_slope`.

    Shapes: the output has the shape of the input.

    Raises:
        ValueError: if the slope is negative or None.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.layers.LeakyReLU(negative_slope=0.5)(np.array([-1.0, 2.0], "float32"))
        array([-0.5,  2. ], dtype=float32)

    Source: Maas et al., 2013, Rectifier nonlinearities improve neural network acoustic models
    """

    def __init__(self, negative_slope: float = 0.3, **kwargs: Unpack[LayerOptions]) -> None:
        negative_slope = kwargs.pop("alpha", negative_slope)  # type: ignore[typeddict-item]  # its former name
        super().__init__(**kwargs)
        if negative_slope is None or negative_slope < 0:
            raise ValueError(
                f"LeakyReLU needs a negative_slope of at least 0; received negative_slope={negative_slope!r}"
            )
        self.negative_slope = negative_slope

    def call(self, inputs: Any) -> Any:
        """Each element, with the slope below 0."""
        return leaky_relu(inputs, self.negative_slope)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "negative_slope": self.negative_slope}
