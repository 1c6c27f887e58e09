"""Numbers on another scale."""

from __future__ import annotations

from typing import Any, Unpack

import numpy as np

from kerasish.backend import dtypes
from kerasish.backend.operators import add, cast_to, multiply
from kerasish.layers.layer import Layer
from kerasish.layers.options import LayerOptions


class Rescaling(Layer):
    """`inputs * scale + offset`, as floats.

    With `scale=1 / 255` the bytes of an image become numbers from 0 to 1; with `scale=1 / 127.5, offset=-1`, from -1
    to 1.

    Args:
        scale: the factor, one for all or one for each channel.
        offset: what is added, likewise.
        **kwargs: `name`, `dtype`, `trainable` of `Layer`.

    Shapes: the output has the shape of the input, and the layer's dtype.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.layers.Rescaling(1 / 255)(np.array([0, 255], "uint8"))
        array([0., 1.], dtype=float32)
    """

    replayable = True

    def __init__(self, scale: Any, offset: Any = 0.0, **kwargs: Unpack[LayerOptions]) -> None:
        super().__init__(**kwargs)
        self.scale = scale
        self.offset = offset
        self.supports_masking = True
        kind = dtypes.numpy_dtype(self.compute_dtype)
        self._factor = np.asarray(scale, kind)
        self._shift = np.asarray(offset, kind)
        self._shifts = bool(np.any(self._shift))

    def call(self, inputs: Any) -> Any:
        """The inputs, scaled and shifted."""
        if inputs.dtype != self.compute_dtype:
            inputs = cast_to(inputs, dtype=self.compute_dtype)
        y = multiply(inputs, self._factor)
        return add(y, self._shift) if self._shifts else y

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The shape of the input."""
        return tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "scale": self.scale, "offset": self.offset}
