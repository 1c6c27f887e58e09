"""The base of layers that choose by chance among other layers of pictures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from kerasish.backend.random import SeedGenerator
from kerasish.layers.preprocessing.image.auto_contrast import AutoContrast
from kerasish.layers.preprocessing.image.color_layer import ColorLayer
from kerasish.layers.preprocessing.image.equalization import Equalization
from kerasish.layers.preprocessing.image.picture_layer import factor_range
from kerasish.layers.preprocessing.image.random_brightness import RandomBrightness
from kerasish.layers.preprocessing.image.random_color_degeneration import RandomColorDegeneration
from kerasish.layers.preprocessing.image.random_contrast import RandomContrast
from kerasish.layers.preprocessing.image.random_posterization import RandomPosterization
from kerasish.layers.preprocessing.image.random_rotation import RandomRotation
from kerasish.layers.preprocessing.image.random_sharpness import RandomSharpness
from kerasish.layers.preprocessing.image.random_shear import RandomShear
from kerasish.layers.preprocessing.image.random_translation import RandomTranslation
from kerasish.layers.preprocessing.image.solarization import Solarization


class AugmentingLayer(ColorLayer):
    """A layer that has others as attributes, all of one strength.

    Args:
        names: which others.
        value_range: the least and the largest value of a pixel.
        factor: the strength, from 0 to 1: two numbers, or one for `(0, factor)`.
        interpolation: `"nearest"` or `"bilinear"`, of those that move pixels.
        seed, data_format, **kwargs: see `PictureLayer`.

    Raises:
        ValueError: if the factor is not from 0 to 1.
    """

    moves_pixels = True

    def __init__(
        self,
        names: Sequence[str],
        value_range: Sequence[float],
        factor: float | Sequence[float],
        interpolation: str,
        seed: int | None,
        data_format: str | None,
        **kwargs: Any,
    ) -> None:
        super().__init__(value_range, data_format, seed, **kwargs)
        owner = type(self).__name__
        self.factor = factor_range(factor, owner, 0)
        if not 0 <= self.factor[0] <= self.factor[1] <= 1:
            raise ValueError(f"{owner} needs as factor a strength from 0 to 1; received factor={factor!r}")
        self.interpolation = interpolation
        self.generator = SeedGenerator(seed)
        self._names = tuple(names)
        for name in names:
            setattr(self, name, self._made(name))

    def _made(self, name: str) -> Any:
        strength = self.factor
        shared: dict[str, Any] = {
            "data_format": self.data_format,
            "dtype": self.dtype_policy,
            "bounding_box_format": self.bounding_box_format,
        }
        drawn = {**shared, "seed": self.seed}
        colors = {**drawn, "value_range": self.value_range}
        moves = {**drawn, "interpolation": self.interpolation}
        makers: dict[str, Callable[[], Any]] = {
            "random_shear": lambda: RandomShear(strength, strength, **moves),
            "random_translation": lambda: RandomTranslation(strength, strength, **moves),
            "random_rotation": lambda: RandomRotation(strength, **moves),
            "random_brightness": lambda: RandomBrightness(strength, **colors),
            "random_color_degeneration": lambda: RandomColorDegeneration(strength, **colors),
            "random_contrast": lambda: RandomContrast(strength, **colors),
            "random_sharpness": lambda: RandomSharpness(strength, **colors),
            "random_posterization": lambda: RandomPosterization(max(1, int(8 * strength[1])), **colors),
            "solarization": lambda: Solarization(strength, strength, **colors),
            "auto_contrast": lambda: AutoContrast(self.value_range, **shared),
            "equalization": lambda: Equalization(self.value_range, **shared),
        }
        return makers[name]()

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "factor": self.factor, "interpolation": self.interpolation}
