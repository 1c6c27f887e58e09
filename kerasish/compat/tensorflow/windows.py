"""Pictures compared, and boxes in them: cut out, drawn, and chosen by how much they overlap."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from kerasish import ops
from kerasish.backend.array import eager
from kerasish.compat.tensorflow.arrays import tensor
from kerasish.compat.tensorflow.image import convert_image_dtype
from kerasish.ops.filtering import blurred

_SCALES = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)


def _as_floats(img1: Any, img2: Any, max_val: Any) -> tuple[Any, Any, Any]:
    kind = tensor(img1).dtype
    top = convert_image_dtype(tensor(max_val, kind), "float32")
    return convert_image_dtype(img1, "float32"), convert_image_dtype(img2, "float32"), top


def _alike(x: Any, y: Any, top: Any, size: int, sigma: float, k1: float, k2: float) -> tuple[Any, Any]:
    """Mean over all windows, for each channel: of brightness, contrast and structure; and of the last two alone."""

    def mean(image: Any) -> Any:
        flat = ops.reshape(image, (-1, *image.shape[-3:]))
        made = blurred(flat, (size, size), (sigma, sigma), "valid")
        return ops.reshape(made, (*image.shape[:-3], *made.shape[1:]))

    c1, c2 = ops.square(ops.multiply(k1, top)), ops.square(ops.multiply(k2, top))
    mx, my = mean(x), mean(y)
    product, squares = mx * my * 2.0, ops.square(mx) + ops.square(my)
    both, each = mean(x * y) * 2.0, mean(ops.square(x) + ops.square(y))
    contrast = (both - product + c2) / (each - squares + c2)
    whole = (product + c1) / (squares + c1) * contrast
    return ops.mean(whole, (-3, -2)), ops.mean(contrast, (-3, -2))


def ssim(
    img1: Any,
    img2: Any,
    max_val: Any,
    filter_size: int = 11,
    filter_sigma: float = 1.5,
    k1: float = 0.01,
    k2: float = 0.03,
    return_index_map: bool = False,
) -> Any:
    if return_index_map:
        raise NotImplementedError("image.ssim returns one number a picture here; leave out return_index_map")
    whole, _ = _alike(*_as_floats(img1, img2, max_val), filter_size, filter_sigma, k1, k2)
    return ops.mean(whole, -1)


def ssim_multiscale(
    img1: Any,
    img2: Any,
    max_val: Any,
    power_factors: Any = _SCALES,
    filter_size: int = 11,
    filter_sigma: float = 1.5,
    k1: float = 0.01,
    k2: float = 0.03,
) -> Any:
    """The product of contrast and structure over pictures halved again and again, and of brightness at last."""
    x, y, top = _as_floats(img1, img2, max_val)
    x, y = (ops.reshape(image, (-1, *image.shape[-3:])) for image in (x, y))
    terms = []
    for scale in range(len(power_factors)):
        if scale:
            x, y = (ops.average_pool(_even(image), 2, 2, "valid", "channels_last") for image in (x, y))
        whole, contrast = _alike(x, y, top, filter_size, filter_sigma, k1, k2)
        terms.append(ops.relu(contrast))
    terms[-1] = ops.relu(whole)
    powers = [ops.power(term, factor) for term, factor in zip(terms, power_factors, strict=True)]
    made = powers[0]
    for power in powers[1:]:
        made = ops.multiply(made, power)
    return ops.reshape(ops.mean(made, -1), tensor(img1).shape[:-3])


def _even(image: Any) -> Any:
    return ops.pad(image, ((0, 0), (0, image.shape[1] % 2), (0, image.shape[2] % 2), (0, 0)), "symmetric")


def crop_and_resize(
    image: Any,
    boxes: Any,
    box_indices: Any,
    crop_size: Any,
    method: str = "bilinear",
    extrapolation_value: float = 0.0,
    name: str | None = None,
) -> Any:
    """Parts of pictures, each brought to one size; the tape follows the pictures.

    Args:
        image: `(pictures, height, width, channels)`.
        boxes: `(boxes, 4)`: top, left, bottom, right, from 0 to 1.
        box_indices: the picture of each box.
        crop_size: height and width.
    """
    x, places = ops.cast(tensor(image), "float32"), np.asarray(boxes, "float32")
    numbers, (rows, columns) = np.asarray(box_indices), np.asarray(crop_size).tolist()
    height, width = x.shape[1:3]
    y = _lines(places[:, 0], places[:, 2], height, rows)[:, :, None]
    z = _lines(places[:, 1], places[:, 3], width, columns)[:, None, :]
    inside = ((y >= 0) & (y <= height - 1) & (z >= 0) & (z <= width - 1))[..., None]
    which = numbers[:, None, None]

    def at(line: np.ndarray, column: np.ndarray) -> Any:
        flat = (which * height + np.clip(line, 0, height - 1)) * width + np.clip(column, 0, width - 1)
        return ops.take(ops.reshape(x, (-1, x.shape[-1])), flat.astype("int64"), 0)

    if method == "nearest":
        made = at(np.floor(y + 0.5), np.floor(z + 0.5))
    elif method == "bilinear":
        top, left = np.floor(y), np.floor(z)
        down, right = (y - top)[..., None], (z - left)[..., None]
        above = at(top, left) * (1 - right) + at(top, np.ceil(z)) * right
        below = at(np.ceil(y), left) * (1 - right) + at(np.ceil(y), np.ceil(z)) * right
        made = above * (1 - down) + below * down
    else:
        raise ValueError(f"crop_and_resize: the method is 'bilinear' or 'nearest'; received {method!r}")
    return ops.where(inside, made, np.float32(extrapolation_value))


def _lines(first: np.ndarray, last: np.ndarray, size: int, count: int) -> np.ndarray:
    """Where lines of pixels are taken, from the first edge to the last; in the middle if there is one."""
    if count == 1:
        return np.float32(0.5) * (first + last)[:, None] * np.float32(size - 1)
    step = (last - first) * np.float32(size - 1) / np.float32(count - 1)
    return first[:, None] * np.float32(size - 1) + np.arange(count, dtype="float32") * step[:, None]


def _overlaps(box: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Shared area by the area of both together."""
    low, high = np.minimum(others[:, :2], others[:, 2:]), np.maximum(others[:, :2], others[:, 2:])
    first, last = np.minimum(box[:2], box[2:]), np.maximum(box[:2], box[2:])
    shared = np.prod(np.clip(np.minimum(high, last) - np.maximum(low, first), 0, None), 1)
    total = np.prod(high - low, 1) + np.prod(last - first) - shared
    return np.where(total > 0, shared / np.where(total > 0, total, 1), 0)


