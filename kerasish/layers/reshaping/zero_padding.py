"""More of sequences, images and volumes: zero padding."""

from __future__ import annotations

from typing import Any, Unpack

from kerasish.backend.typing import Margins, Shape
from kerasish.layers.base.layer_options import LayerOptions
from kerasish.layers.reshaping.rearranging import WithMargins
from kerasish.ops.shape import pad


class ZeroPadding(WithMargins):
    """Puts margins of zeros around the spatial axes."""

    _argument = "padding"
    padding: Any

    def __init__(self, padding: Any, data_format: str | None, **kwargs: Unpack[LayerOptions]) -> None:
        super().__init__(padding, data_format, **kwargs)
        around = dict(zip(self.axes, self.margins, strict=True))
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


class ZeroPadding1D(ZeroPadding):
    """Puts zeros around a sequence.

    Args:
        padding: how many steps at each end; one number, or a pair (before, after).
        data_format, **kwargs: those of `ZeroPadding2D`.

    Shapes: inputs `(batch, steps, features)`, or with the channels second, output the same but larger.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.layers.ZeroPadding1D(1)(np.ones((2, 5, 3), "float32")).shape
        (2, 7, 3)
    """

    rank = 1

    def __init__(self, padding: Margins = 1, data_format: str | None = None, **kwargs: Unpack[LayerOptions]) -> None:
        super().__init__(padding, data_format, **kwargs)


class ZeroPadding2D(ZeroPadding):
    """Puts zeros around an image.

    Args:
        padding: how much along each spatial axis; one number for all, one for each, or pairs (before, after).
        data_format: `"channels_last"` or `"channels_first"`; `keras.config.image_data_format()` by default.
        **kwargs: `name`, `dtype`, `trainable` of `Layer`.

    Shapes: inputs `(batch, height, width, channels)`, or with the channels second, output the same but larger.

    Raises:
        ValueError: if a number is negative or their count is wrong.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.layers.ZeroPadding2D(1)(np.ones((2, 5, 7, 3), "float32")).shape
        (2, 7, 9, 3)
    """

    rank = 2

    def __init__(
        self, padding: Margins = (1, 1), data_format: str | None = None, **kwargs: Unpack[LayerOptions]
    ) -> None:
        super().__init__(padding, data_format, **kwargs)


class ZeroPadding3D(ZeroPadding):
    """Puts zeros around a volume.

    Args: those of `ZeroPadding2D`.

    Shapes: inputs `(batch, depth, height, width, channels)`, or with the channels second, output the same but larger.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.layers.ZeroPadding3D(1)(np.ones((2, 5, 7, 9, 3), "float32")).shape
        (2, 7, 9, 11, 3)
    """

    rank = 3

    def __init__(
        self,
        padding: Margins = ((1, 1), (1, 1), (1, 1)),
        data_format: str | None = None,
        **kwargs: Unpack[LayerOptions],
    ) -> None:
        super().__init__(padding, data_format, **kwargs)
