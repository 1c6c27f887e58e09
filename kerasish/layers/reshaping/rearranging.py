"""The base of layers that rearrange numbers, and the checks of the sizes that they take."""

from __future__ import annotations

from typing import Any, Unpack

from kerasish.backend.config import standardize_data_format
from kerasish.backend.sizes import tuple_of, whole
from kerasish.backend.symbolic import KerasTensor
from kerasish.layers.base.input_spec import InputSpec
from kerasish.layers.base.layer import Layer
from kerasish.layers.base.layer_options import LayerOptions


class Rearranging(Layer):
    """A layer that moves, repeats or drops numbers but computes nothing: integers stay integers."""

    def compute_output_spec(self, inputs: Any, **kwargs: Any) -> Any:
        kind = self.compute_dtype if self.autocast and "float" in inputs.dtype else inputs.dtype
        return KerasTensor(self.compute_output_shape(inputs.shape), kind)


class SpatialRearranging(Rearranging):
    """A layer that changes the sizes of its spatial axes, as one argument of it says.

    Attributes:
        rank: the number of spatial axes.
        axes: the spatial axes.
    """

    rank: int
    # The argument's name, and whether the layer takes `data_format` as well.
    _argument: str
    _takes_data_format = True

    # By place only, so that a `data_format=` among `kwargs` is refused where the layer has no such argument.
    def __init__(
        self, value: Any, data_format: str | None = "channels_last", /, **kwargs: Unpack[LayerOptions]
    ) -> None:
        super().__init__(**kwargs)
        self.data_format = standardize_data_format(data_format)
        self.axes = spatial_axes(self.rank, self.data_format)
        self.input_spec = InputSpec(ndim=self.rank + 2)
        setattr(self, self._argument, self._checked(value))

    def _checked(self, value: Any) -> Any:
        """The argument as it is kept.

        Raises:
            ValueError: if it is out of its range.
        """
        raise NotImplementedError

    def get_config(self) -> dict[str, Any]:
        config = {**super().get_config(), self._argument: getattr(self, self._argument)}
        return {**config, "data_format": self.data_format} if self._takes_data_format else config


class WithMargins(SpatialRearranging):
    """A layer that takes away or adds something before and after each spatial axis.

    Attributes:
        margins: a pair (before, after) for each.
    """

    margins: tuple[tuple[int, int], ...]

    def _checked(self, value: Any) -> Any:
        kind = type(self).__name__
        if self.rank > 1:
            self.margins = pairs_of(value, self.rank, self._argument, kind)
            return self.margins
        before, after = tuple_of(value, 2, self._argument, kind, 0)
        self.margins = ((before, after),)
        return before, after


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
