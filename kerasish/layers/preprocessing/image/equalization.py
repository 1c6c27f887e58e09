"""Pictures in which every brightness is about as frequent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kerasish.backend.array import eager
from kerasish.backend.tensor import Tensor
from kerasish.layers.preprocessing.image.picture_layer import PictureLayer, checked_value_range
from kerasish.ops.core import convert_to_numpy


class Equalization(PictureLayer):
    """In training, gives each number of a channel its rank: `(n(x) - n₀) / (N - n₀)` of the range of values.

    `n(x)` of the channel's `N` numbers are in the bin of x or below, and `n₀` in the lowest bin that has any. As in
    Keras, the pictures of a batch are counted together. It is constant between its steps, so no gradient passes.

    Args:
        value_range: the least and the largest value of a pixel.
        bins: how many there are; a number from 0 to 1 is in bin `floor(x (bins - 1))`.
        data_format: `"channels_last"` or `"channels_first"`.
        **kwargs: `name`, `dtype`, `trainable` of `Layer`.

    Shapes: the output has the shape of the input, one picture or a batch, in the layer's dtype.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.layers.Equalization()(np.array([[[100.0], [101.0], [103.0]]]), training=True)[0, :, 0]
        array([  0., 128., 255.], dtype=float32)
    """

    rests = True

    def __init__(
        self, value_range: Sequence[float] = (0, 255), bins: int = 256, data_format: str | None = None, **kwargs: Any
    ) -> None:
        super().__init__(data_format, **kwargs)
        self.value_range = checked_value_range(value_range, "Equalization")
        self.bins = int(bins)

    def transform_images(self, images: Any, transformation: Any = None, training: bool = True) -> Any:
        """The pictures, equalized in training; otherwise they stay."""
        images = self._floats(images)
        if not training:
            return images
        plain = images.numpy() if isinstance(images, Tensor) else convert_to_numpy(images)
        low, high = self.value_range
        channels = np.moveaxis(plain.astype(np.float32), self._channels, 0)
        rows = channels.reshape(len(channels), -1)
        made = self._equalized((rows - low) / (high - low) * 255) / 255 * (high - low) + low
        made = np.moveaxis(made.reshape(channels.shape), 0, self._channels)
        return eager(made.astype(plain.dtype))

    def _equalized(self, rows: np.ndarray) -> np.ndarray:
        """Each row, of numbers from 0 to 255, by the ranks of its numbers."""
        count, size = rows.shape
        bins = np.clip((rows * (self.bins - 1) / 255).astype(np.int64), 0, self.bins - 1)
        places = bins + self.bins * np.arange(count)[:, None]
        found = np.bincount(places.ravel(), minlength=count * self.bins).reshape(count, self.bins).cumsum(axis=1)
        least = np.where(found > 0, found, size).min(axis=1, keepdims=True)
        ranks = np.rint((found - least) / np.maximum(size - least, 1) * 255)
        return np.where(size > least, np.take_along_axis(ranks, bins, axis=1), rows)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "value_range": self.value_range, "bins": self.bins}
