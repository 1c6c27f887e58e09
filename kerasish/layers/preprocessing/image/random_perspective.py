"""Pictures seen from elsewhere by chance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kerasish.layers.preprocessing.image.picture_layer import RandomPictureLayer, factor_range, happens
from kerasish.ops.boxes import moved
from kerasish.ops.elementwise import where
from kerasish.ops.warping import homography, perspective_transform


class RandomPerspective(RandomPictureLayer):
    """In training, moves the corners of pictures, each coordinate by a share of itself.

    Args:
        factor: the range of the probability that a picture is changed: two numbers, or one for `(0, factor)`.
        scale: how far: a coordinate is multiplied by a number between `1 - scale / 2` and `1 + scale / 2`.
        interpolation: `"nearest"` or `"bilinear"`.
        fill_value: what stands outside.
        seed: a whole number, for the same changes in every run.
        data_format: `"channels_last"` or `"channels_first"`.
        **kwargs: `name`, `dtype`, `trainable` of `Layer`.

    Shapes: the output has the shape of the input, one picture or a batch, in the layer's dtype.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.layers.RandomPerspective(scale=0.3, seed=1)(np.ones((2, 8, 8, 3)), training=True).shape
        (2, 8, 8, 3)
    """

    moves_pixels = True

    def __init__(
        self,
        factor: float | Sequence[float] = 1.0,
        scale: float = 1.0,
        interpolation: str = "bilinear",
        fill_value: float = 0.0,
        seed: int | None = None,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(data_format, seed, **kwargs)
        self.factor = factor_range(factor, "RandomPerspective", 0)
        self.scale, self.interpolation, self.fill_value = scale, interpolation, fill_value

    def _draw(self, random: np.random.Generator, shape: tuple[int, ...]) -> Any:
        count, height, width = self._sizes(shape)
        x, y = float(width - 1), float(height - 1)
        start = np.tile(np.array([[[0, 0], [x, 0], [0, y], [x, y]]], np.float32), (count, 1, 1))
        moved = start * (1 + random.uniform(-self.scale / 2, self.scale / 2, start.shape))
        return {
            "apply_perspective": happens(random, self.factor, count),
            "start_points": start,
            "end_points": moved.astype(np.float32),
        }

    def _seen(self, images: Any, transformation: Any, interpolation: str) -> Any:
        if transformation is None:
            return images
        start, end = (np.asarray(transformation[key]) for key in ("start_points", "end_points"))
        made = perspective_transform(images, start, end, interpolation, self.fill_value, self.data_format)
        return where(self._each(transformation["apply_perspective"], images), made, images)

    def transform_images(self, images: Any, transformation: Any = None, training: bool = True) -> Any:
        """The pictures, with their corners moved where the transformation says so."""
        return self._seen(self._floats(images), transformation, self.interpolation)

    def transform_segmentation_masks(
        self, segmentation_masks: Any, transformation: Any = None, training: bool = True
    ) -> Any:
        """The masks, moved as the pictures are."""
        return self._seen(segmentation_masks, transformation, "nearest")

    def _moved_boxes(self, boxes: Any, transformation: Any, size: tuple[int, int]) -> Any:
        start, end = (np.asarray(transformation[key], np.float64) for key in ("start_points", "end_points"))
        numbers = homography(end, start)
        whole = np.concatenate([numbers, np.ones((len(numbers), 1))], axis=1).reshape(-1, 3, 3)
        changed = np.asarray(transformation["apply_perspective"]).reshape(-1, 1, 1)
        return where(changed, moved(boxes, whole.astype("float32")), boxes)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "factor": self.factor,
            "scale": self.scale,
            "interpolation": self.interpolation,
            "fill_value": self.fill_value,
        }
