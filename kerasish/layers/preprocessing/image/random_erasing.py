"""A part of pictures erased by chance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kerasish.layers.preprocessing.image.boxes import within_boxes
from kerasish.layers.preprocessing.image.color_layer import ColorLayer
from kerasish.layers.preprocessing.image.picture_layer import factor_range, happens, uniform
from kerasish.ops.elementwise import where


class RandomErasing(ColorLayer):
    """In training, puts noise, or one value, in the place of a box of each picture.

    Args:
        factor: the range of the probability that a picture is changed: two numbers, or one for `(0, factor)`.
        scale: the range of a share: each side of the box is the picture's times the root of a share.
        fill_value: what stands in the box; by default normal noise, held within the range of values.
        value_range: the least and the largest value of a pixel.
        seed: a whole number, for the same numbers in every run.
        data_format: `"channels_last"` or `"channels_first"`.
        **kwargs: `name`, `dtype`, `trainable` of `Layer`.

    Shapes: the output has the shape of the input, one picture or a batch, in the layer's dtype.

    Source: Zhong et al., "Random erasing data augmentation", AAAI 2020.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> erased = keras.layers.RandomErasing((1.0, 1.0), (0.25, 0.25), 7)(np.zeros((8, 8, 1)), training=True)
        >>> int((erased == 7).sum())
        16
    """

    def __init__(
        self,
        factor: float | Sequence[float] = 1.0,
        scale: Any = (0.02, 0.33),
        fill_value: float | None = None,
        value_range: Sequence[float] = (0, 255),
        seed: int | None = None,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(value_range, data_format, seed, **kwargs)
        self.factor = factor_range(factor, "RandomErasing", 0)
        self.scale = factor_range(scale, "RandomErasing", 0, "scale")
        self.fill_value = fill_value

    def _draw(self, random: np.random.Generator, shape: tuple[int, ...]) -> Any:
        whole = shape if len(shape) == 4 else (1, *shape)
        count, height, width = self._sizes(shape)
        rows, columns = (np.sqrt(uniform(random, self.scale, (count, 1))) for _ in range(2))
        box = within_boxes(random, rows, columns, height, width)
        fill = np.full(whole, self.fill_value, np.float32)
        if self.fill_value is None:
            fill = (random.standard_normal(whole) * self._span + self.value_range[0]).astype(np.float32)
        return {
            "apply_erasing": happens(random, self.factor, count),
            "batch_masks": np.broadcast_to(np.expand_dims(box, self._channels), whole),
            "fill_value": np.clip(fill, *self.value_range),
        }

    def _recolored(self, images: Any, transformation: Any) -> Any:
        erased = self._factors(transformation, "apply_erasing", images)
        mask, fill = (np.reshape(transformation[key], np.shape(images)) for key in ("batch_masks", "fill_value"))
        return where(np.logical_and(erased, mask), fill.astype(self.compute_dtype), images)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "factor": self.factor, "scale": self.scale, "fill_value": self.fill_value}
