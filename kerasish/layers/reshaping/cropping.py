"""Less of sequences, images and volumes: cropping."""

from __future__ import annotations

from typing import Any, Unpack

from kerasish.backend.typing import Margins
from kerasish.layers.base.layer_options import LayerOptions
from kerasish.layers.reshaping.rearranging import WithMargins


class Cropping(WithMargins):
    """Cuts margins off along the spatial axes."""

    _argument = "cropping"
    cropping: Any

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


class Cropping1D(Cropping):
    """Cuts margins off a sequence.

    Args:
        cropping: how many steps at each end; one number, or a pair (before, after).
        **kwargs: `name`, `dtype`, `trainable` of `Layer`.

    Shapes: inputs `(batch, steps, features)`, output the same but smaller.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.layers.Cropping1D(1)(np.ones((2, 5, 3), "float32")).shape
        (2, 3, 3)
    """

    rank = 1
    _takes_data_format = False

    def __init__(self, cropping: Margins = (1, 1), **kwargs: Unpack[LayerOptions]) -> None:
        super().__init__(cropping, **kwargs)


class Cropping2D(Cropping):
    """Cuts margins off an image.

    Args:
        cropping: how much along each spatial axis; one number for all, one for each, or pairs (before, after).
        data_format: `"channels_last"` or `"channels_first"`; `keras.config.image_data_format()` by default.
        **kwargs: `name`, `dtype`, `trainable` of `Layer`.

    Shapes: inputs `(batch, height, width, channels)`, or with the channels second, output the same but smaller.

    Raises:
        ValueError: if a number is negative, their count is wrong, or nothing would be left.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.layers.Cropping2D(1)(np.ones((2, 5, 7, 3), "float32")).shape
        (2, 3, 5, 3)
    """

    rank = 2

    def __init__(
        self, cropping: Margins = ((0, 0), (0, 0)), data_format: str | None = None, **kwargs: Unpack[LayerOptions]
    ) -> None:
        super().__init__(cropping, data_format, **kwargs)


class Cropping3D(Cropping):
    """Cuts margins off a volume.

    Args: those of `Cropping2D`.

    Shapes: inputs `(batch, depth, height, width, channels)`, or with the channels second, output the same but smaller.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.layers.Cropping3D(1)(np.ones((2, 5, 7, 9, 3), "float32")).shape
        (2, 3, 5, 7, 3)
    """

    rank = 3

    def __init__(
        self,
        cropping: Margins = ((1, 1), (1, 1), (1, 1)),
        data_format: str | None = None,
        **kwargs: Unpack[LayerOptions],
    ) -> None:
        super().__init__(cropping, data_format, **kwargs)
