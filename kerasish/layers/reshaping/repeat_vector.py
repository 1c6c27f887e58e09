"""A vector as a sequence of itself."""

from __future__ import annotations

from typing import Any, Unpack

from kerasish.backend.typing import Shape
from kerasish.layers.base.input_spec import InputSpec
from kerasish.layers.base.layer_options import LayerOptions
from kerasish.layers.reshaping.rearranging import Rearranging, positive
from kerasish.ops.shape import expand_dims, repeat


class RepeatVector(Rearranging):
    """The same vector at `n` steps.

    Args:
        n: how many steps.
        **kwargs: `name`, `dtype`, `trainable` of `Layer`.

    Shapes: inputs `(batch, features)`, output `(batch, n, features)`.

    Raises:
        TypeError: if `n` is not a whole number.
        ValueError: if it is not positive.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.layers.RepeatVector(3)(np.ones((2, 4), "float32")).shape
        (2, 3, 4)
    """

    def __init__(self, n: int, **kwargs: Unpack[LayerOptions]) -> None:
        super().__init__(**kwargs)
        self.n = positive(n, "n", "RepeatVector")
        self.input_spec = InputSpec(ndim=2)

    def call(self, inputs: Any) -> Any:
        """The inputs, repeated along a new axis."""
        return repeat(expand_dims(inputs, 1), self.n, axis=1)

    def compute_output_shape(self, input_shape: Shape) -> tuple[int | None, ...]:
        """The input's shape with `n` steps."""
        return (input_shape[0], self.n, input_shape[1])

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "n": self.n}
