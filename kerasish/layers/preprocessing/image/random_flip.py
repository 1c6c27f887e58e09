"""Pictures mirrored by chance."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish.layers.preprocessing.image.picture_layer import RandomPictureLayer
from kerasish.ops.elementwise import where
from kerasish.ops.joining import concatenate, split
from kerasish.ops.shape import flip

_MODES = ("horizontal", "vertical", "horizontal_and_vertical")


class RandomFlip(RandomPictureLayer):
    """In training, mirrors every other picture.

    Args:
        mode: `"horizontal"` swaps left and right, `"vertical"` top and bottom, `"horizontal_and_vertical"` both
            at once.
        seed: a whole number, for the same choices in every run.
        data_format: `"channels_last"` or `"channels_first"`.
        **kwargs: `name`, `dtype`, `trainable` of `Layer`.

    Shapes: the output has the shape of the input, one picture or a batch, in the layer's dtype.

    Raises:
        ValueError: if the mode has another name.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> x = np.repeat(np.arange(2.0).reshape(1, 1, 2, 1), 100, axis=0)
        >>> flipped = keras.layers.RandomFlip("horizontal", seed=1)(x, training=True)
        >>> 30 < int((flipped[:, 0, 0, 0] == 1).sum()) < 70
        True
    """

    moves_pixels = True

    def __init__(
        self,
        mode: str = "horizontal_and_vertical",
        seed: int | None = None,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(data_format, seed, **kwargs)
        if mode not in _MODES:
            raise ValueError(f"RandomFlip needs as mode one of {', '.join(map(repr, _MODES))}; received mode={mode!r}")
        self.mode = mode

    def _draw(self, random: np.random.Generator, shape: tuple[int, ...]) -> Any:
        return {"flips": (random.random(self._sizes(shape)[0]) < 0.5).reshape(-1, 1, 1, 1)}

    def _flipped(self, images: Any, transformation: Any) -> Any:
        if transformation is None:
            return images
        axes = [self._rows] * ("vertical" in self.mode) + [self._rows + 1] * ("horizontal" in self.mode)
        return where(self._each(transformation["flips"], images), flip(images, tuple(axes)), images)

    def transform_images(self, images: Any, transformation: Any = None, training: bool = True) -> Any:
        """The pictures, mirrored where the transformation says so."""
        return self._flipped(self._floats(images), transformation)

    def transform_segmentation_masks(
        self, segmentation_masks: Any, transformation: Any = None, training: bool = True
    ) -> Any:
        """The masks, mirrored as the pictures are."""
        return self._flipped(segmentation_masks, transformation)

    def _moved_boxes(self, boxes: Any, transformation: Any, size: tuple[int, int]) -> Any:
        height, width = size
        left, top, right, bottom = split(boxes, 4, axis=-1)
        if "horizontal" in self.mode:
            left, right = width - right, width - left
        if "vertical" in self.mode:
            top, bottom = height - bottom, height - top
        flips = np.asarray(transformation["flips"]).reshape(-1, 1, 1)
        return where(flips, concatenate([left, top, right, bottom], axis=-1), boxes)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "mode": self.mode}
