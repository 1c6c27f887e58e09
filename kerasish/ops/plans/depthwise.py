"""Convolutions with one kernel, or several, for each channel: nothing to multiply as matrices.

Each is laid out as calls of NumPy on one tile after the other; where there is one kernel for each channel, the loops of
`backend.fast_convolution` do the same without what is multiplied being written down.
"""

from __future__ import annotations

from functools import partial

import numpy as np

from kerasish.backend.fast import FusedParts, takes
from kerasish.backend.plans import added, copied, shared
from kerasish.backend.room import Calls, Room
from kerasish.ops import windows
from kerasish.ops.plans.dense import finish
from kerasish.ops.plans.moving import (
    NONE,
    as_places,
    by_weights,
    cuttable,
    geometry,
    lifted,
    parted,
    parts_for,
    ranges_of,
    steps,
    taps,
)
from kerasish.ops.plans.windows import Image, can_read, spread_over
from kerasish.ops.windows import Tap, Tile, Window, shifted

# The places' numbers in a tile: with what is multiplied, half of a core's second cache.
_TILE = 1 << 18


def _tiles(count: int, window: Window, filters: int, itemsize: int) -> list[Tile]:
    return list(windows.tiles(count, window, filters * itemsize, _TILE))


def _seen(tap: Tap, tile: Tile, window: Window) -> Tap:
    """What a number of the window sees at the places of a tile."""
    images, rows = tile
    return (images, shifted(tap[0], rows, window.strides[0]), *tap[1:])


def _by_channel(a: np.ndarray, channels: int) -> np.ndarray:
    return a.reshape(*a.shape[:-1], channels, -1)


def _across(window: Window) -> int:
    """How many places stand side by side: with all of them at once, NumPy's loops are longer than the channels."""
    return window.places[-1] if len(window.places) > 1 else 1


def forward_calls(
    image: Image,
    kernel: np.ndarray,
    y: np.ndarray,
    bias: np.ndarray | None = None,
    activation: str | None = None,
    whole: np.ndarray | None = None,
) -> Calls:
    """The calls that fill `y = activation(conv(x, kernel) + bias)`; `y` may be every other number of a `whole`."""
    x, window, filters = image.x, image.window, y.shape[-1]
    weights, channels = kernel.reshape(-1, filters), x.shape[-1]
    groups = parted(_tiles(len(x), window, filters, x.itemsize), parts_for(y.size, len(weights)))

    def calls(room: Room) -> Calls:
        found, padded = image.bring(room)
        beside = room.lend((len(weights), _across(window), filters), kernel.dtype, "weights")
        found = [*found, copied(beside, weights[:, None])]
        parts: list[Calls] = []
        for number, tiles in enumerate(groups):
            own = room.beside(number)
            part_of: Calls = []
            for tile in tiles:
                out = _by_channel(y[tile], channels)
                scratch = own.lend(out.shape, out.dtype)
                part_of.append(partial(out.fill, 0))
                for tap, weight in zip(window.taps(), _by_channel(beside, channels), strict=True):
                    part_of.append(partial(np.multiply, padded[_seen(tap, tile, window)][..., None], weight, scratch))
                    part_of.append(partial(np.add, out, scratch, out))
            parts.append(part_of)
        return found + shared(parts, y.size * len(weights))

    into = y if whole is None else whole
    rest = [] if whole is not None else finish(image.room, y.reshape(-1, filters), bias, activation)
    if filters != channels or not takes(into, x, weights):
        return [*calls(image.room), *rest]
    groups = parted(list(windows.tiles(len(x), window, filters * x.itemsize, windows.TILE)), len(groups))
    places, begins = as_places(groups, window)
    each_tap = np.insert(taps(window, 1), 4, 1, axis=1)  # a run of one number of each channel
    cuts = np.array([[[0, 0], [len(weights)] * 2]] * len(places), np.intp)
    moves = (geometry(window), can_read(x, window), each_tap, cuts, places, begins)
    args = (lifted(x), weights, NONE, into.reshape(-1), steps(y, into), *moves, False, True)
    pieces = cuttable(10, [tile for part in groups for tile in part], len(x), [into, x], [weights])
    return [FusedParts("convolve", len(groups), args, lambda: calls(Room()), proof=into, pieces=pieces), *rest]


def kernel_calls(image: Image, g: np.ndarray, into: np.ndarray) -> Calls:
    """The calls that add up the kernel's gradient, each part's tiles by themselves."""
    x, window, filters = image.x, image.window, g.shape[-1]
    target, channels = into.reshape(-1, filters), x.shape[-1]
    groups = by_weights(_tiles(len(x), window, filters, x.itemsize), target.size)
    if not groups[0]:
        return [partial(into.fill, 0)]
    shares, across = image.room.lend((len(groups), *target.shape), g.dtype, "shares"), _across(window)

    def calls(room: Room) -> Calls:
        found, padded = image.bring(room)
        parts: list[Calls] = []
        for number, (tiles, total) in enumerate(zip(groups, shares, strict=True)):
            own = room.beside(number)
            share = own.lend((filters,), g.dtype, "share")
            part_of: Calls = []
            for tile in tiles:
                out = _by_channel(g[tile], channels)
                scratch = own.lend(out.shape, out.dtype)
                lines, line = scratch.reshape(-1, across * filters), own.lend((across, filters), g.dtype, "line")
                for tap, sums in zip(window.taps(), total, strict=True):
                    part_of.append(partial(np.multiply, padded[_seen(tap, tile, window)][..., None], out, scratch))
                    part_of.append(partial(np.add.reduce, lines, 0, None, line.reshape(-1)))
                    part_of.append(partial(np.add.reduce, line, 0, None, sums if tile is tiles[0] else share))
                    if tile is not tiles[0]:
                        part_of.append(partial(np.add, sums, share, sums))
            parts.append(part_of)
        return found + shared(parts, g.size * len(target))

    if filters != channels or not takes(g, x):
        return [*calls(image.room), *added(shares, target)]
    places, begins = as_places(groups, window)
    ranges = ranges_of(len(target), len(groups))
    cuts = np.arange(across + 1) * (np.diff(places) // across)  # of each tile and each place of its lines
    how = (geometry(window), can_read(x, window), taps(window, 1), cuts, places, begins, ranges, True)
    args, count = (lifted(x), g.reshape(-1, filters), shares, *how), len(groups) * (len(ranges) - 1)
    is_small = parts_for(g.size, len(target)) == 1
    fused = FusedParts("convolve_kernel", count, args, lambda: calls(Room()), proof=shares, alone=is_small)
    return [fused, *added(shares, target)]


def input_calls(room: Room, g: np.ndarray, kernel: np.ndarray, window: Window, into: np.ndarray) -> Calls:
    """The calls that fill the image's gradient, with several kernels for each channel."""
    channels = into.shape[-1]
    per_tap = _by_channel(kernel.reshape(-1, g.shape[-1]), channels)
    found, spread, home = spread_over(room, into, window)
    parts: list[Calls] = []
    for images in parted(range(len(g))):
        own = slice(images[0], images[-1] + 1) if len(images) else slice(0, 0)
        shares = _by_channel(g[own], channels)
        scratch = np.empty(shares.shape[:-1], g.dtype)
        part_of: Calls = []
        for tap, weight in zip(window.taps(), per_tap, strict=True):
            target = spread[(own, *tap)]
            for k in range(shares.shape[-1]):
                part_of.append(partial(np.multiply, shares[..., k], weight[:, k], scratch))
                part_of.append(partial(np.add, target, scratch, target))
        parts.append(part_of)
    return [*found, *shared(parts, g.size * len(per_tap)), *home]
