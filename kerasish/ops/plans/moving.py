"""What the compiled loops over windows are told of a window, its tiles and its parts.

The loops are those of `backend.fast_windows` and `backend.fast_convolution`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from kerasish.backend.fast import Pieces
from kerasish.ops.windows import Tile, Window

# Parts that cores share: enough for many cores, and few enough that what each adds up by itself takes little memory.
_PARTS = 8
# For no bias.
NONE = np.empty(0, np.float32)
# Multiplications of a part at least; a shorter sum takes as long as one of so many, for its numbers have to be fetched.
_PART, _SHORT = 1 << 21, 64
# How many weights a loop works on at the same time.
_BLOCK = 6


def lifted(image: np.ndarray) -> np.ndarray:
    """An image with three spatial axes, of which the first ones are 1."""
    return image.reshape(len(image), *[1] * (5 - image.ndim), *image.shape[1:])


def geometry(window: Window) -> np.ndarray:
    """Shape, strides, dilation, zeros before the image, and places, along each of three axes."""
    lacking = 3 - len(window.shape)
    lines = (window.shape, window.strides, window.dilation, window.before, window.places)
    return np.array([[0 if line is window.before else 1] * lacking + list(line) for line in lines], np.intp)


def parted(items: Sequence[Any], most: int = _PARTS) -> list[Sequence[Any]]:
    """Neighbours together, in at most so many parts of about one size."""
    count = max(1, min(most, len(items)))
    ends = [len(items) * i // count for i in range(count + 1)]
    return [items[first:last] for first, last in pairwise(ends)]


def parts_for(places: int, depth: int) -> int:
    """In how many parts so many sums are made, so that each takes longer than it takes to wake a thread."""
    return max(1, min(_PARTS, places * max(depth, _SHORT) // _PART))


def by_weights(tiles: Sequence[Tile], size: int) -> list[Sequence[Tile]]:
    """Tiles in parts, each of which adds up so many numbers by itself."""
    return parted(tiles, max(1, min(_PARTS, (1 << 20) // size)))


def as_places(parts: list[Sequence[Tile]], window: Window) -> tuple[np.ndarray, np.ndarray]:
    """The first and last place of each tile, and with which tile each part begins."""
    inner = math.prod(window.places[1:])
    every = window.places[0] * inner
    places = [
        (images.start * every + rows.start * inner, (images.stop - 1) * every + rows.stop * inner)
        for part in parts
        for images, rows in part
    ]
    begins = np.cumsum([0, *map(len, parts)])
    return np.array(places, np.intp).reshape(-1, 2), begins.astype(np.intp)


def ranges_of(count: int, groups: int) -> np.ndarray:
    """Where weights are cut, so that with so many groups of tiles there are enough parts."""
    blocks = parted(range(0, count, 2 * _BLOCK), max(1, _PARTS // groups))
    return np.array([*(block[0] for block in blocks), count], np.intp)


def cuttable(place: int, tiles: Sequence[Tile], count: int, own: list[np.ndarray], others: list[np.ndarray]) -> Pieces:
    """Between which tiles, or images, a loop may be cut into parts; `place` is that of `begins` among its arguments."""
    return Pieces(place, np.array([*(images.start for images, _ in tiles), count], np.intp), own, others)


def steps(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """How far apart in `whole` the numbers of a part of it are along four axes, and where the first one stands."""
    lacking = (0,) * (5 - part.ndim)
    batch, *spatial, _ = (step // part.itemsize for step in part.strides)
    return np.array([batch, *lacking, *spatial, (part.ctypes.data - whole.ctypes.data) // part.itemsize], np.intp)


def taps(window: Window, channels: int) -> np.ndarray:
    """Where each number of a window stands: how far from its begin along three axes, and in which channel."""
    lacking = (1,) * (3 - len(window.shape))
    places = np.indices((*lacking, *window.shape, channels)).reshape(4, -1).T
    return np.ascontiguousarray(places * [*lacking, *window.dilation, 1], np.intp)


def alike(ends: Sequence[tuple[int, ...]]) -> np.ndarray:
    """Where the partial sums of each tile begin and end: as many for all, the last ones of nothing."""
    most = max(map(len, ends), default=0)
    return np.array([[*of_tile, *of_tile[-1:] * (most - len(of_tile))] for of_tile in ends], np.intp)


def runs(window: Window, channels: int, ends: Sequence[tuple[int, ...]]) -> tuple[np.ndarray, np.ndarray]:
    """The numbers of a window that lie side by side, and which of them make up each partial sum.

    Args:
        window: how the window moves.
        channels: how many numbers stand at each place of the image.
        ends: for each tile where its partial sums begin and end.

    Returns:
        For each run where it begins, as in `taps`, and its length; for each tile and sum its first run and number.
    """
    every = taps(window, channels)
    length = channels * (window.shape[-1] if window.dilation[-1] == 1 else 1)
    begins = sorted({*range(0, len(every), length), *(end for of_tile in ends for end in of_tile[:-1])})
    lengths = np.diff([*begins, len(every)])
    cuts = alike(ends)
    found = np.column_stack([every[begins], lengths]).astype(np.intp)
    return found, np.ascontiguousarray(np.stack([np.searchsorted(begins, cuts), cuts], -1), np.intp)


def shared_images(count: int) -> np.ndarray:
    """With which image each part begins."""
    return np.array([0, *(part[-1] + 1 for part in parted(range(count)) if len(part))], np.intp)
