"""A volume enlarged."""

from __future__ import annotations

from typing import Any, Unpack

from kerasish.backend.config import standardize_data_format
from kerasish.backend.sizes import tuple_of
from kerasish.backend.typing import Sizes
from kerasish.layers.base.layer_options import LayerOptions
from kerasish.layers.reshaping.up_sampling import UpSampling


class UpSampling3D(UpSampling):
    """A volume with each element repeated along depth, height and width.

    Args:
        size: how many times each axis grows; one number for all, or three.
        data_format: `"channels_last"` or `"channels_first"`; `keras.config.image_data_format()` by default.
        **kwargs: `name`, `dtype`, `trainable` of `Layer`.

    Shapes: inputs `(batch, depth, height, width, channels)`, or with the channels second, output the same but larger.

    Raises:
        ValueError: if a size is not a positive whole number.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.layers.UpSampling3D(2)(np.ones((1, 2, 3, 4, 5), "float32")).shape
        (1, 4, 6, 8, 5)
    """

    rank = 3

    def __init__(self, size: Sizes = (2, 2, 2), data_format: str | None = None, **kwargs: Unpack[LayerOptions]) -> None:
        super().__init__(**kwargs)
        self.data_format = standardize_data_format(data_format)
        self.size = tuple_of(size, 3, "size", "UpSampling3D", 1)
        self._prepare(self.size)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "size": self.size, "data_format": self.data_format}
