"""The difference of two inputs."""

from __future__ import annotations

from typing import Any, Unpack

from kerasish.backend.operators import subtract as minus
from kerasish.layers.base.layer_options import LayerOptions
from kerasish.layers.merging.merge import Merge


class Subtract(Merge):
    """The first input less the second.

    Args:
        **kwargs: `name`, `dtype`, `trainable` of `Layer`.

    Shapes: a list of two inputs `(batch, ...)` that broadcast to each other after the batch, and their common shape.

    Raises:
        ValueError: if the inputs are not two, or their shapes do not go together.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> x, y = np.array([[1.0, 4.0]], "float32"), np.array([[3.0, 2.0]], "float32")
        >>> keras.layers.Subtract()([x, y])
        array([[-2.,  2.]], dtype=float32)
    """

    def build(self, input_shape: Any) -> None:
        """Check that there are two inputs, and that they go together."""
        super().build(input_shape)
        if len(input_shape) != 2:
            raise ValueError(f"the layer {self.name!r} subtracts one input from another; received {len(input_shape)}")

    def _merge(self, inputs: Any) -> Any:
        return minus(inputs[0], inputs[1])


def subtract(inputs: Any, **kwargs: Unpack[LayerOptions]) -> Any:
    """The first of two tensors less the second.

    Args:
        inputs: a list of two tensors.
        **kwargs: arguments of the layer `Subtract`.
    """
    return Subtract(**kwargs)(inputs)
