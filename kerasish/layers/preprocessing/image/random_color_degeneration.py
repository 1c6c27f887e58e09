"""Pictures on their way to grey by chance."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish.layers.preprocessing.image.factor_layer import FactorLayer
from kerasish.layers.preprocessing.image.picture_layer import uniform
from kerasish.ops.colors import rgb_to_grayscale


class RandomColorDegeneration(FactorLayer):
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

    _lowest = None

    def _draw(self, random: np.random.Generator, shape: tuple[int, ...]) -> Any:
        return {"factor": uniform(random, self.factor, (self._sizes(shape)[0], 1, 1, 1))}

    def _recolored(self, images: Any, transformation: Any) -> Any:
        factor = self._factors(transformation, "factor", images)
        return self._kept(images + (rgb_to_grayscale(images, self.data_format) - images) * factor)
