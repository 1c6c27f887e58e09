"""What the cropping layers have in common."""

from __future__ import annotations

from typing import Any

from kerasish.layers.base.input_spec import InputSpec
from kerasish.layers.reshaping.rearranging import Rearranging, spatial_axes


class Cropping(Rearranging):
    """Cuts margins off along the spatial axes.

    Attributes:
        rank: the number of spatial axes.
        margins: a pair (before, after) for each.
    """

    rank: int
    data_format = "channels_last"
    margins: tuple[tuple[int, int], ...]

    def _prepare(self, margins: tuple[tuple[int, int], ...]) -> None:
        self.margins = margins
        self.axes = spatial_axes(self.rank, self.data_format)
        self.input_spec = InputSpec(ndim=self.rank + 2)

    def call(self, inputs: Any) -> Any:
        """The inputs without their margins."""
        shape = self.compute_output_shape(inputs.shape)
        window = [slice(None)] * len(shape)
        for axis, (before, _) in zip(self.axes, self.margins, strict=True):
            window[axis] = slice(before, before + shape[axis])
        return inputs[tuple(window)]

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The input's shape less the margins.

        Raises:
            ValueError: if nothing would be left.
        """
        sizes = list(input_shape)
        for axis, (before, after) in zip(self.axes, self.margins, strict=True):
            if sizes[axis] is not None:
                sizes[axis] -= before + after
                if sizes[axis] <= 0:
                    raise ValueError(
                        f"the layer {self.name!r} crops {before} + {after} along axis {axis} of an input of shape "
                        f"{tuple(input_shape)}, and nothing would be left"
                    )
        return tuple(sizes)
