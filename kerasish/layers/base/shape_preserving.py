"""The base of layers whose output has the shape of their input: activations, dropout, noise."""

from __future__ import annotations

from typing import Any, Unpack

from kerasish.layers.base.layer import Layer
from kerasish.layers.base.layer_options import LayerOptions


class ShapePreserving(Layer):
    """A layer that treats elements one by one, so that shapes and masks pass through it.

    Subclasses have no weights, or make them in their own `build`.
    """

    def __init__(self, **kwargs: Unpack[LayerOptions]) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True
        self.built = True

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The shape of the input."""
        return tuple(input_shape)
