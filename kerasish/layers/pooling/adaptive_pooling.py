"""One number for each of a given number of windows of sequences, images and volumes."""

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
    """As many numbers of each channel as the output is to have, whatever the size of the input."""

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


class AdaptiveAveragePooling1D(BaseAdaptiveAveragePooling):
    """The mean of each of `output_size` windows that cover a sequence, of every channel.

    Args: those of `AdaptiveAveragePooling2D`; `output_size` is a number of steps.

    Shapes: inputs `(batch, steps, channels)`, output `(batch, output_size, channels)`.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.layers.AdaptiveAveragePooling1D(2)(np.array([[[4.0], [1.0], [3.0]]], "float32"))[0, :, 0]
        array([2.5, 2. ], dtype=float32)
    """

    rank = 1


class AdaptiveAveragePooling2D(BaseAdaptiveAveragePooling):
    """The mean of each of `output_size` windows that cover an image, of every channel.

    Along an axis of `n` numbers, window `i` of `m` reaches from `floor(i n / m)` to `ceil((i + 1) n / m)`.

    Args:
        output_size: the output's sizes: a number, or one for each of height, width.
        data_format: `"channels_last"` or `"channels_first"`; `keras.config.image_data_format()` by default.
        **kwargs: `name`, `dtype`, `trainable` of `Layer`.

    Shapes: inputs `(batch, height, width, channels)`, output `(batch, *output_size, channels)`; with the channels
    second if `data_format` says so. The sizes of the inputs may be unknown, and differ from call to call.

    Raises:
        TypeError: if `output_size` is neither a whole number nor a tuple of two.
        ValueError: if a size is not positive, or the inputs have another rank.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.layers.AdaptiveAveragePooling2D((2, 3))(np.ones((2, 7, 5, 3), "float32")).shape
        (2, 2, 3, 3)

    Source: He et al., Spatial pyramid pooling in deep convolutional networks (2014), https://arxiv.org/abs/1406.4729
    """

    rank = 2


class AdaptiveAveragePooling3D(BaseAdaptiveAveragePooling):
    """The mean of each of `output_size` windows that cover a volume, of every channel.

    Args: those of `AdaptiveAveragePooling2D`, with sizes for depth, height and width.

    Shapes: inputs `(batch, depth, height, width, channels)`, output `(batch, *output_size, channels)`.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.layers.AdaptiveAveragePooling3D(2)(np.ones((2, 7, 5, 4, 3), "float32")).shape
        (2, 2, 2, 2, 3)
    """

    rank = 3


class BaseAdaptiveMaxPooling(BaseAdaptivePooling):
    """The largest number of each window."""

    def call(self, inputs: Any) -> Any:
        """The largest numbers of all windows."""
        self._refuse_nothing(inputs)
        return pooling.adaptive_max_pool(inputs, self.output_size, self.data_format)


class AdaptiveMaxPooling1D(BaseAdaptiveMaxPooling):
    """The largest number of each of `output_size` windows that cover a sequence, of every channel.

    Args: those of `AdaptiveMaxPooling2D`; `output_size` is a number of steps.

    Shapes: inputs `(batch, steps, channels)`, output `(batch, output_size, channels)`.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.layers.AdaptiveMaxPooling1D(2)(np.array([[[4.0], [1.0], [3.0]]], "float32"))[0, :, 0]
        array([4., 3.], dtype=float32)
    """

    rank = 1


class AdaptiveMaxPooling2D(BaseAdaptiveMaxPooling):
    """The largest number of each of `output_size` windows that cover an image, of every channel.

    Along an axis of `n` numbers, window `i` of `m` reaches from `floor(i n / m)` to `ceil((i + 1) n / m)`.

    Args:
        output_size: the output's sizes: a number, or one for each of height, width.
        data_format: `"channels_last"` or `"channels_first"`; `keras.config.image_data_format()` by default.
        **kwargs: `name`, `dtype`, `trainable` of `Layer`.

    Shapes: inputs `(batch, height, width, channels)`, output `(batch, *output_size, channels)`; with the channels
    second if `data_format` says so. The sizes of the inputs may be unknown, and differ from call to call.

    Raises:
        TypeError: if `output_size` is neither a whole number nor a tuple of two.
        ValueError: if a size is not positive, or the inputs have another rank.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.layers.AdaptiveMaxPooling2D((2, 3))(np.ones((2, 7, 5, 3), "float32")).shape
        (2, 2, 3, 3)

    Source: He et al., Spatial pyramid pooling in deep convolutional networks (2014), https://arxiv.org/abs/1406.4729
    """

    rank = 2


class AdaptiveMaxPooling3D(BaseAdaptiveMaxPooling):
    """The largest number of each of `output_size` windows that cover a volume, of every channel.

    Args: those of `AdaptiveMaxPooling2D`, with sizes for depth, height and width.

    Shapes: inputs `(batch, depth, height, width, channels)`, output `(batch, *output_size, channels)`.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.layers.AdaptiveMaxPooling3D(2)(np.ones((2, 7, 5, 4, 3), "float32")).shape
        (2, 2, 2, 2, 3)
    """

    rank = 3


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
