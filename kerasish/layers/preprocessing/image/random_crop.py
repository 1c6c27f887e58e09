"""A part of pictures, from a place found by chance."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish.backend.random import SeedGenerator, generator
from kerasish.layers.preprocessing.image.resizing import SizedLayer
from kerasish.ops.framing import crop_images
from kerasish.ops.resampling import part_with_ratio, resize


class RandomCrop(SizedLayer):
    """In training, a part of the pictures of a batch, from one place found by chance; otherwise they stay whole.

    A picture that is not larger on both sides gives a part that begins where the largest one with the sides' ratio
    wanted would, in the middle; what is cut off by its edges is resized.

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

    rests = True

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
        """The pictures' shape and where the part begins, `(row, column)`."""
        found = super().get_random_transformation(data, training, seed)
        _, high, wide = self._sizes(found["input_shape"])
        if not training or high <= self.height or wide <= self.width:
            return {**found, "start": part_with_ratio(high, wide, self.height, self.width)[:2]}
        random = generator(self.generator if seed is None else seed)
        start = [int(random.integers(n)) for n in (high - self.height + 1, wide - self.width + 1)]
        return {**found, "start": tuple(start)}

    def transform_images(self, images: Any, transformation: Any = None, training: bool = True) -> Any:
        """In training, the part that begins at the `"start"` of the transformation, or at a pair of numbers."""
        return self._part(self._floats(images), transformation, "bilinear") if training else images

    def transform_segmentation_masks(
        self, segmentation_masks: Any, transformation: Any = None, training: bool = True
    ) -> Any:
        """The same part of the masks."""
        return self._part(segmentation_masks, transformation, "nearest") if training else segmentation_masks

    def _part(self, images: Any, transformation: Any, interpolation: str) -> Any:
        top, left, high, wide = self._box_seen(transformation, self._sizes(np.shape(images))[1:])
        part = crop_images(
            images,
            top_cropping=top,
            left_cropping=left,
            target_height=high,
            target_width=wide,
            data_format=self.data_format,
        )
        size = (self.height, self.width)
        return part if (high, wide) == size else resize(part, size, interpolation, data_format=self.data_format)

    def _size_before(self, transformation: Any) -> Any:
        return super()._size_before(transformation) if isinstance(transformation, dict) else (None, None)

    def _box_seen(self, transformation: Any, size: tuple[int, int]) -> tuple[int, int, int, int]:
        top, left = transformation["start"] if isinstance(transformation, dict) else transformation
        return int(top), int(left), min(self.height, size[0] - int(top)), min(self.width, size[1] - int(left))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "seed": self.seed}
