"""More of a volume: zero padding."""

from __future__ import annotations

from typing import Any, Unpack

from kerasish.backend.config import standardize_data_format
from kerasish.backend.typing import Margins
from kerasish.layers.base.layer_options import LayerOptions
from kerasish.layers.reshaping.rearranging import pairs_of
from kerasish.layers.reshaping.zero_padding import ZeroPadding


class ZeroPadding3D(ZeroPadding):
    """Puts zeros around a volume.

    Args:
        padding: how much along each spatial axis; one number for all, one for each, or pairs (before, after).
        data_format: `"channels_last"` or `"channels_first"`; `keras.config.image_data_format()` by default.
        **kwargs: `name`, `dtype`, `trainable` of `Layer`.

    Shapes: inputs `(batch, depth, height, width, channels)`, or with the channels second, output the same but larger.

    Raises:
        ValueError: if a number is negative or their count is wrong.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.layers.ZeroPadding3D(1)(np.ones((2, 5, 7, 9, 3), "float32")).shape
        (2, 7, 9, 11, 3)
    """

    rank = 3

    def __init__(
        self,
        padding: Margins = ((1, 1), (1, 1), (1, 1)),
        data_format: str | None = None,
        **kwargs: Unpack[LayerOptions],
    ) -> None:
        super().__init__(**kwargs)
        self.data_format = standardize_data_format(data_format)
        self.padding = pairs_of(padding, 3, "padding", "ZeroPadding3D")
        self._prepare(self.padding)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "padding": self.padding, "data_format": self.data_format}
