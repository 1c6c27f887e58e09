"""How a window moves over an image: the arithmetic that convolution and pooling share.

Arrays here have their channels last, `(batch, *spatial, channels)`, with one, two or three spatial axes.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from kerasish.backend.config import standardize_data_format

Sizes = tuple[int, ...]
Tap = tuple[slice, ...]
# Some images and, of the first spatial axis, some rows of places.
Tile = tuple[slice, slice]


# Bytes of windows that are written out at a time: an eighth of a core's second cache; see docs/explanation/cores.md.
TILE = 1 << 17
# Many images have larger tiles, so that there are not much more than this: each is some calls that are kept.
_MOST_TILES = 512


class Window(NamedTuple):
    """The places that a window takes in an image.

    Attributes:
        size: the image's spatial sizes.
        shape: the window's own.
        strides: how far it moves from one place to the next.
        dilation: how far apart the numbers are that it sees.
        before: how many zeros stand before the image's first number, along each axis; negative where the window starts
            inside.
        places: how many places it takes, the spatial sizes of the output.
    """

    size: Sizes
    shape: Sizes
    strides: Sizes
    dilation: Sizes
    before: Sizes
    places: Sizes

    @property
    def span(self) -> Sizes:
        """How many numbers along each axis all places together reach over."""
        return tuple(
            (n - 1) * s + (k - 1) * d + 1
            for n, s, k, d in zip(self.places, self.strides, self.shape, self.dilation, strict=True)
        )

    @property
    def is_inside(self) -> bool:
        """Whether every place lies within the image, so that no zeros are needed around it."""
        ends = zip(self.size, self.span, self.before, strict=True)
        return all(b <= 0 and reach <= n + b for n, reach, b in ends)

    @property
    def sees_all(self) -> bool:
        """Whether the places together reach over the whole image."""
        ends = zip(self.size, self.span, self.before, strict=True)
        return all(b >= 0 and reach >= n + b for n, reach, b in ends)

    @property
    def sees_every(self) -> bool:
        """Whether the places leave no number out between or after them, of all that they reach over."""
        gaps = zip(self.strides, self.shape, self.dilation, strict=True)
        return self.sees_all and all(s <= k and d == 1 for s, k, d in gaps)

    def taps(self) -> list[Tap]:
        """For each number of the window, in order, what it sees at all places: slices of the padded spatial axes."""
        axes = zip(self.shape, self.strides, self.dilation, self.places, strict=True)
        starts = [[slice(i * d, i * d + (n - 1) * s + 1, s) for i in range(k)] for k, s, d, n in axes]
        return list(itertools.product(*starts))


@lru_cache(maxsize=1024)
def moving(size: Sizes, shape: Sizes, strides: Sizes, padding: str, dilation: Sizes) -> Window:
    """The window of a convolution or a pooling.

    Args:
        size: the image's spatial sizes.
        shape: the window's.
        strides: its steps.
        padding: `"valid"`: only places inside the image; `"same"`: as many as there are strides in the image, with
            zeros shared out before and after it, the odd one after; `"causal"`: as many, but each ends at its own
            number, so that it sees none that comes later.
        dilation: the distances of its numbers.

    Raises:
        ValueError: if the window does not fit into the image.
    """
    before, places = [], []
    for n, k, s, d in zip(size, shape, strides, dilation, strict=True):
        reach = (k - 1) * d + 1
        count = _count(n, reach, s, padding)
        lacking = max((count - 1) * s + reach - n, 0)
        before.append({"valid": 0, "same": lacking // 2, "causal": reach - 1}[padding])
        places.append(count)
    if min(places, default=1) < 1:
        raise ValueError(
            f"a window of shape {shape} with dilation {dilation} does not fit into an image of size {size} with "
            f"padding={padding!r}: the output would have the size {tuple(max(n, 0) for n in places)}. Use a smaller "
            "window, fewer poolings before it, or padding='same'."
        )
    return Window(size, shape, strides, dilation, tuple(before), tuple(places))


def _count(n: int, reach: int, stride: int, padding: str) -> int:
    return (n - reach) // stride + 1 if padding == "valid" else -(-n // stride)


def places(size: tuple[int | None, ...], shape: Sizes, strides: Sizes, padding: str, dilation: Sizes) -> Any:
    """The spatial sizes of the output, None where the image's is None.

    Raises:
        ValueError: if the window does not fit into the image.
    """
    known = [i for i, n in enumerate(size) if n is not None]

    def chosen(values: Any) -> Any:
        return tuple(values[i] for i in known)

    window = moving(chosen(size), chosen(shape), chosen(strides), padding, chosen(dilation))
    found: list[int | None] = [None] * len(size)
    for i, count in zip(known, window.places, strict=True):
        found[i] = count
    return tuple(found)


class Phase(NamedTuple):
    """Numbers of an image at the same distance from a window's step, and what they get from the places.

    Attributes:
        numbers: which, along each axis.
        taps: the numbers of the window that see them.
        window: how a window of these moves over the places; None if there are none.
    """

    numbers: Tap
    taps: Tap
    window: Window | None


@lru_cache(maxsize=1024)
def phases(window: Window) -> list[Phase]:
    """The convolutions, all with steps of 1, that together are the transpose of one with larger steps.

    The number `i` of the image is seen from the place `p` by the number `k` of the window if `i + before = p stride +
    k dilation`. Numbers with the same remainder of `i + before` by `stride` are seen by the same `k`.
    """
    found = []
    for remainders in itertools.product(*map(range, window.strides)):
        axes = [_phase(window, axis, remainder) for axis, remainder in enumerate(remainders)]
        numbers, taps, shape, apart, before, count = zip(*axes, strict=True)
        moves = Window(window.places, shape, (1,) * len(shape), apart, before, count) if min(shape) else None
        found.append(Phase(numbers, taps, moves))
    return found


def _phase(window: Window, axis: int, remainder: int) -> tuple[slice, slice, int, int, int, int]:
    """Of one axis: the numbers, the taps and how many, how far apart and how far ahead they are, and the places."""
    n, k, s, d, b = (getattr(window, name)[axis] for name in ("size", "shape", "strides", "dilation", "before"))
    first = -(
        (remainder - b) // s
    )  # the place whose window would begin at the first of these numbers, but for the rest
    start = remainder - b + first * s
    taps = [tap for tap in range(k) if (tap * d - remainder) % s == 0]
    step = taps[1] - taps[0] if len(taps) > 1 else s
    apart = step * d // s
    reach = (taps[-1] * d - remainder) // s if taps else 0
    numbers = slice(start, n, s)
    seen_by = slice(taps[0] if taps else k, k, step)
    return numbers, seen_by, len(taps), apart, reach - first, len(range(*numbers.indices(n)))


@lru_cache(maxsize=1024)
def spreading(
    size: Sizes, shape: Sizes, strides: Sizes, padding: str, output_padding: tuple[int, ...] | None, dilation: Sizes
) -> Window:
    """The window of the convolution whose transpose makes an image from `size` places.

    Without `output_padding` the image has the size `n * stride` with padding `"same"`, and with `"valid"` the size
    `n * stride + max(reach - stride, 0)`, where the window reaches over `reach = (k - 1) * dilation + 1` numbers. With
    it, the size is `(n - 1) * stride + reach % 2 + output_padding`, or `(n - 1) * stride + reach + output_padding`.
    """
    sizes, before = [], []
    extra = (None,) * len(size) if output_padding is None else output_padding
    for n, k, s, d, more in zip(size, shape, strides, dilation, extra, strict=True):
        reach = (k - 1) * d + 1
        if padding == "valid":
            left, right = reach - 1, reach - 1 + (max(reach, s) - reach if more is None else more)
        else:
            both = reach + s - 2 if more is None else reach + reach % 2 - 2 + more
            left = min(both // 2 + both % 2, reach - 1)
            right = both - left
        sizes.append((n - 1) * s + 2 - reach + left + right)
        before.append(reach - 1 - left)
    if min(sizes, default=1) < 1:
        raise ValueError(f"a transposed convolution would make an image of size {tuple(sizes)} from one of size {size}")
    return Window(tuple(sizes), shape, strides, dilation, tuple(before), size)


def padded(x: np.ndarray, window: Window, fill: float = 0, dtype: Any = None) -> np.ndarray:
    """The image with all that the window reaches over, and no more in front: `x` itself where nothing is lacking."""
    if not any(window.before) and window.is_inside and (dtype is None or x.dtype == dtype):
        return x
    out = np.full((len(x), *window.span, x.shape[-1]), fill, dtype or x.dtype)
    inside, outside = overlap(window)
    out[(slice(None), *outside)] = x[(slice(None), *inside)]
    return out


def overlap(window: Window) -> tuple[Tap, Tap]:
    """Where the image and what the window reaches over meet: slices of the one, and of the other."""
    inside, outside = [], []
    for n, reach, b in zip(window.size, window.span, window.before, strict=True):
        first, last = max(b, 0), min(reach, n + b)
        inside.append(slice(first - b, max(last - b, first - b)))
        outside.append(slice(first, max(last, first)))
    return tuple(inside), tuple(outside)


def standardized_padding(padding: Any, allowed: tuple[str, ...] = ("valid", "same")) -> str:
    """`padding` in lower case.

    Raises:
        ValueError: if it is not allowed.
    """
    found = padding.lower() if isinstance(padding, str) else padding
    if found not in allowed:
        raise ValueError(f"padding must be one of {', '.join(map(repr, allowed))}; received padding={padding!r}")
    return found


def channels_first(data_format: str | None) -> bool:
    """Whether the channels come before the spatial axes."""
    return standardize_data_format(data_format) == "channels_first"


def to_last(x: Any, first: bool) -> Any:
    """An image with its channels last, from one that has them first."""
    return np.moveaxis(x, 1, -1) if first else x


def to_first(x: Any, first: bool) -> Any:
    """The way back."""
    return np.moveaxis(x, -1, 1) if first else x


def tiles(count: int, window: Window, bytes_a_place: int, most: int) -> Iterator[Tile]:
    """Parts of the output whose windows, written out, take about so many bytes at the most.

    Args:
        count: the images.
        window: how the window moves.
        bytes_a_place: what it sees at one place.
        most: bytes.

    Yields:
        Slices of the images and of the first spatial axis of the output: several whole images, or rows of one.
    """
    rows = window.places[0]
    row = math.prod(window.places[1:]) * bytes_a_place
    most = max(most, count * rows * row // _MOST_TILES)
    if rows * row <= most:
        step = 1 << ((most // max(rows * row, 1)).bit_length() - 1)  # so that tiles of several layers end together
        for start in range(0, count, step):
            yield slice(start, min(start + step, count)), slice(0, rows)
        return
    for image in range(count):
        for part in _shared_out(rows, most // row):
            yield slice(image, image + 1), part


def _shared_out(count: int, most: int) -> Iterator[slice]:
    """Parts of about one size, of at most so many."""
    parts = -(-count // max(most, 1))
    step = -(-count // max(parts, 1))
    return (slice(start, min(start + step, count)) for start in range(0, count, max(step, 1)))


def shifted(first: slice, rows: slice, stride: int) -> slice:
    """A tap's slice of the first spatial axis, for some rows of the output."""
    start = first.start + rows.start * stride
    return slice(start, start + (rows.stop - rows.start - 1) * stride + 1, stride)


def cropped(spread: np.ndarray, window: Window) -> np.ndarray:
    """The image alone, from all that the window reaches over."""
    if window.size == window.span and not any(window.before):
        return spread
    inside, outside = overlap(window)
    out = np.zeros((len(spread), *window.size, spread.shape[-1]), spread.dtype)
    out[(slice(None), *inside)] = spread[(slice(None), *outside)]
    return out
