"""Less of an image: cropping."""

from __future__ import annotations

from typing import Any, Unpack

from kerasish.backend.config import standardize_data_format
from kerasish.backend.typing import Margins
from kerasish.layers.base.layer_options import LayerOptions
from kerasish.layers.reshaping.cropping import Cropping
from kerasish.layers.reshaping.rearranging import pairs_of


class Cropping2D(Cropping):
    """Cuts margins off an image.

    Args:
        cropping: how much along each spatial axis; one number for all, one for each, or pairs (before, after).
        data_format: `"channels_last"` or `"channels_first"`; `keras.config.image_data_format()` by default.
        **kwargs: `name`, `dtype`, `trainable` of `Layer`.

    Shapes: inputs `(batch, height, width, channels)`, or with the channels second, output the same but smaller.

    Raises:
        ValueError: if a number is negative, their count is wrong, or nothing would be left.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.layers.Cropping2D(1)(np.ones((2, 5, 7, 3), "float32")).shape
        (2, 3, 5, 3)
    """

    rank = 2

    def __init__(
        self, cropping: Margins = ((0, 0), (0, 0)), data_format: str | None = None, **kwargs: Unpack[LayerOptions]
    ) -> None:
        super().__init__(**kwargs)
        self.data_format = standardize_data_format(data_format)
        self.cropping = pairs_of(cropping, 2, "cropping", "Cropping2D")
        self._prepare(self.cropping)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "cropping": self.cropping, "data_format": self.data_format}
