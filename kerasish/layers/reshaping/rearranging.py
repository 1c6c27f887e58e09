"""The base of layers that rearrange numbers, and the checks of the sizes that they take."""

from __future__ import annotations

from typing import Any

from kerasish.backend.sizes import tuple_of, whole
from kerasish.backend.symbolic import KerasTensor
from kerasish.layers.base.layer import Layer


class Rearranging(Layer):
    """A layer that moves, repeats or drops numbers but computes nothing: integers stay integers."""

    def compute_output_spec(self, inputs: Any, **kwargs: Any) -> Any:
        kind = self.compute_dtype if self.autocast and "float" in inputs.dtype else inputs.dtype
        return KerasTensor(self.compute_output_shape(inputs.shape), kind)


def positive(value: Any, name: str, layer: str) -> int:
    """`value`, if it is a positive whole number.

    Raises:
        TypeError: if it is not a whole number.
        ValueError: if it is not positive.
    """
    if not whole(value):
        raise TypeError(f"{layer} needs a whole number as {name}; received {name}={value!r}")
    if value < 1:
        raise ValueError(f"{layer} needs a positive {name}; received {name}={value!r}")
    return int(value)


def pairs_of(value: Any, rank: int, name: str, layer: str) -> tuple[tuple[int, int], ...]:
    """A margin (before, after) for each of `rank` axes, from one number, one for each axis, or pairs.

    Raises:
        ValueError: if it is none of these, or a number is negative.
    """
    parts = (value,) * rank if whole(value) else value
    if not isinstance(parts, (list, tuple)) or len(parts) != rank:
        raise ValueError(
            f"{layer} needs as {name} a whole number, {rank} whole numbers or {rank} pairs (before, after); received "
            f"{name}={value!r}"
        )
    made = [tuple_of(part, 2, name, layer, 0) for part in parts]
    return tuple((before, after) for before, after in made)


def spatial_axes(rank: int, data_format: str) -> tuple[int, ...]:
    """The axes of length, height and width."""
    return tuple(range(1, rank + 1)) if data_format == "channels_last" else tuple(range(2, rank + 2))
