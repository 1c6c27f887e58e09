"""Less of a sequence: cropping."""

from __future__ import annotations

from typing import Any, Unpack

from kerasish.backend.sizes import tuple_of
from kerasish.backend.typing import Margins
from kerasish.layers.base.layer_options import LayerOptions
from kerasish.layers.reshaping.cropping import Cropping


class Cropping1D(Cropping):
    """Cuts margins off a sequence.

    Args:
        cropping: how many steps at each end; one number, or a pair (before, after).
        **kwargs: `name`, `dtype`, `trainable` of `Layer`.

    Shapes: inputs `(batch, steps, features)`, output the same but smaller.

    Raises:
        ValueError: if a number is negative, their count is wrong, or nothing would be left.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.layers.Cropping1D(1)(np.ones((2, 5, 3), "float32")).shape
        (2, 3, 3)
    """

    rank = 1

    def __init__(self, cropping: Margins = (1, 1), **kwargs: Unpack[LayerOptions]) -> None:
        super().__init__(**kwargs)
        self.cropping = tuple_of(cropping, 2, "cropping", "Cropping1D", 0)
        self._prepare(((self.cropping[0], self.cropping[1]),))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "cropping": self.cropping}
