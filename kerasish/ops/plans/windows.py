"""How pooling is computed in place, and where images stand that windows move over."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from kerasish.backend.fast import FusedParts, takes
from kerasish.backend.plans import Plan, copied, same_floats
from kerasish.backend.room import Calls, Node, Room
from kerasish.ops import windows
from kerasish.ops.plans.moving import (
    as_places,
    cuttable,
    geometry,
    lifted,
    parted,
    parts_for,
    shared_images,
    steps,
    taps,
)
from kerasish.ops.pooling import lowest
from kerasish.ops.windows import Window

_ALL = slice(None)
# So many numbers of channels side by side are read at once.
_VECTOR = 8
# Bytes of the results of a tile: few, so that convolutions before and after can end with the same image.
_TILE = 1 << 15


def padded(room: Room, x: np.ndarray, window: Window, fill: float = 0, lend: bool = False) -> tuple[Calls, np.ndarray]:
    """The image with all that the window reaches over, and the calls that bring it there."""
    if not any(window.before) and window.is_inside:
        return [], x
    shape = (len(x), *window.span, x.shape[-1])
    image = room.lend(shape, x.dtype, "image") if lend else room.keep(shape, x.dtype)
    inside, outside = windows.overlap(window)
    calls: Calls = [copied(image[(_ALL, *outside)], x[(_ALL, *inside)])]
    for axis, (part, reach) in enumerate(zip(outside, window.span, strict=True), 1):
        for margin in (slice(0, part.start), slice(part.stop, reach)):
            slab = image[(*[_ALL] * axis, margin)]
            if slab.size:
                calls.append(partial(slab.fill, fill))
    return calls, image


def can_read(x: np.ndarray, window: Window) -> bool:
    """Whether whole vectors of an image's channels can be read straight from it, wherever it ends."""
    return window.is_inside and x.shape[-1] % _VECTOR == 0


class Image:
    """An image that windows move over: with zeros around it where NumPy needs them, written out tile by tile.

    Args:
        room: where arrays come from.
        x: the image.
        window: how the window moves.
        lend: whether the image with its zeros is needed no longer than the next operation.
    """

    def __init__(self, room: Room, x: np.ndarray, window: Window, lend: bool) -> None:
        self.room, self.x, self.window, self._lend = room, x, window, lend
        self._padded: np.ndarray | None = None
        self._over: dict[Window, Image] = {}

    def over(self, window: Window) -> Image:
        """The same image, for another window."""
        if window not in self._over:
            self._over[window] = Image(self.room, self.x, window, self._lend)
        return self._over[window]

    def bring(self, room: Room) -> tuple[Calls, np.ndarray]:
        """The padded image, and the calls that bring it there if it is not there yet."""
        if self._padded is not None and room is self.room:
            return [], self._padded
        calls, image = padded(room, self.x, self.window, lend=self._lend)
        if room is self.room and not self._lend:
            self._padded = image
        return calls, image


def spread_over(room: Room, into: np.ndarray, window: Window) -> tuple[Calls, np.ndarray, Calls]:
    """Where gradients of windows are added up: the calls that clear it, the array, and those that bring it home."""
    if window.size == window.span and not any(window.before):
        return [partial(into.fill, 0)], into, []
    spread = room.lend((len(into), *window.span, into.shape[-1]), into.dtype, "spread")
    inside, outside = windows.overlap(window)
    home: Calls = [] if window.sees_all else [partial(into.fill, 0)]
    home.append(copied(into[(_ALL, *inside)], spread[(_ALL, *outside)]))
    return [partial(spread.fill, 0)], spread, home


