"""Pictures made larger or smaller: along each axis a new sample is a weighted sum of old ones near it."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

from kerasish.backend import dtypes
from kerasish.backend.operators import cast_to, dtype_of, to_array
from kerasish.backend.primitive import Primitive, primitive
from kerasish.backend.symbolic import KerasTensor
from kerasish.backend.tensor import Traceable
from kerasish.ops.composite import composite
from kerasish.ops.contraction import tensordot
from kerasish.ops.indexing import take
from kerasish.ops.means import widened
from kerasish.ops.pictures import Layout, batched, layout


def _triangle(x: Any) -> Any:
    return np.maximum(1 - x, 0)


def _cubic(x: Any) -> Any:
    """Keys' cubic convolution with a = -1/2 (Keys, 1981)."""
    near = ((1.5 * x - 2.5) * x) * x + 1
    far = ((-0.5 * x + 2.5) * x - 4) * x + 2
    return np.where(np.less(x, 1), near, np.where(np.less(x, 2), far, 0))


def _lanczos(radius: int) -> Callable[[Any], Any]:
    return lambda x: np.where(np.less(x, radius), np.sinc(x) * np.sinc(x / radius), 0)


# The weight of an old sample by its distance.
KERNELS: dict[str, Callable[[Any], Any]] = {
    "bilinear": _triangle,
    "bicubic": _cubic,
    "lanczos3": _lanczos(3),
    "lanczos5": _lanczos(5),
}
_METHODS = {
    **KERNELS,
    "linear": _triangle,
    "trilinear": _triangle,
    "triangle": _triangle,
    "cubic": _cubic,
    "tricubic": _cubic,
}


def sample_weights(method: str, size: int, count: int, scale: Any, shift: Any, antialias: bool) -> Any:
    """How much each of `size` old samples counts in each of `count` new ones: `(count, size)`.

    New sample `i` stands at `(i + 1/2 - shift) / scale - 1/2` of the old axis. Weights beyond the ends are left out
    and the rest scaled to add to one; a new sample that stands outside is 0. Against aliasing, the kernel is as wide
    as a new sample where that is wider than an old one.
    """
    places = (np.arange(count) + 0.5 - shift) / scale - 0.5
    distance = np.abs(np.expand_dims(places, 1) - np.arange(size))
    if antialias:
        distance = distance / np.maximum(1 / scale, 1)
    weights = _METHODS[method](distance)
    total = np.sum(weights, axis=1, keepdims=True)
    counts = np.abs(total) > 1000 * np.finfo("float32").eps
    inside = np.expand_dims(np.logical_and(places >= -0.5, places <= size - 0.5), 1)
    return np.where(np.logical_and(counts, inside), weights / np.where(counts, total, 1), 0)


class Weights:
    """A matrix of weights `(new, old)`, most of which are 0.

    Attributes:
        matrix: the weights.
        taps: where each row has few weights in a band: for each of its places the old samples and their weights.
    """

    def __init__(self, matrix: np.ndarray) -> None:
        self.matrix = matrix
        self._turned: Weights | None = None
        seen = matrix != 0
        first = np.argmax(seen, axis=1)
        last = matrix.shape[1] - 1 - np.argmax(seen[:, ::-1], axis=1)
        band = int(np.max(np.where(seen.any(axis=1), last - first + 1, 1), initial=1))
        self.taps: list[tuple[np.ndarray, np.ndarray]] | None = None
        if 4 * band <= matrix.shape[1]:
            rows, within = np.arange(len(matrix)), np.minimum(first, matrix.shape[1] - band)
            self.taps = [(within + k, matrix[rows, within + k]) for k in range(band)]

    @property
    def turned(self) -> Weights:
        """The transposed matrix."""
        if self._turned is None:
            self._turned = Weights(np.ascontiguousarray(self.matrix.T))
            self._turned._turned = self
        return self._turned


@lru_cache(maxsize=64)
def resizing_weights(method: str, size: int, count: int, antialias: bool) -> Weights:
    """The weights that make `count` samples of `size`."""
    return Weights(sample_weights(method, size, count, count / size, 0.0, antialias))


