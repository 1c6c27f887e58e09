"""A penalty on what flows through."""

from __future__ import annotations

from typing import Any, Unpack

from kerasish.layers.base.layer_options import CommonOptions
from kerasish.layers.base.shape_preserving import ShapePreserving
from kerasish.regularizers.regularizers import L1L2


class ActivityRegularization(ShapePreserving):
    """The inputs themselves, with `l1 Σ|x| + l2 Σx²`, divided by the number of samples, added to the loss.

    Args:
        l1: the weight of the sum of absolute values.
        l2: the weight of the sum of squares.
        **kwargs: `name`, `dtype`, `trainable` of `Layer`.

    Shapes: the output has the shape of the input.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> layer = keras.layers.ActivityRegularization(l1=0.5)
        >>> _ = layer(np.ones((2, 3), "float32"))
        >>> float(layer.losses[0])
        1.5
    """

    def __init__(self, l1: float = 0.0, l2: float = 0.0, **kwargs: Unpack[CommonOptions]) -> None:
        super().__init__(activity_regularizer=L1L2(l1=l1, l2=l2), **kwargs)
        self.l1 = l1
        self.l2 = l2

    def call(self, inputs: Any) -> Any:
        """The inputs."""
        return inputs

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        del config["activity_regularizer"]
        return {**config, "l1": self.l1, "l2": self.l2}
