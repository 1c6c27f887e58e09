"""What the zero padding layers have in common."""

from __future__ import annotations

from typing import Any

from kerasish.backend.typing import Shape
from kerasish.layers.base.input_spec import InputSpec
from kerasish.layers.reshaping.rearranging import Rearranging, spatial_axes
from kerasish.ops.shape import pad


class ZeroPadding(Rearranging):
    """Puts margins of zeros around the spatial axes.

    Attributes:
        rank: the number of spatial axes.
        margins: a pair (before, after) for each.
    """

    rank: int
    data_format: str
    margins: tuple[tuple[int, int], ...]

    def _prepare(self, margins: tuple[tuple[int, int], ...]) -> None:
        self.margins = margins
        self.axes = spatial_axes(self.rank, self.data_format)
        self.input_spec = InputSpec(ndim=self.rank + 2)
        around = dict(zip(self.axes, margins, strict=True))
        self._widths = tuple(around.get(axis, (0, 0)) for axis in range(self.rank + 2))

    def call(self, inputs: Any) -> Any:
        """The inputs with zeros around them."""
        return pad(inputs, self._widths)

    def compute_output_shape(self, input_shape: Shape) -> tuple[int | None, ...]:
        """The input's shape and the margins."""
        return tuple(
            None if n is None else n + before + after
            for n, (before, after) in zip(input_shape, self._widths, strict=True)
        )
