"""An activation function as a layer of its own."""

from __future__ import annotations

from typing import Any, Unpack

from kerasish import activations
from kerasish.backend.typing import ActivationLike
from kerasish.layers.base.fused_activation import shape_after
from kerasish.layers.base.layer_options import LayerOptions
from kerasish.layers.base.shape_preserving import ShapePreserving


class Activation(ShapePreserving):
    """`activation(inputs)`.

    Args:
        activation: a name such as `"relu"`, or a function of one array.
        **kwargs: `name`, `dtype`, `trainable` of `Layer`.

    Shapes: the output has the shape of the input, or what the activation makes of it.

    Raises:
        ValueError: if no activation has that name.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.layers.Activation("relu")(np.array([-1.0, 2.0], "float32"))
        array([0., 2.], dtype=float32)
    """

    def __init__(self, activation: ActivationLike, **kwargs: Unpack[LayerOptions]) -> None:
        super().__init__(**kwargs)
        self.activation = activations.get(activation)

    def call(self, inputs: Any) -> Any:
        """The activation of each element."""
        return self.activation(inputs)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The shape that the activation gives."""
        return shape_after(self.activation, tuple(input_shape))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "activation": activations.serialize(self.activation)}
