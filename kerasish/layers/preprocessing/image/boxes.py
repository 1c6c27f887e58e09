"""Boxes at random places of pictures, and those around what pictures show."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish.ops.core import convert_to_tensor


def within_boxes(
    random: np.random.Generator, rows: np.ndarray, columns: np.ndarray, height: int, width: int
) -> np.ndarray:
    """Which pixels of each picture lie within its box: `(count, height, width)`.

    Args:
        random: draws the boxes' places.
        rows, columns: the sides of each box as parts of the picture's: `(count, 1)`.
        height, width: the pictures'.
    """
    vertical, horizontal = (_within(random, n * part, n) for n, part in ((height, rows), (width, columns)))
    return vertical[:, :, None] & horizontal[:, None, :]


def _within(random: np.random.Generator, length: np.ndarray, size: int) -> np.ndarray:
    start = random.random((len(length), 1)) * (size - length)
    place = np.arange(size)
    return (place >= start) & (place < start + length)


def as_boxes(bounding_boxes: Any, owner: str) -> dict[str, Any]:
    """Boxes and their labels as arrays; lists of different lengths are filled up with zeros and labels of -1.

    Args:
        bounding_boxes: a dict with `"boxes"`, `(n, 4)` or `(batch, n, 4)`, and `"labels"`.
        owner: the layer, for the error.

    Raises:
        ValueError: if it is no such dict, or boxes and labels do not belong together.
    """
    if not isinstance(bounding_boxes, dict) or not {"boxes", "labels"} <= set(bounding_boxes):
        found = sorted(bounding_boxes) if isinstance(bounding_boxes, dict) else type(bounding_boxes).__name__
        raise ValueError(f'{owner} needs as bounding_boxes a dict with "boxes" and "labels"; received {found}')
    boxes, labels = bounding_boxes["boxes"], bounding_boxes["labels"]
    if isinstance(boxes, (list, tuple)) and boxes and np.ndim(boxes[0]) == 2 and isinstance(labels, (list, tuple)):
        boxes, labels = _filled(boxes, (4,), 0, "float32"), _filled(labels, (), -1, "int32")
    made = {**bounding_boxes, "boxes": convert_to_tensor(boxes, "float32"), "labels": convert_to_tensor(labels)}
    shape, rank = tuple(made["boxes"].shape), len(made["labels"].shape)
    if len(shape) not in (2, 3) or shape[-1] != 4:
        raise ValueError(f"{owner} needs boxes of shape (n, 4) or (batch, n, 4); received shape {shape}")
    if rank not in (len(shape) - 1, len(shape)) or made["labels"].shape[: len(shape) - 1] != shape[:-1]:
        raise ValueError(
            f"{owner} needs a label for each box; received boxes of shape {shape} and labels of shape "
            f"{tuple(made['labels'].shape)}"
        )
    return made


def _filled(groups: Any, shape: tuple[int, ...], value: float, dtype: str) -> np.ndarray:
    made = np.full((len(groups), max(map(len, groups)), *shape), value, dtype)
    for row, group in zip(made, groups, strict=True):
        row[: len(group)] = group
    return made
