"""Convolutions with few filters, such as the last one of an autoencoder: first the products, then the windows.

Windows written out hold, for each place, as many numbers as the window has taps and the image channels. With few
filters it is less to multiply every number of the image by the kernel of each tap, one product of matrices, and to add
up what the taps of a place come to. The transpose is the same with places and numbers exchanged.
"""

from __future__ import annotations

import itertools
import math
from functools import partial

import numpy as np

from kerasish.backend.plans import copied, shared
from kerasish.backend.room import Calls, Room
from kerasish.ops.plans.moving import parted
from kerasish.ops.windows import Tap, Window

# Loops with sums in registers would leave most of a register empty. A step of an autoencoder whose last layer has one
# filter, seen through 3 x 3 x 16, takes 5.3 ms in place of 8.1.
_FEW = 4
# Bytes of products that a core's second cache holds beside what is added up.
_TILE = 1 << 18


def are_few(filters: int, channels: int, window: Window) -> bool:
    """Whether to multiply first."""
    return filters <= _FEW <= channels // filters and math.prod(window.shape) > 1


def forward_calls(room: Room, x: np.ndarray, kernel: np.ndarray, window: Window, y: np.ndarray) -> Calls:
    """The calls that fill `y` with the weighted sums of every window."""
    *shape, channels, filters = kernel.shape
    weights = room.keep((math.prod(shape) * filters, channels), kernel.dtype)
    by_tap = kernel.reshape(-1, channels, filters).swapaxes(1, 2)
    return [copied(weights.reshape(by_tap.shape), by_tap), *_calls(room, weights, x, y, _meetings(window))]


def input_calls(room: Room, g: np.ndarray, kernel: np.ndarray, window: Window, into: np.ndarray) -> Calls:
    """The calls that fill an image of few channels with what each number gets from the places that saw it."""
    moves = [(numbers, places) for places, numbers in _meetings(window)]
    return _calls(room, kernel.reshape(-1, kernel.shape[-1]), g, into, moves)


def _meetings(window: Window) -> list[tuple[Tap, Tap]]:
    """For each tap the places that see a number of the image by it, and these numbers."""
    axes = zip(window.size, window.shape, window.strides, window.dilation, window.before, window.places, strict=True)
    found = []
    for size, taps, stride, apart, before, count in axes:
        pairs = []
        for start in (tap * apart - before for tap in range(taps)):
            first = max(0, -(start // stride))
            last = max(first, min(count, (size - 1 - start) // stride + 1))
            begin = start + first * stride
            pairs.append((slice(first, last), slice(begin, begin + (last - first) * stride, stride)))
        found.append(pairs)
    return [(tuple(p for p, _ in tap), tuple(n for _, n in tap)) for tap in itertools.product(*found)]


def _calls(room: Room, weights: np.ndarray, x: np.ndarray, y: np.ndarray, moves: list[tuple[Tap, Tap]]) -> Calls:
    """The calls that add to `y[to]` the products of `x[by]`, for the `(to, by)` of each tap."""
    size, filters = x.shape[1:-1], y.shape[-1]
    step = max(1, _TILE // (math.prod(size) * len(weights) * x.itemsize))
    parts: list[Calls] = []
    for number, firsts in enumerate(parted(range(0, len(x), step))):
        own = room.beside(number)
        part: Calls = []
        for first in firsts:
            images, out = x[first : first + step], y[first : first + step]
            products = own.lend((len(weights), images[..., 0].size), x.dtype)
            planes = np.moveaxis(products.reshape(len(moves), filters, len(out), *size), 1, -1)
            part += [partial(weights.dot, images.reshape(-1, x.shape[-1]).T, products), partial(out.fill, 0)]
            for plane, (to, by) in zip(planes, moves, strict=True):
                target = out[(slice(None), *to)]
                part.append(partial(np.add, target, plane[(slice(None), *by)], target))
        parts.append(part)
    return shared(parts, x.size * len(weights))
