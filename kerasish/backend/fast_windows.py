"""Windows that move over images, for Numba: the calls of `ops.plans.windows`, in their order, on a part of the places.

Images are `(batch, depth, height, width, channels)`, with sizes of 1 where there are fewer axes. `geometry` holds, for
each of the three axes, the window's shape, its strides, its dilation, the zeros before the image, and its places. The
windows of a tile are written out, multiplied and finished while they are in the second cache; zeros around an image are
not stored.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba
import numpy as np

from kerasish.backend.fast_numpy import copied, matmul, sharing_numpy

_V = numba.float32[::1]
_M = numba.float32[:, ::1]
_A3 = numba.float32[:, :, ::1]
_X = numba.float32[:, :, :, :, ::1]
_W = numba.intp[::1]
_P = numba.intp[:, ::1]
_N = numba.intp
_B = numba.boolean
_ZERO = np.float32(0)


@numba.njit(inline="always")
def _run(start, step, taps, size):
    """Which numbers of a window lie inside, where it sees every `step`th from `start` on."""
    low = 0 if start >= 0 else (-start + step - 1) // step
    high = 0 if start >= size else min(taps, (size - start + step - 1) // step)
    return low, max(low, high)


@numba.njit(inline="always")
def _place(index, geometry):
    """The image of a place, and where its window begins along each axis."""
    depth, height, width = geometry[4]
    w, rest = index % width, index // width
    h, rest = rest % height, rest // height
    d, image = rest % depth, rest // depth
    return (
        image,
        d * geometry[1, 0] - geometry[3, 0],
        h * geometry[1, 1] - geometry[3, 1],
        w * geometry[1, 2] - geometry[3, 2],
    )


@numba.njit
def _write(x, geometry, first, last, rows):
    """Write the windows of some places, a row for each."""
    channels, (kd, kh, kw), (ed, eh, ew) = x.shape[4], geometry[0], geometry[2]
    for index in range(first, last):
        image, d0, h0, w0 = _place(index, geometry)
        low, high = _run(w0, ew, kw, x.shape[3])
        row, k = rows[index - first], 0
        for i in range(kd):
            d = d0 + i * ed
            for j in range(kh):
                h = h0 + j * eh
                if d < 0 or d >= x.shape[1] or h < 0 or h >= x.shape[2]:
                    row[k : k + kw * channels] = _ZERO
                    k += kw * channels
                    continue
                line = x[image, d, h].reshape(-1)
                if low > 0:
                    row[k : k + low * channels] = _ZERO
                if ew == 1:
                    count = (high - low) * channels
                    copied(row, k + low * channels, line, (w0 + low) * channels, count)
                else:
                    for tap in range(low, high):
                        copied(row, k + tap * channels, line, (w0 + tap * ew) * channels, channels)
                if high < kw:
                    row[k + high * channels : k + kw * channels] = _ZERO
                k += kw * channels


@numba.njit(inline="always")
def _most(tiles, first, last):
    """The places of the largest of some tiles."""
    most = 0
    for t in range(first, last):
        most = max(most, tiles[t, 1] - tiles[t, 0])
    return most


@numba.njit(inline="always")
def _windows(x, geometry, first, last, memory):
    """The windows of some places, a row for each: written out, if there is memory for it, or where they lie."""
    if len(memory):
        rows = memory[: last - first]
        _write(x, geometry, first, last, rows)
        return rows
    return x.reshape(-1, x.shape[4])[first:last]


@numba.njit(inline="always")
def _memory(geometry, tiles, first, last, width):
    """Where the windows of a tile are written; nowhere if they need not be."""
    is_needed = (geometry[:2] != 1).any() or (geometry[3] != 0).any()
    return np.empty((_most(tiles, first, last) if is_needed else 0, width), np.float32)


def _convolve(part, inner, x, matrix, bias, y, geometry, tiles, parts, relu):
    words = np.empty(16, np.intp)
    memory = _memory(geometry, tiles, parts[part], parts[part + 1], len(matrix))
    for t in range(parts[part], parts[part + 1]):
        first, last = tiles[t]
        rows, out = _windows(x, geometry, first, last, memory), y[first:last]
        matmul(inner, rows, matrix, out, words)
        if len(bias) and relu:
            for i in range(len(out)):
                for j in range(out.shape[1]):
                    s = out[i, j] + bias[j]
                    out[i, j] = _ZERO if s <= 0 else s  # a NaN stays one
        elif len(bias):
            for i in range(len(out)):
                for j in range(out.shape[1]):
                    out[i, j] += bias[j]
        elif relu:
            for i in range(len(out)):
                for j in range(out.shape[1]):
                    out[i, j] = _ZERO if out[i, j] <= 0 else out[i, j]


def _convolve_kernel(part, inner, x, g, shares, geometry, tiles, parts):
    words, total = np.empty(16, np.intp), shares[part]
    memory = _memory(geometry, tiles, parts[part], parts[part + 1], total.shape[0])
    share = np.empty_like(total)
    for t in range(parts[part], parts[part + 1]):
        first, last = tiles[t]
        rows = _windows(x, geometry, first, last, memory)
        if t == parts[part]:
            matmul(inner, rows.T, g[first:last], total, words)
        else:
            matmul(inner, rows.T, g[first:last], share, words)
            total += share


@numba.njit
def _collect(rows, geometry, first, last, into):
    """Add the windows of some places, a row for each, to the image that they see."""
    channels, (kd, kh, kw), (ed, eh, ew) = into.shape[4], geometry[0], geometry[2]
    for i in range(kd):
        for j in range(kh):
            for tap in range(kw):
                k = ((i * kh + j) * kw + tap) * channels
                for index in range(first, last):
                    image, d, h, w = _place(index, geometry)
                    d, h, w = d + i * ed, h + j * eh, w + tap * ew
                    if d >= 0 and d < into.shape[1] and h >= 0 and h < into.shape[2] and w >= 0 and w < into.shape[3]:
                        target, row = into[image, d, h, w], rows[index - first]
                        for m in range(channels):
                            target[m] += row[k + m]


def _convolve_input(part, inner, g, matrix, into, geometry, tiles, parts):
    words = np.empty(16, np.intp)
    memory = np.empty((_most(tiles, parts[part], parts[part + 1]), len(matrix)), np.float32)
    for t in range(parts[part], parts[part + 1]):
        first, last = tiles[t]
        matmul(inner, g[first:last], matrix.T, memory[: last - first], words)
        _collect(memory, geometry, first, last, into)


# One kernel for each channel: `weights` are `(taps, channels * multiplier)`, and so are the places' numbers. A part is
# some of the images; each number of a result gets its shares in the order of the taps.


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


def _depthwise(part, inner, x, weights, y, geometry, images):
    channels, strides = x.shape[4], geometry[1]
    multiplier = y.shape[4] // channels
    for image in range(images[part], images[part + 1]):
        y[image] = _ZERO
        for tap in range(len(weights)):
            start, first, last = _lines(tap, geometry, x.shape[1:4])
            weight = weights[tap]
            for d in range(first[0], last[0]):
                for h in range(first[1], last[1]):
                    line = x[image, start[0] + d * strides[0], start[1] + h * strides[1]]
                    out = y[image, d, h]
                    for w in range(first[2], last[2]):
                        source, target = line[start[2] + w * strides[2]], out[w]
                        if multiplier == 1:
                            for c in range(channels):
                                target[c] += source[c] * weight[c]
                        else:
                            for c in range(len(target)):
                                target[c] += source[c // multiplier] * weight[c]


def _depthwise_input(part, inner, g, weights, into, geometry, images):
    channels, strides = into.shape[4], geometry[1]
    multiplier = g.shape[4] // channels
    for image in range(images[part], images[part + 1]):
        into[image] = _ZERO
        for tap in range(len(weights)):
            start, first, last = _lines(tap, geometry, into.shape[1:4])
            weight = weights[tap]
            for d in range(first[0], last[0]):
                for h in range(first[1], last[1]):
                    line = into[image, start[0] + d * strides[0], start[1] + h * strides[1]]
                    shares = g[image, d, h]
                    for w in range(first[2], last[2]):
                        source, target = shares[w], line[start[2] + w * strides[2]]
                        if multiplier == 1:
                            for c in range(channels):
                                target[c] += source[c] * weight[c]
                        else:
                            for c in range(channels):
                                for k in range(c * multiplier, (c + 1) * multiplier):
                                    target[c] += source[k] * weight[k]


def _depthwise_kernel(part, inner, x, g, shares, geometry, images):
    channels, strides, total = x.shape[4], geometry[1], shares[part]
    multiplier = g.shape[4] // channels
    total[:] = _ZERO
    for image in range(images[part], images[part + 1]):
        for tap in range(len(total)):
            start, first, last = _lines(tap, geometry, x.shape[1:4])
            share = total[tap]
            for d in range(first[0], last[0]):
                for h in range(first[1], last[1]):
                    line = x[image, start[0] + d * strides[0], start[1] + h * strides[1]]
                    out = g[image, d, h]
                    for w in range(first[2], last[2]):
                        source, gradient = line[start[2] + w * strides[2]], out[w]
                        if multiplier == 1:
                            for c in range(channels):
                                share[c] += source[c] * gradient[c]
                        else:
                            for c in range(len(share)):
                                share[c] += source[c // multiplier] * gradient[c]


# The largest number of a window; zeros around an image do not count.


def _largest(part, inner, x, y, geometry, images):
    strides, taps = geometry[1], geometry[0, 0] * geometry[0, 1] * geometry[0, 2]
    for image in range(images[part], images[part + 1]):
        y[image] = -np.inf
        for tap in range(taps):
            start, first, last = _lines(tap, geometry, x.shape[1:4])
            for d in range(first[0], last[0]):
                for h in range(first[1], last[1]):
                    line = x[image, start[0] + d * strides[0], start[1] + h * strides[1]]
                    out = y[image, d, h]
                    for w in range(first[2], last[2]):
                        source, target = line[start[2] + w * strides[2]], out[w]
                        for c in range(len(target)):
                            largest = target[c]
                            target[c] = largest if largest >= source[c] or largest != largest else source[c]


def _largest_back(part, inner, x, y, g, into, geometry, images):
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
    "convolve": (_convolve, (_X, _M, _V, _M, _P, _P, _W, _B)),
    "convolve_kernel": (_convolve_kernel, (_X, _M, _A3, _P, _P, _W)),
    "convolve_input": (_convolve_input, (_M, _M, _X, _P, _P, _W)),
    "depthwise": (_depthwise, (_X, _M, _X, _P, _W)),
    "depthwise_input": (_depthwise_input, (_X, _M, _X, _P, _W)),
    "depthwise_kernel": (_depthwise_kernel, (_X, _X, _A3, _P, _W)),
    "largest": (_largest, (_X, _X, _P, _W)),
    "largest_back": (_largest_back, (_X, _X, _X, _X, _P, _W)),
}


LOOPS = {name: sharing_numpy(source, types) for name, (source, types) in _SOURCES.items()}
