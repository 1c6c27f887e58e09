"""Pictures made to lean by chance."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish.layers.preprocessing.image.picture_layer import factor_range, uniform
from kerasish.layers.preprocessing.image.warping_layer import WarpingLayer, matrix_of


class RandomShear(WarpingLayer):
    """In training, shifts the rows of each picture the more the lower they are, and its columns likewise.

    Args:
        x_factor: the range of the ways, to either side, in pixels a row: two numbers, or one for `(0, factor)`.
        y_factor: the same for columns.
        interpolation, fill_mode, fill_value, data_format, seed: see `RandomRotation`.
        **kwargs: `name`, `dtype`, `trainable` of `Layer`.

    Shapes: the output has the shape of the input, one picture or a batch, in the layer's dtype.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.layers.RandomShear(0.2, 0.1, seed=1)(np.ones((8, 8, 3)), training=True).shape
        (8, 8, 3)
    """

    def __init__(
        self,
        x_factor: Any = 0.0,
        y_factor: Any = 0.0,
        interpolation: str = "bilinear",
        fill_mode: str = "reflect",
        fill_value: float = 0.0,
        data_format: str | None = None,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(fill_mode, interpolation, fill_value, data_format, seed, **kwargs)
        self.x_factor = factor_range(x_factor, "RandomShear", 0, "x_factor")
        self.y_factor = factor_range(y_factor, "RandomShear", 0, "y_factor")

    def _draw(self, random: np.random.Generator, shape: tuple[int, ...]) -> Any:
        count = self._sizes(shape)[0]
        ways = [uniform(random, ends, count) * random.choice((-1, 1), count) for ends in (self.x_factor, self.y_factor)]
        return {"shear_factor": np.stack(ways, axis=1).astype(np.float32)}

    def _matrix(self, transformation: Any, height: int, width: int) -> np.ndarray:
        x, y = np.asarray(transformation["shear_factor"], np.float64).T
        return matrix_of(1, x, 0, y, 1, 0)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "x_factor": self.x_factor, "y_factor": self.y_factor}
