"""Winograd's convolution for Numba: `ops.plans.winograd`, with the sums of a patch in vector registers.

For each tile the sums of all patches are written down, multiplied as sixteen products of matrices, and brought together
at the places of the output, where bias and positive part are taken. Every sum is made in NumPy's order.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numba
import numpy as np
from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic

from kerasish.backend.fast_loops import maker
from kerasish.backend.fast_places import begins_of, most_places, scene_of
from kerasish.backend.fast_vectors import (
    LANES,
    NUMBER,
    ROWS,
    load_vector,
    positive,
    store_vector,
    sum_places,
    sum_taps,
    vectors_of,
)

_V = numba.float32[::1]
_A3 = numba.float32[:, :, ::1]
_A4 = numba.float32[:, :, :, ::1]
_X = numba.float32[:, :, :, :, ::1]
_W = numba.intp[::1]
_P = numba.intp[:, ::1]
_B = numba.boolean
_ZERO = np.float32(0)
_COUNT = 16
# Numbers between the arrays of the sixteen sums: were they a power of two apart, they would share lines of the cache.
_APART = 16

Rows = Sequence[Any]


def _at(builder: Any, begin: Any, step: Any, count: int) -> Any:
    return builder.add(begin, builder.mul(step, ir.Constant(step.type, count)))


def _grid(values: Sequence[Rows], combine: Callable[[Rows], list[Any]]) -> list[list[Any]]:
    """What is combined along both axes: first the rows with each other, then the columns."""
    columns = [combine(column) for column in zip(*values, strict=True)]
    return [combine(row) for row in zip(*columns, strict=True)]


@intrinsic
def _patch(typingctx: Any, image: Any, line: Any, pixel: Any, to: Any, step: Any, vectors: Any) -> Any:
    """Write the sums of a patch: of the four by four pixels from an address on, to addresses a step apart."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        image, line, pixel, to, step, vectors = args

        def combine(numbers: Rows) -> list[Any]:
            a, b, c, d = numbers
            return [builder.fsub(a, c), builder.fadd(b, c), builder.fsub(c, b), builder.fsub(d, b)]

        with cgutils.for_range(builder, vectors) as i:
            ahead = builder.mul(i.index, ir.Constant(i.index.type, LANES * NUMBER))
            first, target = builder.add(image, ahead), builder.add(to, ahead)
            lines = [_at(builder, first, line, row) for row in range(4)]
            pixels = [[load_vector(builder, _at(builder, begin, pixel, c)) for c in range(4)] for begin in lines]
            for row, sums in enumerate(_grid(pixels, combine)):
                for column, value in enumerate(sums):
                    store_vector(builder, value, _at(builder, target, step, 4 * row + column))
        return context.get_dummy_value()

    return types.void(*[types.intp] * 6), generate


@intrinsic
def _gradients(typingctx: Any, places: Any, to: Any, step: Any, vectors: Any) -> Any:
    """Write the sums of the gradients at four places, whose addresses are given row by row."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        _, to, step, vectors = args
        places = cgutils.unpack_tuple(builder, args[0])

        def combine(numbers: Rows) -> list[Any]:
            a, b = numbers
            return [a, builder.fadd(a, b), builder.fsub(a, b), b]

        with cgutils.for_range(builder, vectors) as i:
            ahead = builder.mul(i.index, ir.Constant(i.index.type, LANES * NUMBER))
            found = [load_vector(builder, builder.add(place, ahead)) for place in places]
            for row, sums in enumerate(_grid([found[:2], found[2:]], combine)):
                for column, value in enumerate(sums):
                    store_vector(builder, value, _at(builder, builder.add(to, ahead), step, 4 * row + column))
        return context.get_dummy_value()

    return types.void(places, *[types.intp] * 3), generate


@intrinsic
def _results(typingctx: Any, products: Any, step: Any, places: Any, bias: Any, relu: Any, vectors: Any) -> Any:
    """Bring the sixteen products of a patch together at its four places; the bias is at an address, none at 0."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        products, step, _, bias, relu, vectors = args
        places = cgutils.unpack_tuple(builder, args[2])

        def combine(numbers: Rows) -> list[Any]:
            a, b, c, d = numbers
            return [builder.fadd(builder.fadd(a, b), c), builder.fadd(builder.fsub(b, c), d)]

        with cgutils.for_range(builder, vectors) as i:
            ahead = builder.mul(i.index, ir.Constant(i.index.type, LANES * NUMBER))
            first = builder.add(products, ahead)
            numbers = [[load_vector(builder, _at(builder, first, step, 4 * r + c)) for c in range(4)] for r in range(4)]
            found = [value for row in _grid(numbers, combine) for value in row]
            held = [cgutils.alloca_once_value(builder, value) for value in found]
            with builder.if_then(builder.icmp_unsigned("!=", bias, ir.Constant(bias.type, 0))):
                added = load_vector(builder, builder.add(bias, ahead))
                for value in held:
                    builder.store(builder.fadd(builder.load(value), added), value)
            with builder.if_then(relu):
                for value in held:
                    builder.store(positive(builder, builder.load(value)), value)
            for place, value in zip(places, held, strict=True):
                store_vector(builder, builder.load(value), builder.add(place, ahead))
        return context.get_dummy_value()

    word = types.intp
    return types.void(word, word, places, word, relu, word), generate


@numba.njit(inline="always")
def _four(array, targets, i, patch, geometry, size, steps, outside):
    """The addresses of a patch's four places in an array; that of an `outside` for those that there are not."""
    column, row = patch % geometry[4, 2], patch // geometry[4, 2] % geometry[4, 1]
    first = np.intp(array.ctypes.data) + targets[i]
    across, down = steps[3] * NUMBER // 2, steps[2] * NUMBER // 2
    has_right, has_lower = 2 * column + 1 < size[1], 2 * row + 1 < size[0]
    right = first + across if has_right else outside
    lower = first + down if has_lower else outside
    last = first + down + across if has_right and has_lower else outside
    return first, right, lower, last


