"""Normalization by the root of the mean square."""

from __future__ import annotations

from typing import Any, Unpack

from kerasish.backend.typing import Axes, Shape
from kerasish.layers.base.layer_options import LayerOptions
from kerasish.layers.base.shape_preserving import ShapePreserving
from kerasish.layers.normalization.axes import checked_axis, sizes_along
from kerasish.ops.normalization import rms_normalization


class RMSNormalization(ShapePreserving):
    """`scale x / √(mean(x²) + epsilon)`, the mean along `axis`: a `LayerNormalization` without the mean.

    Args:
        axis: the axis, or axes, averaged over.
        epsilon: keeps the division finite.
        **kwargs: `name`, `dtype`, `trainable` of `Layer`.

    Shapes: the output has the shape of the input; `scale` has its sizes along `axis`.

    Raises:
        TypeError: if `axis` is neither a whole number nor several.
        ValueError: if it does not exist in the inputs.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.layers.RMSNormalization(epsilon=0.0)(np.array([[3.0, -3.0]], "float32"))
        array([[ 1., -1.]], dtype=float32)

    Source: Zhang & Sennrich, 2019, https://arxiv.org/abs/1910.07467
    """

    def __init__(self, axis: Axes = -1, epsilon: float = 1e-6, **kwargs: Unpack[LayerOptions]) -> None:
        super().__init__(**kwargs)
        self.built = self.supports_masking = False
        self.axis = checked_axis(axis, "RMSNormalization")
        self.epsilon = epsilon

    def build(self, input_shape: Shape) -> None:
        """Make the scale for inputs of this shape."""
        sizes = sizes_along(self.axis, input_shape, self.name)
        self.scale = self.add_weight(name="scale", shape=sizes, initializer="ones")

    def call(self, x: Any) -> Any:
        """The inputs normalized along the axes."""
        y = rms_normalization.forward(x, self.scale.read(), self.axis, self.epsilon)
        return y if y.dtype == self._compute_kind else y.astype(self.compute_dtype)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "axis": self.axis, "epsilon": self.epsilon}
