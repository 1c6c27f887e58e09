"""What all pooling layers have in common: an image with its channels last or first, and the shape of what is left."""

from __future__ import annotations

from typing import Any

from kerasish.backend.config import standardize_data_format
from kerasish.layers.input_spec import InputSpec
from kerasish.layers.layer import Layer


class SpatialPooling(Layer):
    """A layer without weights that makes fewer numbers of each channel.

    Args:
        data_format: `"channels_last"` or `"channels_first"`; `keras.config.image_data_format()` by default.
        **kwargs: `name`, `dtype`, `trainable` of `Layer`.

    Attributes:
        rank: the number of spatial axes.
    """

    replayable = True
    rank: int

    def __init__(self, data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.data_format = standardize_data_format(data_format)
        self.input_spec = InputSpec(ndim=self.rank + 2)

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

    def _shape_with(self, sizes: tuple[Any, ...], shape: Any) -> tuple[Any, ...]:
        """The shape of an output with these spatial sizes, for an input of that shape."""
        if self._channels_first:
            return (shape[0], shape[1], *sizes)
        return (shape[0], *sizes, shape[-1])
