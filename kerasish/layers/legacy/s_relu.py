"""Three straight lines, whose corners and slopes are learned."""

from __future__ import annotations

from typing import Any

from kerasish import initializers
from kerasish.backend.operators import absolute
from kerasish.backend.typing import InitializerLike
from kerasish.layers.base.layer import Layer
from kerasish.ops.elementwise import minimum
from kerasish.ops.nn import relu

_WEIGHTS = ("t_left", "a_left", "t_right", "a_right")


class SReLU(Layer):
    """`x` between two thresholds, with other slopes beyond them. A layer of Keras 1.

    `t_left + a_left (x - t_left)` below `t_left`, `t + a_right (x - t)` above `t = t_left + |t_right|`.

    Args:
        t_left_initializer, a_left_initializer: the first values of the left threshold and slope.
        t_right_initializer, a_right_initializer: the first values of the right threshold and slope.
        **kwargs: `name`, `dtype`, `trainable` of `Layer`.

    Shapes: inputs and output `(batch, ...)`; each of the four weights the same without the batch.

    Example:
        >>> import numpy as np
        >>> SReLU(t_right_initializer="ones", a_right_initializer="zeros")(np.array([[-1.0, 0.5, 3.0]], "float32"))
        array([[0. , 0.5, 1. ]], dtype=float32)

    Source: Jin et al., 2015, https://arxiv.org/abs/1512.07030
    """

    t_left: Any
    a_left: Any
    t_right: Any
    a_right: Any

    def __init__(
        self,
        t_left_initializer: InitializerLike = "zeros",
        a_left_initializer: InitializerLike = "zeros",
        t_right_initializer: InitializerLike = "glorot_uniform",
        a_right_initializer: InitializerLike = "ones",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.t_left_initializer = initializers.get(t_left_initializer)
        self.a_left_initializer = initializers.get(a_left_initializer)
        self.t_right_initializer = initializers.get(t_right_initializer)
        self.a_right_initializer = initializers.get(a_right_initializer)
        self.supports_masking = True

    def build(self, input_shape: Any) -> None:
        """Make the weights for inputs of this shape."""
        for name in _WEIGHTS:
            start = getattr(self, f"{name}_initializer")
            setattr(self, name, self.add_weight(name=name, shape=tuple(input_shape[1:]), initializer=start))

    def call(self, inputs: Any) -> Any:
        """Each element on the lines of its feature."""
        length = absolute(self.t_right)
        beyond = inputs - self.t_left
        middle = minimum(relu(beyond), length)
        return self.t_left + middle - self.a_left * relu(-beyond) + self.a_right * relu(beyond - length)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The shape of the input."""
        return tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this layer anew."""
        starts = {f"{name}_initializer": getattr(self, f"{name}_initializer") for name in _WEIGHTS}
        return {**super().get_config(), **{key: initializers.serialize(value) for key, value in starts.items()}}
