"""Windows that move over images, for Numba: pooling.

The calls of `ops.plans` in their order, on a part of the images. These are `(batch, depth, height, width, channels)`,
with sizes of 1 where there are fewer axes. `geometry` holds, for each of the three axes, the window's shape, its
strides, its dilation, the zeros before the image, which are not stored, and its places.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba
import numpy as np

from kerasish.backend.fast_loops import maker
from kerasish.backend.fast_places import begins_of, byte_of, most_places, move_some, scene_of
from kerasish.backend.fast_vectors import LANES, NUMBER, ROWS, find_largest, vectors_of

_X = numba.float32[:, :, :, :, ::1]
_W = numba.intp[::1]
_P = numba.intp[:, ::1]
_ZERO, _LEAST = np.float32(0), np.float32(-np.inf)


@numba.njit(inline="always")
def _run(start, step, taps, size):
    """Which numbers of a window lie inside, where it sees every `step`th from `start` on."""
    low = 0 if start >= 0 else (-start + step - 1) // step
    high = 0 if start >= size else min(taps, (size - start + step - 1) // step)
    return low, max(low, high)


@numba.njit(inline="always")
def _lines(tap, geometry, size):
    """Where a tap is, and which places see a number by it: first and last along each axis."""
    _, kh, kw = geometry[0]
    offset = (tap // (kh * kw), tap // kw % kh, tap % kw)
    first, last = np.empty(3, np.intp), np.empty(3, np.intp)
    start = np.empty(3, np.intp)
    for axis in range(3):
        start[axis] = offset[axis] * geometry[2, axis] - geometry[3, axis]
        first[axis], last[axis] = _run(start[axis], geometry[1, axis], geometry[4, axis], size[axis])
    return start, first, last


# The largest number of a window; zeros around an image do not count.


def _largest(part, x, y, steps, geometry, inside, taps, tiles, parts):
    """A part's tiles; the arguments are those of `fast_convolution`."""
    channels = x.shape[4]
    slab, scene = np.empty(0, np.float32), np.empty(7, np.intp)
    places = most_places(tiles, parts[part], parts[part + 1]) + ROWS
    begins, targets, ends = np.empty(places, np.intp), np.empty(places, np.intp), np.empty(ROWS, np.intp)
    offsets, block = np.empty(len(taps), np.intp), np.empty(ROWS * LANES, np.float32)
    for j in range(ROWS):
        ends[j] = j * LANES * NUMBER
    for t in range(parts[part], parts[part + 1]):
        first, last = tiles[t]
        slab = scene_of(x, geometry, first, last, inside, slab, scene, _LEAST)
        begins_of(scene, geometry, channels, first, last, begins, steps, targets)
        for r in range(len(taps)):
            offsets[r] = byte_of(scene, taps[r], channels)
        column = 0
        while column < channels:
            vectors = vectors_of(channels - column)
            columns = min(vectors * LANES, channels - column)
            image, to = scene[0] + column * NUMBER, y.ctypes.data + column * NUMBER
            for i in range(0, last - first, ROWS):
                if columns == vectors * LANES:
                    find_largest(vectors, image, begins, offsets, len(taps), i, to, targets, i)
                    continue
                find_largest(1, image, begins, offsets, len(taps), i, block.ctypes.data, ends, 0)
                move_some(y, targets, i, min(ROWS, last - first - i), column, columns, block, True)
            column += columns


def _largest_back(part, x, y, g, into, geometry, images):
    strides, taps = geometry[1], geometry[0, 0] * geometry[0, 1] * geometry[0, 2]
    free = np.empty(y.shape[1:], np.float32)
    for image in range(images[part], images[part + 1]):
        into[image] = _ZERO
        free[:] = np.float32(1)
        for tap in range(taps):
            start, first, last = _lines(tap, geometry, x.shape[1:4])
            for d in range(first[0], last[0]):
                for h in range(first[1], last[1]):
                    at = start[0] + d * strides[0], start[1] + h * strides[1]
                    line, target = x[image, at[0], at[1]], into[image, at[0], at[1]]
                    for w in range(first[2], last[2]):
                        place, left = start[2] + w * strides[2], free[d, h, w]
                        source, out, gradient = line[place], target[place], g[image, d, h, w]
                        for c in range(len(left)):
                            hit = left[c] if source[c] == y[image, d, h, w, c] else _ZERO
                            out[c] += gradient[c] * hit
                            left[c] -= hit


_SOURCES: dict[str, tuple[Callable[..., None], tuple[Any, ...]]] = {
    "largest": (_largest, (_X, numba.float32[::1], _W, _P, numba.boolean, _P, _P, _W)),
    "largest_back": (_largest_back, (_X, _X, _X, _X, _P, _W)),
}

LOOPS = {name: maker(source, (numba.intp, *types)) for name, (source, types) in _SOURCES.items()}
