"""Pictures made sharper or softer by chance."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish.layers.preprocessing.image.factor_layer import FactorLayer
from kerasish.layers.preprocessing.image.picture_layer import uniform
from kerasish.ops.convolution import depthwise_conv


class RandomSharpness(FactorLayer):
    """In training, moves each picture away from itself smoothed, or nearer: `x + (2 f - 1) (x - smooth)`.

    Args:
        factor: the range of f: two numbers, or one for `(0, factor)`. 0.5 changes nothing, 0 smooths, 1 sharpens.
        value_range: the least and the largest value of a pixel.
        seed: a whole number, for the same numbers in every run.
        data_format: `"channels_last"` or `"channels_first"`.
        **kwargs: `name`, `dtype`, `trainable` of `Layer`.

    Shapes: the output has the shape of the input, one picture or a batch, in the layer's dtype.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.layers.RandomSharpness((0.5, 0.5))(np.full((1, 1, 1), 50.0), training=True)[0, 0]
        array([50.], dtype=float32)
    """

    rests = False

    def _draw(self, random: np.random.Generator, shape: tuple[int, ...]) -> Any:
        return {"factor": uniform(random, self.factor, self._sizes(shape)[0])}

    def _recolored(self, images: Any, transformation: Any) -> Any:
        batch = images if np.ndim(images) == 4 else np.expand_dims(images, 0)
        channels = np.shape(images)[self._channels]
        kernel = np.ones((3, 3, channels, 1), self.compute_dtype)
        kernel[1, 1] = 5
        smooth = depthwise_conv(batch, kernel / 13, 1, "same", self.data_format)
        smooth = smooth if np.ndim(images) == 4 else np.squeeze(smooth, 0)
        return self._kept(images + (2 * self._factors(transformation, "factor", images) - 1) * (images - smooth))
