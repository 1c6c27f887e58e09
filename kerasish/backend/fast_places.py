"""Where the windows of a tile of places find their images, and where their results belong, for Numba."""

from __future__ import annotations

import numba
import numpy as np

from kerasish.backend.fast_vectors import LANES, NUMBER


@numba.njit(inline="always")
def _range(first, last, axis, geometry, whole):
    """What windows from one place to another reach over along an axis."""
    reach = (geometry[0, axis] - 1) * geometry[2, axis] + 1
    if whole:
        return 0, (geometry[4, axis] - 1) * geometry[1, axis] + reach
    return first * geometry[1, axis], last * geometry[1, axis] + reach


@numba.njit
def scene_of(x, geometry, first, last, inside, slab, scene, around):
    """Where the windows of a tile find their image: in `x`, or in a copy that has a number all `around` it.

    `scene` is told the address, the numbers of an image, of a plane's lines and of a line, and where along each axis
    it begins. Returns the copy, which may be a larger one.
    """
    _, height, width = geometry[4]
    every = geometry[4, 0] * height * width
    begin, end = first // every, (last - 1) // every + 1
    channels = x.shape[4]
    if inside:
        scene[0] = x.ctypes.data + begin * x.strides[0]
        scene[1], scene[2], scene[3] = x[0].size, x.shape[2], x.shape[3]
        scene[4:] = geometry[3]
        return slab
    a, b = first % every, (last - 1) % every
    many = end - begin > 1
    d0, d1 = _range(a // (height * width), b // (height * width), 0, geometry, many)
    many = many or a // (height * width) != b // (height * width)
    h0, h1 = _range(a // width % height, b // width % height, 1, geometry, many)
    many = many or a // width != b // width
    w0, w1 = _range(a % width, b % width, 2, geometry, many)
    size = (d1 - d0) * (h1 - h0) * (w1 - w0) * channels
    if len(slab) < size * (end - begin) + LANES:
        slab = np.empty(size * (end - begin) + LANES, np.float32)  # whole vectors may be read at its end
    line = (w1 - w0) * channels
    low = min(max(geometry[3, 2] - w0, 0), w1 - w0)
    high = max(min(geometry[3, 2] + x.shape[3], w1) - w0, low)
    at = 0
    for image in range(begin, end):
        for d in range(d0 - geometry[3, 0], d1 - geometry[3, 0]):
            for h in range(h0 - geometry[3, 1], h1 - geometry[3, 1]):
                target = slab[at : at + line]
                at += line
                if d < 0 or d >= x.shape[1] or h < 0 or h >= x.shape[2]:
                    target[:] = around
                    continue
                target[: low * channels] = around
                source = x[image, d, h].reshape(-1)
                start = (w0 + low - geometry[3, 2]) * channels
                target[low * channels : high * channels] = source[start : start + (high - low) * channels]
                target[high * channels :] = around
    scene[0] = slab.ctypes.data
    scene[1], scene[2], scene[3] = size, h1 - h0, w1 - w0
    scene[4], scene[5], scene[6] = d0, h0, w0
    return slab


@numba.njit
def begins_of(scene, geometry, channels, first, last, begins, steps, targets):
    """At which byte of the scene each place's window begins, and at which one its result stands, if that is asked.

    The last ones are followed by themselves again, for sums are made of six places.
    """
    depth, height, width = geometry[4]
    across = geometry[1, 2] * channels * NUMBER
    image, i, at = first // (width * height * depth), 0, first
    while at < last:
        w, h, d, n = at % width, at // width % height, at // (width * height) % depth, at // (width * height * depth)
        line = (d * geometry[1, 0] - scene[4]) * scene[2] + h * geometry[1, 1] - scene[5]
        start = (line * scene[3] + w * geometry[1, 2] - scene[6]) * channels * NUMBER + (n - image) * scene[1] * NUMBER
        count = min(width - w, last - at)
        for k in range(count):
            begins[i + k] = start + k * across
        if len(targets):
            target = steps[4] + n * steps[0] + d * steps[1] + h * steps[2] + w * steps[3]
            for k in range(count):
                targets[i + k] = (target + k * steps[3]) * NUMBER
        i, at = i + count, at + count
    begins[last - first :] = begins[last - first - 1]
    if len(targets):
        targets[last - first :] = targets[last - first - 1]


@numba.njit(inline="always")
def byte_of(scene, tap, channels):
    """At which byte after its window's begin a number stands: of `(depth, height, width, channel)`."""
    return (((tap[0] * scene[2] + tap[1]) * scene[3] + tap[2]) * channels + tap[3]) * NUMBER


@numba.njit(inline="always")
def most_places(tiles, first, last):
    """The places of the largest of some tiles."""
    most = 0
    for t in range(first, last):
        most = max(most, tiles[t, 1] - tiles[t, 0])
    return most


@numba.njit(inline="always")
def move_some(y, targets, first, rows, column, columns, block, back):
    """Bring fewer numbers than a vector has from each of some places to rows of vectors, or back."""
    for j in range(rows):
        begin = targets[first + j] // NUMBER + column
        for c in range(columns):
            if back:
                y[begin + c] = block[j * LANES + c]
            else:
                block[j * LANES + c] = y[begin + c]
