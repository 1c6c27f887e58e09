"""Pictures turned by chance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kerasish.layers.preprocessing.image.picture_layer import factor_range, uniform
from kerasish.layers.preprocessing.image.warping_layer import WarpingLayer, matrix_of


class RandomRotation(WarpingLayer):
    """In training, turns each picture about its middle by an angle of its own.

    Args:
        factor: the range of angles in parts of a full turn: two numbers, or one for `(-factor, factor)`. Positive
            angles turn counterclockwise.
        fill_mode: what stands outside: `"reflect"`, `"constant"`, `"wrap"` or `"nearest"`.
        interpolation: `"nearest"` or `"bilinear"`.
        seed: a whole number, for the same angles in every run.
        fill_value: the constant.
        data_format: `"channels_last"` or `"channels_first"`.
        **kwargs: `name`, `dtype`, `trainable` of `Layer`.

    Shapes: the output has the shape of the input, one picture or a batch, in the layer's dtype.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> quarter = keras.layers.RandomRotation((0.25, 0.25), interpolation="nearest")
        >>> quarter(np.arange(4.0).reshape(2, 2, 1), training=True)[..., 0]
        array([[1., 3.],
               [0., 2.]], dtype=float32)
    """

    def __init__(
        self,
        factor: float | Sequence[float],
        fill_mode: str = "reflect",
        interpolation: str = "bilinear",
        seed: int | None = None,
        fill_value: float = 0.0,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(fill_mode, interpolation, fill_value, data_format, seed, **kwargs)
        self.factor = factor_range(factor, "RandomRotation")

    def _draw(self, random: np.random.Generator, shape: tuple[int, ...]) -> Any:
        return {"angle": 360 * uniform(random, self.factor, self._sizes(shape)[0])}

    def _matrix(self, transformation: Any, height: int, width: int) -> np.ndarray:
        angle = np.deg2rad(np.asarray(transformation["angle"], np.float64))
        c, s = np.cos(angle), np.sin(angle)
        x, y = width - 1, height - 1
        return matrix_of(c, -s, (x - (c * x - s * y)) / 2, s, c, (y - (s * x + c * y)) / 2)

    def _size_before(self, transformation: Any) -> Any:
        if "image_height" in transformation:  # as Keras has it
            return transformation["image_height"], transformation["image_width"]
        return super()._size_before(transformation)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "factor": self.factor}
