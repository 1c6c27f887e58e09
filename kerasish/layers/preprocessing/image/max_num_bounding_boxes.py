"""As many boxes for every picture."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish.backend.typing import Shape
from kerasish.layers.preprocessing.image.picture_layer import PictureLayer
from kerasish.ops.shape import pad


class MaxNumBoundingBoxes(PictureLayer):
    """Cuts off the boxes of a picture after a number of them, or fills them up to it.

    Args:
        max_number: the number.
        fill_value: what boxes and labels are filled up with.
        **kwargs: `name`, `dtype`, `trainable` of `Layer`.

    Shapes: a dict whose `"bounding_boxes"` have `"boxes"` `(batch, n, 4)` and `"labels"` `(batch, n)`; they become
    `(batch, max_number, 4)` and `(batch, max_number)`. All else stays.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> found = {"boxes": np.ones((1, 1, 4)), "labels": np.ones((1, 1))}
        >>> data = {"images": np.zeros((1, 2, 2, 3)), "bounding_boxes": found}
        >>> keras.layers.MaxNumBoundingBoxes(3)(data)["bounding_boxes"]["labels"]
        array([[ 1., -1., -1.]], dtype=float32)
    """

    def __init__(self, max_number: int, fill_value: int = -1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.max_number, self.fill_value = int(max_number), int(fill_value)

    def transform_images(self, images: Any, transformation: Any = None, training: bool = True) -> Any:
        """The pictures, as they are."""
        return images

    def transform_bounding_boxes(
        self, bounding_boxes: dict[str, Any], transformation: Any = None, training: bool = True
    ) -> dict[str, Any]:
        """As many boxes and labels as wanted."""
        found = super().transform_bounding_boxes(bounding_boxes, transformation, training)
        axis = len(found["boxes"].shape) - 2
        return {**found, **{key: self._as_many(found[key], axis) for key in ("boxes", "labels")}}

    def _as_many(self, x: Any, axis: int) -> Any:
        x = x[(slice(None),) * axis + (slice(self.max_number),)]
        around = [(0, 0)] * len(x.shape)
        around[axis] = (0, self.max_number - int(np.shape(x)[axis]))
        return pad(x, around, constant_values=self.fill_value)

    def compute_output_shape(self, input_shape: Shape) -> Any:
        """The shape of the input, with that number of boxes."""
        given: Any = input_shape
        if not isinstance(given, dict) or "bounding_boxes" not in given:
            return given
        boxes = given["bounding_boxes"]
        if set(boxes) - {"boxes", "labels"}:
            raise KeyError(f'the boxes of {self.name!r} are a dict of "boxes" and "labels"; received {sorted(boxes)}')
        found = {key: (*shape[:1], self.max_number, *shape[2:]) for key, shape in boxes.items()}
        return {**given, "bounding_boxes": found}

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "max_number": self.max_number, "fill_value": self.fill_value}
