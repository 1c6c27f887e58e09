"""The rectified linear unit as a layer."""

from __future__ import annotations

from typing import Any, Unpack

from kerasish.activations.activations import relu
from kerasish.layers.base.layer_options import LayerOptions
from kerasish.layers.base.shape_preserving import ShapePreserving


class ReLU(ShapePreserving):
    """`max(x, 0)`, and its variations.

    In full: `max_value` where `x >= max_value`, `x` where `threshold < x < max_value`, and
    `negative_slope * (x - threshold)` elsewhere.

    Args:
        max_value: the value at which the output saturates; None for none.
        negative_slope: the slope below the threshold.
        threshold: what `x` must exceed to pass.
        **kwargs: `name`, `dtype`, `trainable` of `Layer`.

    Shapes: the output has the shape of the input.

    Raises:
        ValueError: if one of the numbers is negative, or None where a number is needed.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.layers.ReLU(max_value=3.0)(np.array([-1.0, 2.0, 9.0], "float32"))
        array([0., 2., 3.], dtype=float32)

    Source: Nair & Hinton, 2010, Rectified linear units improve restricted Boltzmann machines
    """

    def __init__(
        self,
        max_value: float | None = None,
        negative_slope: float = 0.0,
        threshold: float = 0.0,
        **kwargs: Unpack[LayerOptions],
    ) -> None:
        super().__init__(**kwargs)
        if max_value is not None and max_value < 0:
            raise ValueError(f"ReLU needs a max_value of at least 0, or None; received max_value={max_value!r}")
        if negative_slope is None or negative_slope < 0:
            raise ValueError(f"ReLU needs a negative_slope of at least 0; received negative_slope={negative_slope!r}")
        if threshold is None or threshold < 0:
            raise ValueError(f"ReLU needs a threshold of at least 0; received threshold={threshold!r}")
        self.max_value = max_value
        self.negative_slope = negative_slope
        self.threshold = threshold

    def call(self, inputs: Any) -> Any:
        """The positive part of each element."""
        return relu(inputs, self.negative_slope, self.max_value, self.threshold)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "max_value": self.max_value,
            "negative_slope": self.negative_slope,
            "threshold": self.threshold,
        }
