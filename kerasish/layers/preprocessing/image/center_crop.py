"""The middle of pictures."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish.layers.preprocessing.image.resizing import SizedLayer
from kerasish.ops.framing import crop_images
from kerasish.ops.resampling import part_with_ratio, resize


class CenterCrop(SizedLayer):
    """The middle of pictures; those that are too small are resized, cut to the sides' ratio.

    Args:
        height, width: the size of the part.
        data_format: `"channels_last"` or `"channels_first"`.
        **kwargs: `name`, `dtype`, `trainable` of `Layer`.

    Shapes: inputs `(batch, h, w, channels)` or one picture, outputs `(batch, height, width, channels)` in the layer's
    dtype.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.layers.CenterCrop(1, 2)(np.arange(4.0).reshape(1, 4, 1))[0, :, 0]
        array([1., 2.], dtype=float32)
    """

    def __init__(self, height: int, width: int, data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(data_format, **kwargs)
        self._with_size(height, width)

    def transform_images(self, images: Any, transformation: Any = None, training: bool = True) -> Any:
        """The middle of the pictures."""
        return self._middle(self._floats(images), "bilinear")

    def transform_segmentation_masks(
        self, segmentation_masks: Any, transformation: Any = None, training: bool = True
    ) -> Any:
        """The middle of the masks."""
        return self._middle(segmentation_masks, "nearest")

    def _box_seen(self, transformation: Any, size: tuple[int, int]) -> tuple[float, float, float, float]:
        high, wide = size
        if high < self.height or wide < self.width:
            return part_with_ratio(high, wide, self.height, self.width)
        return (high - self.height) // 2, (wide - self.width) // 2, self.height, self.width

    def _middle(self, images: Any, interpolation: str) -> Any:
        _, high, wide = self._sizes(np.shape(images))
        if high < self.height or wide < self.width:
            return resize(
                images,
                (self.height, self.width),
                interpolation,
                crop_to_aspect_ratio=True,
                data_format=self.data_format,
            )
        return crop_images(
            images,
            top_cropping=(high - self.height) // 2,
            left_cropping=(wide - self.width) // 2,
            target_height=self.height,
            target_width=self.width,
            data_format=self.data_format,
        )
