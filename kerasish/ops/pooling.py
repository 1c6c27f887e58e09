"""Pooling: the largest number, or the mean, of every window of every channel."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np

from kerasish.backend.operators import to_array
from kerasish.backend.primitive import Primitive, primitive
from kerasish.backend.sizes import tuple_of
from kerasish.backend.symbolic import KerasTensor
from kerasish.backend.typing import Sizes, TensorLike
from kerasish.ops import windows
from kerasish.ops.composite import composite_by
from kerasish.ops.means import narrowed, widened
from kerasish.ops.specs import float_kind, kind_of
from kerasish.ops.windows import Window, cropped

_ALL = slice(None)


def lowest(dtype: np.dtype) -> Any:
    """What is below every number of a dtype."""
    return np.iinfo(dtype).min if dtype.kind in "iu" else False if dtype.kind == "b" else -np.inf


def _largest(x: np.ndarray, *, window: Window) -> np.ndarray:
    image, taps = windows.padded(x, window, lowest(x.dtype)), window.taps()
    out = image[(_ALL, *taps[0])].copy()
    for tap in taps[1:]:
        np.maximum(out, image[(_ALL, *tap)], out=out)
    return out


def _first_largest(x: np.ndarray, y: np.ndarray, *, window: Window) -> np.ndarray:
    """Which number of each window is its largest; of several, the first. -1 where there is none, for want of order."""
    image = windows.padded(x, window, lowest(x.dtype))
    found = np.full(y.shape, -1, np.int16 if math.prod(window.shape) < 2**15 else np.int64)
    for i, tap in reversed(list(enumerate(window.taps()))):
        found[image[(_ALL, *tap)] == y] = i
    return found


def _route(g: np.ndarray, chosen: np.ndarray, *, window: Window) -> np.ndarray:
    """Each number of `g` to the place of the image where its largest stood."""
    spread = np.zeros((len(g), *window.span, g.shape[-1]), g.dtype)
    for i, tap in enumerate(window.taps()):
        spread[(_ALL, *tap)] += g * (chosen == i)
    return cropped(spread, window)


def _collect(x: np.ndarray, chosen: np.ndarray, *, window: Window) -> np.ndarray:
    """The numbers of an image that stand where the largest stood."""
    image = windows.padded(x, window)
    out = np.zeros(chosen.shape, x.dtype)
    for i, tap in enumerate(window.taps()):
        out += image[(_ALL, *tap)] * (chosen == i)
    return out


_chosen: Primitive = primitive("places of the largest", _first_largest)
_route_to: Primitive = primitive(
    "routing to the largest", _route, lambda g, x, h, chosen, *, window: _collect_from(g, chosen, window=window), None
)
_collect_from: Primitive = primitive(
    "collecting from the largest",
    _collect,
    lambda g, y, x, chosen, *, window: _route_to(g, chosen, window=window),
    None,
)
largest_of_windows = primitive(
    "max pooling",
    _largest,
    lambda g, y, x, *, window: _route_to(g, _chosen(x, y, window=window), window=window),
    doc="The largest number of every window of every channel, of an image with its channels last.",
    plan="kerasish.ops.plans.windows:largest_of_windows",
)


def _sum(x: np.ndarray, *, window: Window) -> np.ndarray:
    image, taps = windows.padded(x, window), window.taps()
    out = image[(_ALL, *taps[0])].copy()
    for tap in taps[1:]:
        out += image[(_ALL, *tap)]
    return out


def _spread(g: np.ndarray, *, window: Window) -> np.ndarray:
    spread = np.zeros((len(g), *window.span, g.shape[-1]), g.dtype)
    for tap in window.taps():
        spread[(_ALL, *tap)] += g
    return cropped(spread, window)


sum_of_windows: Primitive = primitive(
    "sum of windows",
    _sum,
    lambda g, y, x, *, window: _spread_over(g, window=window),
    plan="kerasish.ops.plans.windows:sum_of_windows",
)
_spread_over: Primitive = primitive(
    "spreading over windows", _spread, lambda g, x, y, *, window: sum_of_windows(g, window=window)
)


@lru_cache(maxsize=256)
def _shares(window: Window, kind: np.dtype) -> np.ndarray:
    """How much a number counts in the mean of its window, zeros around the image left out: `(*places, 1)`, or one."""
    seen: Any = math.prod(window.shape)
    if not window.is_inside:
        seen = sum_of_windows.forward(np.ones((1, *window.size, 1), np.float32), window=window)[0]
    shares = np.asarray(1 / seen, kind)
    shares.flags.writeable = False
    return shares


def mean_of_windows(image: Any, window: Window) -> Any:
    """The mean of every window of every channel, of an image with its channels last."""
    image, kind = widened(image)
    return narrowed(sum_of_windows(image, window=window) * _shares(window, image.dtype), kind)


def _moves(image: Any, pool_size: Any, strides: Any, name: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The sizes of the window and its steps."""
    rank = len(image.shape) - 2
    if rank not in (1, 2, 3):
        raise ValueError(
            f"{name} takes inputs with one, two or three spatial axes, such as (batch, height, width, channels); "
            f"received shape {tuple(image.shape)}"
        )
    shape = tuple_of(pool_size, rank, "pool_size", name)
    return shape, shape if strides is None else tuple_of(strides, rank, "strides", name)


