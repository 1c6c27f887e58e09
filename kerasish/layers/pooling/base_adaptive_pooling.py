"""What the layers that pool to a given size have in common."""

from __future__ import annotations

from typing import Any, Unpack

import numpy as np

from kerasish.backend.sizes import whole
from kerasish.backend.typing import Shape
from kerasish.layers.base.input_spec import InputSpec
from kerasish.layers.base.layer_options import LayerOptions
from kerasish.layers.base.spatial_layer import SpatialLayer
from kerasish.ops import pooling


class BaseAdaptivePooling(SpatialLayer):
    """As many numbers of each channel as the output is to have, whatever the size of the input.

    Along an axis of `n` numbers, window `i` of `m` reaches from `floor(i n / m)` to `ceil((i + 1) n / m)`.

    Args:
        output_size: the output's spatial sizes: a number, or one for each spatial axis.
        data_format: `"channels_last"` or `"channels_first"`; `keras.config.image_data_format()` by default.
        **kwargs: `name`, `dtype`, `trainable` of `Layer`.

    Raises:
        TypeError: if `output_size` is neither.
        ValueError: if a size is not positive.
    """

    def __init__(self, output_size: Any, data_format: str | None = None, **kwargs: Unpack[LayerOptions]) -> None:
        super().__init__(data_format, **kwargs)
        self.input_spec = InputSpec(ndim=self.rank + 2)
        self.output_size = _sizes_of(output_size, self.rank, type(self).__name__)

    def compute_output_shape(self, input_shape: Shape) -> tuple[int | None, ...]:
        """The input's shape with `output_size` in place of its spatial sizes.

        Raises:
            ValueError: if the rank is another.
        """
        self._sizes(input_shape)
        return self._with_sizes(self.output_size, input_shape)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this layer anew."""
        return {**super().get_config(), "output_size": self.output_size, "data_format": self.data_format}

    def _refuse_nothing(self, inputs: Any) -> None:
        if 0 in self._sizes(np.shape(inputs)):
            raise ValueError(
                f"the layer {self.name!r} cannot make {self.output_size} numbers where there is none; received inputs "
                f"of shape {tuple(np.shape(inputs))} with data_format={self.data_format!r}"
            )


class BaseAdaptiveAveragePooling(BaseAdaptivePooling):
    """The mean of each window."""

    def call(self, inputs: Any) -> Any:
        """The means of all windows."""
        self._refuse_nothing(inputs)
        return pooling.adaptive_average_pool(inputs, self.output_size, self.data_format)


class BaseAdaptiveMaxPooling(BaseAdaptivePooling):
    """The largest number of each window."""

    def call(self, inputs: Any) -> Any:
        """The largest numbers of all windows."""
        self._refuse_nothing(inputs)
        return pooling.adaptive_max_pool(inputs, self.output_size, self.data_format)


def _sizes_of(output_size: Any, rank: int, owner: str) -> tuple[int, ...]:
    sizes = (output_size,) * rank if whole(output_size) else output_size
    said = (
        f"{owner} needs as output_size a positive whole number, or a tuple of {rank}; received "
        f"output_size={output_size!r}"
    )
    if not isinstance(sizes, (list, tuple)) or not all(whole(n) for n in sizes):
        raise TypeError(said)
    if len(sizes) != rank:
        raise ValueError(said) if rank == 1 else TypeError(said)  # as Keras has it
    if min(sizes) < 1:
        raise ValueError(said)
    return tuple(int(n) for n in sizes)
