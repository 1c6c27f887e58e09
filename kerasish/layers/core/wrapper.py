"""The base of layers that hold another one."""

from __future__ import annotations

from typing import Any, Unpack

from kerasish.layers.base.layer import Layer
from kerasish.layers.base.layer_options import LayerOptions
from kerasish.saving.serialization import deserialize_keras_object, serialize_keras_object


class Wrapper(Layer):
    """A layer that holds another, which subclasses call in their own way.

    Args:
        layer: the layer within.
        **kwargs: `name`, `dtype`, `trainable` of `Layer`.

    Attributes:
        layer: the layer within.

    Raises:
        ValueError: if `layer` is no layer.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> class Twice(keras.layers.Wrapper):
        ...     def call(self, inputs):
        ...         return 2 * self.layer(inputs)
        >>> Twice(keras.layers.ReLU())(np.array([-1.0, 3.0], "float32"))
        array([0., 6.], dtype=float32)
    """

    def __init__(self, layer: Layer, **kwargs: Unpack[LayerOptions]) -> None:
        if not isinstance(layer, Layer):
            hint = ": write its name with parentheses" if isinstance(layer, type) else ""  # type: ignore[unreachable]
            raise ValueError(f"{type(self).__name__} holds a layer; received {layer!r} ({type(layer).__name__}){hint}")
        super().__init__(**kwargs)
        self.layer = layer

    def build(self, input_shape: Any = None) -> None:
        """Build the layer within for inputs of this shape."""
        if not self.layer.built:
            self.layer.build(input_shape)
            self.layer.built = True

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "layer": serialize_keras_object(self.layer)}

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> Any:
        """A wrapper from the result of `get_config`."""
        rest = dict(config)
        return cls(deserialize_keras_object(rest.pop("layer"), custom_objects=custom_objects), **rest)
