"""The smallest of several inputs."""

from __future__ import annotations

from typing import Any, Unpack

from kerasish.layers.base.layer_options import LayerOptions
from kerasish.layers.merging.merge import Merge
from kerasish.ops.elementwise import minimum as smaller


class Minimum(Merge):
    """The smallest of the inputs, element by element.

    Args:
        **kwargs: `name`, `dtype`, `trainable` of `Layer`.

    Shapes: a list of inputs `(batch, ...)` that broadcast to each other after the batch, and their common shape.

    Raises:
        ValueError: if the inputs are not a list, or their shapes do not go together.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> x, y = np.array([[1.0, 4.0]], "float32"), np.array([[3.0, 2.0]], "float32")
        >>> keras.layers.Minimum()([x, y])
        array([[1., 2.]], dtype=float32)
    """

    _pair = staticmethod(smaller)


def minimum(inputs: Any, **kwargs: Unpack[LayerOptions]) -> Any:
    """The smallest of several tensors, element by element.

    Args:
        inputs: a list of tensors.
        **kwargs: arguments of the layer `Minimum`.
    """
    return Minimum(**kwargs)(inputs)
