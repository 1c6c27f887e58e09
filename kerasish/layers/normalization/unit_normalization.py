"""Vectors of length one."""

from __future__ import annotations

from typing import Any, Unpack

from kerasish.backend.typing import Axes
from kerasish.layers.base.layer_options import LayerOptions
from kerasish.layers.base.shape_preserving import ShapePreserving
from kerasish.layers.normalization.axes import checked_axis
from kerasish.ops.normalization import normalize


class UnitNormalization(ShapePreserving):
    """`x / ‖x‖`, with the Euclidean length along `axis`.

    Args:
        axis: the axis, or axes, along which the length becomes 1.
        **kwargs: `name`, `dtype`, `trainable` of `Layer`.

    Shapes: the output has the shape of the input.

    Raises:
        TypeError: if `axis` is neither a whole number nor several.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.layers.UnitNormalization()(np.array([[3.0, 4.0]], "float32"))
        array([[0.6, 0.8]], dtype=float32)
    """

    def __init__(self, axis: Axes = -1, **kwargs: Unpack[LayerOptions]) -> None:
        super().__init__(**kwargs)
        self.axis = checked_axis(axis, "UnitNormalization")
        self._axes = tuple(self.axis) if isinstance(self.axis, list) else self.axis

    def call(self, inputs: Any) -> Any:
        """The inputs, divided by their length; what is 0 stays 0."""
        return normalize.forward(inputs, axis=self._axes, order=2, epsilon=1e-12)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "axis": self.axis}
