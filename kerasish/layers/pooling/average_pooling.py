"""The mean of every window of sequences, images and volumes."""

from __future__ import annotations

from typing import Any

from kerasish.layers.pooling.base_pooling import BasePooling
from kerasish.ops import pooling, windows


class BaseAveragePooling(BasePooling):
    """The mean of each window; what lies outside of the image is not counted."""

    def _pooled(self, image: Any, window: windows.Window) -> Any:
        return pooling.mean_of_windows(image, window)


class AveragePooling1D(BaseAveragePooling):
    """The mean of every window of every channel of a sequence.

    `y[i, c] = mean over j of x[i * strides + j, c]`, `j` from 0 to `pool_size - 1`.

    Args: those of `AveragePooling2D`; `pool_size` and `strides` are a number of steps.

    Shapes: inputs `(batch, steps, channels)`, output `(batch, new steps, channels)`, sized as in `AveragePooling2D`.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.layers.AveragePooling1D(2)(np.array([[[1.0], [4.0], [3.0], [2.0]]], "float32"))[0, :, 0]
        array([2.5, 2.5], dtype=float32)
    """

    rank = 1


class AveragePooling2D(BaseAveragePooling):
    """The mean of every window of every channel of an image.

    `y[i, j, c] = mean over k, l of x[i * strides[0] + k, j * strides[1] + l, c]`, with `k, l` inside `pool_size`.

    Args:
        pool_size: the window's sizes: a number, or one for each of height, width.
        strides: the steps from window to window; those of `pool_size` by default.
        padding: `"valid"`, only windows inside, or `"same"`, for as many windows as there are strides in the image;
            what lies outside is not counted.
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
        >>> keras.layers.AveragePooling2D(2)(x)[0, :, :, 0]
        array([[ 2.5,  4.5],
               [10.5, 12.5]], dtype=float32)

    Source: LeCun et al., Handwritten digit recognition with a back-propagation network (1989).
    """

    rank = 2


class AveragePooling3D(BaseAveragePooling):
    """The mean of every window of every channel of a volume.

    `y[i, j, k, c] = mean of x[i * s₀ + l, j * s₁ + m, k * s₂ + n, c]` over `l, m, n` inside `pool_size`, `s = strides`.

    Args: those of `AveragePooling2D`, with sizes for depth, height and width.

    Shapes: inputs `(batch, depth, height, width, channels)`, output
    `(batch, new depth, new height, new width, channels)`, sized as in `AveragePooling2D`.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.layers.AveragePooling3D(2, padding="same")(np.ones((2, 4, 5, 6, 3), "float32")).shape
        (2, 2, 3, 3, 3)
    """

    rank = 3