def largest_of_windows(room: Room, node: Node) -> Plan:
    """The largest number of each window."""
    (x,), y, g, into = node.args, node.output, node.gradient, node.into[0]
    if not same_floats(x, y):
        return None
    window: Window = node.params["window"]
    is_fused = takes(x, y) and all(a is None or a.flags.c_contiguous for a in (g, into))

    def with_taps(room: Room) -> tuple[Calls, list[np.ndarray]]:
        before, image = padded(room, x, window, lowest(x.dtype), lend=g is None or is_fused)
        return before, [image[(_ALL, *tap)] for tap in window.taps()]

    def forward(before: Calls, taps: list[np.ndarray]) -> Calls:
        return [*before, copied(y, taps[0]), *(partial(np.maximum, y, tap, out=y) for tap in taps[1:])]

    if is_fused:
        groups = parted(list(windows.tiles(len(x), window, x.shape[-1] * x.itemsize, _TILE)), parts_for(y.size, 1))
        tiles, parts = as_places(groups, window)
        args = (
            lifted(x),
            y.reshape(-1),
            steps(y, y),
            geometry(window),
            can_read(x, window),
            taps(window, 1),
            tiles,
            parts,
        )
        pieces = cuttable(7, [tile for group in groups for tile in group], len(x), [y, x], [])
        first = FusedParts("largest", len(groups), args, lambda: forward(*with_taps(Room())), pieces=pieces)
        if g is None or into is None:
            return [first], []

        def calls() -> Calls:
            own = Room()
            before, seen = with_taps(own)
            return [*before, *_to_largest(own, window, seen, y, g, into)]

        begins = shared_images(len(x))
        back = (lifted(x), lifted(y), lifted(g), lifted(into), geometry(window), begins)
        each = [(slice(image, image + 1), _ALL) for image in range(len(x))]
        pieces = cuttable(5, each, len(x), [into, x, y, g], [])
        return [first], [FusedParts("largest_back", len(begins) - 1, back, calls, pieces=pieces)]
    before, seen = with_taps(room)
    if g is None or into is None:
        return forward(before, seen), []
    return forward(before, seen), _to_largest(room, window, seen, y, g, into)


def _to_largest(
    room: Room, window: Window, taps: list[np.ndarray], y: np.ndarray, g: np.ndarray, into: np.ndarray
) -> Calls:
    """The calls that bring each gradient to where the largest number stood."""
    clear, spread, home = spread_over(room, into, window)
    hit, free = room.lend(y.shape, bool, "hit"), room.lend(y.shape, bool, "free")
    mask, share = room.lend(y.shape, y.dtype, "mask"), room.lend(y.shape, y.dtype, "share")
    apart = all(step >= size for step, size in zip(window.strides, window.shape, strict=True))
    backward: Calls = [partial(free.fill, True)] if apart and window.sees_every else [*clear, partial(free.fill, True)]
    for tap, seen in zip(window.taps(), taps, strict=True):
        target = spread[(_ALL, *tap)]
        backward += [
            partial(np.equal, seen, y, hit),
            partial(np.logical_and, hit, free, hit),
            partial(np.logical_xor, free, hit, free),  # the first of several equal ones is enough
            copied(mask, hit),
            partial(np.multiply, g, mask, target if apart else share),
        ]
        if not apart:
            backward.append(partial(np.add, target, share, target))
    return [*backward, *home]


def sum_of_windows(room: Room, node: Node) -> Plan:
    """The sum of each window."""
    (x,), y, g, into = node.args, node.output, node.gradient, node.into[0]
    if not same_floats(x, y):
        return None
    window: Window = node.params["window"]
    before, image = padded(room, x, window, lend=node.gradient is None)
    taps = [image[(_ALL, *tap)] for tap in window.taps()]
    forward: Calls = [*before, copied(y, taps[0]), *(partial(np.add, y, tap, y) for tap in taps[1:])]
    if g is None or into is None:
        return forward, []
    clear, spread, home = spread_over(room, into, window)
    targets: list[Any] = [spread[(_ALL, *tap)] for tap in window.taps()]
    return forward, [*clear, *(partial(np.add, target, g, target) for target in targets), *home]
