"""Boxes around what pictures show: their formats, and how they move."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish.backend.operators import dtype_of
from kerasish.backend.typing import DTypeLike, TensorLike
from kerasish.ops.core import cast, convert_to_tensor
from kerasish.ops.elementwise import clip, where
from kerasish.ops.joining import concatenate, split, stack
from kerasish.ops.reduction import max as largest
from kerasish.ops.reduction import min as least
from kerasish.ops.shape import expand_dims, squeeze

Boxes = TensorLike | dict[str, Any]
# of a picture, or of each: a number or a tensor
Side = TensorLike | None

FORMATS = (
    "xyxy",
    "yxyx",
    "xywh",
    "center_xywh",
    "center_yxhw",
    "rel_xyxy",
    "rel_yxyx",
    "rel_xywh",
    "rel_center_xywh",
)


def convert_format(
    boxes: Boxes, source: str, target: str, height: Side = None, width: Side = None, dtype: DTypeLike = "float32"
) -> Any:
    """Boxes in another format.

    Args:
        boxes: four numbers each, `(..., 4)`; or a dict that has them under `"boxes"`.
        source: what the numbers are: `"xyxy"` (left, top, right, bottom), `"yxyx"` (top, left, bottom, right), `"xywh"`
            (left, top, width, height), `"center_xywh"`, `"center_yxhw"`; or, in parts of the picture's sides,
            `"rel_xyxy"`, `"rel_yxyx"`, `"rel_xywh"`, `"rel_center_xywh"`.
        target: what they become.
        height, width: the picture's, for formats that begin with `rel_`.
        dtype: of the result.

    Returns:
        `(..., 4)`; a dict where a dict came, with all that it held.

    Raises:
        ValueError: if a format has another name, there are not four numbers, or the picture's sides are not given.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.utils.bounding_boxes.convert_format(np.array([[10, 20, 30, 60]]), "xyxy", "center_xywh")
        array([[20., 40., 20., 40.]], dtype=float32)
    """
    if isinstance(boxes, dict):
        return {**boxes, "boxes": convert_format(boxes["boxes"], source, target, height, width, dtype)}
    boxes = boxes if hasattr(boxes, "shape") else convert_to_tensor(boxes)
    source, target = source.lower(), target.lower()
    _check_format(source)
    _check_format(target)
    if boxes.shape[-1] != 4:
        raise ValueError(f"boxes are four numbers each; received boxes of shape {tuple(boxes.shape)}")
    relative = [name.startswith("rel_") for name in (source, target)]
    if any(relative) and (height is None or width is None):
        raise ValueError(
            f"from {source!r} to {target!r} the height and the width of the picture are needed; received "
            f"height={height!r}, width={width!r}"
        )
    boxes = cast(boxes, dtype)
    if source == target:
        return boxes
    left, top, right, bottom = _corners(boxes, source.removeprefix("rel_"))
    if relative[0] != relative[1]:
        high, wide = (cast(n, dtype) for n in (height, width) if n is not None)
        if relative[0]:
            left, top, right, bottom = left * wide, top * high, right * wide, bottom * high
        else:
            left, top, right, bottom = left / wide, top / high, right / wide, bottom / high
    return concatenate(_numbers(left, top, right, bottom, target.removeprefix("rel_")), axis=-1)


def _check_format(name: str) -> None:
    if name not in FORMATS:
        raise ValueError(f"boxes have one of the formats {', '.join(FORMATS)}; received {name!r}")


def _corners(boxes: Any, name: str) -> Any:
    a, b, c, d = split(boxes, 4, axis=-1)
    if name in ("yxyx", "center_yxhw"):
        a, b, c, d = b, a, d, c
    if name == "xywh":
        return a, b, a + c, b + d
    if name.startswith("center_"):
        return a - c / 2, b - d / 2, a + c / 2, b + d / 2
    return a, b, c, d


def _numbers(left: Any, top: Any, right: Any, bottom: Any, name: str) -> list[Any]:
    if name == "xywh":
        return [left, top, right - left, bottom - top]
    if name.startswith("center_"):
        wide, high = right - left, bottom - top
        left, top, right, bottom = left + wide / 2, top + high / 2, wide, high
    return [top, left, bottom, right] if name in ("yxyx", "center_yxhw") else [left, top, right, bottom]


def clip_to_image_size(
    bounding_boxes: dict[str, Any], height: Side = None, width: Side = None, bounding_box_format: str = "xyxy"
) -> dict[str, Any]:
    """Boxes cut off at the edges of the picture; those of which nothing is left get the label -1.

    Args:
        bounding_boxes: a dict with `"boxes"`, `(n, 4)` or `(batch, n, 4)`, and perhaps `"labels"`.
        height, width: the picture's; for `"xyxy"`.
        bounding_box_format: `"xyxy"` or `"rel_xyxy"`.

    Returns:
        A dict with all that the other one held.

    Raises:
        NotImplementedError: if the format is another.
        ValueError: if the picture's sides are needed and not given.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> found = {"boxes": np.array([[-5.0, 2.0, 4.0, 20.0], [12.0, 0.0, 15.0, 9.0]]), "labels": np.array([7, 8])}
        >>> keras.utils.bounding_boxes.clip_to_image_size(found, height=10, width=10)["labels"]
        array([ 7, -1])
    """
    _check_kind(bounding_box_format, ("xyxy", "rel_xyxy"), "clip_to_image_size")
    if bounding_box_format == "rel_xyxy":
        height = width = 1
    elif height is None or width is None:
        raise ValueError(
            f"clip_to_image_size needs height and width for 'xyxy'; received height={height!r}, width={width!r}"
        )
    boxes = convert_to_tensor(bounding_boxes["boxes"])
    wide, high = (cast(n, dtype_of(boxes)) for n in (width, height))
    left, top, right, bottom = split(boxes, 4, axis=-1)
    left, right = (clip(n, 0, wide) for n in (left, right))
    top, bottom = (clip(n, 0, high) for n in (top, bottom))
    made = {**bounding_boxes, "boxes": concatenate([left, top, right, bottom], axis=-1)}
    if bounding_boxes.get("labels") is not None:
        labels = convert_to_tensor(bounding_boxes["labels"])
        area = (right - left) * (bottom - top)
        area = area if len(labels.shape) == len(boxes.shape) else squeeze(area, -1)
        made["labels"] = where(area > 0, labels, cast(-1, dtype_of(labels)))
    return made


def _check_kind(name: str, known: tuple[str, ...], function: str) -> None:
    if name not in known:
        raise NotImplementedError(
            f"{function} takes boxes in the format {' or '.join(map(repr, known))}; received {name!r}: use "
            "convert_format before and after"
        )


def around(corners: Any) -> Any:
    """The least boxes around moved corners: `(..., 4, 2)` to `(..., 4)`, left, top, right, bottom."""
    return concatenate([least(corners, axis=-2), largest(corners, axis=-2)], axis=-1)


def corners_of(boxes: Any) -> Any:
    """The four corners of each box: `(..., 4)`, left, top, right, bottom, to `(..., 4, 2)`."""
    left, top, right, bottom = split(boxes, 4, axis=-1)
    points = [(left, top), (right, top), (right, bottom), (left, bottom)]
    return stack([concatenate(point, axis=-1) for point in points], axis=-2)


def affine_transform(
    boxes: TensorLike,
    angle: TensorLike,
    translate_x: TensorLike,
    translate_y: TensorLike,
    scale: TensorLike,
    shear_x: TensorLike,
    shear_y: TensorLike,
    height: float,
    width: float,
    center_x: float | None = None,
    center_y: float | None = None,
    bounding_box_format: str = "xyxy",
) -> Any:
    """The least boxes around others that are turned, sheared, scaled and shifted, in this way for each picture.

    With the point c in the middle, `p' = c + s B (p - c + t (size - 1))`, where for the angles `θ`, `φx`, `φy` with
    opposite signs `B = ((d, -b), (-c, a))`, `a = cos(θ - φy) / cos φy`, `b = a tan φx + sin θ`,
    `c = -sin(θ - φy) / cos φy`, `d = cos θ - c tan φx`.

    Args:
        boxes: `(batch, n, 4)`, or `(n, 4)` for one picture.
        angle: in degrees, counterclockwise, for each picture.
        translate_x, translate_y: t, in parts of the picture's sides.
        scale: s.
        shear_x, shear_y: in degrees.
        height, width: the picture's.
        center_x, center_y: c, in parts of its sides; the middle by default.
        bounding_box_format: `"xyxy"`.

    Raises:
        NotImplementedError: if the format is another.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> quarter = [90.0], [0.0], [0.0], [1.0], [0.0], [0.0]
        >>> boxes = np.array([[[0.0, 0.0, 9.0, 3.0]]])
        >>> keras.utils.bounding_boxes.affine_transform(boxes, *quarter, height=10, width=10).round(3)
        array([[[0., 0., 3., 9.]]], dtype=float32)
    """
    _check_kind(bounding_box_format, ("xyxy",), "affine_transform")
    kind = dtype_of(convert_to_tensor(angle))
    numbers = (angle, translate_x, translate_y, scale, shear_x, shear_y)
    angle, right, down, scale, shear_x, shear_y = (np.reshape(np.asarray(n, np.float64), -1) for n in numbers)
    turn, across, along = (-np.deg2rad(n) for n in (angle, shear_x, shear_y))
    middle_x = (0.5 if center_x is None else center_x) * (width - 1)
    middle_y = (0.5 if center_y is None else center_y) * (height - 1)
    a = np.cos(turn - along) / np.cos(along)
    b = a * np.tan(across) + np.sin(turn)
    c = -np.sin(turn - along) / np.cos(along)
    d = np.cos(turn) - c * np.tan(across)
    x = right * (width - 1) - middle_x
    y = down * (height - 1) - middle_y
    rows = [
        [scale * d, -scale * b, middle_x + scale * (d * x - b * y)],
        [-scale * c, scale * a, middle_y + scale * (a * y - c * x)],
    ]
    return moved(boxes, np.stack([np.stack(np.broadcast_arrays(*row), -1) for row in rows], -2).astype(kind))


def moved(boxes: Any, matrices: np.ndarray) -> Any:
    """The least boxes around others that a map moves: `p' = M p`, with 1 as the third coordinate.

    Args:
        boxes: left, top, right, bottom: `(batch, n, 4)`, or `(n, 4)`.
        matrices: `(batch, 2, 3)`, or `(batch, 3, 3)` for a perspective, whose third coordinate divides the others.
    """
    boxes = cast(boxes, dtype_of(matrices))
    one = len(boxes.shape) == 2
    points = corners_of(expand_dims(boxes, 0) if one else boxes)
    spread = matrices[:, None, None]
    x, y = points[..., 0], points[..., 1]
    parts = [spread[..., k, 0] * x + spread[..., k, 1] * y + spread[..., k, 2] for k in range(matrices.shape[1])]
    if len(parts) == 3:
        parts = [part / parts[2] for part in parts[:2]]
    made = around(stack(parts, axis=-1))
    return squeeze(made, 0) if one else made


def crop(
    boxes: TensorLike, top: float, left: float, height: float, width: float, bounding_box_format: str = "xyxy"
) -> Any:
    """The boxes as a part of the picture has them.

    Args:
        boxes: `(n, 4)` or `(batch, n, 4)`.
        top, left: where the part begins.
        height, width: its size.
        bounding_box_format: `"xyxy"`.

    Raises:
        NotImplementedError: if the format is another.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.utils.bounding_boxes.crop(np.array([[10.0, 20.0, 50.0, 60.0]]), top=10, left=20, height=40, width=30)
        array([[ 0., 10., 30., 40.]])
    """
    shifted = pad(boxes, -top, -left, bounding_box_format=bounding_box_format)
    return clip_to_image_size({"boxes": shifted}, height, width)["boxes"]


def pad(
    boxes: TensorLike,
    top: float,
    left: float,
    height: Side = None,
    width: Side = None,
    bounding_box_format: str = "xyxy",
) -> Any:
    """The boxes after rows have come above the picture and columns to its left.

    Args:
        boxes: `(n, 4)` or `(batch, n, 4)`.
        top, left: how many.
        height, width: the picture's; they make no difference.
        bounding_box_format: `"xyxy"`.

    Raises:
        NotImplementedError: if the format is another.
    """
    _check_kind(bounding_box_format, ("xyxy",), "crop and pad")
    boxes = convert_to_tensor(boxes)
    return boxes + cast(np.array([left, top, left, top]), dtype_of(boxes))
