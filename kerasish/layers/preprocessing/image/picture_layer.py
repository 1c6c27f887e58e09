"""The base of layers that change pictures: by chance in training, or always in one way."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish.backend.array import bare, eager
from kerasish.backend.config import standardize_data_format
from kerasish.backend.operators import dtype_of
from kerasish.backend.primitive import primitive
from kerasish.backend.random import SeedGenerator, generator
from kerasish.backend.tensor import Tensor, recording
from kerasish.backend.typing import Shape
from kerasish.layers.base.layer import Layer
from kerasish.layers.preprocessing.image.boxes import as_boxes
from kerasish.layers.regularization.dropout_masks import checked_seed
from kerasish.ops.boxes import clip_to_image_size, convert_format
from kerasish.ops.core import cast, convert_to_tensor
from kerasish.ops.shape import expand_dims, squeeze


def factor_range(factor: Any, owner: str, low: float | None = None, name: str = "factor") -> tuple[float, float]:
    """The ends of a range, from two numbers, or from one that is its upper end.

    Args:
        factor: what the user gave.
        owner: the layer's class, for the error.
        low: the lower end that one number has; its opposite by default.
        name: the argument's name.

    Raises:
        ValueError: if it is neither one number nor two.
    """
    numbers = list(factor) if isinstance(factor, (tuple, list, np.ndarray)) else [factor]
    fits = len(numbers) in (1, 2) and all(
        isinstance(n, (int, float, np.number)) and not isinstance(n, bool) for n in numbers
    )
    if not fits:
        raise ValueError(f"{owner} needs as {name} a number or a range of two; received {name}={factor!r}")
    if len(numbers) == 2:
        return min(numbers), max(numbers)
    whole = abs(numbers[0])
    return (-whole if low is None else low), whole


def checked_value_range(value_range: Any, owner: str) -> tuple[float, float]:
    """The least and the largest value of a pixel.

    Raises:
        ValueError: if it is not two numbers, the first the smaller.
    """
    if not isinstance(value_range, (tuple, list)) or len(value_range) != 2 or not value_range[0] < value_range[1]:
        raise ValueError(
            f"{owner} needs as value_range the least and the largest value of a pixel, such as (0, 255); received "
            f"value_range={value_range!r}"
        )
    return tuple(value_range)


class PictureLayer(Layer):
    """A layer that takes one picture, a batch of them, or a dict that has them under `"images"`.

    A dict may hold `"labels"`, `"segmentation_masks"` and `"bounding_boxes"` (a dict of `"boxes"` and `"labels"`) as
    well, which are changed along. What is drawn by chance is drawn in `get_random_transformation`, and
    `transform_images` follows it: with the same transformation, the same result.

    Args:
        data_format: `"channels_last"` or `"channels_first"`; `keras.config.image_data_format()` by default.
        seed: a whole number, for the same changes in every run.
        bounding_box_format: what the numbers of boxes are; see `keras.utils.bounding_boxes.convert_format`.
        **kwargs: `name`, `dtype`, `trainable` of `Layer`.
    """

    # Whether pixels move, so that masks and boxes must move with them.
    moves_pixels = False
    # Whether pictures come out as they came in where nothing is learned, whole numbers as whole numbers.
    rests = False

    def __init__(
        self,
        data_format: str | None = None,
        seed: int | None = None,
        bounding_box_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.bounding_box_format = bounding_box_format
        self.data_format = standardize_data_format(data_format)
        self.seed = checked_seed(seed, type(self).__name__)
        if type(self)._draw is not PictureLayer._draw:
            self.generator = SeedGenerator(seed)
        self.built = True

    def call(self, data: Any, training: bool = True) -> Any:
        """The pictures, changed; in a dict, what belongs to them as well."""
        rests = self.rests and not training
        if not isinstance(data, dict):
            if rests:
                return convert_to_tensor(data)
            images = self._floats(data)
            is_noted = training and isinstance(images, Tensor) and self._is_only_noted(images)
            return _changed(images, layer=self) if is_noted else self._changed(images, training)
        if "images" not in data:
            raise ValueError(
                f'the layer {self.name!r} needs the pictures of a dict under "images"; received the keys {sorted(data)}'
            )
        made = {**data, "images": convert_to_tensor(data["images"]) if rests else self._floats(data["images"])}
        transformation = None if rests else self.get_random_transformation(made["images"], training=training)
        for key, transform in self._parts().items():
            if key in made and not (rests and key != "bounding_boxes"):
                made[key] = transform(made[key], transformation, training=training)
        return made

    def _changed(self, images: Any, training: bool = True) -> Any:
        return self.transform_images(images, self.get_random_transformation(images, training=training), training)

    @staticmethod
    def _is_only_noted(images: Tensor) -> bool:
        """Whether a step is written down here, and no gradient is to reach the pictures."""
        trace = recording.trace
        return trace is not None and len(recording.tapes) == 1 and not trace.leads_to_weights(images)

    def _parts(self) -> dict[str, Any]:
        return {
            "images": self.transform_images,
            "labels": self.transform_labels,
            "segmentation_masks": self.transform_segmentation_masks,
            "bounding_boxes": self.transform_bounding_boxes,
        }

    def _floats(self, images: Any) -> Any:
        images = convert_to_tensor(images)
        return images if dtype_of(images) == self.compute_dtype else cast(images, self.compute_dtype)

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        """What is to be done with these pictures; None for nothing.

        Args:
            data: pictures, or a dict of them.
            training: only in training is anything drawn.
            seed: in place of the layer's own.
        """
        if not training or type(self)._draw is PictureLayer._draw:
            return None
        shape = tuple(np.shape(data["images"] if isinstance(data, dict) else data))
        drawn = self._draw(generator(self.generator if seed is None else seed), shape)
        return {**drawn, "input_shape": shape} if self.moves_pixels and isinstance(drawn, dict) else drawn

    def _draw(self, random: np.random.Generator, shape: tuple[int, ...]) -> Any:
        """The transformation of pictures of this shape."""
        return {}

    def transform_images(self, images: Any, transformation: Any = None, training: bool = True) -> Any:
        """The pictures, changed."""
        raise NotImplementedError(f"the layer {type(self).__name__} does not define `transform_images`")

    def transform_labels(self, labels: Any, transformation: Any = None, training: bool = True) -> Any:
        """The labels; they stay unless pictures are mixed."""
        return labels

    def transform_segmentation_masks(
        self, segmentation_masks: Any, transformation: Any = None, training: bool = True
    ) -> Any:
        """The masks, moved as the pixels are."""
        if not self.moves_pixels:
            return segmentation_masks
        raise NotImplementedError(f"the layer {type(self).__name__} does not move segmentation masks")

    def transform_bounding_boxes(
        self, bounding_boxes: dict[str, Any], transformation: Any = None, training: bool = True
    ) -> dict[str, Any]:
        """The boxes, moved with the pixels and cut off at the edges; those of which nothing is left are labelled -1."""
        owner = f"the layer {self.name!r}"
        found = as_boxes(bounding_boxes, owner)
        if not self.moves_pixels:
            return found
        name = self.bounding_box_format
        if name is None:
            raise ValueError(f"{owner} needs to know what the numbers of a box are: bounding_box_format='xyxy', say")
        if transformation is None:
            return found
        before = self._size_before(transformation)
        boxes = convert_format(found["boxes"], name, "xyxy", *before)
        one = len(boxes.shape) == 2
        boxes = self._moved_boxes(expand_dims(boxes, 0) if one else boxes, transformation, before)
        after = self._size_after(before)
        found = clip_to_image_size({**found, "boxes": squeeze(boxes, 0) if one else boxes}, *after)
        return convert_format(found, "xyxy", name, *after)

    def _moved_boxes(self, boxes: Any, transformation: Any, size: tuple[int, int]) -> Any:
        """Where boxes `(batch, n, 4)`, of left, top, right, bottom, come to in pictures of a size."""
        raise NotImplementedError(f"the layer {type(self).__name__} does not move bounding boxes")

    def _size_before(self, transformation: Any) -> Any:
        """The height and width of the pictures that a transformation is for."""
        return self._sizes(transformation["input_shape"])[1:]

    def _size_after(self, size: tuple[int, int]) -> tuple[int, int]:
        """What becomes of them."""
        return size

    def transform_single_image(self, image: Any, transformation: Any, training: bool = True) -> Any:
        """One picture, changed."""
        return self.transform_images(image, transformation, training=training)

    def transform_single_label(self, label: Any, transformation: Any, training: bool = True) -> Any:
        """The label of one picture."""
        return self.transform_labels(label, transformation, training=training)

    def transform_single_segmentation_mask(
        self, segmentation_mask: Any, transformation: Any, training: bool = True
    ) -> Any:
        """The mask of one picture, moved as its pixels are."""
        return self.transform_segmentation_masks(segmentation_mask, transformation, training=training)

    def transform_single_bounding_box(
        self, bounding_box: dict[str, Any], transformation: Any, training: bool = True
    ) -> dict[str, Any]:
        """The boxes of one picture, which stay where no pixel moves."""
        return self.transform_bounding_boxes(bounding_box, transformation, training=training)

    def convert_weight(self, weight: Any) -> Any:
        """A weight as this engine has it: as it is. Keras has several engines, and takes it to the one in use."""
        return weight

    # -- shapes ------------------------------------------------------------------------------------------------

    def _sizes(self, shape: tuple[Any, ...]) -> tuple[Any, Any, Any]:
        """The number of pictures (1 for a single one), and their height and width."""
        rows = len(shape) - (2 if self.data_format == "channels_first" else 3)
        return (shape[0] if len(shape) == 4 else 1), shape[rows], shape[rows + 1]

    @property
    def _rows(self) -> int:
        """The axis of the rows, counted from the end."""
        return -2 if self.data_format == "channels_first" else -3

    @property
    def _channels(self) -> int:
        """The axis of the channels, counted from the end."""
        return -3 if self.data_format == "channels_first" else -1

    def _each(self, numbers: Any, images: Any) -> Any:
        """One number for each picture, in the pictures' dtype, ready to broadcast against them."""
        numbers = np.asarray(numbers)
        kind = np.dtype(dtype_of(images))
        kept = numbers if numbers.dtype.kind == "b" else numbers.astype(kind)
        return eager(kept.reshape((-1, 1, 1, 1) if np.ndim(images) == 4 else (1, 1, 1)))

    def compute_output_spec(self, inputs: Any, **kwargs: Any) -> Any:
        """The shape and dtype of the pictures, or of each part of a dict of them."""
        return super().compute_output_spec(inputs, **kwargs)

    def compute_output_shape(self, input_shape: Shape) -> Any:
        """The shape of the input."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        config = {**super().get_config(), "data_format": self.data_format}
        return config | ({"bounding_box_format": self.bounding_box_format} if self.bounding_box_format else {})


# What is drawn decides in Python what is done; a recorded step draws and does it anew, as one operation.
_changed = primitive("change of pictures", lambda images, layer: bare(layer._changed(images)))


class RandomPictureLayer(PictureLayer):
    """A layer whose config tells its seed."""

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "seed": self.seed}


def uniform(random: np.random.Generator, ends: tuple[float, float], shape: Any) -> np.ndarray:
    """Numbers between two ends, as float32."""
    return random.uniform(ends[0], ends[1], shape).astype(np.float32)


def happens(random: np.random.Generator, ends: tuple[float, float], count: int) -> np.ndarray:
    """For each picture whether it is changed: with a probability that is drawn between two ends."""
    return random.random(count) < random.uniform(ends[0], ends[1], count)
