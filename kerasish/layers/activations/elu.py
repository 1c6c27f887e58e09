"""The exponential linear unit as a layer."""

from __future__ import annotations

from typing import Any, Unpack

from kerasish.activations.activations import elu
from kerasish.layers.base.layer_options import LayerOptions
from kerasish.layers.base.shape_preserving import ShapePreserving


class ELU(ShapePreserving):
    """`x` above 0 and `alpha * (exp(x) - 1)` below.

    Args:
        alpha: minus the value far below 0.
        **kwargs: `name`, `dtype`, `trainable` of `Layer`.

    Shapes: the output has the shape of the input.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.layers.ELU()(np.array([-1.0, 2.0], "float32")).round(3)
        array([-0.632,  2.   ], dtype=float32)

    Source: Clevert et al., 2016, https://arxiv.org/abs/1511.07289
    """

    def __init__(self, alpha: float = 1.0, **kwargs: Unpack[LayerOptions]) -> None:
        super().__init__(**kwargs)
        self.alpha = alpha

    def call(self, inputs: Any) -> Any:
        """Each element through the unit."""
        return elu(inputs, self.alpha)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "alpha": self.alpha}
