"""Pictures as if their film had seen light."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kerasish.layers.preprocessing.image.color_layer import ColorLayer
from kerasish.layers.preprocessing.image.picture_layer import factor_range, uniform
from kerasish.ops.elementwise import where


class Solarization(ColorLayer):
    """In training, adds a number to each picture and turns what is above a threshold into its negative.

    Args:
        addition_factor: the upper end of the number, in parts of the range of values: one number, or the second of two.
            Its lower end is 0.
        threshold_factor: the upper end of the threshold, likewise.
        value_range: the least and the largest value of a pixel.
        seed: a whole number, for the same numbers in every run.
        **kwargs: `name`, `dtype`, `trainable` of `Layer`.

    Shapes: the output has the shape of the input, one picture or a batch, in the layer's dtype.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.layers.Solarization(0.0, 0.0)(np.array([[[55.0]]]), training=True)[0, 0]
        array([200.], dtype=float32)
    """

    def __init__(
        self,
        addition_factor: Any = 0.0,
        threshold_factor: Any = 0.0,
        value_range: Sequence[float] = (0, 255),
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(value_range, seed=seed, **kwargs)
        self.addition_factor = factor_range(addition_factor, "Solarization", 0, "addition_factor")
        self.threshold_factor = factor_range(threshold_factor, "Solarization", 0, "threshold_factor")

    def _draw(self, random: np.random.Generator, shape: tuple[int, ...]) -> Any:
        many = (self._sizes(shape)[0], 1, 1, 1)
        return {
            "additions": self._span * uniform(random, (0, self.addition_factor[1]), many),
            "thresholds": self._span * uniform(random, (0, self.threshold_factor[1]), many),
        }

    def _recolored(self, images: Any, transformation: Any) -> Any:
        low, high = self.value_range
        brighter = self._kept(images + self._factors(transformation, "additions", images))
        above = brighter >= self._factors(transformation, "thresholds", images) + low
        return where(above, low + high - brighter, brighter)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "addition_factor": self.addition_factor,
            "threshold_factor": self.threshold_factor,
        }
