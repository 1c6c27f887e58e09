"""The cosine between the vectors of two inputs."""

from __future__ import annotations

from typing import Any

from kerasish.layers.merging.dot import Dot
from kerasish.ops.elementwise import maximum, sqrt

# What keeps the division finite where a vector is zero.
_LEAST_LENGTH = 1e-7


class CosineMerge(Dot):
    """`a · b / √((a · a) (b · b))`, each product as `Dot` forms it: Keras 1's `Merge` with `mode="cos"`.

    Args:
        axes: the axis along which products are summed, counted with the batch; one for both inputs, or two.
        **kwargs: `name`, `dtype`, `trainable` of `Layer`.

    Shapes: those of `Dot`: two inputs `(batch, n)` give `(batch, 1)`.

    Example:
        >>> import numpy as np
        >>> CosineMerge(axes=1)([np.array([[3.0, 4.0]], "float32"), np.array([[2.0, 0.0]], "float32")])
        array([[0.6]], dtype=float32)
    """

    def __init__(self, axes: Any, **kwargs: Any) -> None:
        kwargs.pop("normalize", None)
        super().__init__(axes, **kwargs)

    def call(self, inputs: Any) -> Any:
        """The cosines."""
        a, b = inputs
        product = super().call
        return product([a, b]) / maximum(sqrt(product([a, a]) * product([b, b])), _LEAST_LENGTH)
