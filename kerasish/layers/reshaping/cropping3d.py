"""Less of a volume: cropping."""

from __future__ import annotations

from typing import Any, Unpack

from kerasish.backend.config import standardize_data_format
from kerasish.backend.typing import Margins
from kerasish.layers.base.layer_options import LayerOptions
from kerasish.layers.reshaping.cropping import Cropping
from kerasish.layers.reshaping.rearranging import pairs_of


class Cropping3D(Cropping):
    """Cuts margins off a volume.

    Args:
        cropping: how much along each spatial axis; one number for all, one for each, or pairs (before, after).
        data_format: `"channels_last"` or `"channels_first"`; `keras.config.image_data_format()` by default.
        **kwargs: `name`, `dtype`, `trainable` of `Layer`.

    Shapes: inputs `(batch, depth, height, width, channels)`, or with the channels second, output the same but smaller.

    Raises:
        ValueError: if a number is negative, their count is wrong, or nothing would be left.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.layers.Cropping3D(1)(np.ones((2, 5, 7, 9, 3), "float32")).shape
        (2, 3, 5, 7, 3)
    """

    rank = 3

    def __init__(
        self,
        cropping: Margins = ((1, 1), (1, 1), (1, 1)),
        data_format: str | None = None,
        **kwargs: Unpack[LayerOptions],
    ) -> None:
        super().__init__(**kwargs)
        self.data_format = standardize_data_format(data_format)
        self.cropping = pairs_of(cropping, 3, "cropping", "Cropping3D")
        self._prepare(self.cropping)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "cropping": self.cropping, "data_format": self.data_format}
