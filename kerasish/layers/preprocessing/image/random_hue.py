"""Pictures in other hues by chance."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish.layers.preprocessing.image.factor_layer import FactorLayer
from kerasish.layers.preprocessing.image.picture_layer import uniform
from kerasish.ops.colors import hsv_to_rgb, rgb_to_hsv
from kerasish.ops.joining import concatenate, split


class RandomHue(FactorLayer):
    """In training, turns the hue of the colours of each picture.

    Args:
        factor: the range of the turn, to either side, in parts of half a circle: two numbers, or one for `(0, factor)`.
        value_range: the least and the largest value of a pixel.
        seed: a whole number, for the same numbers in every run.
        data_format: `"channels_last"` or `"channels_first"`.
        **kwargs: `name`, `dtype`, `trainable` of `Layer`.

    Shapes: the output has the shape of the input, one picture or a batch, in the layer's dtype.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.layers.RandomHue(0.1, seed=1)(np.full((4, 4, 3), 50.0), training=True).shape
        (4, 4, 3)
    """

    def _draw(self, random: np.random.Generator, shape: tuple[int, ...]) -> Any:
        count = self._sizes(shape)[0]
        turn = 0.5 * uniform(random, self.factor, count) * random.choice((-1, 1), count)
        return {"factor": turn.astype(np.float32)}

    def _recolored(self, images: Any, transformation: Any) -> Any:
        hue, saturation, value = split(rgb_to_hsv(self._as_unit(images), self.data_format), 3, axis=self._channels)
        hue = (hue + self._factors(transformation, "factor", images)) % 1
        mixed = concatenate([hue, saturation, value], axis=self._channels)
        return self._kept(self._from_unit(hsv_to_rgb(mixed, self.data_format)))
