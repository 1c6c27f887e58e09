"""Pictures cut at their edges, and zeros set around them."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish.backend.symbolic import KerasTensor
from kerasish.ops.composite import composite
from kerasish.ops.pictures import batched, layout
from kerasish.ops.shape import pad

Sides = tuple[tuple[int | None, int | None, int | None], tuple[int | None, int | None, int | None]]
_AXES = (("top", "bottom", "height"), ("left", "right", "width"))


def _amounts(sides: Sides, sizes: Any, what: str) -> list[tuple[int, int, int]]:
    """Along height and width: what is cut or added before and after, and the size that results.

    Args:
        sides: for each axis the amounts before and after, and the size wanted; two of them are given.
        sizes: the pictures', None where unknown.
        what: `"cropping"` or `"padding"`.
    """
    sign = 1 if what == "padding" else -1
    found = []
    for (before, after, target), size, names in zip(sides, sizes, _AXES, strict=True):
        labels = (f"{names[0]}_{what}", f"{names[1]}_{what}", f"target_{names[2]}")
        given = ", ".join(f"{label}={value}" for label, value in zip(labels, (before, after, target), strict=True))
        if (before, after, target).count(None) != 1:
            raise ValueError(f"exactly two of {', '.join(labels)} must be given; received {given}")
        if target is None:
            target = None if size is None else size + sign * (before + after)  # type: ignore[operator]
        elif size is not None:
            rest = sign * (target - size) - (before if after is None else after)
            before, after = (rest, after) if before is None else (before, rest)
        numbers = (before, after, target)
        if any(n is not None and n < 0 for n in numbers):
            made = ", ".join(f"{label}={value}" for label, value in zip(labels, numbers, strict=True))
            raise ValueError(
                f"no amount of {what} may be negative, nor the size that results; received {given} for pictures with a "
                f"{names[2]} of {size}, which makes {made}"
            )
        found.append(numbers)
    return found  # type: ignore[return-value]


@composite
def pad_images(
    images: Any,
    top_padding: int | None = None,
    left_padding: int | None = None,
    bottom_padding: int | None = None,
    right_padding: int | None = None,
    target_height: int | None = None,
    target_width: int | None = None,
    data_format: str | None = None,
) -> Any:
    """Pictures with zeros around them.

    Args:
        images: one picture `(height, width, channels)`, or a batch of them.
        top_padding, bottom_padding, target_height: two of these three: how many rows of zeros stand above and below,
            and the height that results.
        left_padding, right_padding, target_width: the same for columns.
        data_format: `"channels_last"`, or `"channels_first"` for `(batch, channels, height, width)`.

    Raises:
        ValueError: if not two of three are given, or an amount is negative.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.ops.image.pad_images(np.ones((15, 25, 3)), 2, 3, target_height=20, target_width=30).shape
        (20, 30, 3)
    """
    x, found = batched(images, data_format, "pad_images")
    sides: Sides = ((top_padding, bottom_padding, target_height), (left_padding, right_padding, target_width))
    (top, bottom, _), (left, right, _) = _amounts(sides, np.shape(x)[1:3], "padding")
    return found.restored(pad(x, ((0, 0), (top, bottom), (left, right), (0, 0))))


@composite
def crop_images(
    images: Any,
    top_cropping: int | None = None,
    left_cropping: int | None = None,
    bottom_cropping: int | None = None,
    right_cropping: int | None = None,
    target_height: int | None = None,
    target_width: int | None = None,
    data_format: str | None = None,
) -> Any:
    """Pictures without some rows and columns at their edges.

    Args:
        images: one picture `(height, width, channels)`, or a batch of them.
        top_cropping, bottom_cropping, target_height: two of these three: how many rows are cut above and below, and
            the height that is left.
        left_cropping, right_cropping, target_width: the same for columns.
        data_format: `"channels_last"`, or `"channels_first"` for `(batch, channels, height, width)`.

    Raises:
        ValueError: if not two of three are given, or an amount is negative.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.ops.image.crop_images(np.ones((15, 25, 3)), 2, 3, target_height=10, target_width=20).shape
        (10, 20, 3)
    """
    x, found = batched(images, data_format, "crop_images")
    sides: Sides = ((top_cropping, bottom_cropping, target_height), (left_cropping, right_cropping, target_width))
    (top, _, height), (left, _, width) = _amounts(sides, np.shape(x)[1:3], "cropping")
    return found.restored(x[:, top : top + height, left : left + width])


def _framed_shape(what: str) -> Any:
    """The rule of an operation with these arguments."""

    def rule(
        images: Any, top: Any, left: Any, bottom: Any, right: Any, height: Any, width: Any, data_format: str | None
    ) -> KerasTensor:  # fmt: skip
        where = layout(images, data_format, f"{what}_images")
        batch, *sizes, channels = where.dims(images.shape)
        made = [size for _, _, size in _amounts(((top, bottom, height), (left, right, width)), sizes, what)]
        return where.spec((batch, *made, channels), images.dtype)

    return rule


pad_images.shape = _framed_shape("padding")
crop_images.shape = _framed_shape("cropping")
