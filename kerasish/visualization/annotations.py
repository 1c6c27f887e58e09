"""Boxes and classes drawn on pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from kerasish.backend.config import standardize_data_format
from kerasish.backend.typing import TensorLike
from kerasish.ops.boxes import convert_format
from kerasish.ops.core import convert_to_numpy
from kerasish.utils.image_utils import pillow

# Letters of this height, in pixels, at a scale of 1.
_LETTERS = 20
_MODES = {1: "L", 3: "RGB", 4: "RGBA"}


def batch_of(images: Any, data_format: str | None, owner: str) -> np.ndarray:
    """Pictures `(batch, height, width, channels)`, whatever the order they came in.

    Raises:
        ValueError: if they are no batch.
    """
    pictures = np.asarray(convert_to_numpy(images))
    if pictures.ndim != 4:
        raise ValueError(f"{owner} takes a batch of images, of rank 4; received shape {pictures.shape}")
    return np.moveaxis(pictures, 1, -1) if standardize_data_format(data_format) == "channels_first" else pictures


def draw_bounding_boxes(
    images: TensorLike,
    bounding_boxes: Mapping[str, Any],
    bounding_box_format: str,
    class_mapping: Mapping[int, str] | None = None,
    color: Sequence[int] = (128, 128, 128),
    line_thickness: int = 2,
    text_thickness: int = 1,
    font_scale: float = 1.0,
    data_format: str | None = None,
) -> np.ndarray:
    """Pictures with boxes drawn on them, and the names of what is in these.

    Args:
        images: a batch; floats of at most 1 count from 0 to 1, all others from 0 to 255.
        bounding_boxes: a dict with `"boxes"`, `(batch, n, 4)`, and `"labels"`, `(batch, n)`, -1 for none; perhaps
            `"confidences"`, `(batch, n)`.
        bounding_box_format: see `keras.utils.bounding_boxes.convert_format`.
        class_mapping: the names of labels; others are drawn without a name.
        color: red, green and blue.
        line_thickness: of the boxes, in pixels.
        text_thickness: of the letters.
        font_scale: the size of the letters; at 1 they are 20 pixels high.
        data_format: `"channels_last"`, or `"channels_first"` for `(batch, channels, height, width)`.

    Returns:
        Pictures of the same shape, from 0 to 255, as uint8.

    Raises:
        ImportError: if Pillow is not installed.
        TypeError: if `bounding_boxes` is no dict.
        ValueError: if it lacks boxes or labels, or the images are no batch.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> found = {"boxes": np.array([[[1, 1, 4, 3]]]), "labels": np.array([[0]])}
        >>> drawn = keras.visualization.draw_bounding_boxes(np.zeros((1, 5, 6, 3)), found, "xyxy", line_thickness=1)
        >>> drawn[0, :, :, 0]
        array([[  0,   0,   0,   0,   0,   0],
               [  0, 128, 128, 128, 128,   0],
               [  0, 128,   0,   0, 128,   0],
               [  0, 128, 128, 128, 128,   0],
               [  0,   0,   0,   0,   0,   0]], dtype=uint8)
    """
    pillow()
    pictures = batch_of(images, data_format, "draw_bounding_boxes")
    if not isinstance(bounding_boxes, Mapping):
        raise TypeError(f"draw_bounding_boxes takes a dict of boxes; received {type(bounding_boxes).__name__}")
    if not {"boxes", "labels"} <= set(bounding_boxes):
        raise ValueError(f'draw_bounding_boxes needs "boxes" and "labels"; received {sorted(bounding_boxes)}')
    boxes = convert_format(bounding_boxes["boxes"], bounding_box_format, "xyxy", *pictures.shape[1:3])
    parts = [np.asarray(convert_to_numpy(x)) for x in (boxes, bounding_boxes["labels"])]
    sure = bounding_boxes.get("confidences")
    parts.append(np.full(parts[1].shape, None) if sure is None else np.asarray(convert_to_numpy(sure)))
    pen = _Pen(class_mapping or {}, tuple(color), line_thickness, text_thickness or line_thickness, font_scale)
    drawn = np.stack([pen.draw(picture, *rows) for picture, *rows in zip(_bytes(pictures), *parts, strict=True)])
    return np.moveaxis(drawn, -1, 1) if standardize_data_format(data_format) == "channels_first" else drawn


def _bytes(pictures: np.ndarray) -> np.ndarray:
    if pictures.dtype.kind == "f" and pictures.size and pictures.max() <= 1:
        pictures = pictures * 255
    return np.clip(pictures, 0, 255).astype("uint8")


class _Pen:
    """What boxes and names are drawn with."""

    def __init__(
        self, names: Mapping[int, str], color: tuple[int, ...], thickness: int, bold: int, scale: float
    ) -> None:
        self.names, self.color, self.thickness = names, color, thickness
        self.bold, self.size = bold, max(1.0, _LETTERS * scale)

    def draw(self, picture: np.ndarray, boxes: np.ndarray, labels: np.ndarray, sure: np.ndarray) -> np.ndarray:
        """One picture with its boxes."""
        from PIL import Image, ImageDraw

        channels = picture.shape[-1]
        if channels not in _MODES:
            raise ValueError(f"draw_bounding_boxes draws on 1, 3 or 4 channels; received {channels}")
        canvas = Image.fromarray(picture[..., 0] if channels == 1 else picture)
        pen = ImageDraw.Draw(canvas)
        ink: Any = self.color if channels > 1 else round(sum(self.color) / len(self.color))
        for box, label, share in zip(boxes, labels, sure, strict=True):
            if int(label) == -1:
                continue
            left, top, right, bottom = (int(n) for n in box)
            around = self.thickness // 2
            pen.rectangle(
                (left - around, top - around, max(left, right) + around, max(top, bottom) + around),
                outline=ink,
                width=self.thickness,
            )
            if int(label) in self.names:
                name = self.names[int(label)]
                self._write(pen, left, top, name if share is None else f"{name} | {share:.2f}", ink)
        return np.asarray(canvas).reshape(picture.shape)

    def _write(self, pen: Any, left: int, top: int, name: str, ink: Any) -> None:
        from PIL import ImageFont

        font = ImageFont.load_default(size=self.size)
        height = pen.textbbox((0, 0), name, font=font)[3]
        # above the box, or within it where there is no room
        above = top - height - self.thickness
        place = (left, above) if above > 0 else (left + self.thickness + 1, top + self.thickness)
        pen.text(place, name, fill=ink, font=font, stroke_width=(self.bold - 1) // 2, stroke_fill=ink)


def draw_segmentation_masks(
    images: TensorLike,
    segmentation_masks: TensorLike,
    num_classes: int | None = None,
    color_mapping: Mapping[int, Sequence[int]] | None = None,
    alpha: float = 0.8,
    blend: bool = True,
    ignore_index: int = -1,
    data_format: str | None = None,
) -> np.ndarray:
    """Pictures under the colours of their classes, `(1 - alpha) image + alpha colour`.

    Args:
        images: a batch, from 0 to 255.
        segmentation_masks: the class of each pixel, whole numbers: `(batch, height, width)`, with or without an axis of
            one channel.
        num_classes: classes from here on are not drawn; by default all are.
        color_mapping: red, green and blue of each class; a class without is not drawn. By default each gets a colour,
            class 0 black.
        alpha: how much of the colour is seen.
        blend: whether anything of the picture is seen; otherwise the colours cover it.
        ignore_index: a class that is not drawn.
        data_format: `"channels_last"`, or `"channels_first"` for `(batch, channels, height, width)`.

    Returns:
        `(batch, height, width, channels)`, uint8; as floats without `blend`.

    Raises:
        TypeError: if the masks are not whole numbers.
        ValueError: if the images are no batch, or the masks are of another size.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> images, mask = np.full((1, 1, 3, 3), 100), np.array([[[0, 1, -1]]])
        >>> keras.visualization.draw_segmentation_masks(images, mask, 2, {0: (0, 0, 0), 1: (200, 0, 0)})
        array([[[[ 20,  20,  20],
                 [180,  20,  20],
                 [100, 100, 100]]]], dtype=uint8)
    """
    pictures = batch_of(images, data_format, "draw_segmentation_masks").astype("float32")
    masks = np.asarray(convert_to_numpy(segmentation_masks))
    if masks.dtype.kind not in "iu":
        raise TypeError(f"draw_segmentation_masks takes the numbers of classes; received masks of dtype {masks.dtype}")
    if masks.ndim == 4:
        masks = masks[:, 0] if standardize_data_format(data_format) == "channels_first" else masks[..., 0]
    if masks.shape != pictures.shape[:3]:
        raise ValueError(
            f"draw_segmentation_masks needs a class for each pixel; received images of shape {pictures.shape} and "
            f"masks of shape {masks.shape}"
        )
    classes = int(masks.max(initial=-1)) + 1 if num_classes is None else num_classes
    colors = _palette(classes) if color_mapping is None else color_mapping
    drawn = pictures.copy()
    for number in range(classes):
        if number != ignore_index and number in colors:
            drawn[masks == number] = colors[number]
    return (pictures * (1 - alpha) + drawn * alpha).astype("uint8") if blend else drawn


def _palette(classes: int) -> dict[int, Any]:
    steps = np.array([2**25 - 1, 2**15 - 1, 2**21 - 1])
    return {number: (number * steps) % 255 for number in range(classes)}
