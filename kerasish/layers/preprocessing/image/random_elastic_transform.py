"""Pictures bent like rubber by chance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kerasish.layers.preprocessing.image.color_layer import ColorLayer
from kerasish.layers.preprocessing.image.picture_layer import factor_range, happens
from kerasish.ops.elementwise import where
from kerasish.ops.warping import elastic_transform


class RandomElasticTransform(ColorLayer):
    """In training, bends pictures as `keras.ops.image.elastic_transform` does, each in its own way.

    Args:
        factor: the range of the probability that a picture is changed: two numbers, or one for `(0, factor)`.
        scale: the range of a number s, drawn for each batch: two numbers, or one for `(0, scale)`. Pixels move by
            `alpha = s / 10` of the longer side, with `sigma = s / 20` of the shorter.
        interpolation, fill_mode, fill_value: see `keras.ops.image.affine_transform`.
        value_range: the least and the largest value of a pixel.
        seed: a whole number, for the same changes in every run.
        data_format: `"channels_last"` or `"channels_first"`.
        **kwargs: `name`, `dtype`, `trainable` of `Layer`.

    Shapes: the output has the shape of the input, one picture or a batch, in the layer's dtype.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.layers.RandomElasticTransform(seed=1)(np.ones((2, 8, 8, 3)), training=True).shape
        (2, 8, 8, 3)
    """

    moves_pixels = True

    def __init__(
        self,
        factor: float | Sequence[float] = 1.0,
        scale: Any = 1.0,
        interpolation: str = "bilinear",
        fill_mode: str = "reflect",
        fill_value: float = 0.0,
        value_range: Sequence[float] = (0, 255),
        seed: int | None = None,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(value_range, data_format, seed, **kwargs)
        self.factor = factor_range(factor, "RandomElasticTransform", 0)
        self.scale = factor_range(scale, "RandomElasticTransform", 0, "scale")
        self.interpolation, self.fill_mode, self.fill_value = interpolation, fill_mode, fill_value

    def _draw(self, random: np.random.Generator, shape: tuple[int, ...]) -> Any:
        return {
            "apply_transform": happens(random, self.factor, self._sizes(shape)[0]),
            "distortion_factor": np.float32(random.uniform(*self.scale)),
            "seed": int(random.integers(2**31)),
        }

    def get_elastic_transform_params(self, height: int, width: int, factor: float) -> tuple[float, float]:
        """How far pixels of pictures of this size move, and how smoothly: `(alpha, sigma)`."""
        return 0.1 * max(height, width) * factor, 0.05 * min(height, width) * factor

    def _bent(self, images: Any, transformation: Any, interpolation: str) -> Any:
        _, height, width = self._sizes(np.shape(images))
        alpha, sigma = self.get_elastic_transform_params(height, width, float(transformation["distortion_factor"]))
        made = elastic_transform(
            images,
            alpha,
            max(sigma, 1e-3),
            interpolation,
            self.fill_mode,
            self.fill_value,
            transformation["seed"],
            self.data_format,
        )
        return where(self._each(transformation["apply_transform"], images), made, images)

    def _recolored(self, images: Any, transformation: Any) -> Any:
        return self._kept(self._bent(images, transformation, self.interpolation))

    def transform_segmentation_masks(
        self, segmentation_masks: Any, transformation: Any = None, training: bool = True
    ) -> Any:
        """The masks, bent as the pictures are; a class stays a class."""
        if transformation is None:
            return segmentation_masks
        return self._bent(self._floats(segmentation_masks), transformation, "nearest")

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "factor": self.factor,
            "scale": self.scale,
            "interpolation": self.interpolation,
            "fill_mode": self.fill_mode,
            "fill_value": self.fill_value,
        }
