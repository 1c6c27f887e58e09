"""The layer that does nothing."""

from __future__ import annotations

from typing import Any

from kerasish.backend import nest
from kerasish.backend.symbolic import KerasTensor
from kerasish.layers.base.shape_preserving import ShapePreserving


class Identity(ShapePreserving):
    """The inputs themselves: a placeholder where a layer is expected.

    Args:
        **kwargs: `name`, `dtype`, `trainable` of `Layer`.

    Shapes: the output has the shape of the input.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.layers.Identity()(np.ones(2, "float32"))
        array([1., 1.], dtype=float32)
    """

    def call(self, inputs: Any) -> Any:
        """The inputs."""
        return inputs

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The shape of the input, or the structure of shapes."""
        return input_shape

    def compute_output_spec(self, inputs: Any, **kwargs: Any) -> Any:
        return nest.map_structure(lambda x: KerasTensor(x.shape, x.dtype), inputs)
