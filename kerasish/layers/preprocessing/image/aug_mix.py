"""Pictures mixed with themselves, changed in several ways."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kerasish.backend.random import generator
from kerasish.layers.preprocessing.image.augmenting_layer import AugmentingLayer
from kerasish.layers.preprocessing.image.boxes import as_boxes
from kerasish.ops.core import convert_to_tensor

_WAYS = (
    "random_shear",
    "random_translation",
    "random_rotation",
    "random_posterization",
    "solarization",
    "auto_contrast",
    "equalization",
)
# Those that a network is tested on where robustness is measured, and so had better not be trained with.
_OF_TESTS = ("random_brightness", "random_color_degeneration", "random_contrast", "random_sharpness")


class AugMix(AugmentingLayer):
    """In training, mixes pictures with changed ones: `m x + (1 - m) Σ wᵢ cᵢ(x)`.

    Each chain `cᵢ` is a few layers that move or recolour, chosen anew for each batch; `w` is drawn from the Dirichlet
    distribution and `m` from the beta distribution, with all parameters alpha.

    Args:
        value_range: the least and the largest value of a pixel.
        num_chains: the number of chains.
        chain_depth: the most layers of a chain.
        factor: their strength, from 0 to 1: two numbers, or one for `(0, factor)`.
        alpha: of the distributions.
        all_ops: whether `RandomBrightness`, `RandomColorDegeneration`, `RandomContrast` and `RandomSharpness` are among
            the layers, besides `RandomShear`, `RandomTranslation`, `RandomRotation`, `RandomPosterization`,
            `Solarization`, `AutoContrast` and `Equalization`.
        interpolation: `"nearest"` or `"bilinear"`, of those that move pixels.
        seed: a whole number, for the same changes in every run.
        data_format: `"channels_last"` or `"channels_first"`.
        **kwargs: `name`, `dtype`, `trainable` of `Layer`.

    Shapes: the output has the shape of the input, one picture or a batch, in the layer's dtype. Masks in a dict are
    mixed likewise; boxes stay, a mixture has no single place.

    Source: Hendrycks et al., "AugMix: a simple data processing method to improve robustness and uncertainty", ICLR
        2020.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.layers.AugMix(seed=1)(np.ones((2, 8, 8, 3)), training=True).shape
        (2, 8, 8, 3)
    """

    def __init__(
        self,
        value_range: Sequence[float] = (0, 255),
        num_chains: int = 3,
        chain_depth: int = 3,
        factor: float | Sequence[float] = 0.3,
        alpha: float = 1.0,
        all_ops: bool = True,
        interpolation: str = "bilinear",
        seed: int | None = None,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        names = (*_WAYS, *_OF_TESTS) if all_ops else _WAYS
        super().__init__(names, value_range, factor, interpolation, seed, data_format, **kwargs)
        self.num_chains, self.chain_depth, self.alpha, self.all_ops = num_chains, chain_depth, alpha, all_ops

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        """The weights, and for each chain its layers with what they do; None for nothing."""
        if not training:
            return None
        random = generator(self.generator if seed is None else seed)
        chains: list[list[dict[str, Any]]] = []
        for _ in range(self.num_chains):
            # one more than there are: no layer at this place
            places = random.integers(len(self._names) + 1, size=self.chain_depth)
            names = [self._names[place] for place in places if place < len(self._names)]
            chains.append([{"layer_name": name, "transformation": self._drawn_by(name, data, seed)} for name in names])
        return {
            "chain_mixing_weights": random.dirichlet([self.alpha] * self.num_chains).astype(np.float32),
            "weight_sample": np.float32(random.beta(self.alpha, self.alpha)),
            "chain_transforms": chains,
        }

    def _drawn_by(self, name: str, data: Any, seed: Any) -> Any:
        return getattr(self, name).get_random_transformation(data, True, seed)

    def _mixed(self, x: Any, transformation: Any, method: str) -> Any:
        weights = np.asarray(transformation["chain_mixing_weights"]).astype(self.compute_dtype)
        kept = np.asarray(transformation["weight_sample"]).astype(self.compute_dtype)
        mixture: Any = 0
        for weight, chain in zip(weights, transformation["chain_transforms"], strict=True):
            changed = x
            for step in chain:
                layer = getattr(self, step["layer_name"])
                changed = getattr(layer, method)(changed, step["transformation"], training=True)
            mixture = mixture + changed * weight
        return x * kept + mixture * (1 - kept)

    def transform_images(self, images: Any, transformation: Any = None, training: bool = True) -> Any:
        """The pictures, mixed; None changes nothing."""
        images = self._floats(images)
        return images if transformation is None else self._kept(self._mixed(images, transformation, "transform_images"))

    def transform_segmentation_masks(
        self, segmentation_masks: Any, transformation: Any = None, training: bool = True
    ) -> Any:
        """The masks, mixed as the pictures are: of one-hot masks, the share of each class."""
        if transformation is None:
            return convert_to_tensor(segmentation_masks)
        return self._mixed(self._floats(segmentation_masks), transformation, "transform_segmentation_masks")

    def transform_bounding_boxes(
        self, bounding_boxes: dict[str, Any], transformation: Any = None, training: bool = True
    ) -> dict[str, Any]:
        """The boxes, as they are."""
        return as_boxes(bounding_boxes, f"the layer {self.name!r}")

    def get_config(self) -> dict[str, Any]:
        own = ("num_chains", "chain_depth", "alpha", "all_ops")
        return {**super().get_config(), **{name: getattr(self, name) for name in own}}
