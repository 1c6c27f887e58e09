"""Convolutions of 3 x 3 numbers with fewer multiplications: Winograd's way.

Four places of the output, two by two, see a patch of four by four numbers. Directly that is 4 * 9 multiplications for
each channel and filter; between sums of the patch's numbers and sums of the kernel's, 16 are enough:

    y = Aᵀ [(G k Gᵀ) * (Bᵀ d B)] A        d: the patch, k: the kernel

    Bᵀ = 1  0 -1  0     G = 1    0   0      Aᵀ = 1  1  1  0
         0  1  1  0         1/2  1/2 1/2         0  1 -1  1
         0 -1  1  0         1/2 -1/2 1/2
         0 -1  0  1         0    0   1

For many patches and channels these are 16 products of matrices. The kernel's gradient is the transpose of the same.

Source: Lavin and Gray, Fast algorithms for convolutional neural networks (2016), section 4.1.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial

import numpy as np

from kerasish.backend.fast import FusedParts, takes
from kerasish.backend.plans import added, copied, shared
from kerasish.backend.room import Calls, Room
from kerasish.ops import windows
from kerasish.ops.plans.dense import finish
from kerasish.ops.plans.moving import NONE, as_places, by_weights, cuttable, geometry, lifted, parted, parts_for, steps
from kerasish.ops.plans.sums import sum_ends
from kerasish.ops.plans.windows import Image
from kerasish.ops.windows import Tile, Window

_ALL = slice(None)
_ONE_AXIS = np.array([[1, 0, 0], [0.5, 0.5, 0.5], [0.5, -0.5, 0.5], [0, 0, 1]], np.float32)
# `G` for both axes at once: from the nine numbers of a kernel to sixteen.
_WIDENED = np.kron(_ONE_AXIS, _ONE_AXIS)
_COUNT = len(_WIDENED)
# Bytes of a tile's patches and of their products, as many as a core's second cache has. With a quarter of it NumPy's
# calls take 1.1 to 3 times as long, for each is short; the loops take the same time with any size between.
_TILE = 1 << 20
# And how many patches at least: a large kernel, which no cache holds, is read once for all of them.
_PATCHES = 64
# How many parts have memory of their own at the same time.
_LANES = 4
# From how many channels, filters and multiplications on this takes less time than it saves, as NumPy's calls and as a
# loop; how many numbers are read at once; and the most weights whose gradient is made so, for each part of the work has
# sixteen ninths of them.
_CHANNELS, _LEAST, _VECTOR, _WEIGHTS = 16, 1 << 20, 8, 1 << 14


def is_worth(x: np.ndarray, window: Window, filters: int) -> bool:
    """Whether a convolution of an image is computed in this way."""
    if (window.shape, window.strides, window.dilation) != ((3, 3), (1, 1), (1, 1)) or x.dtype != np.float32:
        return False
    channels = x.shape[-1]
    is_wide = min(channels, filters) >= _CHANNELS and channels % _VECTOR == 0 and filters % _VECTOR == 0
    return is_wide and 4 * len(x) * math.prod(window.places) * channels * filters >= _LEAST


def is_worth_for_kernel(x: np.ndarray, window: Window, filters: int) -> bool:
    """Whether the gradient of its kernel is."""
    return is_worth(x, window, filters) and x.shape[-1] * filters <= _WEIGHTS


def _patches(window: Window) -> Window:
    """How patches lie in the image of a window: the last ones may reach over its end."""
    places = tuple(-(-count // 2) for count in window.places)
    return Window(window.size, (4, 4), (2, 2), (1, 1), window.before, places)


def _tiles(count: int, patches: Window, channels: int, filters: int) -> list[Tile]:
    each = _COUNT * (channels + filters) * _WIDENED.itemsize
    return list(windows.tiles(count, patches, each, max(_TILE, _PATCHES * each)))


def _two(room: Room, kind: np.dtype, use: str, *shapes: tuple[int, ...]) -> list[np.ndarray]:
    """Arrays one behind the other where something else stands before, or will: patches, or products."""
    ends = np.cumsum([math.prod(shape) for shape in shapes])
    parts = np.split(room.lend((ends[-1],), kind, use), ends[:-1])
    return [part.reshape(shape) for part, shape in zip(parts, shapes, strict=True)]


def _lanes(groups: Sequence[Sequence[Tile]]) -> list[Calls]:
    """Where the calls of parts belong: those of one lane work in the same memory, one part after the other."""
    return [[] for _ in range(min(_LANES, len(groups)))]


def _planes(lines: np.ndarray) -> np.ndarray:
    """Images by whether rows and columns are even or odd: `(2, 2, images, rows, columns, channels)`."""
    count, height, width, channels = lines.shape
    return lines.reshape(count, height // 2, 2, width // 2, 2, channels).transpose(2, 4, 0, 1, 3, 5)


def _sums_of_patches(image: np.ndarray, tile: Tile, room: Room) -> tuple[Calls, np.ndarray]:
    """The calls of `Bᵀ d B` for a tile, and where they write: `(4, 4, images, rows, columns, channels)`."""
    images, rows = tile
    source = _planes(image[images, 2 * rows.start : 2 * rows.stop + 2])
    _, _, count, height, width, channels = source.shape
    planes, half = _two(room, image.dtype, "products", source.shape, (4, 2, count, height - 1, width, channels))
    sums = room.lend((4, 4, count, height - 1, width - 1, channels), image.dtype, "patches")
    by_row = (planes[0, :, :, :-1], planes[1, :, :, :-1], planes[0, :, :, 1:], planes[1, :, :, 1:])
    by_column = (half[:, 0, ..., :-1, :], half[:, 1, ..., :-1, :], half[:, 0, ..., 1:, :], half[:, 1, ..., 1:, :])
    calls: Calls = [copied(planes, source)]
    for (a, b, c, d), to in ((by_row, half), (by_column, sums.swapaxes(0, 1))):
        calls += [partial(np.subtract, a, c, to[0]), partial(np.add, b, c, to[1])]
        calls += [partial(np.subtract, c, b, to[2]), partial(np.subtract, d, b, to[3])]
    return calls, sums


def _sums_of_gradients(g: np.ndarray, tile: Tile, patches: Window, room: Room) -> tuple[Calls, np.ndarray]:
    """The calls of `A g Aᵀ` for a tile, and where they write: `(4, 4, images, rows, columns, filters)`."""
    images, rows = tile
    size = (images.stop - images.start, rows.stop - rows.start, patches.places[1])
    sums = room.lend((4, 4, *size, g.shape[-1]), g.dtype, "products")
    calls: Calls = []
    for row, column, source in _quarters(g, tile):
        to = sums[3 * row, 3 * column]
        inside = to[:, : source.shape[1], : source.shape[2]]
        calls += [copied(inside, source)] if inside.shape == to.shape else [partial(to.fill, 0), copied(inside, source)]
    for a, b, to in ((sums[0, ::3], sums[3, ::3], sums[:, ::3]), (sums[:, 0], sums[:, 3], sums.swapaxes(0, 1))):
        calls += [partial(np.add, a, b, to[1]), partial(np.subtract, a, b, to[2])]
    return calls, sums


def _quarters(places: np.ndarray, tile: Tile) -> list[tuple[int, int, np.ndarray]]:
    """The places of a tile by whether their rows and columns are even or odd; of odd ones there may be fewer."""
    images, rows = tile
    lines = places[images, 2 * rows.start : 2 * rows.stop]
    return [(row, column, lines[:, row::2, column::2]) for row in range(2) for column in range(2)]


def _places(products: np.ndarray, y: np.ndarray, tile: Tile, room: Room) -> Calls:
    """The calls that write `Aᵀ m A` to a tile's places."""
    half, found = _two(room, y.dtype, "patches", (2, *products.shape[1:]), (2, 2, *products.shape[2:]))
    calls: Calls = []
    for (a, b, c, d), to in ((products, half), (half.swapaxes(0, 1), found)):
        calls += [partial(np.add, a, b, to[0]), partial(np.add, to[0], c, to[0])]
        calls += [partial(np.subtract, b, c, to[1]), partial(np.add, to[1], d, to[1])]
    for row, column, target in _quarters(y, tile):
        calls.append(copied(target, found[column, row, :, : target.shape[1], : target.shape[2]]))
    return calls


