"""Pictures in other colours by chance, in four ways at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kerasish.layers.preprocessing.image.color_layer import ColorLayer
from kerasish.layers.preprocessing.image.random_brightness import RandomBrightness
from kerasish.layers.preprocessing.image.random_contrast import RandomContrast
from kerasish.layers.preprocessing.image.random_hue import RandomHue
from kerasish.layers.preprocessing.image.random_saturation import RandomSaturation

_WAYS = {
    "brightness": RandomBrightness,
    "contrast": RandomContrast,
    "saturation": RandomSaturation,
    "hue": RandomHue,
}


class RandomColorJitter(ColorLayer):
    """In training, changes the brightness, the contrast, the saturation and the hue of each picture, in this order.

    Args:
        value_range: the least and the largest value of a pixel.
        brightness_factor, contrast_factor, saturation_factor, hue_factor: see `RandomBrightness`, `RandomContrast`,
            `RandomSaturation` and `RandomHue`; None leaves it as it is.
        seed: a whole number, for the same changes in every run.
        data_format: `"channels_last"` or `"channels_first"`.
        **kwargs: `name`, `dtype`, `trainable` of `Layer`.

    Shapes: the output has the shape of the input, one picture or a batch, in the layer's dtype.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> jitter = keras.layers.RandomColorJitter(brightness_factor=(0.2, 0.2))
        >>> jitter(np.full((1, 1, 3), 100.0), training=True)[0, 0]
        array([151., 151., 151.], dtype=float32)
    """

    rests = True

    def __init__(
        self,
        value_range: Sequence[float] = (0, 255),
        brightness_factor: Any = None,
        contrast_factor: Any = None,
        saturation_factor: Any = None,
        hue_factor: Any = None,
        seed: int | None = None,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(value_range, data_format, seed, **kwargs)
        self._factors_given = dict(
            zip(_WAYS, (brightness_factor, contrast_factor, saturation_factor, hue_factor), strict=True)
        )
        self._steps = [
            _WAYS[way](
                factor, value_range=self.value_range, seed=seed, data_format=self.data_format, dtype=self.dtype_policy
            )
            for way, factor in self._factors_given.items()
            if factor is not None
        ]

    def _recolored(self, images: Any, transformation: Any) -> Any:
        for layer, part in zip(self._steps, transformation["steps"], strict=True):
            images = layer.transform_images(images, part)
        return images

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        """What each of the layers is to do with these pictures; None for nothing."""
        if not training:
            return None
        return {"steps": [layer.get_random_transformation(data, training, seed) for layer in self._steps]}

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), **{f"{way}_factor": given for way, given in self._factors_given.items()}}
