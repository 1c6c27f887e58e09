"""Sequences, images and volumes enlarged."""

from __future__ import annotations

from typing import Any, Unpack

import numpy as np

from kerasish.backend.sizes import tuple_of
from kerasish.backend.typing import Sizes
from kerasish.layers.base.layer_options import LayerOptions
from kerasish.layers.reshaping.rearranging import SpatialRearranging, positive
from kerasish.ops.core import cast
from kerasish.ops.resampling import KERNELS, resample, resizing_weights
from kerasish.ops.shape import repeat


class UpSampling(SpatialRearranging):
    """Enlarges along the spatial axes.

    Attributes:
        factors: how many times each grows.
    """

    _argument = "size"
    size: Any
    factors: tuple[int, ...]

    def _checked(self, value: Any) -> Any:
        self.factors = tuple_of(value, self.rank, "size", type(self).__name__, 1)
        return self.factors

    def call(self, inputs: Any) -> Any:
        """Each element several times along each spatial axis."""
        for axis, factor in zip(self.axes, self.factors, strict=True):
            if factor > 1:
                inputs = repeat(inputs, factor, axis=axis)
        return inputs

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The input's shape, larger."""
        sizes = list(input_shape)
        for axis, factor in zip(self.axes, self.factors, strict=True):
            if sizes[axis] is not None:
                sizes[axis] *= factor
        return tuple(sizes)


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
    _takes_data_format = False

    def __init__(self, size: int = 2, **kwargs: Unpack[LayerOptions]) -> None:
        super().__init__(size, **kwargs)

    def _checked(self, value: Any) -> Any:
        self.factors = (positive(value, "size", "UpSampling1D"),)
        return self.factors[0]


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
        super().__init__(size, data_format, **kwargs)
        self.interpolation = str(interpolation).lower()
        if self.interpolation != "nearest" and self.interpolation not in KERNELS:
            raise ValueError(
                f'UpSampling2D interpolates by "nearest", {", ".join(map(repr, KERNELS))}; received '
                f"interpolation={interpolation!r}"
            )

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
        return {**super().get_config(), "interpolation": self.interpolation}


class UpSampling3D(UpSampling):
    """A volume with each element repeated along depth, height and width.

    Args:
        size: how many times each axis grows; one number for all, or three.
        data_format, **kwargs: those of `UpSampling2D`.

    Shapes: inputs `(batch, depth, height, width, channels)`, or with the channels second, output the same but larger.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.layers.UpSampling3D(2)(np.ones((1, 2, 3, 4, 5), "float32")).shape
        (1, 4, 6, 8, 5)
    """

    rank = 3

    def __init__(self, size: Sizes = (2, 2, 2), data_format: str | None = None, **kwargs: Unpack[LayerOptions]) -> None:
        super().__init__(size, data_format, **kwargs)