def forward_calls(
    image: Image, kernel: np.ndarray, y: np.ndarray, bias: np.ndarray | None = None, activation: str | None = None
) -> Calls:
    """The calls that fill `y = activation(conv(x, kernel) + bias)`."""
    x, window, (channels, filters) = image.x, image.window, kernel.shape[-2:]
    patches = _patches(window)
    weights = image.room.keep((_COUNT, channels, filters), kernel.dtype)
    widen = partial(_WIDENED.dot, kernel.reshape(-1, channels * filters), weights.reshape(_COUNT, -1))
    groups = parted(_tiles(len(x), patches, channels, filters), parts_for(y.size, 4 * channels))
    known = activation in (None, "relu")

    def calls(room: Room) -> Calls:
        found, padded = image.over(patches).bring(room)
        lanes = _lanes(groups)
        for number, tiles in enumerate(groups):
            own, lane = room.beside(number % len(lanes)), lanes[number % len(lanes)]
            for tile in tiles:
                sum_up, sums = _sums_of_patches(padded, tile, own)
                products = own.lend((*sums.shape[:-1], filters), y.dtype, "products")
                left, out = sums.reshape(_COUNT, -1, channels), products.reshape(_COUNT, -1, filters)
                lane += [*sum_up, partial(np.matmul, left, weights, out), *_places(products, y, tile, own)]
                images, rows = tile
                whole = y[images, 2 * rows.start : 2 * rows.stop].reshape(-1, filters)
                lane += finish(own, whole, bias, activation if known else None)
        return found + shared(lanes, y.size * 4 * channels)

    rest = [] if known else finish(image.room, y.reshape(-1, filters), None, activation)
    tiles, begins = as_places(groups, patches)
    is_one_sum = all(len(sum_ends(count, channels, filters)) == 2 for count in set(np.diff(tiles).flat))
    if not takes(y, x, kernel) or not is_one_sum:
        return [widen, *calls(image.room), *rest]
    args = (lifted(x), weights, NONE if bias is None else bias, y.reshape(-1), *_about(y, patches), tiles, begins)
    own, others = [y, x], [weights] if bias is None else [weights, bias]
    pieces = cuttable(9, [tile for part in groups for tile in part], len(x), own, others)
    how = (*args, known and activation == "relu")
    return [widen, FusedParts("winograd", len(groups), how, lambda: calls(Room()), proof=y, pieces=pieces), *rest]


