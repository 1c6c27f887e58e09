"""The softmax as a layer."""

from __future__ import annotations

from typing import Any, Unpack

import numpy as np

from kerasish.backend.operators import greater, multiply
from kerasish.backend.typing import Axes
from kerasish.layers.base.layer_options import LayerOptions
from kerasish.layers.base.shape_preserving import ShapePreserving
from kerasish.ops.elementwise import where
from kerasish.ops.nn import softmax

# Far below any other logit, yet finite in half precision: a masked place gets probability 0, and a row of nothing but
# masked places no NaN.
_NOTHING = {"float16": -3e4}


class Softmax(ShapePreserving):
    """`exp(x) / Σ exp(x)`: numbers as probabilities that add to one.

    Args:
        axis: the axis, or axes, along which they add to one.
        **kwargs: `name`, `dtype`, `trainable` of `Layer`.

    Shapes: the output has the shape of the input. `mask`, of the same shape, is true where an element counts.

    Raises:
        ValueError: if the mask does not broadcast to the inputs.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.layers.Softmax()(np.zeros((1, 2), "float32"))
        array([[0.5, 0.5]], dtype=float32)
    """

    def __init__(self, axis: Axes = -1, **kwargs: Unpack[LayerOptions]) -> None:
        super().__init__(**kwargs)
        self.axis = axis

    def call(self, inputs: Any, mask: Any = None) -> Any:
        """The probabilities; 0 where the mask is false."""
        if mask is None:
            return softmax(inputs, self.axis)
        nothing = np.dtype(inputs.dtype).type(_NOTHING.get(str(inputs.dtype), -1e9))
        kept = greater(_checked(mask, inputs), 0.5)
        return multiply(softmax(where(kept, inputs, inputs + nothing), self.axis), kept)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "axis": self.axis}


def _checked(mask: Any, inputs: Any) -> Any:
    mask = mask if hasattr(mask, "shape") else np.asarray(mask)
    if mask.ndim > inputs.ndim or any(
        m not in (1, n) for m, n in zip(mask.shape[::-1], inputs.shape[::-1], strict=False)
    ):
        raise ValueError(
            f"Softmax needs a mask that broadcasts to its inputs, of shape {tuple(inputs.shape)}; received a mask of "
            f"shape {mask.shape}"
        )
    return mask
