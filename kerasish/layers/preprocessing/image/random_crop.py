"""A part of pictures, from a place found by chance."""

from __future__ import annotations

from typing import Any

from kerasish.backend.random import SeedGenerator, generator
from kerasish.layers.preprocessing.image.resizing import SizedLayer
from kerasish.ops.framing import crop_images
from kerasish.ops.resampling import part_with_ratio, resize


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
        self.generator = SeedGenerator(seed)

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        """The pictures' shape and where the part begins, `(row, column)`; None for pictures that are resized."""
        found = super().get_random_transformation(data, training, seed)
        _, high, wide = self._sizes(found["input_shape"])
        if not training or high < self.height or wide < self.width:
            return {**found, "start": None}
        random = generator(self.generator if seed is None else seed)
        start = [int(random.integers(n)) for n in (high - self.height + 1, wide - self.width + 1)]
        return {**found, "start": tuple(start)}

    def transform_images(self, images: Any, transformation: Any = None, training: bool = True) -> Any:
        """The part that begins at the `"start"` of the transformation, or at a pair of numbers; None resizes."""
        return self._part(self._floats(images), transformation, "bilinear")

    def transform_segmentation_masks(
        self, segmentation_masks: Any, transformation: Any = None, training: bool = True
    ) -> Any:
        """The same part of the masks."""
        return self._part(segmentation_masks, transformation, "nearest")

    def _part(self, images: Any, transformation: Any, interpolation: str) -> Any:
        size, start = (self.height, self.width), _start(transformation)
        if start is None:
            return resize(images, size, interpolation, crop_to_aspect_ratio=True, data_format=self.data_format)
        top, left = start
        return crop_images(
            images,
            top_cropping=top,
            left_cropping=left,
            target_height=self.height,
            target_width=self.width,
            data_format=self.data_format,
        )

    def _size_before(self, transformation: Any) -> Any:
        return super()._size_before(transformation) if isinstance(transformation, dict) else (None, None)

    def _box_seen(self, transformation: Any, size: tuple[int, int]) -> tuple[float, float, float, float]:
        start = _start(transformation)
        return part_with_ratio(*size, self.height, self.width) if start is None else (*start, self.height, self.width)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "seed": self.seed}


def _start(transformation: Any) -> tuple[int, int] | None:
    found = transformation["start"] if isinstance(transformation, dict) else transformation
    return None if found is None else (int(found[0]), int(found[1]))