def _prepared(
    inputs: Any, pool_size: Any, strides: Any, padding: Any, data_format: str | None, name: str
) -> tuple[Any, Window, bool]:
    first = windows.channels_first(data_format)
    image = windows.to_last(inputs if hasattr(inputs, "shape") else to_array(inputs), first)
    shape, steps = _moves(image, pool_size, strides, name)
    rank = len(shape)
    sizes = tuple(np.shape(image)[1:-1])
    return image, windows.moving(sizes, shape, steps, windows.standardized_padding(padding), (1,) * rank), first


def _pool_spec(
    inputs: Any, pool_size: Any, strides: Any = None, padding: str = "valid", data_format: str | None = None,
) -> KerasTensor:  # fmt: skip
    first = windows.channels_first(data_format)
    image = windows.to_last(inputs, first)
    shape, steps = _moves(image, pool_size, strides, "pooling")
    padding = windows.standardized_padding(padding)
    sizes = windows.places(tuple(image.shape[1:-1]), shape, steps, padding, (1,) * len(shape))
    made = KerasTensor((image.shape[0], *sizes, image.shape[-1]), kind_of(inputs))
    return windows.to_first(made, first)


def _adaptive_spec(inputs: Any, output_size: Any, data_format: str | None = None) -> KerasTensor:
    image, sizes, first = _adaptive(inputs, output_size, data_format, "adaptive pooling")
    return windows.to_first(KerasTensor((image.shape[0], *sizes, image.shape[-1]), kind_of(inputs)), first)


@composite_by(_pool_spec)
def max_pool(
    inputs: TensorLike,
    pool_size: Sizes,
    strides: Sizes | None = None,
    padding: str = "valid",
    data_format: str | None = None,
) -> Any:
    """The largest number of every window of every channel.

    Args:
        inputs: `(batch, *spatial, channels)`, with one, two or three spatial axes.
        pool_size: the window's sizes: a number, or one for each spatial axis.
        strides: the steps from window to window; those of `pool_size` by default.
        padding: `"valid"`, only windows inside, or `"same"`, for as many as there are strides; nothing outside counts.
        data_format: `"channels_last"`, or `"channels_first"` for `(batch, channels, *spatial)`.

    The gradient goes to the largest number; of several equal ones, to the first.

    Raises:
        ValueError: if a window does not fit.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.ops.max_pool(np.arange(4.0).reshape(1, 4, 1), 2)[0, :, 0]
        array([1., 3.])
    """
    image, window, first = _prepared(inputs, pool_size, strides, padding, data_format, "max_pool")
    return windows.to_first(largest_of_windows(image, window=window), first)


def _average_pool_spec(inputs: Any, *args: Any, **settings: Any) -> KerasTensor:
    return KerasTensor(_pool_spec(inputs, *args, **settings).shape, float_kind(inputs))


