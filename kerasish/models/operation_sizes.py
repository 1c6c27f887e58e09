"""How large an operation's result would be, told before it is made: a file may name any size."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from kerasish.backend import budget

Shape = tuple[int, ...]


def check(name: str, args: Iterable[Any], settings: dict[str, Any]) -> None:
    """Compare the result of an operation with the bytes that a file being loaded may claim.

    Args:
        name: the operation's name in `keras.ops`.
        args: its tensors.
        settings: its other arguments.

    Raises:
        ValueError: if the result would be larger.
    """
    rule = _RULES.get(name)
    if rule is not None and budget.is_limited():
        shapes = [np.shape(arg) for arg in args]
        budget.check(8 * rule(shapes, settings), f"the operation {name!r} on the shapes {shapes}")


def _repeated(shapes: list[Shape], settings: dict[str, Any]) -> int:
    return math.prod(shapes[0]) * math.prod(_numbers(settings["repeats"]))


def _repeated_each(shapes: list[Shape], settings: dict[str, Any]) -> int:
    return math.prod(shapes[0]) * max(_numbers(settings["repeats"]), default=0)


def _padded(shapes: list[Shape], settings: dict[str, Any]) -> int:
    widths = settings["pad_width"]
    if len(_numbers(widths)) != 2 * len(shapes[0]):
        return math.prod(n + sum(_numbers(widths)) for n in shapes[0])
    return math.prod(n + sum(_numbers(pair)) for n, pair in zip(shapes[0], widths, strict=True))


def _encoded(shapes: list[Shape], settings: dict[str, Any]) -> int:
    return math.prod(shapes[0]) * abs(int(settings["num_classes"]))


def _squared(shapes: list[Shape], settings: dict[str, Any]) -> int:
    return (math.prod(shapes[0]) + abs(int(settings.get("k", 0)))) ** 2


def _every_pair(shapes: list[Shape], settings: dict[str, Any]) -> int:
    return math.prod(map(math.prod, shapes))


def _grids(shapes: list[Shape], settings: dict[str, Any]) -> int:
    return len(shapes) * _every_pair(shapes, settings)


def _shaped(shapes: list[Shape], settings: dict[str, Any]) -> int:
    return math.prod(_numbers(settings["shape"]))


def _transformed(shapes: list[Shape], settings: dict[str, Any]) -> int:
    return math.prod(shapes[0]) * (1 + sum(_numbers(list(settings.values()))))


def _taken(shapes: list[Shape], settings: dict[str, Any]) -> int:
    axis = settings.get("axis")
    rows = math.prod(shapes[0]) if axis is None else shapes[0][axis]
    return math.prod(shapes[1]) * (math.prod(shapes[0]) // max(rows, 1))


def _summed(shapes: list[Shape], settings: dict[str, Any]) -> int:
    terms, arrow, result = str(settings["subscripts"]).replace(" ", "").partition("->")
    if not arrow or "." in terms:
        return max(map(math.prod, shapes))
    pairs = zip("".join(terms.split(",")), (n for shape in shapes for n in shape), strict=True)
    sizes = dict(pairs)
    return math.prod(sizes.get(letter, 1) for letter in result)


def _segmented(shapes: list[Shape], settings: dict[str, Any]) -> int:
    return math.prod(shapes[0]) * (1 + sum(_numbers(settings.get("num_segments"))))


def _resized(shapes: list[Shape], settings: dict[str, Any]) -> int:
    channels = shapes[0][-3 if settings.get("data_format") == "channels_first" else -1]
    return math.prod(_numbers(settings["size"])) * channels * math.prod(shapes[0][:-3])


def _framed(shapes: list[Shape], settings: dict[str, Any]) -> int:
    return math.prod(n + sum(_numbers(list(settings.values()))) for n in shapes[0])


def _folded(shapes: list[Shape], settings: dict[str, Any]) -> int:
    sizes = {name: max(_numbers(value), default=0) for name, value in settings.items()}
    side = sizes.get("output_size", max(shapes[0])) + 2 * sizes.get("padding", 0)
    return math.prod(shapes[0]) + shapes[0][1] * side**2 * sizes["kernel_size"] ** 2


def _windowed(shapes: list[Shape], settings: dict[str, Any]) -> int:
    return math.prod(shapes[0]) * (1 + sum(n**2 for n in _numbers(list(settings.values()))))


def _numbers(value: Any) -> list[int]:
    """The absolute whole numbers anywhere in an argument."""
    if isinstance(value, (list, tuple)):
        return [n for part in value for n in _numbers(part)]
    return [abs(int(value))] if isinstance(value, (int, float)) and not isinstance(value, bool) else []


_RULES: dict[str, Callable[[list[Shape], dict[str, Any]], int]] = {
    "diag": _squared,
    "diagflat": _squared,
    "einsum": _summed,
    "elastic_transform": _windowed,
    "extract_sequences": _transformed,
    "fold": _folded,
    "gaussian_blur": _windowed,
    "irfft": _transformed,
    "kron": _every_pair,
    "meshgrid": _grids,
    "multi_hot": _encoded,
    "one_hot": _encoded,
    "outer": _every_pair,
    "pad": _padded,
    "pad_images": _framed,
    "repeat": _repeated_each,
    "resize": _resized,
    "rfft": _transformed,
    "scatter": _shaped,
    "segment_max": _segmented,
    "segment_min": _segmented,
    "segment_prod": _segmented,
    "segment_sum": _segmented,
    "ssim": _windowed,
    "stft": _transformed,
    "take": _taken,
    "tile": _repeated,
    "unfold": _folded,
}