def _resample_forward(x: np.ndarray, *, weights: Weights, axis: int) -> np.ndarray:
    if weights.taps is None:
        moved = np.tensordot(weights.matrix.astype(x.dtype), x, (1, axis))
        return np.moveaxis(moved, 0, axis)
    along = (-1,) + (1,) * (x.ndim - 1 - axis)
    out = None
    for places, weight in weights.taps:
        part = np.take(x, places, axis=axis)
        part *= weight.astype(x.dtype).reshape(along)
        out = part if out is None else np.add(out, part, out=out)
    assert out is not None
    return out


def _resample_shape(x: Any, *, weights: Weights, axis: int) -> KerasTensor:
    return KerasTensor((*x.shape[:axis], len(weights.matrix), *x.shape[axis + 1 :]), x.dtype)


resample: Primitive = primitive(
    "resampling",
    _resample_forward,
    lambda g, y, x, *, weights, axis: resample(g, weights=weights.turned, axis=axis),
    shape=_resample_shape,
    doc="Weighted sums along an axis: its numbers times a matrix of weights.",
)


def as_given(values: Any, kind: Any) -> Any:
    """Floats in the dtype of the pictures that they were made of; whole numbers are rounded and held in their range."""
    kind = np.dtype(kind)
    if kind.kind in "iu":
        info = np.iinfo(kind)
        values = np.clip(np.rint(values), info.min, info.max)
    return values if dtype_of(values) == kind else cast_to(values, dtype=kind.name)


def _nearest(size: int, count: int) -> np.ndarray:
    """The old sample in which the middle of each new one lies."""
    return (2 * np.arange(count) + 1) * size // (2 * count)


