"""The axes of a sample in another order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Unpack

from kerasish.backend.typing import Shape
from kerasish.layers.base.input_spec import InputSpec
from kerasish.layers.base.layer_options import LayerOptions
from kerasish.layers.reshaping.rearranging import Rearranging
from kerasish.ops.shape import transpose


class Permute(Rearranging):
    """Exchanges the axes of each sample.

    Args:
        dims: for each axis of the output the one of the input that it is, counted from 1: `(2, 1)` exchanges two.
        **kwargs: `name`, `dtype`, `trainable` of `Layer`.

    Shapes: inputs `(batch, ...)`, output the same with the axes after the first in the order of `dims`.

    Raises:
        ValueError: if `dims` does not name each axis from 1 on once.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.layers.Permute((2, 1))(np.ones((5, 10, 64), "float32")).shape
        (5, 64, 10)
    """

    def __init__(self, dims: Sequence[int], **kwargs: Unpack[LayerOptions]) -> None:
        super().__init__(**kwargs)
        self.dims = tuple(dims)
        if sorted(self.dims) != list(range(1, len(self.dims) + 1)):
            raise ValueError(f"Permute needs dims that name each axis from 1 on once; received dims={dims!r}")
        self.input_spec = InputSpec(ndim=len(self.dims) + 1)

    def call(self, inputs: Any) -> Any:
        """The inputs with their axes exchanged."""
        return transpose(inputs, (0, *self.dims))

    def compute_output_shape(self, input_shape: Shape) -> tuple[int | None, ...]:
        """The sizes in the order of `dims`."""
        return (input_shape[0], *(input_shape[dim] for dim in self.dims))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "dims": self.dims}
