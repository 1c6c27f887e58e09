"""Pictures in grey by chance."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish.layers.preprocessing.image.picture_layer import PictureLayer, factor_range
from kerasish.ops.colors import rgb_to_grayscale
from kerasish.ops.elementwise import where


class RandomGrayscale(PictureLayer):
    """In training, turns a share of the pictures grey, with as many channels as before.

    Args:
        factor: the probability that a picture is changed.
        data_format: `"channels_last"` or `"channels_first"`.
        seed: a whole number, for the same choices in every run.
        **kwargs: `name`, `dtype`, `trainable` of `Layer`.

    Shapes: the output has the shape of the input, one picture or a batch, in the layer's dtype.

    Raises:
        ValueError: if the factor is not from 0 to 1.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.layers.RandomGrayscale(1.0)(np.array([[[255.0, 0.0, 0.0]]]), training=True)[0, 0].round(1)
        array([76.2, 76.2, 76.2], dtype=float32)
    """

    rests = True

    def __init__(
        self, factor: float = 0.5, data_format: str | None = None, seed: int | None = None, **kwargs: Any
    ) -> None:
        super().__init__(data_format, seed, **kwargs)
        _, self.factor = factor_range(factor, "RandomGrayscale", 0)
        if not 0 <= factor <= 1:
            raise ValueError(f"RandomGrayscale needs as factor a probability, from 0 to 1; received factor={factor!r}")

    def _draw(self, random: np.random.Generator, shape: tuple[int, ...]) -> Any:
        return (random.random(self._sizes(shape)[0]) < self.factor).reshape(-1, 1, 1, 1)

    def transform_images(self, images: Any, transformation: Any = None, training: bool = True) -> Any:
        """The pictures, grey where the transformation says so; None changes nothing."""
        images = self._floats(images)
        if transformation is None:
            return images
        return where(self._each(transformation, images), rgb_to_grayscale(images, self.data_format), images)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "factor": self.factor}
