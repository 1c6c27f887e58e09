"""How boxes overlap, and how they differ from anchors."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from kerasish.backend.config import epsilon
from kerasish.backend.operators import dtype_of
from kerasish.backend.typing import Shape, TensorLike
from kerasish.ops.boxes import convert_format
from kerasish.ops.core import cast, convert_to_tensor
from kerasish.ops.elementwise import arctan, exp, log, logical_or, maximum, minimum, where
from kerasish.ops.joining import concatenate, split
from kerasish.ops.reduction import max as largest
from kerasish.ops.shape import squeeze, swapaxes


def _sides(image_shape: Any) -> tuple[Any, Any]:
    return (None, None) if image_shape is None else (image_shape[0], image_shape[1])


def compute_iou(
    boxes1: TensorLike,
    boxes2: TensorLike,
    bounding_box_format: str,
    use_masking: bool = False,
    mask_val: float = -1,
    image_shape: Shape | None = None,
) -> Any:
    """How much boxes overlap, each of some with each of others: the shared area over the area that they cover together.

    Args:
        boxes1: `(n, 4)` or `(batch, n, 4)`.
        boxes2: `(m, 4)` or `(batch, m, 4)`.
        bounding_box_format: of both; see `convert_format`.
        use_masking: whether boxes whose four numbers are all negative count as none.
        mask_val: what stands where one of the two is none.
        image_shape: `(height, width, channels)`, for formats that begin with `rel_`.

    Returns:
        `(n, m)` or `(batch, n, m)`, from 0 to 1.

    Raises:
        ValueError: if the boxes have another rank, or the picture's shape is needed and not given.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> one, others = np.array([[0.0, 0.0, 2.0, 2.0]]), np.array([[0.0, 0.0, 2.0, 2.0], [1.0, 0.0, 3.0, 2.0]])
        >>> keras.utils.bounding_boxes.compute_iou(one, others, "xyxy").round(3)
        array([[1.   , 0.333]], dtype=float32)
    """
    boxes1, boxes2 = (b if hasattr(b, "shape") else convert_to_tensor(b) for b in (boxes1, boxes2))
    for name, boxes in (("boxes1", boxes1), ("boxes2", boxes2)):
        if len(boxes.shape) not in (2, 3):
            raise ValueError(
                f"compute_iou takes boxes of shape (n, 4) or (batch, n, 4); received {name} of shape {boxes.shape}"
            )
    if "rel" in bounding_box_format and image_shape is None:
        raise ValueError(f"compute_iou needs the image_shape for boxes in the format {bounding_box_format!r}")
    boxes1, boxes2 = (convert_format(b, bounding_box_format, "xyxy", *_sides(image_shape)) for b in (boxes1, boxes2))
    first, second = split(boxes1, 4, axis=-1), [swapaxes(n, -1, -2) for n in split(boxes2, 4, axis=-1)]
    shared = _overlap(first, second)
    found = shared / (_area(first) + _area(second) - shared + epsilon())
    if not use_masking:
        return found
    masks = [largest(boxes, axis=-1, keepdims=True) < 0 for boxes in (boxes1, boxes2)]
    return where(logical_or(masks[0], swapaxes(masks[1], -1, -2)), cast(mask_val, dtype_of(found)), found)


def _area(sides: Any) -> Any:
    left, top, right, bottom = sides
    return (right - left) * (bottom - top)


def _overlap(first: Any, second: Any) -> Any:
    wide = minimum(first[2], second[2]) - maximum(first[0], second[0])
    high = minimum(first[3], second[3]) - maximum(first[1], second[1])
    return maximum(wide, 0) * maximum(high, 0)


def compute_ciou(
    boxes1: TensorLike, boxes2: TensorLike, bounding_box_format: str, image_shape: Shape | None = None
) -> Any:
    """How well boxes agree, each of some with the same of others: their overlap less what sets them apart.

    `iou - distance² / diagonal² - alpha v`: the distance of the middles, the diagonal of the least box around both, and
    `v = (4 / pi²) (arctan(w2 / h2) - arctan(w1 / h1))²` with `alpha = v / (v - iou + 1)` for their shapes.

    Args:
        boxes1, boxes2: `(..., 4)`.
        bounding_box_format: of both; none that begins with `rel_`.
        image_shape: accepted for compatibility.

    Returns:
        `(...)`: 1 for equal boxes, down to less than -1.

    Raises:
        ValueError: if the format begins with `rel_`.

    Source: Zheng et al., "Enhancing geometric factors in model learning and inference for object detection and instance
        segmentation", IEEE Transactions on Cybernetics 2021.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> one, other = np.array([[0.0, 0.0, 2.0, 2.0]]), np.array([[1.0, 0.0, 3.0, 2.0]])
        >>> keras.utils.bounding_boxes.compute_ciou(one, other, "xyxy").round(3)
        array([0.256], dtype=float32)
    """
    if "rel" in bounding_box_format:
        raise ValueError(
            f"compute_ciou takes boxes in pixels; received the format {bounding_box_format!r}: convert_format makes "
            "them of parts of the picture"
        )
    small = epsilon()
    first, second = (
        split(convert_format(b, bounding_box_format, "xyxy", *_sides(image_shape)), 4, axis=-1)
        for b in (boxes1, boxes2)
    )
    (wide1, high1), (wide2, high2) = (
        (right - left, bottom - top + small) for left, top, right, bottom in (first, second)
    )
    shared = _overlap(first, second)
    iou = shared / (wide1 * high1 + wide2 * high2 - shared + 2 * small)
    wide = maximum(first[2], second[2]) - minimum(first[0], second[0])
    high = maximum(first[3], second[3]) - minimum(first[1], second[1])
    apart = [(first[i] + first[i + 2] - second[i] - second[i + 2]) / 2 for i in range(2)]
    v = (4 / math.pi**2) * (arctan(wide2 / high2) - arctan(wide1 / high1)) ** 2
    distance = (apart[0] ** 2 + apart[1] ** 2) / (wide**2 + high**2 + small)
    return squeeze(iou - distance - v * v / (v - iou + 1 + small), -1)


def encode_box_to_deltas(
    anchors: TensorLike,
    boxes: TensorLike,
    anchor_format: str,
    box_format: str,
    encoding_format: str = "center_yxhw",
    variance: TensorLike | None = None,
    image_shape: Shape | None = None,
) -> Any:
    """How boxes differ from anchors: the way of the middle in parts of the anchor's sides, and `log(side / side)`.

    Args:
        anchors: `(n, 4)`.
        boxes: `(n, 4)` or `(batch, n, 4)`.
        anchor_format, box_format: see `convert_format`.
        encoding_format: `"center_yxhw"` or `"center_xywh"`, the order of the result.
        variance: four numbers that the result is divided by.
        image_shape: `(height, width, channels)`, for formats that begin with `rel_`.

    Returns:
        The shape of `boxes`.

    Raises:
        ValueError: if the encoding format or the number of variances is another.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> anchor, box = np.array([[0.0, 0.0, 10.0, 10.0]]), np.array([[5.0, 0.0, 15.0, 10.0]])
        >>> keras.utils.bounding_boxes.encode_box_to_deltas(anchor, box, "xyxy", "xyxy")
        array([[0. , 0.5, 0. , 0. ]], dtype=float32)
    """
    variance = _checked_encoding(encoding_format, variance)
    sides = _sides(image_shape)
    places = [
        split(convert_format(b, name, encoding_format, *sides), 2, axis=-1)
        for b, name in ((anchors, anchor_format), (boxes, box_format))
    ]
    (start, size), (middle, extent) = ((place, maximum(side, epsilon())) for place, side in places)
    deltas = concatenate([(middle - start) / size, log(extent / size)], axis=-1)
    return deltas if variance is None else deltas / variance


def _checked_encoding(name: str, variance: Any) -> Any:
    if name not in ("center_xywh", "center_yxhw"):
        raise ValueError(f"differences from anchors are 'center_xywh' or 'center_yxhw'; received {name!r}")
    if variance is None:
        return None
    variance = convert_to_tensor(variance, "float32")
    if variance.shape[-1] != 4:
        raise ValueError(f"variance has four numbers; received variance of shape {tuple(variance.shape)}")
    return variance


def decode_deltas_to_boxes(
    anchors: TensorLike | dict[Any, Any],
    boxes_delta: TensorLike | dict[Any, Any],
    anchor_format: str,
    box_format: str,
    encoded_format: str = "center_yxhw",
    variance: TensorLike | None = None,
    image_shape: Shape | None = None,
) -> Any:
    """The boxes that differ so from anchors: the inverse of `encode_box_to_deltas`.

    Args:
        anchors: `(n, 4)`, or a dict of them.
        boxes_delta: `(n, 4)` or `(batch, n, 4)`, or a dict with the same keys.
        anchor_format, box_format: see `convert_format`.
        encoded_format: `"center_yxhw"` or `"center_xywh"`.
        variance: four numbers that the differences are multiplied by.
        image_shape: `(height, width, channels)`, for formats that begin with `rel_`.

    Raises:
        ValueError: if the encoded format or the number of variances is another.
    """
    if isinstance(anchors, dict) and isinstance(boxes_delta, dict):
        rest = (anchor_format, box_format, encoded_format, variance, image_shape)
        return {key: decode_deltas_to_boxes(part, boxes_delta[key], *rest) for key, part in anchors.items()}
    variance = _checked_encoding(encoded_format, variance)
    sides = _sides(image_shape)
    start, size = split(convert_format(anchors, anchor_format, encoded_format, *sides), 2, axis=-1)
    deltas: Any = boxes_delta if hasattr(boxes_delta, "shape") else np.asarray(boxes_delta)
    way, growth = split(deltas if variance is None else deltas * variance, 2, axis=-1)
    boxes = concatenate([way * size + start, exp(growth) * size], axis=-1)
    return convert_format(boxes, encoded_format, box_format, *sides)
