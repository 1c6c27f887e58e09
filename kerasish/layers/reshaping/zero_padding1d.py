"""More of a sequence: zero padding."""

from __future__ import annotations

from typing import Any, Unpack

from kerasish.backend.config import standardize_data_format
from kerasish.backend.sizes import tuple_of
from kerasish.backend.typing import Margins
from kerasish.layers.base.layer_options import LayerOptions
from kerasish.layers.reshaping.zero_padding import ZeroPadding


class ZeroPadding1D(ZeroPadding):
    """Puts zeros around a sequence.

    Args:
        padding: how many steps at each end; one number, or a pair (before, after).
        data_format: `"channels_last"` or `"channels_first"`; `keras.config.image_data_format()` by default.
        **kwargs: `name`, `dtype`, `trainable` of `Layer`.

    Shapes: inputs `(batch, steps, features)`, or with the channels second, output the same but larger.

    Raises:
        ValueError: if a number is negative or their count is wrong.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.layers.ZeroPadding1D(1)(np.ones((2, 5, 3), "float32")).shape
        (2, 7, 3)
    """

    rank = 1

    def __init__(self, padding: Margins = 1, data_format: str | None = None, **kwargs: Unpack[LayerOptions]) -> None:
        super().__init__(**kwargs)
        self.data_format = standardize_data_format(data_format)
        self.padding = tuple_of(padding, 2, "padding", "ZeroPadding1D", 0)
        self._prepare(((self.padding[0], self.padding[1]),))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "padding": self.padding, "data_format": self.data_format}