@numba.njit(inline="always")
def _fill(ends, count, step):
    """Where so many rows begin, a step apart; the last one is followed by itself, for sums are made of six."""
    for i in range(count + ROWS):
        ends[i] = min(i, count - 1) * step


def _winograd(part, x, weights, bias, y, steps, size, geometry, inside, tiles, parts, relu):
    """A part's tiles of a convolution with bias and positive part; `steps` are those of the patches in `y`."""
    channels, filters = weights.shape[1], weights.shape[2]
    slab, scene = np.empty(0, np.float32), np.empty(7, np.intp)
    most = most_places(tiles, parts[part], parts[part + 1])
    begins, targets = np.empty(most + ROWS, np.intp), np.empty(most + ROWS, np.intp)
    rows, ends = np.empty(most + ROWS, np.intp), np.empty(most + ROWS, np.intp)
    offsets, lengths = np.zeros(1, np.intp), np.full(1, channels, np.intp)
    apart, further = (most * channels + _APART) * NUMBER, (most * filters + _APART) * NUMBER
    memory, more = np.empty(_COUNT * apart // NUMBER, np.float32), np.empty(_COUNT * further // NUMBER, np.float32)
    outside = np.empty(filters, np.float32)
    pixel, then = channels * NUMBER, (False, 0, False)
    for t in range(parts[part], parts[part + 1]):
        first, last = tiles[t]  # addresses are asked for in the loop, for what is used before it alone is set free
        count, patches, products = last - first, np.intp(memory.ctypes.data), np.intp(more.ctypes.data)
        nowhere, added = np.intp(outside.ctypes.data), np.intp(bias.ctypes.data) if len(bias) else 0
        slab = scene_of(x, geometry, first, last, inside, slab, scene, _ZERO)
        begins_of(scene, geometry, channels, first, last, begins, steps, targets)
        for i in range(count):
            _patch(scene[0] + begins[i], scene[3] * pixel, pixel, patches + i * pixel, apart, channels // LANES)
        _fill(rows, count, pixel)
        _fill(ends, count, filters * NUMBER)
        for k in range(_COUNT):
            column = 0
            while column < filters:
                vectors = vectors_of(filters - column)
                at, to = weights[k, :, column:].ctypes.data, products + k * further + column * NUMBER
                image, step = patches + k * apart, filters * NUMBER
                for i in range(0, count, ROWS):
                    sum_taps(vectors, False, image, rows, offsets, lengths, 0, 1, at, step, i, to, ends, i, then)
                column += vectors * LANES
        for i in range(count):
            four = _four(y, targets, i, first + i, geometry, size, steps, nowhere)
            _results(products + i * filters * NUMBER, further, four, added, relu, filters // LANES)


def _winograd_kernel(part, x, g, shares, steps, size, geometry, inside, tiles, parts):
    """The sums over a part's tiles, as one share of the gradient of the widened kernel."""
    channels, filters = shares.shape[2], shares.shape[3]
    slab, scene = np.empty(0, np.float32), np.empty(7, np.intp)
    most = most_places(tiles, parts[part], parts[part + 1])
    begins, targets = np.empty(most + ROWS, np.intp), np.empty(most + ROWS, np.intp)
    rows, mine, ends = np.empty(most + ROWS, np.intp), np.empty(ROWS, np.intp), np.empty(ROWS, np.intp)
    apart, further = (most * channels + _APART) * NUMBER, (most * filters + _APART) * NUMBER
    memory, more = np.empty(_COUNT * apart // NUMBER, np.float32), np.empty(_COUNT * further // NUMBER, np.float32)
    outside = np.zeros(filters, np.float32)
    pixel, line = channels * NUMBER, filters * NUMBER
    for t in range(parts[part], parts[part + 1]):
        first, last = tiles[t]
        count, patches, gradients = last - first, np.intp(memory.ctypes.data), np.intp(more.ctypes.data)
        nowhere = np.intp(outside.ctypes.data)
        slab = scene_of(x, geometry, first, last, inside, slab, scene, _ZERO)
        begins_of(scene, geometry, channels, first, last, begins, steps, targets)
        for i in range(count):
            _patch(scene[0] + begins[i], scene[3] * pixel, pixel, patches + i * pixel, apart, channels // LANES)
            four = _four(g, targets, i, first + i, geometry, size, steps, nowhere)
            _gradients(four, gradients + i * line, further, filters // LANES)
        _fill(rows, count, pixel)
        goes_on = t > parts[part]
        for k in range(_COUNT):
            column = 0
            while column < filters:
                vectors = vectors_of(filters - column)
                at, total = gradients + k * further + column * NUMBER, shares[part, k, :, column:].ctypes.data
                for c in range(0, channels, ROWS):
                    for j in range(ROWS):
                        mine[j] = min(c + j, channels - 1) * NUMBER
                        ends[j] = min(c + j, channels - 1) * line
                    image = patches + k * apart
                    sum_places(vectors, False, image, mine, rows, 0, count, at, line, total, ends, goes_on)
                column += vectors * LANES


_SOURCES: dict[str, tuple[Callable[..., None], tuple[Any, ...]]] = {
    "winograd": (_winograd, (_X, _A3, _V, _V, _W, _W, _P, _B, _P, _W, _B)),
    "winograd_kernel": (_winograd_kernel, (_X, _V, _A4, _W, _W, _P, _B, _P, _W)),
}

LOOPS = {name: maker(source, (numba.intp, *types_of)) for name, (source, types_of) in _SOURCES.items()}