@composite_by(_average_pool_spec)
def average_pool(
    inputs: TensorLike,
    pool_size: Sizes,
    strides: Sizes | None = None,
    padding: str = "valid",
    data_format: str | None = None,
) -> Any:
    """The mean of every window of every channel.

    Args:
        inputs, pool_size, strides, padding, data_format: see `max_pool`. What lies outside of the image is not
            counted.

    Raises:
        ValueError: if a window does not fit.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.ops.average_pool(np.arange(4.0).reshape(1, 4, 1), 2)[0, :, 0]
        array([0.5, 2.5])
    """
    image, window, first = _prepared(inputs, pool_size, strides, padding, data_format, "average_pool")
    return windows.to_first(mean_of_windows(image, window), first)


def _ranges(size: int, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Where each of `count` windows that cover `size` numbers begins, and where it ends."""
    i = np.arange(count)
    return i * size // count, -(-(i + 1) * size // count)


def _adaptive(inputs: Any, output_size: Any, data_format: str | None, name: str) -> tuple[Any, tuple[int, ...], bool]:
    first = windows.channels_first(data_format)
    inputs = inputs if hasattr(inputs, "shape") else to_array(inputs)
    rank = len(inputs.shape) - 2
    if rank not in (1, 2, 3):
        raise ValueError(f"{name} takes inputs with one, two or three spatial axes; received {tuple(inputs.shape)}")
    return windows.to_last(inputs, first), tuple_of(output_size, rank, "output_size", name), first


@composite_by(_adaptive_spec)
def adaptive_average_pool(inputs: Any, output_size: Any, data_format: str | None = None) -> Any:
    """Means of windows that cover the inputs, as many as the output is to have.

    Along an axis of `n` numbers, window `i` of `m` reaches from `floor(i n / m)` to `ceil((i + 1) n / m)`.

    Args:
        inputs: `(batch, *spatial, channels)`, with one, two or three spatial axes.
        output_size: the output's spatial sizes: a number, or one for each axis.
        data_format: see `max_pool`.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.ops.adaptive_average_pool(np.arange(4.0).reshape(1, 4, 1), 2)[0, :, 0]
        array([0.5, 2.5])
    """
    x, sizes, first = _adaptive(inputs, output_size, data_format, "adaptive_average_pool")
    x, kind = widened(x)
    for axis, count in enumerate(sizes, 1):
        size = np.shape(x)[axis]
        begin, end = _ranges(size, count)
        place = np.arange(size)
        inside = (place >= begin[:, None]) & (place < end[:, None])
        weights = (inside / (end - begin)[:, None]).astype(x.dtype)
        x = np.moveaxis(np.matmul(np.moveaxis(x, axis, -1), weights.T), -1, axis)
    return windows.to_first(narrowed(x, kind), first)


@composite_by(_adaptive_spec)
def adaptive_max_pool(inputs: Any, output_size: Any, data_format: str | None = None) -> Any:
    """The largest numbers of windows that cover the inputs, as many as the output is to have.

    Args:
        inputs, output_size, data_format: see `adaptive_average_pool`.

    The gradient goes to the largest number; of several equal ones, to the first.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.ops.adaptive_max_pool(np.arange(5.0).reshape(1, 5, 1), 2)[0, :, 0]
        array([2., 4.])
    """
    x, sizes, first = _adaptive(inputs, output_size, data_format, "adaptive_max_pool")
    for axis in range(len(sizes), 0, -1):
        begin, end = _ranges(np.shape(x)[axis], sizes[axis - 1])
        widest = int((end - begin).max())
        picks = np.minimum(begin[:, None] + np.arange(widest), end[:, None] - 1)  # the last again, where one is short
        seen = np.take(x, picks, axis=axis)
        place = np.expand_dims(np.argmax(seen, axis=axis + 1), axis + 1)  # the first of several equal ones
        x = np.squeeze(np.take_along_axis(seen, place, axis=axis + 1), axis=axis + 1)
    return windows.to_first(x, first)