def resized_bytes(x: np.ndarray, size: tuple[int, int], interpolation: str) -> np.ndarray:
    """One picture of another size, as `resize` makes it, from bytes: only the samples that count become floats.

    Args:
        x: `(height, width, channels)`.
        size: the new `(height, width)`.
        interpolation: `"nearest"` or `"bilinear"`.

    Returns:
        Float32.
    """
    if interpolation == "nearest":
        for axis, count in enumerate(size):
            x = np.take(x, _nearest(x.shape[axis], count), axis)
    if interpolation == "nearest" or x.shape[:2] == tuple(size):
        return x.astype(np.float32)
    (height, width), channels = size, x.shape[2]
    made = np.empty((height, width, channels), np.float32)
    rows, columns = (_between(old, count) for old, count in zip(x.shape, size, strict=False))
    columns = (*columns[:2], np.repeat(columns[2], channels))
    # in parts that need no new pages of memory, which cost more than the sums
    step = max(1, 2**15 // (max(width, x.shape[1]) * channels))
    for start in range(0, height, step):
        above, below, share = (part[start : start + step] for part in rows)
        if height > x.shape[0]:  # what is repeated is made once
            first = above[0]
            part = _mixed(x[first : below[-1] + 1], *columns, 1)
            made[start : start + step] = _mixed(part, above - first, below - first, share[:, None], 0)
        else:
            made[start : start + step] = _mixed(_mixed(x, above, below, share[:, None], 0), *columns, 1)
    return made


def _between(old: int, count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The old samples before and after each new one, and the share of the second."""
    place = np.clip((np.arange(count) + 0.5) / (count / old) - 0.5, 0, old - 1)
    before = np.floor(place).astype(np.int64)
    return before, np.minimum(before + 1, old - 1), (place - before).astype(np.float32)


def _mixed(x: np.ndarray, before: np.ndarray, after: np.ndarray, share: np.ndarray, axis: int) -> np.ndarray:
    """`x[before] + share (x[after] - x[before])` along an axis."""
    first, second = (np.take(x, places, axis).astype(np.float32, copy=False) for places in (before, after))
    flat = second.reshape(len(second), -1)
    flat -= first.reshape(len(first), -1)
    flat *= share
    flat += first.reshape(len(first), -1)
    return second


def _side(other: int, target: int, other_target: int) -> int:
    """How long a side is that has to the other one the ratio wanted."""
    return other * target // other_target


def part_with_ratio(h: int, w: int, height: int, width: int) -> tuple[int, int, int, int]:
    """The largest part of a picture, in the middle, with the sides' ratio wanted: top, left, height, width."""
    high, wide = min(h, max(_side(w, height, width), 1)), min(w, max(_side(h, width, height), 1))
    return (h - high) // 2, (w - wide) // 2, high, wide


def border_with_ratio(h: int, w: int, height: int, width: int) -> tuple[int, int]:
    """What is added above and below, and on both sides, for that ratio."""
    return max(_side(w, height, width) - h, 0) // 2, max(_side(h, width, height) - w, 0) // 2


def _cropped_to_ratio(x: Any, height: int, width: int) -> Any:
    h, w = np.shape(x)[1:3]
    top, left, high, wide = part_with_ratio(h, w, height, width)
    return x[:, top : top + high, left : left + wide]


def _padded_to_ratio(x: Any, height: int, width: int, fill: float) -> Any:
    h, w = np.shape(x)[1:3]
    above, beside = border_with_ratio(h, w, height, width)
    return np.pad(x, ((0, 0), (above, above), (beside, beside), (0, 0)), constant_values=fill)


def _checked_size(size: Any) -> tuple[int, int]:
    if not isinstance(size, (tuple, list, np.ndarray)) or len(size) != 2:
        raise ValueError(f"resize needs the new size as (height, width), two whole numbers; received size={size!r}")
    height, width = (int(n) for n in size)
    if min(height, width) < 1:
        raise ValueError(f"resize needs a height and a width of at least 1; received size={size!r}")
    return height, width


@composite
def resize(
    images: Any,
    size: Any,
    interpolation: str = "bilinear",
    antialias: bool = False,
    crop_to_aspect_ratio: bool = False,
    pad_to_aspect_ratio: bool = False,
    fill_mode: str = "constant",
    fill_value: float = 0.0,
    data_format: str | None = None,
) -> Any:
    """Pictures of another size: new sample `i` of `m` stands at `(i + 1/2) n / m - 1/2` of the `n` old ones.

    Args:
        images: one picture `(height, width, channels)`, or a batch of them.
        size: the new `(height, width)`.
        interpolation: `"nearest"` takes the old sample in which the new one's middle lies; `"bilinear"`, `"bicubic"`,
            `"lanczos3"` and `"lanczos5"` take a weighted mean of those around it.
        antialias: whether, in a smaller picture, the mean is taken over all that a new sample covers.
        crop_to_aspect_ratio: cut first to the largest part, in the middle, with the sides' ratio wanted.
        pad_to_aspect_ratio: fill up first, as much on both sides, to that ratio.
        fill_mode: `"constant"`.
        fill_value: what is filled in.
        data_format: `"channels_last"`, or `"channels_first"` for `(batch, channels, height, width)`.

    Returns:
        Pictures in the dtype given; whole numbers are rounded and held within its range.

    Raises:
        ValueError: if an argument has none of these values.

    Source: R. G. Keys, "Cubic convolution interpolation for digital image processing", IEEE ASSP 29, 1981.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.ops.image.resize(np.arange(4.0).reshape(1, 4, 1), (1, 2))[0, :, 0]
        array([0.5, 2.5])
    """
    height, width = _checked_resize(size, interpolation, crop_to_aspect_ratio, pad_to_aspect_ratio, fill_mode)
    x, found = batched(images, data_format, "resize")
    if crop_to_aspect_ratio:
        x = _cropped_to_ratio(x, height, width)
    elif pad_to_aspect_ratio:
        x = _padded_to_ratio(x, height, width, fill_value)
    kind = dtype_of(x)
    if interpolation == "nearest":
        for axis, count in ((1, height), (2, width)):
            x = take(x, _nearest(np.shape(x)[axis], count), axis=axis)
        return found.restored(x)
    x, _ = widened(x)
    for axis, count in ((1, height), (2, width)):
        old = np.shape(x)[axis]
        if old != count:
            x = resample(x, weights=resizing_weights(interpolation, old, count, antialias), axis=axis)
    return found.restored(as_given(x, kind))


def _checked_resize(size: Any, interpolation: str, crop: bool, pad: bool, fill_mode: str) -> tuple[int, int]:
    allowed = ("nearest", *KERNELS)
    if interpolation not in allowed:
        raise ValueError(
            f"resize knows the interpolations {', '.join(map(repr, allowed))}; received interpolation={interpolation!r}"
        )
    if crop and pad:
        raise ValueError("resize keeps the sides' ratio by crop_to_aspect_ratio or by pad_to_aspect_ratio, not by both")
    if fill_mode != "constant":
        raise ValueError(f"resize fills with a constant only; received fill_mode={fill_mode!r}")
    return _checked_size(size)


def _resize_shape(images: Any, size: Any, *args: Any, data_format: str | None = None, **kwargs: Any) -> KerasTensor:
    where: Layout = layout(images, args[6] if len(args) > 6 else data_format, "resize")
    dims = where.dims(images.shape)
    return where.spec((dims[0], *_checked_size(size), dims[-1]), images.dtype)


resize.shape = _resize_shape


@composite
def scale_and_translate(
    images: Any,
    output_shape: Any,
    scale: Any,
    translation: Any,
    spatial_dims: Any,
    method: str,
    antialias: bool = True,
) -> Any:
    """An array resampled along some axes: old place `x` comes to `x * scale + translation`.

    A sample's place is its middle, `i + 1/2`. New samples that stand outside of the old are 0.

    Args:
        images: the array.
        output_shape: the shape of the result.
        scale, translation: one number for each of `spatial_dims`.
        spatial_dims: the axes.
        method: `"linear"`, `"cubic"` (or `"bilinear"`, `"trilinear"`, `"triangle"`, `"bicubic"`, `"tricubic"`),
            `"lanczos3"` or `"lanczos5"`.
        antialias: see `resize`.

    Raises:
        ValueError: if the method is none of these, or the shapes do not fit.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.ops.image.scale_and_translate(np.arange(3.0), (5,), [2.0], [-0.5], (0,), "linear")
        array([0. , 0.5, 1. , 1.5, 2. ])
    """
    if method not in _METHODS:
        raise ValueError(f"scale_and_translate knows the methods {', '.join(_METHODS)}; received method={method!r}")
    x = images if hasattr(images, "shape") else to_array(images)
    axes, shape = [int(axis) for axis in spatial_dims], tuple(int(n) for n in output_shape)
    if len(shape) != np.ndim(x) or np.shape(scale) != (len(axes),) or np.shape(translation) != (len(axes),):
        raise ValueError(
            f"scale_and_translate needs an output_shape of rank {np.ndim(x)}, and as many scales and translations as "
            f"spatial_dims={axes}; received output_shape={shape} and shapes {np.shape(scale)}, {np.shape(translation)}"
        )
    x, kind = widened(x)
    for i, axis in enumerate(axes):
        axis %= np.ndim(x)
        factor, shift = _number(scale, i), _number(translation, i)
        weights = sample_weights(method, np.shape(x)[axis], shape[axis], factor, shift, antialias)
        if isinstance(weights, Traceable):
            x = np.moveaxis(tensordot(weights, x, (1, axis)), 0, axis)
        else:
            x = resample(x, weights=Weights(weights), axis=axis)
    return as_given(x, kind)


def _number(numbers: Any, i: int) -> Any:
    """One of several numbers, on the tape if they are."""
    return numbers[i] if isinstance(numbers, Traceable) else float(np.asarray(numbers)[i])  # type: ignore[index]


def _scaled_shape(images: Any, output_shape: Any, *_: Any, **__: Any) -> KerasTensor:
    return KerasTensor(output_shape, dtypes.result_type(images.dtype, float))


scale_and_translate.shape = _scaled_shape
