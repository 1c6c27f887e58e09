"""Pictures changed by a few ways out of many."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kerasish.backend.random import generator
from kerasish.layers.preprocessing.image.augmenting_layer import AugmentingLayer

_WAYS = (
    "random_shear",
    "random_translation",
    "random_rotation",
    "random_brightness",
    "random_color_degeneration",
    "random_contrast",
    "random_sharpness",
    "random_posterization",
    "solarization",
    "auto_contrast",
    "equalization",
)


class RandAugment(AugmentingLayer):
    """In training, changes the pictures of a batch in a few ways, one after the other, chosen anew for each batch.

    The ways: `RandomShear`, `RandomTranslation`, `RandomRotation`, `RandomBrightness`, `RandomColorDegeneration`,
    `RandomContrast`, `RandomSharpness`, `RandomPosterization`, `Solarization`, `AutoContrast`, `Equalization`. One
    chosen twice does the same twice.

    Args:
        value_range: the least and the largest value of a pixel.
        num_ops: how many ways.
        factor: their strength, from 0 to 1: two numbers, or one for `(0, factor)`.
        interpolation: `"nearest"` or `"bilinear"`, of those that move pixels.
        seed: a whole number, for the same changes in every run.
        data_format: `"channels_last"` or `"channels_first"`.
        **kwargs: `bounding_box_format`; `name`, `dtype`, `trainable` of `Layer`.

    Shapes: the output has the shape of the input, one picture or a batch, in the layer's dtype. Boxes and masks in a
    dict come along.

    Source: Cubuk et al., "RandAugment: practical automated data augmentation with a reduced search space", NeurIPS
        2020.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.layers.RandAugment(seed=1)(np.ones((2, 8, 8, 3)), training=True).shape
        (2, 8, 8, 3)
    """

    def __init__(
        self,
        value_range: Sequence[float] = (0, 255),
        num_ops: int = 2,
        factor: float | Sequence[float] = 0.5,
        interpolation: str = "bilinear",
        seed: int | None = None,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(_WAYS, value_range, factor, interpolation, seed, data_format, **kwargs)
        self.num_ops = num_ops

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        """What each way would do, under `"transforms"`, and which are chosen, `"layer_idxes"`; None for nothing."""
        if not training:
            return None
        chosen = generator(self.generator if seed is None else seed).integers(len(_WAYS), size=self.num_ops)
        drawn = {name: getattr(self, name).get_random_transformation(data, training, seed) for name in _WAYS}
        return {"transforms": drawn, "layer_idxes": chosen}

    def _after(self, x: Any, transformation: Any, method: str) -> Any:
        if transformation is not None:
            for place in np.asarray(transformation["layer_idxes"]):
                name = _WAYS[int(place)]
                x = getattr(getattr(self, name), method)(x, transformation["transforms"][name], training=True)
        return x

    def transform_images(self, images: Any, transformation: Any = None, training: bool = True) -> Any:
        """The pictures after the ways chosen; None changes nothing."""
        return self._after(self._floats(images), transformation, "transform_images")

    def transform_segmentation_masks(
        self, segmentation_masks: Any, transformation: Any = None, training: bool = True
    ) -> Any:
        """The masks, moved as the pictures are."""
        return self._after(segmentation_masks, transformation, "transform_segmentation_masks")

    def transform_bounding_boxes(
        self, bounding_boxes: dict[str, Any], transformation: Any = None, training: bool = True
    ) -> dict[str, Any]:
        """The boxes, moved as the pictures are."""
        found = super().transform_bounding_boxes(bounding_boxes, None, training)
        return self._after(found, transformation, "transform_bounding_boxes")

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "num_ops": self.num_ops}
