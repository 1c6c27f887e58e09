"""Pictures blurred by chance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kerasish.backend.sizes import tuple_of
from kerasish.layers.preprocessing.image.color_layer import ColorLayer
from kerasish.layers.preprocessing.image.picture_layer import factor_range, happens, uniform
from kerasish.ops.elementwise import where
from kerasish.ops.filtering import gaussian_blur


class RandomGaussianBlur(ColorLayer):
    """In training, blurs pictures with a bell curve.

    Args:
        factor: the range of the probability that a picture is changed: two numbers, or one for `(0, factor)`.
        kernel_size: over how many pixels the mean goes: one number, or one for each axis.
        sigma: the range of the curve's deviation: two numbers, or one for `(0, sigma)`.
        value_range: the least and the largest value of a pixel.
        seed: a whole number, for the same numbers in every run.
        data_format: `"channels_last"` or `"channels_first"`.
        **kwargs: `name`, `dtype`, `trainable` of `Layer`.

    Shapes: the output has the shape of the input, one picture or a batch, in the layer's dtype.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.layers.RandomGaussianBlur(seed=1)(np.ones((8, 8, 3)), training=True).shape
        (8, 8, 3)
    """

    def __init__(
        self,
        factor: float | Sequence[float] = 1.0,
        kernel_size: Any = 3,
        sigma: Any = 1.0,
        value_range: Sequence[float] = (0, 255),
        data_format: str | None = None,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(value_range, data_format, seed, **kwargs)
        self.factor = factor_range(factor, "RandomGaussianBlur", 0)
        self.kernel_size = tuple_of(kernel_size, 2, "kernel_size", "RandomGaussianBlur")
        self.sigma = factor_range(sigma, "RandomGaussianBlur", 0, "sigma")

    def _draw(self, random: np.random.Generator, shape: tuple[int, ...]) -> Any:
        return {
            "should_apply_blur": happens(random, self.factor, self._sizes(shape)[0]),
            "blur_factor": np.maximum(uniform(random, self.sigma, 2), np.float32(1e-3)),
        }

    def _recolored(self, images: Any, transformation: Any) -> Any:
        sigma = np.asarray(transformation["blur_factor"])
        made = gaussian_blur(images, self.kernel_size, sigma, self.data_format)
        return self._kept(where(self._factors(transformation, "should_apply_blur", images), made, images))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "factor": self.factor, "kernel_size": self.kernel_size, "sigma": self.sigma}
