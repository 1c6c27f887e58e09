"""The sum of several inputs."""

from __future__ import annotations

from typing import Any, Unpack

from kerasish.backend.operators import add as plus
from kerasish.layers.base.layer_options import LayerOptions
from kerasish.layers.merging.merge import Merge


class Add(Merge):
    """The sum of the inputs: where branches meet, as in a residual network.

    Args:
        **kwargs: `name`, `dtype`, `trainable` of `Layer`.

    Shapes: a list of inputs `(batch, ...)` that broadcast to each other after the batch, and their common shape.

    Raises:
        ValueError: if the inputs are not a list, or their shapes do not go together.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> x, y = np.array([[1.0, 4.0]], "float32"), np.array([[3.0, 2.0]], "float32")
        >>> keras.layers.Add()([x, y])
        array([[4., 6.]], dtype=float32)
    """

    _pair = staticmethod(plus)


def add(inputs: Any, **kwargs: Unpack[LayerOptions]) -> Any:
    """The sum of several tensors.

    Args:
        inputs: a list of tensors.
        **kwargs: arguments of the layer `Add`.
    """
    return Add(**kwargs)(inputs)
