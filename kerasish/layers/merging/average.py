"""The mean of several inputs."""

from __future__ import annotations

from typing import Any, Unpack

from kerasish.backend.operators import add, divide
from kerasish.layers.base.layer_options import LayerOptions
from kerasish.layers.merging.merge import Merge


class Average(Merge):
    """The mean of the inputs, element by element.

    Args:
        **kwargs: `name`, `dtype`, `trainable` of `Layer`.

    Shapes: a list of inputs `(batch, ...)` that broadcast to each other after the batch, and their common shape.

    Raises:
        ValueError: if the inputs are not a list, or their shapes do not go together.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> x, y = np.array([[1.0, 4.0]], "float32"), np.array([[3.0, 2.0]], "float32")
        >>> keras.layers.Average()([x, y])
        array([[2., 3.]], dtype=float32)
    """

    _pair = staticmethod(add)

    def _merge(self, inputs: Any) -> Any:
        return divide(super()._merge(inputs), len(inputs))


def average(inputs: Any, **kwargs: Unpack[LayerOptions]) -> Any:
    """The mean of several tensors, element by element.

    Args:
        inputs: a list of tensors.
        **kwargs: arguments of the layer `Average`.
    """
    return Average(**kwargs)(inputs)
