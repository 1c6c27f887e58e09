"""Pictures shifted by chance."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish.layers.preprocessing.image.picture_layer import factor_range, uniform
from kerasish.layers.preprocessing.image.warping_layer import WarpingLayer, matrix_of


class RandomTranslation(WarpingLayer):
    """In training, shifts each picture by a way of its own.

    Args:
        height_factor: the range of the ways down, in parts of the height: two numbers, or one for `(-factor, factor)`.
        width_factor: the same to the right, in parts of the width.
        fill_mode, interpolation, seed, fill_value, data_format: see `RandomRotation`.
        **kwargs: `name`, `dtype`, `trainable` of `Layer`.

    Shapes: the output has the shape of the input, one picture or a batch, in the layer's dtype.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> shift = keras.layers.RandomTranslation(0.0, (0.25, 0.25), fill_mode="constant")
        >>> shift(np.ones((1, 4, 1)), training=True)[0, :, 0]
        array([0., 1., 1., 1.], dtype=float32)
    """

    def __init__(
        self,
        height_factor: Any,
        width_factor: Any,
        fill_mode: str = "reflect",
        interpolation: str = "bilinear",
        seed: int | None = None,
        fill_value: float = 0.0,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(fill_mode, interpolation, fill_value, data_format, seed, **kwargs)
        self.height_factor, self.width_factor = height_factor, width_factor
        self._height = factor_range(height_factor, "RandomTranslation", name="height_factor")
        self._width = factor_range(width_factor, "RandomTranslation", name="width_factor")

    def _draw(self, random: np.random.Generator, shape: tuple[int, ...]) -> Any:
        count, height, width = self._sizes(shape)
        down = height * uniform(random, self._height, count)
        return {"translations": np.stack([width * uniform(random, self._width, count), down], axis=1)}

    def _matrix(self, transformation: Any, height: int, width: int) -> np.ndarray:
        right, down = np.asarray(transformation["translations"], np.float64).T
        return matrix_of(1, 0, -right, 0, 1, -down)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "height_factor": self.height_factor, "width_factor": self.width_factor}
