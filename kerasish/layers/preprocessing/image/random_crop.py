"""A part of pictures, from a place found by chance."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish.layers.preprocessing.image.resizing import SizedLayer
from kerasish.ops.framing import crop_images
from kerasish.ops.resampling import resize


class RandomCrop(SizedLayer):
    """In training, a part of the pictures of a batch, from one place found by chance.

    Otherwise, and for pictures that are too small, the largest part from the middle with the sides' ratio wanted,
    resized.

    Args:
        height, width: the size of the part.
        seed: a whole number, for the same places in every run.
        data_format: `"channels_last"` or `"channels_first"`.
        name: of the layer.
        **kwargs: `dtype`, `trainable` of `Layer`.

    Shapes: inputs `(batch, h, w, channels)` or one picture, outputs `(batch, height, width, channels)` in the layer's
    dtype.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.layers.RandomCrop(24, 24)(np.zeros((2, 32, 32, 3)), training=True).shape
        (2, 24, 24, 3)
    """

    def __init__(
        self,
        height: int,
        width: int,
        seed: int | None = None,
        data_format: str | None = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(data_format, seed, name=name, **kwargs)
        self._with_size(height, width)

    def _draw(self, random: np.random.Generator, shape: tuple[int, ...]) -> Any:
        _, high, wide = self._sizes(shape)
        if high < self.height or wide < self.width:
            return None
        return int(random.integers(high - self.height + 1)), int(random.integers(wide - self.width + 1))

    def transform_images(self, images: Any, transformation: Any = None, training: bool = True) -> Any:
        """The part that begins at `transformation`, (row, column); None resizes."""
        return self._part(self._floats(images), transformation, "bilinear")

    def transform_segmentation_masks(
        self, segmentation_masks: Any, transformation: Any = None, training: bool = True
    ) -> Any:
        """The same part of the masks."""
        return self._part(segmentation_masks, transformation, "nearest")

    def _part(self, images: Any, transformation: Any, interpolation: str) -> Any:
        size = (self.height, self.width)
        if transformation is None:
            return resize(images, size, interpolation, crop_to_aspect_ratio=True, data_format=self.data_format)
        top, left = (int(n) for n in transformation)
        return crop_images(
            images,
            top_cropping=top,
            left_cropping=left,
            target_height=self.height,
            target_width=self.width,
            data_format=self.data_format,
        )

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "seed": self.seed}