def _chosen(boxes: Any, scores: Any, most: int, overlap: float, least: float) -> np.ndarray:
    """The best box again and again, and without those that overlap with it too much."""
    places, values = np.asarray(boxes, "float32"), np.asarray(scores)
    left = [int(n) for n in np.argsort(-values, kind="stable") if values[n] > least]
    found: list[int] = []
    while left and len(found) < most:
        found.append(left.pop(0))
        apart = _overlaps(places[found[-1]], places[left]) <= overlap if left else ()
        left = [n for n, far in zip(left, apart, strict=True) if far]
    return np.array(found, "int32")


def non_max_suppression(
    boxes: Any,
    scores: Any,
    max_output_size: Any,
    iou_threshold: Any = 0.5,
    score_threshold: Any = float("-inf"),
    name: str | None = None,
) -> Any:
    """The numbers of the best boxes, none of which overlaps with a better one by more than the threshold."""
    return eager(_chosen(boxes, scores, int(max_output_size), float(iou_threshold), float(score_threshold)))


class Detections(NamedTuple):
    """The boxes that are left of each picture, filled up with 0, and how many there are."""

    nmsed_boxes: Any
    nmsed_scores: Any
    nmsed_classes: Any
    valid_detections: Any


def combined_non_max_suppression(
    boxes: Any,
    scores: Any,
    max_output_size_per_class: Any,
    max_total_size: Any,
    iou_threshold: Any = 0.5,
    score_threshold: Any = float("-inf"),
    pad_per_class: bool = False,
    clip_boxes: bool = True,
    name: str | None = None,
) -> Detections:
    """The best boxes of every class, and the best of these: `boxes` `(batch, boxes, 1 or classes, 4)`."""
    places, values = np.asarray(boxes, "float32"), np.asarray(scores, "float32")
    classes, most, total = values.shape[2], int(max_output_size_per_class), int(max_total_size)
    size = min(total, most * classes) if pad_per_class else total
    filled = np.zeros((len(places), size, 6), "float32")
    counts = np.zeros(len(places), "int32")
    for n, (found, sure) in enumerate(zip(places, values, strict=True)):
        kept = []
        for kind in range(classes):
            own = found[:, kind if found.shape[1] > 1 else 0]
            for place in _chosen(own, sure[:, kind], most, float(iou_threshold), float(score_threshold)):
                kept.append((*own[place], sure[place, kind], kind))
        kept = sorted(kept, key=lambda row: -row[4])[:size]
        counts[n] = len(kept)
        filled[n, : len(kept)] = np.reshape(kept, (-1, 6))
    corners = np.clip(filled[..., :4], 0, 1) if clip_boxes else filled[..., :4]
    return Detections(*(eager(part) for part in (corners, filled[..., 4], filled[..., 5], counts)))


_COLORS = (
    (1, 1, 0),
    (0, 0, 1),
    (1, 0, 0),
    (0, 1, 0),
    (0.5, 0, 0.5),
    (0.5, 0.5, 0),
    (0.5, 0, 0),
    (0, 0, 0.5),
    (0, 1, 1),
    (1, 0, 1),
)


def draw_bounding_boxes(images: Any, boxes: Any, colors: Any = None, name: str | None = None) -> Any:
    """Pictures `(batch, height, width, channels)` of floats with the edges of boxes drawn in, one pixel wide."""
    made = np.array(images, "float32")
    height, width, channels = made.shape[1:]
    palette = np.asarray(_COLORS if colors is None else colors, "float32")
    palette = np.concatenate([palette[:, :channels], np.ones((len(palette), max(0, channels - palette.shape[1])))], 1)
    for picture, found in zip(made, np.asarray(boxes, "float32"), strict=True):
        for n, box in enumerate(found):
            top, left, bottom, right = (box * ([height - 1, width - 1] * 2)).astype(int)
            if bottom < 0 or right < 0 or top >= height or left >= width or top > bottom or left > right:
                continue
            rows, columns = slice(max(top, 0), bottom + 1), slice(max(left, 0), right + 1)
            for line in {top, bottom} & set(range(height)):
                picture[line, columns] = palette[n % len(palette)]
            for line in {left, right} & set(range(width)):
                picture[rows, line] = palette[n % len(palette)]
    return eager(made)
