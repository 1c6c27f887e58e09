"""Pictures as their negatives by chance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kerasish.layers.preprocessing.image.factor_layer import FactorLayer
from kerasish.layers.preprocessing.image.picture_layer import happens
from kerasish.ops.elementwise import where


class RandomInvert(FactorLayer):
    """In training, turns pictures into their negatives: `low + high - x`.

    Args:
        factor: the range of the probability that a picture is changed: two numbers, or one for `(0, factor)`.
        value_range: the least and the largest value of a pixel.
        seed: a whole number, for the same numbers in every run.
        data_format: `"channels_last"` or `"channels_first"`.
        **kwargs: `name`, `dtype`, `trainable` of `Layer`.

    Shapes: the output has the shape of the input, one picture or a batch, in the layer's dtype.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.layers.RandomInvert((1.0, 1.0))(np.array([[[55.0]]]), training=True)[0, 0]
        array([200.], dtype=float32)
    """

    def __init__(
        self,
        factor: float | Sequence[float] = 1.0,
        value_range: Sequence[float] = (0, 255),
        seed: int | None = None,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(factor, value_range, data_format, seed, **kwargs)

    def _draw(self, random: np.random.Generator, shape: tuple[int, ...]) -> Any:
        return {"apply_inversion": happens(random, self.factor, self._sizes(shape)[0])}

    def _recolored(self, images: Any, transformation: Any) -> Any:
        chosen = self._factors(transformation, "apply_inversion", images)
        return where(chosen, sum(self.value_range) - images, images)
