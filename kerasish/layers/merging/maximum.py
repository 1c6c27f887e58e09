"""The largest of several inputs."""

from __future__ import annotations

from typing import Any, Unpack

from kerasish.layers.base.layer_options import LayerOptions
from kerasish.layers.merging.merge import Merge
from kerasish.ops.elementwise import maximum as larger


class Maximum(Merge):
    """The largest of the inputs, element by element.

    Args:
        **kwargs: `name`, `dtype`, `trainable` of `Layer`.

    Shapes: a list of inputs `(batch, ...)` that broadcast to each other after the batch, and their common shape.

    Raises:
        ValueError: if the inputs are not a list, or their shapes do not go together.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> x, y = np.array([[1.0, 4.0]], "float32"), np.array([[3.0, 2.0]], "float32")
        >>> keras.layers.Maximum()([x, y])
        array([[3., 4.]], dtype=float32)
    """

    _pair = staticmethod(larger)


def maximum(inputs: Any, **kwargs: Unpack[LayerOptions]) -> Any:
    """The largest of several tensors, element by element.

    Args:
        inputs: a list of tensors.
        **kwargs: arguments of the layer `Maximum`.
    """
    return Maximum(**kwargs)(inputs)
