"""What the upsampling layers have in common."""

from __future__ import annotations

from typing import Any

from kerasish.layers.base.input_spec import InputSpec
from kerasish.layers.reshaping.rearranging import Rearranging, spatial_axes
from kerasish.ops.shape import repeat


class UpSampling(Rearranging):
    """Enlarges along the spatial axes.

    Attributes:
        rank: the number of spatial axes.
        factors: how many times each grows.
    """

    rank: int
    data_format = "channels_last"
    factors: tuple[int, ...]

    def _prepare(self, factors: tuple[int, ...]) -> None:
        self.factors = factors
        self.axes = spatial_axes(self.rank, self.data_format)
        self.input_spec = InputSpec(ndim=self.rank + 2)

    def call(self, inputs: Any) -> Any:
        """Each element several times along each spatial axis."""
        for axis, factor in zip(self.axes, self.factors, strict=True):
            if factor > 1:
                inputs = repeat(inputs, factor, axis=axis)
        return inputs

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The input's shape, larger."""
        sizes = list(input_shape)
        for axis, factor in zip(self.axes, self.factors, strict=True):
            if sizes[axis] is not None:
                sizes[axis] *= factor
        return tuple(sizes)
