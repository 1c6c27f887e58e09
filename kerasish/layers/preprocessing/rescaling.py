"""Numbers on another scale."""

from __future__ import annotations

from typing import Any, Unpack

import numpy as np

from kerasish.backend import config, dtypes
from kerasish.backend.operators import add, cast_to, multiply
from kerasish.layers.base.layer import Layer
from kerasish.layers.base.layer_options import LayerOptions
from kerasish.layers.preprocessing.data_layer import DataWeights
from kerasish.saving.serialization import deserialize_keras_object, serialize_keras_object


class Rescaling(DataWeights, Layer):
    """`inputs * scale + offset`, as floats.

    With `scale=1 / 255` the bytes of an image become numbers from 0 to 1; with `scale=1 / 127.5, offset=-1`, from -1
    to 1.

    Args:
        scale: the factor, one for all or one for each channel. Where `keras.config.image_data_format()` is
            `"channels_first"`, the channels of a vector lie before two spatial axes.
        offset: what is added, one for all or, as in Keras, one for each number of the last axis.
        **kwargs: `name`, `dtype`, `trainable` of `Layer`.

    Shapes: the output has the shape of the input, and the layer's dtype.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.layers.Rescaling(1 / 255)(np.array([0, 255], "uint8"))
        array([0., 1.], dtype=float32)
    """

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
        y = multiply(inputs, self._scales())
        return add(y, self._shift) if self._shifts else y

    def _scales(self) -> np.ndarray:
        """The factor in the shape that stands beside the inputs' channels."""
        factor = self._factor
        if factor.ndim and config.image_data_format() == "channels_first":
            return factor.reshape(factor.shape + (1,) * (3 - factor.ndim))
        return factor

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The shape of the input."""
        return tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        numbers: dict[str, Any] = {
            "scale": serialize_keras_object(self.scale),
            "offset": serialize_keras_object(self.offset),
        }
        return {**super().get_config(), **numbers}

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> Any:
        """A layer from the result of `get_config`, in which an array is a dict."""
        given = dict(config)
        for key in {"scale", "offset"} & given.keys():
            given[key] = deserialize_keras_object(given[key])
        return cls(**given)
