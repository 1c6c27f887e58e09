"""Pictures with a part of another, and labels mixed by its share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kerasish.layers.preprocessing.image.boxes import within_boxes
from kerasish.layers.preprocessing.image.picture_layer import RandomPictureLayer, factor_range
from kerasish.ops.core import cast, convert_to_tensor
from kerasish.ops.elementwise import where
from kerasish.ops.indexing import take


class CutMix(RandomPictureLayer):
    """In training, puts a box of another picture of the batch into each, and mixes the labels by their shares.

    Args:
        factor: the range of a number a: two numbers, or one for `(0, factor)`. The share that a picture keeps is drawn
            from the beta distribution with both parameters a.
        seed: a whole number, for the same mixtures in every run.
        data_format: `"channels_last"` or `"channels_first"`.
        **kwargs: `name`, `dtype`, `trainable` of `Layer`.

    Shapes: a batch, or a dict with `"images"` and one-hot `"labels"`; the output has the shape of the input.

    Source: Yun et al., "CutMix: regularization strategy to train strong classifiers with localizable features", ICCV
        2019.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> mixed = keras.layers.CutMix(seed=1)({"images": np.ones((4, 8, 8, 3)), "labels": np.eye(4)}, training=True)
        >>> mixed["labels"].sum(axis=1).round(6)
        array([1., 1., 1., 1.], dtype=float32)
    """

    def __init__(
        self,
        factor: float | Sequence[float] = 1.0,
        seed: int | None = None,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(data_format, seed, **kwargs)
        self.factor = factor_range(factor, "CutMix", 0)

    def _draw(self, random: np.random.Generator, shape: tuple[int, ...]) -> Any:
        whole = shape if len(shape) == 4 else (1, *shape)
        count, height, width = self._sizes(shape)
        shapes = np.maximum(random.uniform(*self.factor, count), 1e-3)
        kept = random.beta(shapes, shapes).astype(np.float32)
        side = np.sqrt(1 - kept)[:, None]
        box = within_boxes(random, side, side, height, width)
        return {
            "permutation_order": random.permutation(count),
            "batch_masks": np.broadcast_to(np.expand_dims(box, self._channels), whole),
            "mix_weight": kept.reshape(-1, 1, 1, 1),
        }

    def transform_images(self, images: Any, transformation: Any = None, training: bool = True) -> Any:
        """The pictures with boxes of others; a single one stays."""
        images = self._floats(images)
        if transformation is None or np.ndim(images) == 3:
            return images
        others = take(images, np.asarray(transformation["permutation_order"]), axis=0)
        return where(np.asarray(transformation["batch_masks"]), others, images)

    def transform_segmentation_masks(
        self, segmentation_masks: Any, transformation: Any = None, training: bool = True
    ) -> Any:
        """The masks with the same boxes of the others."""
        masks = convert_to_tensor(segmentation_masks)
        if transformation is None or np.ndim(masks) == 3:
            return masks
        box = np.asarray(transformation["batch_masks"]).any(axis=self._channels, keepdims=True)
        return where(box, take(masks, np.asarray(transformation["permutation_order"]), axis=0), masks)

    def transform_bounding_boxes(
        self, bounding_boxes: dict[str, Any], transformation: Any = None, training: bool = True
    ) -> dict[str, Any]:
        """Not done: a part of what a box is around may be covered."""
        raise NotImplementedError("the layer CutMix does not change bounding boxes: leave them out of the dict")

    def transform_labels(self, labels: Any, transformation: Any = None, training: bool = True) -> Any:
        """The labels, mixed by the shares of the pictures."""
        labels = cast(labels, self.compute_dtype)
        if transformation is None or np.ndim(labels) == 0:
            return labels
        weight = np.asarray(transformation["mix_weight"], self.compute_dtype)
        weight = weight.reshape(-1, *(1,) * (np.ndim(labels) - 1))
        others = take(labels, np.asarray(transformation["permutation_order"]), axis=0)
        return labels * weight + others * (1 - weight)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "factor": self.factor}
