"""Pictures made brighter or darker by chance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kerasish.layers.preprocessing.image.color_layer import ColorLayer
from kerasish.layers.preprocessing.image.picture_layer import factor_range, uniform


class RandomBrightness(ColorLayer):
    """In training, adds a number to each picture.

    Args:
        factor: the range of the number, in parts of the range of values: two numbers, or one for `(-factor, factor)`.
        value_range: the least and the largest value of a pixel.
        seed: a whole number, for the same numbers in every run.
        **kwargs: `name`, `dtype`, `trainable` of `Layer`.

    Shapes: the output has the shape of the input, one picture or a batch, in the layer's dtype.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> brighter = keras.layers.RandomBrightness((0.2, 0.2))
        >>> brighter(np.array([[[10.0], [250.0]]]), training=True)[0, :, 0]
        array([ 61., 255.], dtype=float32)
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
        self.factor = factor_range(factor, "RandomBrightness")

    def _draw(self, random: np.random.Generator, shape: tuple[int, ...]) -> Any:
        count = self._sizes(shape)[0]
        return {"rgb_delta": self._span * uniform(random, self.factor, (count, 1, 1, 1))}

    def _recolored(self, images: Any, transformation: Any) -> Any:
        return self._kept(images + self._factors(transformation, "rgb_delta", images))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "factor": self.factor}
