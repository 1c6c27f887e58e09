"""The base of layers that change the colours of pictures and leave each pixel in its place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kerasish.layers.preprocessing.image.picture_layer import RandomPictureLayer, checked_value_range
from kerasish.ops.elementwise import clip


class ColorLayer(RandomPictureLayer):
    """A layer that knows the least and the largest value of a pixel, and keeps to them.

    Args:
        value_range: the two.
        data_format, seed, **kwargs: see `PictureLayer`.
    """

    def __init__(
        self, value_range: Sequence[float], data_format: str | None = None, seed: int | None = None, **kwargs: Any
    ) -> None:
        super().__init__(data_format, seed, **kwargs)
        self.value_range = checked_value_range(value_range, type(self).__name__)

    @property
    def _span(self) -> float:
        """The difference of the largest and the least value."""
        return self.value_range[1] - self.value_range[0]

    def transform_images(self, images: Any, transformation: Any = None, training: bool = True) -> Any:
        """The pictures in other colours; None changes nothing."""
        images = self._floats(images)
        return images if transformation is None else self._recolored(images, transformation)

    def _recolored(self, images: Any, transformation: Any) -> Any:
        raise NotImplementedError

    def _kept(self, images: Any) -> Any:
        """Numbers held within the range."""
        return clip(images, *self.value_range)

    def _as_unit(self, images: Any) -> Any:
        """The range as 0 to 1."""
        return (images - self.value_range[0]) / self._span

    def _from_unit(self, images: Any) -> Any:
        return images * self._span + self.value_range[0]

    def _factors(self, transformation: Any, name: str, images: Any) -> Any:
        return self._each(np.asarray(transformation[name]), images)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "value_range": self.value_range}
