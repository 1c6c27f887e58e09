"""The largest number of every window of sequences, images and volumes."""

from __future__ import annotations

from typing import Any, Unpack

from kerasish.backend.typing import Sizes
from kerasish.layers.base.layer_options import BareOptions
from kerasish.layers.pooling.base_pooling import BasePooling
from kerasish.ops import pooling, windows


class BaseMaxPooling(BasePooling):
    """The largest number of each window."""

    def __init__(
        self,
        pool_size: Sizes = 2,
        strides: Sizes | None = None,
        padding: str = "valid",
        data_format: str | None = None,
        name: str | None = None,
        **kwargs: Unpack[BareOptions],
    ) -> None:
        super().__init__(pool_size, strides, padding, data_format, name, **kwargs)

    def _pooled(self, image: Any, window: windows.Window) -> Any:
        return pooling.largest_of_windows(image, window=window)


class MaxPooling1D(BaseMaxPooling):
    """The largest number of every window of every channel of a sequence.

    `y[i, c] = max over j of x[i * strides + j, c]`, `j` from 0 to `pool_size - 1`.

    Args: those of `MaxPooling2D`; `pool_size` and `strides` are a number of steps.

    Shapes: inputs `(batch, steps, channels)`, output `(batch, new steps, channels)`, sized as in `MaxPooling2D`.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.layers.MaxPooling1D(2)(np.array([[[1.0], [4.0], [3.0], [2.0]]], "float32"))[0, :, 0]
        array([4., 3.], dtype=float32)
    """

    rank = 1


class MaxPooling2D(BaseMaxPooling):
    """The largest number of every window of every channel of an image.

    `y[i, j, c] = max over k, l of x[i * strides[0] + k, j * strides[1] + l, c]`, with `k, l` inside `pool_size`. The
    gradient goes to the largest number of each window; of several equal ones, to the first.

    Args:
        pool_size: the window's sizes: a number, or one for each of height, width.
        strides: the steps from window to window; those of `pool_size` by default.
        padding: `"valid"`, only windows inside, or `"same"`, for as many windows as there are strides in the image;
            nothing outside counts.
        data_format: `"channels_last"` or `"channels_first"`; `keras.config.image_data_format()` by default.
        name: the layer's name.
        **kwargs: `dtype`, `trainable` of `Layer`.

    Shapes: inputs `(batch, height, width, channels)`, output `(batch, new height, new width, channels)`, with a size of
    `(n - pool_size) // strides + 1` (`"valid"`) or `ceil(n / strides)` (`"same"`); with the channels second if
    `data_format` says so.

    Raises:
        ValueError: if an argument is out of its range, or the window does not fit into the image.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> x = np.arange(16, dtype="float32").reshape(1, 4, 4, 1)
        >>> keras.layers.MaxPooling2D()(x)[0, :, :, 0]
        array([[ 5.,  7.],
               [13., 15.]], dtype=float32)

    Source: Yamaguchi et al., A neural network for speaker-independent isolated word recognition (1990).
    """

    rank = 2


class MaxPooling3D(BaseMaxPooling):
    """The largest number of every window of every channel of a volume.

    `y[i, j, k, c] = max of x[i * s₀ + l, j * s₁ + m, k * s₂ + n, c]` over `l, m, n` inside `pool_size`, `s = strides`.

    Args: those of `MaxPooling2D`, with sizes for depth, height and width.

    Shapes: inputs `(batch, depth, height, width, channels)`, output
    `(batch, new depth, new height, new width, channels)`, sized as in `MaxPooling2D`.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.layers.MaxPooling3D(padding="same")(np.ones((2, 4, 5, 6, 3), "float32")).shape
        (2, 2, 3, 3, 3)
    """

    rank = 3
