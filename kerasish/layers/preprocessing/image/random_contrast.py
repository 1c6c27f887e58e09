"""Pictures with more or less contrast by chance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kerasish.layers.preprocessing.image.color_layer import ColorLayer
from kerasish.layers.preprocessing.image.picture_layer import factor_range, uniform
from kerasish.ops.reduction import mean


class RandomContrast(ColorLayer):
    """In training, moves each channel of each picture away from its mean, or nearer: `(x - mean) * c + mean`.

    Args:
        factor: the bounds of c: two numbers for `1 - lower` and `1 + upper`, or one for `(0, factor)`.
        value_range: the least and the largest value of a pixel.
        seed: a whole number, for the same numbers in every run.
        **kwargs: `name`, `dtype`, `trainable` of `Layer`.

    Shapes: the output has the shape of the input, one picture or a batch, in the layer's dtype.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> more = keras.layers.RandomContrast((0.0, 0.5), seed=1)
        >>> y = more(np.array([[[100.0], [200.0]]]), training=True)[0, :, 0]
        >>> float(y.mean())
        150.0
    """

    rests = True

    def __init__(
        self,
        factor: float | Sequence[float],
        value_range: Sequence[float] = (0, 255),
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(value_range, seed=seed, **kwargs)
        self.factor = factor_range(factor, "RandomContrast", 0)

    def _draw(self, random: np.random.Generator, shape: tuple[int, ...]) -> Any:
        ends = (1 - self.factor[0], 1 + self.factor[1])
        return {"contrast_factor": uniform(random, ends, (self._sizes(shape)[0], 1, 1, 1))}

    def _recolored(self, images: Any, transformation: Any) -> Any:
        means = mean(images, axis=(self._rows, self._rows + 1), keepdims=True)
        return self._kept((images - means) * self._factors(transformation, "contrast_factor", images) + means)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "factor": self.factor}
