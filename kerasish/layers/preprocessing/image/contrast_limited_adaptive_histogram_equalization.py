"""Pictures whose contrast is spread, tile by tile."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kerasish.backend.array import eager
from kerasish.backend.tensor import Tensor
from kerasish.layers.preprocessing.image.picture_layer import PictureLayer, checked_value_range
from kerasish.ops.core import convert_to_numpy


class ContrastLimitedAdaptiveHistogramEqualization(PictureLayer):
    """Gives each number the rank that it has among those around it (CLAHE).

    Each channel is cut into tiles. In each tile, numbers are counted by their value in 256 steps; counts above
    `clip_limit` times the mean are cut off, and what was cut off is spread over all steps, so that even areas do not
    become noise. Of the running sum `n(v)` the new value is `(n(v) - n₀) / (N - n₀)` of the range, of `N` numbers with
    `n₀` in the lowest step; a pixel takes the linear mean of what the tiles whose middles are nearest make of it. It is
    constant between its steps, so no gradient passes.

    Args:
        value_range: the least and the largest value of a pixel.
        clip_limit: the limit; 0 for none.
        tile_grid_size: how many tiles there are, from top to bottom and from left to right. A picture that they do
            not divide is mirrored at its lower and right edges.
        data_format: `"channels_last"` or `"channels_first"`.
        **kwargs: `name`, `dtype`, `trainable` of `Layer`.

    Shapes: the output has the shape of the input, one picture or a batch, in the layer's dtype.

    Source: K. Zuiderveld, "Contrast limited adaptive histogram equalization", Graphics Gems IV, 1994.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> dark = np.tile(np.arange(16.0).reshape(1, 16, 1), (16, 1, 1))
        >>> layer = keras.layers.ContrastLimitedAdaptiveHistogramEqualization(clip_limit=0, tile_grid_size=(1, 1))
        >>> layer(dark)[0, ::5, 0]
        array([  0.,  85., 170., 255.], dtype=float32)
    """

    def __init__(
        self,
        value_range: Sequence[float] = (0, 255),
        clip_limit: float = 4.0,
        tile_grid_size: Sequence[int] = (8, 8),
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(data_format, **kwargs)
        self.value_range = checked_value_range(value_range, type(self).__name__)
        if len(tile_grid_size) != 2 or min(tile_grid_size) < 1:
            raise ValueError(
                f"{type(self).__name__} needs as tile_grid_size two numbers of at least 1; received {tile_grid_size!r}"
            )
        self.clip_limit, self.tile_grid_size = clip_limit, tuple(tile_grid_size)

    def transform_images(self, images: Any, transformation: Any = None, training: bool = True) -> Any:
        """The pictures, tile by tile."""
        images = self._floats(images)
        plain = images.numpy() if isinstance(images, Tensor) else convert_to_numpy(images)
        low, high = self.value_range
        levels = np.moveaxis(plain.astype(np.float32), self._channels, -3)
        levels = ((levels - low) / (high - low) * 255).reshape(-1, *levels.shape[-2:])
        made = self._spread(np.clip(levels, 0, 255).astype(np.uint8)) / 255 * (high - low) + low
        made = np.moveaxis(made.reshape(np.moveaxis(plain, self._channels, -3).shape), -3, self._channels)
        return eager(made.astype(plain.dtype))

    def _spread(self, levels: np.ndarray) -> np.ndarray:
        """Channels `(n, height, width)` of whole numbers from 0 to 255, as floats."""
        count, height, width = levels.shape
        rows, columns = self.tile_grid_size
        high, wide = -(-height // rows), -(-width // columns)
        around = ((0, 0), (0, high * rows - height), (0, wide * columns - width))
        padded = np.pad(levels, around, mode="symmetric")
        tiles = padded.reshape(count, rows, high, columns, wide).swapaxes(2, 3).reshape(-1, high * wide)
        values = self._new_values(tiles).reshape(count, rows, columns, 256)
        above, low_part = _neighbours(height, high)
        left, right_part = _neighbours(width, wide)
        made = np.zeros((count, height, width), np.float32)
        channel = np.arange(count).reshape(-1, 1, 1)
        for down, row_part in ((0, 1 - low_part), (1, low_part)):
            row = np.clip(above + down, 0, rows - 1)[:, None]
            for across, column_part in ((0, 1 - right_part), (1, right_part)):
                column = np.clip(left + across, 0, columns - 1)
                made += values[channel, row, column, levels] * (row_part[:, None] * column_part)
        return made

    def _new_values(self, tiles: np.ndarray) -> np.ndarray:
        """For each tile, what becomes of each of the 256 values."""
        count, size = tiles.shape
        places = tiles.astype(np.int64) + 256 * np.arange(count)[:, None]
        found = np.bincount(places.ravel(), minlength=256 * count).reshape(count, 256).astype(np.float32)
        if self.clip_limit > 0:
            kept = np.minimum(found, np.float32(self.clip_limit * size / 256))
            found = kept + (found - kept).sum(axis=1, keepdims=True) / 256
        sums = found.cumsum(axis=1)
        least = sums[:, :1]
        rest = size - least
        return np.clip((sums - least) * 255 / np.where(rest == 0, 1, rest), 0, 255).astype(np.float32)

    def get_config(self) -> dict[str, Any]:
        own = ("value_range", "clip_limit", "tile_grid_size")
        return {**super().get_config(), **{name: getattr(self, name) for name in own}}


def _neighbours(size: int, tile: int) -> tuple[np.ndarray, np.ndarray]:
    """For each row or column, the tile whose middle lies before it, and how far it is on the way to the next."""
    place = (np.arange(size, dtype=np.float32) - tile / 2) / tile
    before = np.floor(place)
    return before.astype(np.int64), (place - before).astype(np.float32)
