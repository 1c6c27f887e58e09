"""What the layers of sequences, images and volumes have in common: spatial axes, with the channels last or first."""

from __future__ import annotations

import inspect
from typing import Any, Unpack

from kerasish.backend.config import standardize_data_format
from kerasish.layers.base.layer import Layer
from kerasish.layers.base.layer_options import LayerOptions

# Arguments that are a number, or one for each spatial axis.
_SIZES = ("strides", "dilation_rate", "pool_size")


class SpatialLayer(Layer):
    """A layer whose inputs have the shape `(batch, *spatial, channels)`, or `(batch, channels, *spatial)`.

    A subclass that says with `rank` how many spatial axes there are shows in its signature a size for each of them,
    where its base has one number as default.

    Args:
        data_format: `"channels_last"` or `"channels_first"`; `keras.config.image_data_format()` by default.
        **kwargs: those of `Layer`.

    Attributes:
        rank: the number of spatial axes.
    """

    rank: int

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "rank" in cls.__dict__:
            cls.__signature__ = _with_sizes(cls.__init__, cls.rank)  # type: ignore[attr-defined]

    def __init__(self, data_format: str | None = None, **kwargs: Unpack[LayerOptions]) -> None:
        super().__init__(**kwargs)
        self.data_format = standardize_data_format(data_format)

    @property
    def _channels_first(self) -> bool:
        return self.data_format == "channels_first"

    @property
    def _axes(self) -> tuple[int, ...]:
        """The spatial axes of the input."""
        first = 2 if self._channels_first else 1
        return tuple(range(first, first + self.rank))

    def _sizes(self, shape: Any) -> tuple[Any, ...]:
        """The spatial sizes of an input of this shape.

        Raises:
            ValueError: if it has another rank.
        """
        if len(shape) != self.rank + 2:
            raise ValueError(
                f"the layer {self.name!r} takes inputs of rank {self.rank + 2}: samples, {self.rank} spatial "
                f"{'axis' if self.rank == 1 else 'axes'} and channels; received shape {tuple(shape)}"
            )
        return tuple(shape[axis] for axis in self._axes)

    def _with_sizes(self, sizes: tuple[Any, ...], shape: Any) -> tuple[Any, ...]:
        """The shape of an output with these spatial sizes, for an input of that shape."""
        return self._shape_of(shape[0], sizes, shape[1 if self._channels_first else -1])

    def _shape_of(self, batch: Any, sizes: tuple[Any, ...], channels: Any) -> tuple[Any, ...]:
        """The shape of so many samples with these spatial sizes and so many channels."""
        return (batch, channels, *sizes) if self._channels_first else (batch, *sizes, channels)


def _with_sizes(init: Any, rank: int) -> inspect.Signature:
    """The signature of a constructor, with a size for each axis as a default where there is one number."""
    shown = []
    for parameter in list(inspect.signature(init).parameters.values())[1:]:
        if parameter.name in _SIZES and isinstance(parameter.default, int) and rank > 1:
            parameter = parameter.replace(default=(parameter.default,) * rank)
        shown.append(parameter)
    return inspect.Signature(shown)
