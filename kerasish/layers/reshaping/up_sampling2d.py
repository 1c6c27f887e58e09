"""An image enlarged."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish.backend.config import standardize_data_format
from kerasish.backend.sizes import tuple_of
from kerasish.backend.typing import Sizes
from kerasish.layers.reshaping.up_sampling import UpSampling
from kerasish.ops.core import cast
from kerasish.ops.resampling import KERNELS, resample, resizing_weights


class UpSampling2D(UpSampling):
    """An image whose height and width are whole multiples of what they were.

    Args:
        size: how many times height and width grow; one number for both, or two.
        data_format: `"channels_last"` or `"channels_first"`; `keras.config.image_data_format()` by default.
        interpolation: `"nearest"` repeats pixels; `"bilinear"`, `"bicubic"`, `"lanczos3"` and `"lanczos5"` take
            weighted means of neighbours.
        **kwargs: `name`, `dtype`, `trainable` of `Layer`.

    Shapes: inputs `(batch, height, width, channels)`, or with the channels second, output the same but larger.

    Raises:
        ValueError: if a size is not a positive whole number, or the interpolation has another name.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.layers.UpSampling2D((2, 3))(np.ones((1, 4, 5, 3), "float32")).shape
        (1, 8, 15, 3)
    """

    rank = 2

    def __init__(
        self, size: Sizes = (2, 2), data_format: str | None = None, interpolation: str = "nearest", **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.data_format = standardize_data_format(data_format)
        self.size = tuple_of(size, 2, "size", "UpSampling2D", 1)
        self.interpolation = str(interpolation).lower()
        if self.interpolation != "nearest" and self.interpolation not in KERNELS:
            raise ValueError(
                f'UpSampling2D interpolates by "nearest", {", ".join(map(repr, KERNELS))}; received '
                f"interpolation={interpolation!r}"
            )
        self._prepare(self.size)

    def call(self, inputs: Any) -> Any:
        """The images, enlarged."""
        if self.interpolation == "nearest":
            return super().call(inputs)
        if "float" not in str(inputs.dtype):
            inputs = cast(inputs, self.compute_dtype)
        for axis, factor in zip(self.axes, self.factors, strict=True):
            size = np.shape(inputs)[axis]
            inputs = resample(
                inputs, weights=resizing_weights(self.interpolation, size, size * factor, False), axis=axis
            )
        return inputs

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "size": self.size,
            "data_format": self.data_format,
            "interpolation": self.interpolation,
        }
