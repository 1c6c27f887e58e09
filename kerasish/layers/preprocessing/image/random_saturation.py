"""Pictures with stronger or paler colours by chance."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish.layers.preprocessing.image.factor_layer import FactorLayer
from kerasish.layers.preprocessing.image.picture_layer import uniform
from kerasish.ops.colors import hsv_to_rgb, rgb_to_hsv
from kerasish.ops.joining import concatenate, split


class RandomSaturation(FactorLayer):
    """In training, multiplies the saturation of the colours of each picture.

    Args:
        factor: the range of a number u: two numbers, or one for `(-factor, factor)`. The saturation is multiplied by
            `u / (1 - u)`: by 1 where u is 0.5, all colours are grey where it is 0, and with
            more than 0.5 numbers may leave the range of values.
        value_range: the least and the largest value of a pixel.
        seed: a whole number, for the same numbers in every run.
        data_format: `"channels_last"` or `"channels_first"`.
        **kwargs: `name`, `dtype`, `trainable` of `Layer`.

    Shapes: the output has the shape of the input, one picture or a batch, in the layer's dtype.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> grey = keras.layers.RandomSaturation((0.0, 0.0))
        >>> grey(np.array([[[200.0, 100.0, 0.0]]]), training=True)[0, 0]
        array([200., 200., 200.], dtype=float32)
    """

    _lowest = None

    def _draw(self, random: np.random.Generator, shape: tuple[int, ...]) -> Any:
        drawn = uniform(random, self.factor, self._sizes(shape)[0])
        return {"factor": drawn / np.maximum(1 - drawn, np.float32(1e-7))}

    def _recolored(self, images: Any, transformation: Any) -> Any:
        hue, saturation, value = split(rgb_to_hsv(self._as_unit(images), self.data_format), 3, axis=self._channels)
        saturation = saturation * self._factors(transformation, "factor", images)
        mixed = concatenate([hue, saturation, value], axis=self._channels)
        return self._from_unit(hsv_to_rgb(mixed, self.data_format))
