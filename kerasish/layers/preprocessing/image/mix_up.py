"""Pictures and labels mixed with others."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish.layers.preprocessing.image.picture_layer import RandomPictureLayer
from kerasish.ops.core import cast
from kerasish.ops.indexing import take
from kerasish.ops.joining import concatenate


class MixUp(RandomPictureLayer):
    """In training, mixes each picture of a batch, and its label, with another one's: `w x + (1 - w) x'`.

    Args:
        alpha: w is drawn from the beta distribution with both parameters alpha.
        data_format: `"channels_last"` or `"channels_first"`.
        seed: a whole number, for the same mixtures in every run.
        **kwargs: `name`, `dtype`, `trainable` of `Layer`.

    Shapes: a batch, or a dict with `"images"` and one-hot `"labels"`; the output has the shape of the input.

    Source: Zhang et al., "mixup: beyond empirical risk minimization", ICLR 2018.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> mixed = keras.layers.MixUp(seed=1)({"images": np.ones((4, 2, 2, 3)), "labels": np.eye(4)}, training=True)
        >>> mixed["labels"].sum(axis=1)
        array([1., 1., 1., 1.], dtype=float32)
    """

    rests = True

    def __init__(
        self, alpha: float = 0.2, data_format: str | None = None, seed: int | None = None, **kwargs: Any
    ) -> None:
        super().__init__(data_format, seed, **kwargs)
        if not alpha > 0:
            raise ValueError(f"MixUp needs a positive alpha; received alpha={alpha!r}")
        self.alpha = alpha

    def _draw(self, random: np.random.Generator, shape: tuple[int, ...]) -> Any:
        count = self._sizes(shape)[0]
        weight = random.beta(self.alpha, self.alpha, count).astype(np.float32)
        return {"mix_weight": weight, "permutation_order": random.permutation(count)}

    def _mixed(self, x: Any, transformation: Any) -> Any:
        if transformation is None or np.ndim(x) == 0 or len(transformation["permutation_order"]) == 1:
            return x
        weight = np.asarray(transformation["mix_weight"], self.compute_dtype)
        weight = weight.reshape(-1, *(1,) * (np.ndim(x) - 1))
        return x * weight + take(x, np.asarray(transformation["permutation_order"]), axis=0) * (1 - weight)

    def transform_images(self, images: Any, transformation: Any = None, training: bool = True) -> Any:
        """The pictures, mixed; a single one stays."""
        images = self._floats(images)
        return self._mixed(images, transformation)

    def transform_labels(self, labels: Any, transformation: Any = None, training: bool = True) -> Any:
        """The labels, mixed as the pictures are."""
        return self._mixed(cast(labels, self.compute_dtype), transformation)

    def transform_segmentation_masks(
        self, segmentation_masks: Any, transformation: Any = None, training: bool = True
    ) -> Any:
        """The masks, mixed as the pictures are: of one-hot masks, the share of each class."""
        return self._mixed(self._floats(segmentation_masks), transformation)

    def transform_bounding_boxes(
        self, bounding_boxes: dict[str, Any], transformation: Any = None, training: bool = True
    ) -> dict[str, Any]:
        """The boxes of both pictures, one's after the other's."""
        found = super().transform_bounding_boxes(bounding_boxes, transformation, training)
        if transformation is None or len(found["boxes"].shape) == 2:
            return found
        order = np.asarray(transformation["permutation_order"])
        both = {key: concatenate([found[key], take(found[key], order, axis=0)], axis=1) for key in ("boxes", "labels")}
        return {**found, **both}

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "alpha": self.alpha}
