"""Pictures of one size."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish.backend.typing import Shape
from kerasish.layers.preprocessing.image.picture_layer import PictureLayer
from kerasish.ops.core import convert_to_tensor
from kerasish.ops.elementwise import where
from kerasish.ops.resampling import border_with_ratio, part_with_ratio, resize


class SizedLayer(PictureLayer):
    """A layer whose output has a height and a width of its own."""

    moves_pixels = True

    def _with_size(self, height: Any, width: Any) -> None:
        for name, value in (("height", height), ("width", width)):
            if isinstance(value, bool) or not isinstance(value, int) or value < 1:
                raise ValueError(
                    f"{type(self).__name__} needs as {name} a whole number of at least 1; received {name}={value!r}"
                )
        self.height, self.width = height, width

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        """The pictures' shape, by which boxes are moved; nothing is left to chance."""
        return {"input_shape": tuple(np.shape(data["images"] if isinstance(data, dict) else data))}

    def _size_before(self, transformation: Any) -> Any:
        return super()._size_before(transformation) if isinstance(transformation, dict) else transformation

    def _size_after(self, size: tuple[int, int]) -> tuple[int, int]:
        return self.height, self.width

    def _moved_boxes(self, boxes: Any, transformation: Any, size: tuple[int, int]) -> Any:
        top, left, high, wide = self._box_seen(transformation, size)
        ratio = np.array([self.width / wide, self.height / high] * 2, "float32")
        made = (boxes - np.array([left, top] * 2, "float32")) * ratio
        # what only fills up stays what it is
        none = np.logical_or((boxes == -1).all(-1), (boxes == 0).all(-1))
        return where(none[..., None], np.float32(0), made)

    def _box_seen(self, transformation: Any, size: tuple[int, int]) -> tuple[float, float, float, float]:
        """The part of the pictures that becomes the new ones: top, left, height, width."""
        raise NotImplementedError

    def compute_output_shape(self, input_shape: Shape) -> Any:
        """The shape of the input, with another height and width."""
        if isinstance(input_shape, dict):
            return {key: self.compute_output_shape(s) if key == "images" else s for key, s in input_shape.items()}
        rows = len(input_shape) + self._rows
        return (*input_shape[:rows], self.height, self.width, *input_shape[rows + 2 :])

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "height": self.height, "width": self.width}


class Resizing(SizedLayer):
    """Pictures of one size; see `keras.ops.image.resize`.

    Args:
        height, width: the size.
        interpolation: `"nearest"`, `"bilinear"`, `"bicubic"`, `"lanczos3"` or `"lanczos5"`.
        crop_to_aspect_ratio: cut first to the largest part with the sides' ratio wanted.
        pad_to_aspect_ratio: fill up first to that ratio.
        fill_mode: `"constant"`.
        fill_value: what is filled in.
        antialias: whether, in a smaller picture, the mean is taken over all that a new pixel covers.
        data_format: `"channels_last"` or `"channels_first"`.
        **kwargs: `name`, `dtype`, `trainable` of `Layer`.

    Shapes: inputs `(batch, h, w, channels)` or one picture, outputs `(batch, height, width, channels)`. Whole numbers
    stay whole numbers; floats become the layer's dtype.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.layers.Resizing(32, 48)(np.zeros((2, 100, 200, 3), "uint8")).shape
        (2, 32, 48, 3)
    """

    def __init__(
        self,
        height: int,
        width: int,
        interpolation: str = "bilinear",
        crop_to_aspect_ratio: bool = False,
        pad_to_aspect_ratio: bool = False,
        fill_mode: str = "constant",
        fill_value: float = 0.0,
        antialias: bool = False,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(data_format, **kwargs)
        self._with_size(height, width)
        self.interpolation, self.antialias = interpolation, antialias
        self.crop_to_aspect_ratio, self.pad_to_aspect_ratio = crop_to_aspect_ratio, pad_to_aspect_ratio
        self.fill_mode, self.fill_value = fill_mode, fill_value

    def _floats(self, images: Any) -> Any:
        images = convert_to_tensor(images)
        return images if "float" not in str(images.dtype) else super()._floats(images)

    def transform_images(self, images: Any, transformation: Any = None, training: bool = True) -> Any:
        """The pictures in the new size."""
        return self._resized(images, self.interpolation)

    def transform_segmentation_masks(
        self, segmentation_masks: Any, transformation: Any = None, training: bool = True
    ) -> Any:
        """The masks in the new size; a class stays a class."""
        return self._resized(segmentation_masks, "nearest")

    def _resized(self, images: Any, interpolation: str) -> Any:
        return resize(
            images,
            (self.height, self.width),
            interpolation,
            self.antialias,
            self.crop_to_aspect_ratio,
            self.pad_to_aspect_ratio,
            self.fill_mode,
            self.fill_value,
            self.data_format,
        )

    def _box_seen(self, transformation: Any, size: tuple[int, int]) -> tuple[float, float, float, float]:
        if self.crop_to_aspect_ratio:
            return part_with_ratio(*size, self.height, self.width)
        above, beside = border_with_ratio(*size, self.height, self.width) if self.pad_to_aspect_ratio else (0, 0)
        return -above, -beside, size[0] + 2 * above, size[1] + 2 * beside

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "interpolation": self.interpolation,
            "crop_to_aspect_ratio": self.crop_to_aspect_ratio,
            "pad_to_aspect_ratio": self.pad_to_aspect_ratio,
            "fill_mode": self.fill_mode,
            "fill_value": self.fill_value,
            "antialias": self.antialias,
        }
