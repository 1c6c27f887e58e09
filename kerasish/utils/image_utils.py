"""Pictures in files and as arrays, by way of Pillow (extra `image`)."""

from __future__ import annotations

import io
import warnings
from pathlib import Path
from typing import Any

import numpy as np

from kerasish._extras import missing
from kerasish.backend import dtypes
from kerasish.backend.config import floatx, standardize_data_format
from kerasish.ops.core import convert_to_numpy
from kerasish.ops.resampling import resize

_MODES = {"grayscale": "L", "rgb": "RGB", "rgba": "RGBA"}
_INTERPOLATIONS = {
    "nearest": "NEAREST",
    "bilinear": "BILINEAR",
    "bicubic": "BICUBIC",
    "hamming": "HAMMING",
    "box": "BOX",
    "lanczos": "LANCZOS",
}
_DEEP = ("I", "I;16", "I;16L", "I;16B")


def pillow() -> Any:
    """The module `PIL.Image`.

    Raises:
        ImportError: if Pillow is not installed; it says what to install.
    """
    try:
        from PIL import Image
    except ImportError as error:
        raise missing("pictures in files need Pillow", "image") from error
    return Image


def load_img(
    path: Any,
    color_mode: str = "rgb",
    target_size: Any = None,
    interpolation: str = "nearest",
    keep_aspect_ratio: bool = False,
) -> Any:
    """A picture from a file.

    Args:
        path: of the file, or an open file of bytes.
        color_mode: `"grayscale"` (16 bits stay 16 bits), `"rgb"` or `"rgba"`; pictures with a palette or of ink colours
            are converted.
        target_size: `(height, width)` to which it is resized; by default it keeps its own.
        interpolation: `"nearest"`, `"bilinear"`, `"bicubic"`, `"box"`, `"hamming"` or `"lanczos"`.
        keep_aspect_ratio: cut first to the largest part, in the middle, with the sides' ratio wanted.

    Returns:
        A Pillow picture, not turned by what its file says of the camera (EXIF).

    Raises:
        ImportError: if Pillow is not installed.
        TypeError: if `path` is neither a path nor a file.
        ValueError: if the colour mode or the interpolation has another name.
        OSError: if the file is no picture, or damaged.

    Example:
        >>> import io
        >>> import numpy as np
        >>> import kerasish as keras
        >>> file = io.BytesIO()
        >>> keras.utils.save_img(file, np.zeros((2, 3, 3)), file_format="png")
        >>> keras.utils.img_to_array(keras.utils.load_img(file)).shape
        (2, 3, 3)
    """
    if color_mode not in _MODES:
        raise ValueError(f"color_mode must be one of {', '.join(map(repr, _MODES))}; received {color_mode!r}")
    if interpolation not in _INTERPOLATIONS:
        raise ValueError(
            f"interpolation must be one of {', '.join(map(repr, _INTERPOLATIONS))}; received {interpolation!r}"
        )
    image = _opened(path)
    if not (color_mode == "grayscale" and image.mode in _DEEP) and image.mode != _MODES[color_mode]:
        image = image.convert(_MODES[color_mode])
    if target_size is None:
        return image
    height, width = target_size
    box = _middle(image.size, int(height), int(width)) if keep_aspect_ratio else None
    if image.size == (width, height) and box is None:
        return image
    return image.resize((width, height), pillow().Resampling[_INTERPOLATIONS[interpolation]], box)


def load_bytes(path: str, color_mode: str) -> np.ndarray:
    """The numbers of a picture's file, `(height, width, channels)`, uint8; of 16 bits the upper eight.

    Raises:
        OSError: if the file is no picture, or damaged.
    """
    image = _opened(path)
    if image.mode in _DEEP:  # Pillow would cut off all above 255
        image = pillow().fromarray((np.asarray(image) >> 8).astype("uint8"))
    if image.mode != _MODES[color_mode]:
        image = image.convert(_MODES[color_mode])
    numbers = np.asarray(image)
    return numbers[..., None] if numbers.ndim == 2 else numbers


def _opened(path: Any) -> Any:
    """The picture of a file, read whole, so that a truncated one fails here."""
    module = pillow()
    if isinstance(path, io.IOBase) or hasattr(path, "read"):
        if hasattr(path, "seek"):
            path.seek(0)
        image = module.open(path)
        image.load()
        return image
    if not isinstance(path, (str, bytes, Path)):
        raise TypeError(f"load_img takes the path of a file, or an open file; received {type(path).__name__}")
    name = path.decode() if isinstance(path, bytes) else str(path)
    try:
        with module.open(name) as image:
            image.load()
            return image
    except FileNotFoundError:
        raise
    except Exception as error:  # what reads a damaged file may raise anything
        raise OSError(f"the file {name} cannot be read as a picture: {error}") from error