def _about(places: np.ndarray, patches: Window) -> tuple[np.ndarray, np.ndarray, np.ndarray, bool]:
    """What the loops are told of the places of patches, and of the patches."""
    size = np.array(places.shape[1:-1], np.intp)
    return steps(places, places) * [1, 1, 2, 2, 1], size, geometry(patches), patches.is_inside


def kernel_calls(image: Image, g: np.ndarray, into: np.ndarray) -> Calls:
    """The calls that add up the kernel's gradient, each part's tiles by themselves."""
    x, window, (channels, filters) = image.x, image.window, into.shape[-2:]
    patches = _patches(window)
    groups = by_weights(_tiles(len(x), patches, channels, filters), _COUNT * channels * filters)
    if not groups[0]:
        return [partial(into.fill, 0)]
    shares = image.room.lend((len(groups), _COUNT, channels, filters), into.dtype, "shares")

    def calls(room: Room) -> Calls:
        found, seen = image.over(patches).bring(room)
        lanes = _lanes(groups)
        for number, (tiles, total) in enumerate(zip(groups, shares, strict=True)):
            own, lane = room.beside(number % len(lanes)), lanes[number % len(lanes)]
            share = own.lend(total.shape, total.dtype, "share")
            for tile in tiles:
                of_patches, left = _sums_of_patches(seen, tile, own)
                of_gradients, right = _sums_of_gradients(g, tile, patches, own)
                left, right = left.reshape(_COUNT, -1, channels), right.reshape(_COUNT, -1, filters)
                is_first = tile is tiles[0]
                lane += [*of_patches, *of_gradients]
                lane.append(partial(np.matmul, left.swapaxes(1, 2), right, total if is_first else share))
                if not is_first:
                    lane.append(partial(np.add, total, share, total))
        return found + shared(lanes, g.size * 4 * channels)

    summed = image.room.lend(shares.shape[1:], into.dtype, "summed")
    narrow = partial(_WIDENED.T.dot, summed.reshape(_COUNT, -1), into.reshape(-1, channels * filters))
    tiles, begins = as_places(groups, patches)
    is_one_sum = all(len(sum_ends(channels, count, filters, turned=True)) == 2 for count in set(np.diff(tiles).flat))
    if not takes(g, x) or not is_one_sum:
        return [*calls(image.room), *added(shares, summed), narrow]
    args = (lifted(x), g.reshape(-1), shares, *_about(g, patches), tiles, begins)
    loop = FusedParts("winograd_kernel", len(groups), args, lambda: calls(Room()), proof=shares)
    return [loop, *added(shares, summed), narrow]
