"""Convolutions for Numba, without their windows being written out.

A window's numbers lie in a few runs of an image with its channels last, so the sums of six places and up to 32 filters
are kept in vector registers while the runs are walked through once. Each sum is made as the BLAS makes it, one fused
multiplication and addition after the other, begun anew where the BLAS begins anew (`ops.plans.sums`), so its bits are
those of the product that NumPy computes from written windows. Names and arrays are those of `backend.fast_windows`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba
import numpy as np

from kerasish.backend.fast_loops import maker
from kerasish.backend.fast_places import begins_of, byte_of, most_places, move_some, scene_of
from kerasish.backend.fast_vectors import LANES, NUMBER, ROWS, sum_places, sum_taps, vectors_of

_V = numba.float32[::1]
_M = numba.float32[:, ::1]
_A3 = numba.float32[:, :, ::1]
_X = numba.float32[:, :, :, :, ::1]
_W = numba.intp[::1]
_P = numba.intp[:, ::1]
_C = numba.intp[:, :, ::1]
_B = numba.boolean
_ZERO = np.float32(0)


@numba.njit
def _packed(matrix, panels):
    """Write a matrix panel by panel, each row of a panel as whole vectors."""
    depth, filters = matrix.shape
    column = 0
    while column < filters:
        width = vectors_of(filters - column) * LANES
        inside = min(width, filters - column)
        for k in range(depth):
            row = panels[column * depth + k * width : column * depth + (k + 1) * width]
            for c in range(inside):
                row[c] = matrix[k, column + c]
            row[inside:] = _ZERO
        column += width


@numba.njit(inline="always")
def _rounded_up(filters):
    return (filters + LANES - 1) // LANES * LANES


def _convolve(part, x, matrix, bias, y, steps, geometry, inside, runs, cuts, tiles, parts, relu, each):
    """A part's tiles of a convolution with bias and positive part; with `each`, one kernel for each channel.

    `steps` says where in `y` a place's results stand; `inside` whether windows never reach over the edge; `runs` and,
    for each tile, `cuts` which of a window's numbers make up each partial sum: see `ops.plans.moving`.
    """
    depth, filters = matrix.shape
    channels = x.shape[4]
    panels = np.empty(depth * _rounded_up(filters), np.float32)
    _packed(matrix, panels)
    slab, scene = np.empty(0, np.float32), np.empty(7, np.intp)
    places = most_places(tiles, parts[part], parts[part + 1]) + ROWS
    begins, targets, ends = np.empty(places, np.intp), np.empty(places, np.intp), np.empty(ROWS, np.intp)
    offsets, lengths = np.empty(len(runs), np.intp), np.empty(len(runs), np.intp)
    block, own_bias = np.empty(ROWS * LANES, np.float32), np.empty(_rounded_up(len(bias)), np.float32)
    own_bias[: len(bias)] = bias
    own = block.ctypes.data
    for j in range(ROWS):
        ends[j] = j * LANES * NUMBER
    for t in range(parts[part], parts[part + 1]):
        first, last = tiles[t]
        slab = scene_of(x, geometry, first, last, inside, slab, scene, _ZERO)
        begins_of(scene, geometry, channels, first, last, begins, steps, targets)
        for r in range(len(runs)):
            offsets[r], lengths[r] = byte_of(scene, runs[r], channels), runs[r, 4]
        count, column, sums = last - first, 0, 1
        while sums < cuts.shape[1] - 1 and cuts[t, sums, 0] < cuts[t, sums + 1, 0]:
            sums += 1
        while column < filters:
            vectors = vectors_of(filters - column)
            width = vectors * LANES
            columns = min(width, filters - column)
            image, line = scene[0] + (column * NUMBER if each else 0), width * NUMBER
            for s in range(sums):
                a, b, is_last = cuts[t, s, 0], cuts[t, s + 1, 0], s == sums - 1
                at = panels.ctypes.data + (column * depth + cuts[t, s, 1] * width) * NUMBER
                added = own_bias.ctypes.data + column * NUMBER if is_last and len(bias) else 0
                then = (s > 0, added, relu and is_last)
                for i in range(0, count, ROWS):
                    if columns == width:
                        to = y.ctypes.data + column * NUMBER
                        sum_taps(
                            vectors, each, image, begins, offsets, lengths, a, b, at, line, i, to, targets, i, then
                        )
                        continue
                    rows = min(ROWS, count - i)
                    if s:
                        move_some(y, targets, i, rows, column, columns, block, False)
                    sum_taps(1, each, image, begins, offsets, lengths, a, b, at, line, i, own, ends, 0, then)
                    move_some(y, targets, i, rows, column, columns, block, True)
            column += width


def _convolve_kernel(part, x, g, shares, geometry, inside, taps, cuts, tiles, parts, ranges, each):
    """The sums over the tiles of a part's group, for the part's range of weights, as one share of a kernel's gradient.

    `taps` says where each weight's number stands in a window, `cuts` how many of a tile's places make up each partial
    sum: neighbours, or, with `each`, those that stand below each other.
    """
    filters, channels = g.shape[1], x.shape[4]
    group, own = part // (len(ranges) - 1), part % (len(ranges) - 1)
    low, high, total = ranges[own], ranges[own + 1], shares[group]
    slab, scene = np.empty(0, np.float32), np.empty(7, np.intp)
    places = most_places(tiles, parts[group], parts[group + 1])
    begins, nowhere, mine = np.empty(places + ROWS, np.intp), np.empty(0, np.intp), np.empty(ROWS, np.intp)
    ends, in_turn, sums = np.empty(ROWS, np.intp), np.empty(places, np.intp), cuts.shape[1] - 1
    padded = _rounded_up(filters)
    rows = np.empty((places if padded != filters else 0, padded), np.float32)
    block = np.empty(ROWS * LANES * 4, np.float32)
    for t in range(parts[group], parts[group + 1]):
        first, last = tiles[t]
        slab = scene_of(x, geometry, first, last, inside, slab, scene, _ZERO)
        begins_of(scene, geometry, channels, first, last, begins, nowhere, nowhere)
        if each:
            lines = (last - first) // sums
            for s in range(sums):
                for i in range(lines):
                    in_turn[s * lines + i] = begins[i * sums + s]
        gradients = g.ctypes.data + first * filters * NUMBER
        if padded != filters:
            for i in range(last - first):
                for c in range(filters):
                    rows[i, c] = g[first + i, c]
                rows[i, filters:] = _ZERO
            gradients = rows.ctypes.data
        for k in range(low, high, ROWS):
            for j in range(ROWS):
                mine[j] = byte_of(scene, taps[min(k + j, high - 1)], channels)
            column = 0
            while column < filters:
                vectors = vectors_of(filters - column)
                width = vectors * LANES
                columns = min(width, filters - column)
                image = scene[0] + (column * NUMBER if each else 0)
                for j in range(ROWS):
                    ends[j] = j * width * NUMBER
                for s in range(sums):
                    a, b = cuts[t, s], cuts[t, s + 1]
                    if s and a == b:
                        break
                    out, at, step = block.ctypes.data, gradients + column * NUMBER, padded * NUMBER
                    if each:
                        at, step = at + (s - a * sums) * step, sums * step
                    ordered = in_turn if each else begins
                    sum_places(vectors, each, image, mine, ordered, a, b, at, step, out, ends, s > 0)
                for j in range(min(ROWS, high - k)):
                    row, to = block[j * width : j * width + columns], total[k + j, column : column + columns]
                    if t == parts[group]:
                        for c in range(columns):
                            to[c] = row[c]
                    else:
                        for c in range(columns):
                            to[c] += row[c]
                column += width


_SOURCES: dict[str, tuple[Callable[..., None], tuple[Any, ...]]] = {
    "convolve": (_convolve, (_X, _M, _V, _V, _W, _P, _B, _P, _C, _P, _W, _B, _B)),
    "convolve_kernel": (_convolve_kernel, (_X, _M, _A3, _P, _B, _P, _P, _P, _W, _W, _B)),
}

LOOPS = {name: maker(source, (numba.intp, *types_of)) for name, (source, types_of) in _SOURCES.items()}
