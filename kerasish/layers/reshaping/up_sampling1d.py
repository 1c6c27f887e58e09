"""A sequence with each step repeated."""

from __future__ import annotations

from typing import Any, Unpack

from kerasish.layers.base.layer_options import LayerOptions
from kerasish.layers.reshaping.rearranging import positive
from kerasish.layers.reshaping.up_sampling import UpSampling


class UpSampling1D(UpSampling):
    """Each step of a sequence `size` times.

    Args:
        size: how many times.
        **kwargs: `name`, `dtype`, `trainable` of `Layer`.

    Shapes: inputs `(batch, steps, features)`, output `(batch, steps * size, features)`.

    Raises:
        TypeError: if `size` is not a whole number.
        ValueError: if it is not positive.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.layers.UpSampling1D(2)(np.ones((3, 4, 5), "float32")).shape
        (3, 8, 5)
    """

    rank = 1

    def __init__(self, size: int = 2, **kwargs: Unpack[LayerOptions]) -> None:
        super().__init__(**kwargs)
        self.size = positive(size, "size", "UpSampling1D")
        self._prepare((self.size,))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "size": self.size}
