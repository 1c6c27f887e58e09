"""What all operations on pictures begin and end with: one picture or several, the channels last or first."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from kerasish.backend.operators import to_array
from kerasish.backend.symbolic import KerasTensor
from kerasish.ops.windows import channels_first, to_first, to_last

Size = tuple[Any, ...]


class Layout(NamedTuple):
    """How the caller's pictures lie.

    Attributes:
        one: whether it is a single picture, without an axis of a batch.
        first: whether the channels come before the spatial axes.
    """

    one: bool
    first: bool

    def restored(self, x: Any) -> Any:
        """A batch with its channels last, as the caller's pictures lie."""
        x = to_first(x, self.first)
        return np.squeeze(x, 0) if self.one else x

    def dims(self, shape: Size) -> Size:
        """The sizes `(batch, *spatial, channels)` of pictures of this shape."""
        shape = (1, *shape) if self.one else tuple(shape)
        return (shape[0], *shape[2:], shape[1]) if self.first else shape

    def spec(self, dims: Size, dtype: Any) -> KerasTensor:
        """The symbolic tensor of pictures with these sizes, as the caller's lie."""
        dims = (dims[0], dims[-1], *dims[1:-1]) if self.first else dims
        return KerasTensor(dims[1:] if self.one else dims, dtype)


def layout(images: Any, data_format: str | None, name: str, rank: int = 2) -> Layout:
    """How pictures with `rank` spatial axes lie.

    Raises:
        ValueError: if they are neither one picture nor a batch.
    """
    ndim = len(images.shape)
    if ndim not in (rank + 1, rank + 2):
        spatial = "height, width" if rank == 2 else "depth, height, width"
        raise ValueError(
            f"{name} takes one picture ({spatial}, channels) or a batch (batch, {spatial}, channels), of rank "
            f"{rank + 1} or {rank + 2}; received shape {tuple(images.shape)}"
        )
    return Layout(ndim == rank + 1, channels_first(data_format))


def batched(images: Any, data_format: str | None, name: str, rank: int = 2) -> tuple[Any, Layout]:
    """Pictures as a batch with the channels last, and how they lay.

    Raises:
        ValueError: if they are neither one picture nor a batch.
    """
    images = images if hasattr(images, "shape") else to_array(images)
    found = layout(images, data_format, name, rank)
    if found.one:
        images = np.expand_dims(images, 0)
    return to_last(images, found.first), found


def same_spec(images: Any, *_: Any, **__: Any) -> KerasTensor:
    """The rule of an operation that keeps shape and dtype."""
    return KerasTensor(images.shape, images.dtype)
