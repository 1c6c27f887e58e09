"""Pictures on their way to grey by chance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kerasish.layers.preprocessing.image.color_layer import ColorLayer
from kerasish.layers.preprocessing.image.picture_layer import factor_range, uniform
from kerasish.ops.colors import rgb_to_grayscale


class RandomColorDegeneration(ColorLayer):
    """In training, mixes each picture with itself in grey: `x * (1 - f) + grey * f`.

    Args:
        factor: the range of f: two numbers, or one for `(-factor, factor)`.
        value_range: the least and the largest value of a pixel.
        seed: a whole number, for the same numbers in every run.
        data_format: `"channels_last"` or `"channels_first"`.
        **kwargs: `name`, `dtype`, `trainable` of `Layer`.

    Shapes: the output has the shape of the input, one picture or a batch, in the layer's dtype.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> half = keras.layers.RandomColorDegeneration((0.5, 0.5))
        >>> half(np.array([[[200.0, 0.0, 0.0]]]), training=True)[0, 0].round(2)
        array([129.89,  29.89,  29.89], dtype=float32)
    """

    def __init__(
        self,
        factor: float | Sequence[float],
        value_range: Sequence[float] = (0, 255),
        data_format: str | None = None,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(value_range, data_format, seed, **kwargs)
        self.factor = factor_range(factor, "RandomColorDegeneration")

    def _draw(self, random: np.random.Generator, shape: tuple[int, ...]) -> Any:
        return {"factor": uniform(random, self.factor, (self._sizes(shape)[0], 1, 1, 1))}

    def _recolored(self, images: Any, transformation: Any) -> Any:
        factor = self._factors(transformation, "factor", images)
        return self._kept(images + (rgb_to_grayscale(images, self.data_format) - images) * factor)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "factor": self.factor}
