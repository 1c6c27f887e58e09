"""The axes that a normalization takes, checked."""

from __future__ import annotations

from typing import Any


def checked_axis(axis: Any, layer: str) -> Any:
    """`axis` as an int or a list of ints.

    Raises:
        TypeError: if it is neither.
    """
    many = axis if isinstance(axis, (list, tuple)) else [axis]
    if not all(isinstance(a, int) and not isinstance(a, bool) for a in many):
        raise TypeError(f"{layer} needs as axis a whole number, or a list of them; received axis={axis!r}")
    return list(axis) if isinstance(axis, (list, tuple)) else axis


def sizes_along(axis: Any, input_shape: Any, layer: str) -> tuple[int, ...]:
    """The sizes of inputs of this shape along the axes, in the order of the shape.

    Raises:
        ValueError: if an axis does not exist, or its size is unknown.
    """
    rank = len(input_shape)
    many = axis if isinstance(axis, (list, tuple)) else [axis]
    if any(not -rank <= a < rank for a in many):
        raise ValueError(
            f"the layer {layer!r} normalizes along axis={axis}, which inputs of shape {tuple(input_shape)} do not have"
        )
    places = sorted({a % rank for a in many})
    if len(places) < len(many):
        raise ValueError(f"the layer {layer!r} normalizes along the same axis twice; received axis={axis!r:.200}")
    sizes = tuple(input_shape[a] for a in places)
    if None in sizes:
        raise ValueError(
            f"the layer {layer!r} has a weight for each index along axis={axis}, and inputs of shape "
            f"{tuple(input_shape)} leave their number open"
        )
    return sizes
