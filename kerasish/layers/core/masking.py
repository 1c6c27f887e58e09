"""Steps of a sequence that are to be left out."""

from __future__ import annotations

from typing import Any, Unpack

import numpy as np

from kerasish.layers.base.layer import Layer
from kerasish.layers.base.layer_options import LayerOptions


class Masking(Layer):
    """Marks the time steps at which every feature has one value, so that the layers behind skip them.

    Such a step is filled with zeros, and the mask travels with the output to every layer that supports masking, to the
    loss and to weighted metrics.

    Args:
        mask_value: the value that fills a step to be skipped.
        **kwargs: `name`, `dtype`, `trainable` of `Layer`.

    Shapes: inputs and output `(batch, steps, ..., features)`; the mask has that shape without the last axis.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> x = np.array([[[1.0, 2.0], [0.0, 0.0]]], "float32")
        >>> keras.layers.Masking(mask_value=0.0).compute_mask(x)
        array([[ True, False]])
    """

    def __init__(self, mask_value: float = 0.0, **kwargs: Unpack[LayerOptions]) -> None:
        super().__init__(**kwargs)
        self.mask_value = mask_value
        self.supports_masking = True
        self.built = True

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """True for the steps at which any feature differs from the mask value."""
        values = inputs if hasattr(inputs, "shape") else np.asarray(inputs)
        return np.any(values != np.asarray(self.mask_value, values.dtype), axis=-1)

    def call(self, inputs: Any) -> Any:
        """The inputs, zero where they are skipped."""
        counts = np.expand_dims(self.compute_mask(inputs), -1)
        return inputs * counts.astype(inputs.dtype)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The shape of the inputs."""
        return tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "mask_value": self.mask_value}
