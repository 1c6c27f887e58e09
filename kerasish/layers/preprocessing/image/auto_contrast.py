"""Pictures that use the whole range of values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kerasish.layers.preprocessing.image.picture_layer import PictureLayer, checked_value_range
from kerasish.ops.elementwise import clip, where
from kerasish.ops.reduction import amax, amin


class AutoContrast(PictureLayer):
    """Stretches each channel of each picture from the least value to the largest.

    A channel of one number stays as it is.

    Args:
        value_range: the least and the largest value of a pixel.
        **kwargs: `name`, `dtype`, `trainable`, `data_format` of the layer.

    Shapes: the output has the shape of the input, one picture or a batch, in the layer's dtype.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.layers.AutoContrast()(np.array([[[100.0], [110.0], [120.0]]]))[0, :, 0]
        array([  0. , 127.5, 255. ], dtype=float32)
    """

    def __init__(self, value_range: Sequence[float] = (0, 255), **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.value_range = checked_value_range(value_range, "AutoContrast")

    def transform_images(self, images: Any, transformation: Any = None, training: bool = True) -> Any:
        """The pictures, stretched."""
        images = self._floats(images)
        low, high = self.value_range
        axes = (self._rows, self._rows + 1)
        least = amin(images, axis=axes, keepdims=True)
        spread = amax(images, axis=axes, keepdims=True) - least
        stretched = (images - least) / where(spread > 0, spread, 1) * (high - low) + low
        return clip(where(spread > 0, stretched, images), low, high)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "value_range": self.value_range}