def _middle(size: tuple[int, int], height: int, width: int) -> tuple[int, int, int, int]:
    """The largest box in the middle of a picture with the sides' ratio wanted: left, top, right, bottom."""
    wide, high = size
    box_high = min(high, max(1, wide * height // width))
    box_wide = min(wide, max(1, high * width // height))
    top, left = (high - box_high) // 2, (wide - box_wide) // 2
    return left, top, left + box_wide, top + box_high


def img_to_array(img: Any, data_format: str | None = None, dtype: Any = None) -> np.ndarray:
    """A picture as an array of numbers from 0 to 255.

    Args:
        img: a Pillow picture, or an array of rank 2 or 3.
        data_format: `"channels_last"`, or `"channels_first"` for `(channels, height, width)`.
        dtype: of the array; `floatx()` by default.

    Returns:
        `(height, width, channels)`; a grey picture has one channel.

    Raises:
        ValueError: if it has another rank.
    """
    first = standardize_data_format(data_format) == "channels_first"
    x = np.asarray(img, dtypes.numpy_dtype(dtypes.standardize_dtype(dtype or floatx())))
    if x.ndim == 3:
        return np.moveaxis(x, -1, 0) if first else x
    if x.ndim == 2:
        return x[None] if first else x[..., None]
    raise ValueError(f"img_to_array takes one picture, of rank 2 or 3; received shape {x.shape}")


def array_to_img(x: Any, data_format: str | None = None, scale: bool = True, dtype: Any = None) -> Any:
    """An array as a Pillow picture.

    Args:
        x: `(height, width, channels)`, with one, three or four channels.
        data_format: `"channels_last"`, or `"channels_first"` for `(channels, height, width)`.
        scale: whether the numbers are moved and stretched so that the least is 0 and the largest 255; otherwise they
            are taken as they are.
        dtype: in which it is computed; `floatx()` by default.

    Raises:
        ImportError: if Pillow is not installed.
        ValueError: if the rank or the number of channels is another.
    """
    module = pillow()
    first = standardize_data_format(data_format) == "channels_first"
    numbers = np.array(convert_to_numpy(x), dtypes.numpy_dtype(dtypes.standardize_dtype(dtype or floatx())))
    if numbers.ndim != 3:
        raise ValueError(f"array_to_img takes one picture, of rank 3; received shape {numbers.shape}")
    numbers = np.moveaxis(numbers, 0, -1) if first else numbers
    channels = numbers.shape[-1]
    if channels not in (1, 3, 4):
        raise ValueError(f"array_to_img takes 1, 3 or 4 channels; received shape {np.shape(x)}, which has {channels}")
    if scale:
        numbers -= numbers.min(initial=np.inf)
        largest = numbers.max(initial=0)
        numbers = numbers / largest * 255 if largest else numbers
    if channels > 1:
        return module.fromarray(numbers.astype("uint8"))
    if numbers.max(initial=0) > 255:  # more than a byte holds
        return module.fromarray(numbers[..., 0].astype("int32"))
    return module.fromarray(numbers[..., 0].astype("uint8"))


def save_img(
    path: Any, x: Any, data_format: str | None = None, file_format: str | None = None, scale: bool = True, **kwargs: Any
) -> None:
    """Write an array to a file as a picture.

    Args:
        path: of the file, or an open file of bytes.
        x, data_format, scale: see `array_to_img`.
        file_format: such as `"png"`; by default the file's ending says it.
        **kwargs: for Pillow's `save`.
    """
    image = array_to_img(x, data_format, scale)
    if image.mode == "RGBA" and (file_format in ("jpg", "jpeg") or str(path).lower().endswith((".jpg", ".jpeg"))):
        warnings.warn("JPEG has no transparency: the picture is written as RGB", stacklevel=2)
        image = image.convert("RGB")
    image.save(path, format="JPEG" if file_format == "jpg" else file_format, **kwargs)


def smart_resize(
    x: Any, size: Any, interpolation: str = "bilinear", data_format: str = "channels_last", **kwargs: Any
) -> Any:
    """Pictures of another size, cut first, in the middle, to its sides' ratio.

    Args:
        x: one picture or a batch of them.
        size: the new `(height, width)`.
        interpolation, data_format: see `keras.ops.image.resize`.
        **kwargs: `backend_module`, accepted for compatibility.

    Returns:
        An array where an array came, in its dtype.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.preprocessing.image.smart_resize(np.zeros((4, 8, 3)), (2, 2)).shape
        (2, 2, 3)
    """
    if set(kwargs) - {"backend_module"}:
        raise TypeError(f"smart_resize takes no argument {', '.join(sorted(set(kwargs) - {'backend_module'}))}")
    made = resize(x, size, interpolation, crop_to_aspect_ratio=True, data_format=data_format)
    return np.array(made) if type(x) is np.ndarray else made
