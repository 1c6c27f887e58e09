"""Colours: red, green and blue as grey, or as hue, saturation and value."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish.backend.operators import dtype_of
from kerasish.backend.symbolic import KerasTensor
from kerasish.ops.composite import composite
from kerasish.ops.joining import stack
from kerasish.ops.means import narrowed, widened
from kerasish.ops.pictures import batched, layout, same_spec

# How bright each colour seems (ITU-R BT.601).
_LUMA = (0.2989, 0.587, 0.114)


def _channels_of(images: Any, data_format: str | None, name: str, allowed: tuple[int, ...]) -> Any:
    where = layout(images, data_format, name)
    dims = where.dims(images.shape)
    if dims[-1] not in allowed:
        raise ValueError(
            f"{name} takes pictures with {' or '.join(map(str, allowed))} channels; received shape "
            f"{tuple(images.shape)} with data_format={data_format!r}, which has {dims[-1]}"
        )
    return where, dims


@composite
def rgb_to_grayscale(images: Any, data_format: str | None = None) -> Any:
    """Pictures in grey: `0.2989 red + 0.587 green + 0.114 blue`.

    Args:
        images: one picture `(height, width, 3)`, or a batch of them; with one channel it is grey already.
        data_format: `"channels_last"`, or `"channels_first"` for `(batch, 3, height, width)`.

    Returns:
        Pictures with one channel, in the dtype given; whole numbers are rounded down.

    Raises:
        ValueError: if there are not one or three channels.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.ops.image.rgb_to_grayscale(np.array([[[255, 0, 0], [0, 255, 0]]], "uint8"))[0, :, 0]
        array([ 76, 149], dtype=uint8)
    """
    x, found = batched(images, data_format, "rgb_to_grayscale")
    _channels_of(x, "channels_last", "rgb_to_grayscale", (1, 3))
    if np.shape(x)[-1] == 1:
        return found.restored(x)
    kind = np.dtype(dtype_of(x)).name
    x, _ = widened(x)
    grey = x[..., :1] * _LUMA[0] + x[..., 1:2] * _LUMA[1] + x[..., 2:] * _LUMA[2]
    return found.restored(narrowed(grey, kind))


def _grey_shape(images: Any, data_format: str | None = None) -> KerasTensor:
    where, dims = _channels_of(images, data_format, "rgb_to_grayscale", (1, 3, None))  # type: ignore[arg-type]
    return where.spec((*dims[:-1], 1), images.dtype)


rgb_to_grayscale.shape = _grey_shape


def _three_floats(images: Any, data_format: str | None, name: str) -> Any:
    x, found = batched(images, data_format, name)
    _channels_of(x, "channels_last", name, (3,))
    kind = np.dtype(dtype_of(x))
    if kind.kind in "iub":
        raise ValueError(
            f"{name} takes floats from 0 to 1; received images of dtype {kind.name}. Divide them by 255 first."
        )
    return (*widened(x), found)


@composite
def rgb_to_hsv(images: Any, data_format: str | None = None) -> Any:
    """Red, green and blue as hue, saturation and value.

    With the largest colour M and the smallest m: the value is M, the saturation `(M - m) / M`, and the hue, in sixths
    of the circle, `(g - b) / (M - m)` where red is the largest, `2 + (b - r) / (M - m)` where green is, and
    `4 + (r - g) / (M - m)` where blue is.

    Args:
        images: floats from 0 to 1: one picture `(height, width, 3)`, or a batch of them.
        data_format: `"channels_last"`, or `"channels_first"` for `(batch, 3, height, width)`.

    Returns:
        The same shape, of numbers from 0 to 1: a hue of 0 is red, 1/3 green and 2/3 blue.

    Raises:
        ValueError: if the images are not floats, or have not three channels.

    Source: A. R. Smith, "Color gamut transform pairs", SIGGRAPH 1978.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.ops.image.rgb_to_hsv(np.array([[[0.0, 0.5, 0.0]]]))[0, 0].round(3)
        array([0.333, 1.   , 0.5  ])
    """
    x, kind, found = _three_floats(images, data_format, "rgb_to_hsv")
    r, g, b = x[..., 0], x[..., 1], x[..., 2]
    most = np.maximum(np.maximum(r, g), b)
    spread = most - np.minimum(np.minimum(r, g), b)
    is_grey = np.equal(spread, 0)
    whole = np.where(is_grey, 1, spread)
    by_green = np.where(np.equal(g, most), 2 + (b - r) / whole, 4 + (r - g) / whole)
    sixths = np.where(np.equal(r, most), (g - b) / whole, by_green)
    hue = np.where(is_grey, 0, sixths / 6)
    hue = np.where(np.less(hue, 0), hue + 1, hue)
    saturation = np.where(np.greater(most, 0), spread / np.where(np.greater(most, 0), most, 1), 0)
    return found.restored(narrowed(stack([hue, saturation, most], axis=-1), kind))


@composite
def hsv_to_rgb(images: Any, data_format: str | None = None) -> Any:
    """Hue, saturation and value as red, green and blue; the way back from `rgb_to_hsv`.

    Args:
        images: floats from 0 to 1: one picture `(height, width, 3)`, or a batch of them.
        data_format: `"channels_last"`, or `"channels_first"` for `(batch, 3, height, width)`.

    Raises:
        ValueError: if the images are not floats, or have not three channels.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.ops.image.hsv_to_rgb(np.array([[[0.0, 1.0, 0.5]]]))[0, 0]
        array([0.5, 0. , 0. ])
    """
    x, kind, found = _three_floats(images, data_format, "hsv_to_rgb")
    sixths, saturation, value = x[..., 0] * 6, x[..., 1:2], x[..., 2:]
    red = np.abs(sixths - 3) - 1
    green = 2 - np.abs(sixths - 2)
    blue = 2 - np.abs(sixths - 4)
    pure = np.clip(stack([red, green, blue], axis=-1), 0, 1)
    return found.restored(narrowed(((1 - saturation) + saturation * pure) * value, kind))


def _float_spec(images: Any, data_format: str | None = None) -> KerasTensor:
    if np.dtype(images.dtype).kind in "iub":
        raise ValueError(f"colours are converted as floats from 0 to 1; received images of dtype {images.dtype}")
    return same_spec(images)


rgb_to_hsv.shape = hsv_to_rgb.shape = _float_spec
