"""Pictures seen from nearer or farther by chance."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish.layers.preprocessing.image.picture_layer import factor_range, uniform
from kerasish.layers.preprocessing.image.warping_layer import WarpingLayer, matrix_of


class RandomZoom(WarpingLayer):
    """In training, makes each picture larger or smaller about its middle, its size staying.

    Args:
        height_factor: the range of how much more is seen from top to bottom, in parts of the height: two numbers, or
            one for `(-factor, factor)`. 0.2 shows everything smaller, -0.2 larger.
        width_factor: the same from left to right; by default the sides keep their ratio.
        fill_mode, interpolation, seed, fill_value, data_format: see `RandomRotation`.
        **kwargs: `name`, `dtype`, `trainable` of `Layer`.

    Shapes: the output has the shape of the input, one picture or a batch, in the layer's dtype.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> near = keras.layers.RandomZoom((-0.5, -0.5))
        >>> near(np.arange(3.0).reshape(1, 3, 1), training=True)[0, :, 0]
        array([0.5, 1. , 1.5], dtype=float32)
    """

    def __init__(
        self,
        height_factor: Any,
        width_factor: Any = None,
        fill_mode: str = "reflect",
        interpolation: str = "bilinear",
        seed: int | None = None,
        fill_value: float = 0.0,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(fill_mode, interpolation, fill_value, data_format, seed, **kwargs)
        self.height_factor, self.width_factor = height_factor, width_factor
        self._height = factor_range(height_factor, "RandomZoom", name="height_factor")
        self._width = None
        if width_factor is not None:
            self._width = factor_range(width_factor, "RandomZoom", name="width_factor")

    def _draw(self, random: np.random.Generator, shape: tuple[int, ...]) -> Any:
        many = (self._sizes(shape)[0], 1)
        high = 1 + uniform(random, self._height, many)
        wide = high if self._width is None else 1 + uniform(random, self._width, many)
        return {"height_zoom": high, "width_zoom": wide}

    def _matrix(self, transformation: Any, height: int, width: int) -> np.ndarray:
        high = np.asarray(transformation["height_zoom"], np.float64).reshape(-1)
        wide = np.asarray(transformation["width_zoom"], np.float64).reshape(-1)
        return matrix_of(wide, 0, (width - 1) * (1 - wide) / 2, 0, high, (height - 1) * (1 - high) / 2)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "height_factor": self.height_factor, "width_factor": self.width_factor}
