"""Pictures cut into patches, and patches put together again."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from kerasish.backend.operators import to_array
from kerasish.backend.primitive import Primitive, primitive
from kerasish.backend.sizes import tuple_of, whole
from kerasish.backend.symbolic import KerasTensor
from kerasish.ops import windows
from kerasish.ops.composite import composite
from kerasish.ops.pictures import batched, layout
from kerasish.ops.windows import Window, cropped

_ALL = slice(None)


def _cut(x: np.ndarray, *, window: Window) -> np.ndarray:
    """What the window sees at each of its places: `(batch, *places, numbers of the window, channels)`."""
    image, taps = windows.padded(x, window), window.taps()
    out = np.empty((len(x), *window.places, len(taps), x.shape[-1]), x.dtype)
    for i, tap in enumerate(taps):
        out[..., i, :] = image[(_ALL, *tap)]
    return out


def _put_together(g: np.ndarray, *, window: Window) -> np.ndarray:
    """The picture whose patches these are; where they overlap, their sum."""
    spread = np.zeros((len(g), *window.span, g.shape[-1]), g.dtype)
    for i, tap in enumerate(window.taps()):
        spread[(_ALL, *tap)] += g[..., i, :]
    return cropped(spread, window)


patches_of: Primitive = primitive("patches", _cut, lambda g, y, x, *, window: sum_of_patches(g, window=window))
sum_of_patches: Primitive = primitive(
    "sum of patches", _put_together, lambda g, y, x, *, window: patches_of(g, window=window)
)


def _rank_of(size: Any, rank: int | None) -> int:
    if not whole(size) and not isinstance(size, (tuple, list)):
        raise TypeError(f"extract_patches needs as size a whole number or a tuple of 2 or 3; received size={size!r}")
    found = rank or (2 if whole(size) else len(size))
    if found not in (2, 3):
        raise ValueError(f"extract_patches needs as size a whole number or a tuple of 2 or 3; received size={size!r}")
    return found


def _move(size: Any, strides: Any, dilation_rate: Any, padding: str, rank: int | None) -> Any:
    """The rank, shape, strides, padding and distances of the window."""
    rank = _rank_of(size, rank)
    shape = tuple_of(size, rank, "size", "extract_patches")
    steps = shape if strides is None else tuple_of(strides, rank, "strides", "extract_patches")
    dilation = tuple_of(dilation_rate, rank, "dilation_rate", "extract_patches")
    return rank, shape, steps, windows.standardized_padding(padding), dilation


def _extract(images: Any, size: Any, strides: Any, dilation: Any, padding: str, form: str | None, rank: Any) -> Any:
    rank, *move = _move(size, strides, dilation, padding, rank)
    x, found = batched(images, form, "extract_patches", rank)
    cut = patches_of(x, window=windows.moving(tuple(np.shape(x)[1:-1]), *move))
    return found.restored(np.reshape(cut, (*np.shape(cut)[:-2], np.shape(cut)[-2] * np.shape(cut)[-1])))


def _patches_shape(images: Any, size: Any, strides: Any, dilation: Any, padding: str, form: Any, rank: Any) -> Any:
    rank, *move = _move(size, strides, dilation, padding, rank)
    where = layout(images, form, "extract_patches", rank)
    batch, *sizes, channels = where.dims(images.shape)
    seen = None if channels is None else channels * math.prod(move[0])
    return where.spec((batch, *windows.places(tuple(sizes), *move), seen), images.dtype)


@composite
def extract_patches(
    images: Any,
    size: Any,
    strides: Any = None,
    dilation_rate: Any = 1,
    padding: str = "valid",
    data_format: str | None = None,
) -> Any:
    """Patches of pictures or volumes: at each place of a window all numbers that it sees, one after the other.

    Args:
        images: one picture `(height, width, channels)` or a batch of them; with a size of three numbers, one volume
            `(depth, height, width, channels)` or a batch.
        size: of a patch: a whole number, for two axes, or a tuple of two or three.
        strides: the steps from patch to patch; the patch's own size by default.
        dilation_rate: how far apart the numbers of a patch are.
        padding: `"valid"`: only patches inside; `"same"`: as many as there are steps, with zeros around.
        data_format: `"channels_last"`, or `"channels_first"`.

    Returns:
        `(batch, *places, numbers in a patch * channels)`, the channels changing fastest.

    Raises:
        ValueError: if a patch does not fit.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.ops.image.extract_patches(np.arange(8.0).reshape(2, 4, 1), 2)[0]
        array([[0., 1., 4., 5.],
               [2., 3., 6., 7.]])
    """
    return _extract(images, size, strides, dilation_rate, padding, data_format, None)


def _extract_shape(
    images: Any, size: Any, strides: Any = None, dilation_rate: Any = 1, padding: str = "valid", data_format: Any = None
) -> KerasTensor:
    return _patches_shape(images, size, strides, dilation_rate, padding, data_format, None)


extract_patches.shape = _extract_shape


@composite
def extract_patches_3d(
    volumes: Any,
    size: Any,
    strides: Any = None,
    dilation_rate: Any = 1,
    padding: str = "valid",
    data_format: str | None = None,
) -> Any:
    """Patches of volumes; see `extract_patches`.

    Args:
        volumes: one volume `(depth, height, width, channels)` or a batch of them.
        size, strides, dilation_rate, padding, data_format: see `extract_patches`.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.ops.image.extract_patches_3d(np.zeros((4, 4, 4, 3)), 2).shape
        (2, 2, 2, 24)
    """
    return _extract(volumes, size, strides, dilation_rate, padding, data_format, 3)


def _extract_3d_shape(
    volumes: Any,
    size: Any,
    strides: Any = None,
    dilation_rate: Any = 1,
    padding: str = "valid",
    data_format: Any = None,
) -> KerasTensor:
    return _patches_shape(volumes, size, strides, dilation_rate, padding, data_format, 3)


extract_patches_3d.shape = _extract_3d_shape


def _explicit(size: Any, kernel_size: Any, dilation: Any, padding: Any, stride: Any, name: str) -> Window:
    """A window that moves over a picture with a number of zeros on each side."""
    shape = tuple_of(kernel_size, 2, "kernel_size", name)
    steps = tuple_of(stride, 2, "stride", name)
    distances = tuple_of(dilation, 2, "dilation", name)
    before = tuple_of(padding, 2, "padding", name, least=0)
    numbers = zip(size, shape, distances, before, steps, strict=True)
    places = tuple((n + 2 * b - (k - 1) * d - 1) // s + 1 for n, k, d, b, s in numbers)
    if min(places) < 1:
        raise ValueError(f"{name}: a window of shape {shape} does not fit into a picture of size {tuple(size)}")
    return Window(tuple(size), shape, steps, distances, before, places)


@composite
def unfold(x: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1) -> Any:
    """The patches of pictures as columns, as a convolution sees them.

    Args:
        x: `(batch, channels, height, width)`.
        kernel_size: of a patch.
        dilation: how far apart its numbers are.
        padding: how many zeros there are on each side.
        stride: the steps from patch to patch.

    Returns:
        `(batch, channels * numbers in a patch, patches)`.

    Raises:
        ValueError: if a patch does not fit.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.ops.unfold(np.arange(4.0).reshape(1, 1, 2, 2), (1, 2))[0]
        array([[0., 2.],
               [1., 3.]])
    """
    x = x if hasattr(x, "shape") else to_array(x)
    if len(x.shape) != 4:
        raise ValueError(f"unfold takes pictures (batch, channels, height, width); received shape {tuple(x.shape)}")
    window = _explicit(np.shape(x)[2:], kernel_size, dilation, padding, stride, "unfold")
    cut = np.transpose(patches_of(np.moveaxis(x, 1, -1), window=window), (0, 4, 3, 1, 2))
    batch, channels, seen, rows, columns = np.shape(cut)
    return np.reshape(cut, (batch, channels * seen, rows * columns))


def _unfold_shape(x: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1) -> KerasTensor:
    if len(x.shape) != 4:
        raise ValueError(f"unfold takes pictures (batch, channels, height, width); received shape {tuple(x.shape)}")
    batch, channels, *size = x.shape
    seen = None if channels is None else channels * math.prod(tuple_of(kernel_size, 2, "kernel_size", "unfold"))
    patches = None
    if None not in size:
        patches = math.prod(_explicit(size, kernel_size, dilation, padding, stride, "unfold").places)
    return KerasTensor((batch, seen, patches), x.dtype)


unfold.shape = _unfold_shape


def _folding(x: Any, output_size: Any, kernel_size: Any, dilation: Any, padding: Any, stride: Any) -> Any:
    """The window over the picture that is to be made, and how many channels that has."""
    size = tuple_of(output_size, 2, "output_size", "fold")
    window = _explicit(size, kernel_size, dilation, padding, stride, "fold")
    seen, patches = math.prod(window.shape), math.prod(window.places)
    fits = len(x.shape) == 3 and x.shape[1] is not None and x.shape[1] % seen == 0
    if not fits or x.shape[2] not in (None, patches):
        raise ValueError(
            f"fold takes patches (batch, channels * {seen}, {patches}) for a picture of size {size} and a window of "
            f"shape {window.shape}; received shape {tuple(x.shape)}"
        )
    return window, x.shape[1] // seen


@composite
def fold(x: Any, output_size: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1) -> Any:
    """Patches put together to pictures, summed where they overlap: the derivative of `unfold`.

    Args:
        x: `(batch, channels * numbers in a patch, patches)`.
        output_size: the pictures' height and width.
        kernel_size, dilation, padding, stride: see `unfold`.

    Returns:
        `(batch, channels, height, width)`.

    Raises:
        ValueError: if there are not as many patches, or numbers in them, as fit.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.ops.fold(np.ones((1, 2, 2)), (1, 3), (1, 2))[0, 0]
        array([[1., 2., 1.]])
    """
    x = x if hasattr(x, "shape") else to_array(x)
    window, channels = _folding(x, output_size, kernel_size, dilation, padding, stride)
    parts = np.reshape(x, (np.shape(x)[0], channels, math.prod(window.shape), *window.places))
    return np.moveaxis(sum_of_patches(np.transpose(parts, (0, 3, 4, 2, 1)), window=window), -1, 1)


def _fold_shape(
    x: Any, output_size: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1
) -> KerasTensor:
    window, channels = _folding(x, output_size, kernel_size, dilation, padding, stride)
    return KerasTensor((x.shape[0], channels, *window.size), x.dtype)


fold.shape = _fold_shape
