"""All that belongs to a sample in one row."""

from __future__ import annotations

import math
from typing import Any, Unpack

from kerasish.backend.config import standardize_data_format
from kerasish.layers.base.input_spec import InputSpec
from kerasish.layers.base.layer_options import LayerOptions
from kerasish.layers.reshaping.rearranging import Rearranging
from kerasish.ops.shape import moveaxis, reshape


class Flatten(Rearranging):
    """Each sample as one row of numbers.

    Args:
        data_format: with `"channels_first"` the channels are moved to the end first, so that the order is that of
            `"channels_last"`; `keras.config.image_data_format()` by default.
        **kwargs: `name`, `dtype`, `trainable` of `Layer`.

    Shapes: inputs `(batch, ...)`, output `(batch, numbers)`; inputs `(batch,)` become `(batch, 1)`.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.layers.Flatten()(np.ones((2, 28, 28), "float32")).shape
        (2, 784)
    """

    def __init__(self, data_format: str | None = None, **kwargs: Unpack[LayerOptions]) -> None:
        super().__init__(**kwargs)
        self.data_format = standardize_data_format(data_format)
        self.input_spec = InputSpec(min_ndim=1)

    def call(self, inputs: Any) -> Any:
        """The samples as rows."""
        shape = inputs.shape
        if self.data_format == "channels_first" and len(shape) > 2:
            inputs = moveaxis(inputs, 1, -1)
        return reshape(inputs, (shape[0], math.prod(shape[1:])))

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The number of samples, and of numbers in each."""
        batch, *sizes = input_shape
        return (batch, None if None in sizes else math.prod(sizes))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "data_format": self.data_format}
