"""The base of layers that turn, shear, scale and shift pictures."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish.layers.preprocessing.image.picture_layer import RandomPictureLayer
from kerasish.ops.boxes import moved
from kerasish.ops.warping import affine_transform

_MODES = ("reflect", "constant", "wrap", "nearest")


class WarpingLayer(RandomPictureLayer):
    """A layer whose pixels are taken from elsewhere: `x' = a0 x + a1 y + a2`, `y' = b0 x + b1 y + b2`.

    Args:
        fill_mode: what stands outside: `"reflect"`, `"constant"`, `"wrap"` or `"nearest"`.
        interpolation: `"nearest"` or `"bilinear"`.
        fill_value: the constant.
        data_format, seed, **kwargs: see `PictureLayer`.

    Raises:
        ValueError: if a mode or an interpolation has another name.
    """

    moves_pixels = True

    def __init__(
        self,
        fill_mode: str,
        interpolation: str,
        fill_value: float,
        data_format: str | None,
        seed: int | None,
        **kwargs: Any,
    ) -> None:
        super().__init__(data_format, seed, **kwargs)
        name = type(self).__name__
        if fill_mode not in _MODES:
            raise ValueError(f"{name} fills by {', '.join(map(repr, _MODES))}; received fill_mode={fill_mode!r}")
        if interpolation not in ("nearest", "bilinear"):
            raise ValueError(f"{name} interpolates 'nearest' or 'bilinear'; received interpolation={interpolation!r}")
        self.fill_mode, self.interpolation, self.fill_value = fill_mode, interpolation, fill_value

    def _matrix(self, transformation: Any, height: int, width: int) -> np.ndarray:
        """`[a0, a1, a2, b0, b1, b2]` for each picture: `(batch, 6)`."""
        raise NotImplementedError

    def _warped(self, images: Any, transformation: Any, interpolation: str) -> Any:
        if transformation is None:
            return images
        _, height, width = self._sizes(np.shape(images))
        numbers = self._matrix(transformation, height, width)
        flat = np.concatenate([numbers, np.zeros((len(numbers), 2))], axis=1)
        if np.ndim(images) == 3:
            flat = flat[0]
        return affine_transform(images, flat, interpolation, self.fill_mode, self.fill_value, self.data_format)

    def transform_images(self, images: Any, transformation: Any = None, training: bool = True) -> Any:
        """The pictures, each moved in its own way; None moves nothing."""
        return self._warped(self._floats(images), transformation, self.interpolation)

    def transform_segmentation_masks(
        self, segmentation_masks: Any, transformation: Any = None, training: bool = True
    ) -> Any:
        """The masks, moved as the pictures are; a class stays a class."""
        return self._warped(segmentation_masks, transformation, "nearest")

    def get_transformed_x_y(self, x: Any, y: Any, transform: Any) -> tuple[Any, Any]:
        """Where points lie after the eight numbers of a perspective: `(a₀ x + a₁ y + a₂) / (c₀ x + c₁ y + 1)`.

        Args:
            x, y: the points, `(..., 1)`.
            transform: `(..., 8)`: `a₀ a₁ a₂ b₀ b₁ b₂ c₀ c₁`.
        """
        a0, a1, a2, b0, b1, b2, c0, c1 = np.split(np.asarray(transform), 8, axis=-1)
        scale = c0 * x + c1 * y + 1
        return (a0 * x + a1 * y + a2) / scale, (b0 * x + b1 * y + b2) / scale

    def get_shifted_bbox(self, bounding_boxes: Any, w_shift_factor: Any, h_shift_factor: Any) -> Any:
        """Boxes moved to the left and up by these amounts, each for a picture."""
        across, down = (_for_boxes(part, bounding_boxes) for part in (w_shift_factor, h_shift_factor))
        shift = np.concatenate([across, down, across, down], axis=-1)
        return {**bounding_boxes, "boxes": np.asarray(bounding_boxes["boxes"]) - shift}

    def get_clipped_bbox(self, bounding_boxes: Any, h_end: Any, h_start: Any, w_end: Any, w_start: Any) -> Any:
        """Boxes as they lie in a part of their picture, cut off at its edges."""
        top, bottom, left, right = (_for_boxes(part, bounding_boxes) for part in (h_start, h_end, w_start, w_end))
        low = np.concatenate([left, top, left, top], axis=-1)
        high = np.concatenate([right, bottom, right, bottom], axis=-1)
        return {**bounding_boxes, "boxes": np.clip(np.asarray(bounding_boxes["boxes"]), low, high) - low}

    def _moved_boxes(self, boxes: Any, transformation: Any, size: tuple[int, int]) -> Any:
        # the matrix says where a pixel comes from, its inverse where it goes
        rows = self._matrix(transformation, *size).reshape(-1, 2, 3)
        whole = np.concatenate([rows, np.broadcast_to([[[0.0, 0.0, 1.0]]], (len(rows), 1, 3))], axis=1)
        return moved(boxes, np.linalg.inv(whole)[:, :2].astype("float32"))

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "fill_mode": self.fill_mode,
            "interpolation": self.interpolation,
            "fill_value": self.fill_value,
        }


def matrix_of(*numbers: Any) -> np.ndarray:
    """Six numbers for each picture, from arrays or single numbers."""
    return np.stack(np.broadcast_arrays(*(np.atleast_1d(np.asarray(n, np.float64)) for n in numbers)), axis=1)


def _for_boxes(amount: Any, bounding_boxes: Any) -> np.ndarray:
    """An amount for each picture, with an axis for its boxes where they have one."""
    amount = np.asarray(amount, "float32")
    return np.expand_dims(amount, -1) if np.ndim(bounding_boxes["boxes"]) == 3 else amount
