"""Convolutions for Numba, without their windows being written out.

A window's numbers lie in a few runs of an image with its channels last, so the sums of six places and up to 32 filters
are kept in vector registers while the runs are walked through once. Each sum is made as the BLAS makes it, one fused
multiplication and addition after the other, begun anew where the BLAS begins anew (`ops.plans.sums`), so its bits are
those of the product that NumPy computes from written windows. Names and arrays are those of `backend.fast_windows`.
"""

from __future__ import annotations

import platform
from collections.abc import Callable
from typing import Any

import llvmlite.binding as llvm
import numba
import numpy as np
from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic

from kerasish.backend.fast_loops import maker

_V = numba.float32[::1]
_M = numba.float32[:, ::1]
_A3 = numba.float32[:, :, ::1]
_X = numba.float32[:, :, :, :, ::1]
_W = numba.intp[::1]
_P = numba.intp[:, ::1]
_C = numba.intp[:, :, ::1]
_B = numba.boolean
_ZERO = np.float32(0)
_NUMBER = 4  # bytes

# What one visit of a window's run works on: six places (or weights), and as many vectors of filters as there are
# registers for. Vectors of eight are used even where the processor has some of sixteen: on an AMD EPYC with AVX-512
# they reach 110 GFLOP/s a core, those of sixteen 105, and OpenBLAS on written windows 90.
_features = llvm.get_host_cpu_features()
LANES = 8 if _features.get("avx") else 4
MOST = 4 if _features.get("avx512vl") or platform.machine() in ("arm64", "aarch64") else 2
ROWS = 6

_float, _word = ir.FloatType(), ir.IntType(64)
_vector = ir.VectorType(_float, LANES)


def _constant(value: int) -> ir.Constant:
    return ir.Constant(_word, value)


class _Sums:
    """Sums kept in registers, `ROWS` by some vectors, while the code for them is generated."""

    def __init__(self, builder: Any, vectors: int) -> None:
        self._builder = builder
        self._sums = [[cgutils.alloca_once(builder, _vector) for _ in range(vectors)] for _ in range(ROWS)]
        for place in (place for row in self._sums for place in row):
            builder.store(ir.Constant(_vector, None), place)
        kind = ir.FunctionType(_vector, [_vector] * 3)
        self._fma = cgutils.get_or_insert_function(builder.module, kind, f"llvm.fma.v{LANES}f32")

    def add(self, numbers: list[Any], first: Any, each: bool) -> None:
        """Add, for each row, the products of a number and of the vectors that begin at an address.

        The numbers are at addresses, too. With `each` these are those of vectors of as many numbers, each multiplied by
        its own; NumPy rounds such a product before it is added.
        """
        builder = self._builder
        vectors = [self._load(first, i) for i in range(len(self._sums[0]))]
        for number, row in zip(numbers, self._sums, strict=True):
            spread = None if each else self._spread(number)
            for i, (vector, place) in enumerate(zip(vectors, row, strict=True)):
                if each:
                    product = builder.fmul(self._load(number, i), vector)
                    builder.store(builder.fadd(builder.load(place), product), place)
                else:
                    builder.store(builder.call(self._fma, [spread, vector, builder.load(place)]), place)

    def _spread(self, address: Any) -> Any:
        builder, nothing = self._builder, ir.Constant(_vector, ir.Undefined)
        lanes = ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES)
        number = builder.load(builder.inttoptr(address, _float.as_pointer()))
        single = builder.insert_element(nothing, number, ir.Constant(ir.IntType(32), 0))
        return builder.shuffle_vector(single, nothing, lanes)

    def _load(self, first: Any, i: int) -> Any:
        address = self._builder.add(first, _constant(i * LANES * _NUMBER))
        loaded = self._builder.load(self._builder.inttoptr(address, _vector.as_pointer()))
        loaded.align = _NUMBER
        return loaded

    def add_stored(self, begin: Any, rows: list[Any]) -> None:
        """Add what stands where the sums will be stored."""
        self._change(
            lambda value, row, i: self._builder.fadd(self._load(self._builder.add(begin, rows[row]), i), value)
        )

    def add_bias(self, first: Any) -> None:
        """Add to each row the numbers from an address on."""
        vectors = [self._load(first, i) for i in range(len(self._sums[0]))]
        self._change(lambda value, row, i: self._builder.fadd(value, vectors[i]))

    def take_positive(self) -> None:
        """Put zeros in place of what is not above zero; a NaN stays one."""
        builder, zero = self._builder, ir.Constant(_vector, None)
        self._change(lambda value, row, i: builder.select(builder.fcmp_ordered("<=", value, zero), zero, value))

    def _change(self, changed: Callable[[Any, int, int], Any]) -> None:
        for row, places in enumerate(self._sums):
            for i, place in enumerate(places):
                self._builder.store(changed(self._builder.load(place), row, i), place)

    def store(self, begin: Any, rows: list[Any]) -> None:
        """Write the sums down, row by row, each so many bytes after an address."""
        for row, sums in zip(rows, self._sums, strict=True):
            for i, place in enumerate(sums):
                to = self._builder.add(self._builder.add(begin, row), _constant(i * LANES * _NUMBER))
                address = self._builder.inttoptr(to, _vector.as_pointer())
                stored = self._builder.store(self._builder.load(place), address)
                stored.align = _NUMBER


def _words(context: Any, builder: Any, signature: Any, args: Any, i: int) -> Any:
    return context.make_array(signature.args[i])(context, builder, args[i]).data


def _rows(builder: Any, words: Any, at: Any) -> list[Any]:
    """As many words, from a place on, as there are rows."""
    return [builder.load(builder.gep(words, [builder.add(at, _constant(j))])) for j in range(ROWS)]


def _taps(vectors: int, each: bool) -> Any:
    """Sums over a window's runs, for six places from one on: Σ x[begins + offsets + k] weights[k], stored at `ends`.

    `then` says what else: whether they go on with what stands there, the address of a bias, which is none at 0, and
    whether of all that the positive part is taken.
    """

    @intrinsic
    def sums(
        typingctx: Any, x: Any, begins: Any, offsets: Any, lengths: Any, first: Any, last: Any, weights: Any,
        at: Any, out: Any, ends: Any, end: Any, then: Any,
    ) -> Any:  # fmt: skip
        def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            found = _Sums(builder, vectors)
            begins, offsets, lengths, ends = (_words(context, builder, signature, args, i) for i in (1, 2, 3, 9))
            places = [builder.add(args[0], begin) for begin in _rows(builder, begins, args[7])]
            weight = cgutils.alloca_once(builder, _word)
            builder.store(args[6], weight)
            with cgutils.for_range(builder, args[5], args[4]) as run:
                offset, length = (builder.load(builder.gep(a, [run.index])) for a in (offsets, lengths))
                starts, weights = [builder.add(place, offset) for place in places], builder.load(weight)
                with cgutils.for_range(builder, length) as k:
                    ahead = builder.mul(k.index, _constant(_NUMBER))
                    line = builder.mul(k.index, _constant(_NUMBER * LANES * vectors))
                    numbers = [builder.add(start, ahead) for start in starts]
                    found.add(numbers, builder.add(weights, line), each)
                line = builder.mul(length, _constant(_NUMBER * LANES * vectors))
                builder.store(builder.add(weights, line), weight)
            targets = _rows(builder, ends, args[10])
            goes_on, bias, relu = cgutils.unpack_tuple(builder, args[11])
            with builder.if_then(goes_on):
                found.add_stored(args[8], targets)
            with builder.if_then(builder.icmp_unsigned("!=", bias, _constant(0))):
                found.add_bias(bias)
            with builder.if_then(relu):
                found.take_positive()
            found.store(args[8], targets)
            return context.get_dummy_value()

        word = types.intp
        kinds = (word, begins, offsets, lengths, word, word, word, word, word, ends, word, then)
        return types.void(*kinds), generate

    return sums


def _places(vectors: int, each: bool) -> Any:
    """Sums over places, for six of the window's numbers: Σ x[begins + offsets] g[place], stored at `ends`."""

    @intrinsic
    def sums(
        typingctx: Any, x: Any, offsets: Any, begins: Any, first: Any, last: Any, g: Any, step: Any, out: Any, ends: Any
    ) -> Any:
        def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            found = _Sums(builder, vectors)
            offsets, begins, ends = (_words(context, builder, signature, args, i) for i in (1, 2, 8))
            columns = [builder.add(args[0], offset) for offset in _rows(builder, offsets, _constant(0))]
            with cgutils.for_range(builder, args[4], args[3]) as place:
                begin = builder.load(builder.gep(begins, [place.index]))
                numbers = [builder.add(column, begin) for column in columns]
                found.add(numbers, builder.add(args[5], builder.mul(place.index, args[6])), each)
            found.store(args[7], _rows(builder, ends, _constant(0)))
            return context.get_dummy_value()

        word = types.intp
        return types.void(word, offsets, begins, word, word, word, word, word, ends), generate

    return sums


_taps_4, _taps_2, _taps_1 = (_taps(vectors, False) for vectors in (4, 2, 1))
_places_4, _places_2, _places_1 = (_places(vectors, False) for vectors in (4, 2, 1))
_each_tap_4, _each_tap_2, _each_tap_1 = (_taps(vectors, True) for vectors in (4, 2, 1))
_each_place_4, _each_place_2, _each_place_1 = (_places(vectors, True) for vectors in (4, 2, 1))


@numba.njit(inline="always")
def _sum_taps(vectors, each, x, begins, offsets, lengths, first, last, weights, at, out, ends, end, then):
    """The sums of a panel of so many vectors."""
    if each:
        if vectors == 4:
            _each_tap_4(x, begins, offsets, lengths, first, last, weights, at, out, ends, end, then)
        elif vectors == 2:
            _each_tap_2(x, begins, offsets, lengths, first, last, weights, at, out, ends, end, then)
        else:
            _each_tap_1(x, begins, offsets, lengths, first, last, weights, at, out, ends, end, then)
    elif vectors == 4:
        _taps_4(x, begins, offsets, lengths, first, last, weights, at, out, ends, end, then)
    elif vectors == 2:
        _taps_2(x, begins, offsets, lengths, first, last, weights, at, out, ends, end, then)
    else:
        _taps_1(x, begins, offsets, lengths, first, last, weights, at, out, ends, end, then)


@numba.njit(inline="always")
def _sum_places(vectors, each, x, offsets, begins, first, last, g, step, out, ends):
    """The sums of a panel of so many vectors."""
    if each:
        if vectors == 4:
            _each_place_4(x, offsets, begins, first, last, g, step, out, ends)
        elif vectors == 2:
            _each_place_2(x, offsets, begins, first, last, g, step, out, ends)
        else:
            _each_place_1(x, offsets, begins, first, last, g, step, out, ends)
    elif vectors == 4:
        _places_4(x, offsets, begins, first, last, g, step, out, ends)
    elif vectors == 2:
        _places_2(x, offsets, begins, first, last, g, step, out, ends)
    else:
        _places_1(x, offsets, begins, first, last, g, step, out, ends)


@numba.njit(inline="always")
def _vectors(filters):
    """How many vectors the next panel of so many filters has: 4, 2 or 1."""
    full = filters // LANES
    return MOST if full >= MOST else 2 if full >= 2 else 1


@numba.njit
def _packed(matrix, panels):
    """Write a matrix panel by panel, each row of a panel as whole vectors."""
    depth, filters = matrix.shape
    column = 0
    while column < filters:
        width = _vectors(filters - column) * LANES
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


@numba.njit(inline="always")
def _range(first, last, axis, geometry, whole):
    """What windows from one place to another reach over along an axis."""
    reach = (geometry[0, axis] - 1) * geometry[2, axis] + 1
    if whole:
        return 0, (geometry[4, axis] - 1) * geometry[1, axis] + reach
    return first * geometry[1, axis], last * geometry[1, axis] + reach


@numba.njit
def _scene(x, geometry, first, last, inside, slab, scene):
    """Where the windows of a tile find their image: in `x`, or in a copy that has zeros around it.

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
                    target[:] = _ZERO
                    continue
                target[: low * channels] = _ZERO
                source = x[image, d, h].reshape(-1)
                start = (w0 + low - geometry[3, 2]) * channels
                target[low * channels : high * channels] = source[start : start + (high - low) * channels]
                target[high * channels :] = _ZERO
    scene[0] = slab.ctypes.data
    scene[1], scene[2], scene[3] = size, h1 - h0, w1 - w0
    scene[4], scene[5], scene[6] = d0, h0, w0
    return slab


@numba.njit
def _begins(scene, geometry, channels, first, last, begins, steps, targets):
    """At which byte of the scene each place's window begins, and at which one its result stands, if that is asked.

    The last ones are followed by themselves again, for sums are made of six places.
    """
    depth, height, width = geometry[4]
    across = geometry[1, 2] * channels * _NUMBER
    image, i, at = first // (width * height * depth), 0, first
    while at < last:
        w, h, d, n = at % width, at // width % height, at // (width * height) % depth, at // (width * height * depth)
        line = (d * geometry[1, 0] - scene[4]) * scene[2] + h * geometry[1, 1] - scene[5]
        start = (line * scene[3] + w * geometry[1, 2] - scene[6]) * channels * _NUMBER + (n - image) * scene[
            1
        ] * _NUMBER
        count = min(width - w, last - at)
        for k in range(count):
            begins[i + k] = start + k * across
        if len(targets):
            target = steps[4] + n * steps[0] + d * steps[1] + h * steps[2] + w * steps[3]
            for k in range(count):
                targets[i + k] = (target + k * steps[3]) * _NUMBER
        i, at = i + count, at + count
    begins[last - first :] = begins[last - first - 1]
    if len(targets):
        targets[last - first :] = targets[last - first - 1]


@numba.njit(inline="always")
def _tap(scene, tap, channels):
    """At which byte after its window's begin a number stands: of `(depth, height, width, channel)`."""
    return (((tap[0] * scene[2] + tap[1]) * scene[3] + tap[2]) * channels + tap[3]) * _NUMBER


@numba.njit(inline="always")
def _most(tiles, first, last):
    """The places of the largest of some tiles."""
    most = 0
    for t in range(first, last):
        most = max(most, tiles[t, 1] - tiles[t, 0])
    return most


@numba.njit(inline="always")
def _move_some(y, targets, first, rows, column, columns, block, back):
    """Bring fewer numbers than a vector has from each of some places to rows of vectors, or back."""
    for j in range(rows):
        begin = targets[first + j] // _NUMBER + column
        for c in range(columns):
            if back:
                y[begin + c] = block[j * LANES + c]
            else:
                block[j * LANES + c] = y[begin + c]


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
    places = _most(tiles, parts[part], parts[part + 1]) + ROWS
    begins, targets, ends = np.empty(places, np.intp), np.empty(places, np.intp), np.empty(ROWS, np.intp)
    offsets, lengths = np.empty(len(runs), np.intp), np.empty(len(runs), np.intp)
    block, own_bias = np.empty(ROWS * LANES, np.float32), np.empty(_rounded_up(len(bias)), np.float32)
    own_bias[: len(bias)] = bias
    for j in range(ROWS):
        ends[j] = j * LANES * _NUMBER
    for t in range(parts[part], parts[part + 1]):
        first, last = tiles[t]
        slab = _scene(x, geometry, first, last, inside, slab, scene)
        _begins(scene, geometry, channels, first, last, begins, steps, targets)
        for r in range(len(runs)):
            offsets[r], lengths[r] = _tap(scene, runs[r], channels), runs[r, 4]
        count, column, sums = last - first, 0, 1
        while sums < cuts.shape[1] - 1 and cuts[t, sums, 0] < cuts[t, sums + 1, 0]:
            sums += 1
        while column < filters:
            vectors = _vectors(filters - column)
            width = vectors * LANES
            columns = min(width, filters - column)
            image = scene[0] + (column * _NUMBER if each else 0)
            for s in range(sums):
                a, b, is_last = cuts[t, s, 0], cuts[t, s + 1, 0], s == sums - 1
                at = panels.ctypes.data + (column * depth + cuts[t, s, 1] * width) * _NUMBER
                added = own_bias.ctypes.data + column * _NUMBER if is_last and len(bias) else 0
                then = (s > 0, added, relu and is_last)
                for i in range(0, count, ROWS):
                    if columns == width:
                        to = y.ctypes.data + column * _NUMBER
                        _sum_taps(vectors, each, image, begins, offsets, lengths, a, b, at, i, to, targets, i, then)
                        continue
                    rows = min(ROWS, count - i)
                    _move_some(y, targets, i, rows, column, columns, block, False)
                    _sum_taps(1, each, image, begins, offsets, lengths, a, b, at, i, block.ctypes.data, ends, 0, then)
                    _move_some(y, targets, i, rows, column, columns, block, True)
            column += width


def _convolve_kernel(part, x, g, shares, geometry, inside, taps, cuts, tiles, parts, ranges, each):
    """The sums over the tiles of a part's group, for the part's range of weights, as one share of a kernel's gradient.

    `taps` says where each weight's number stands in a window, `cuts` which of a tile's places make up each partial sum.
    """
    filters, channels = g.shape[1], x.shape[4]
    group, own = part // (len(ranges) - 1), part % (len(ranges) - 1)
    low, high, total = ranges[own], ranges[own + 1], shares[group]
    slab, scene = np.empty(0, np.float32), np.empty(7, np.intp)
    places = _most(tiles, parts[group], parts[group + 1])
    begins, nowhere, mine = np.empty(places + ROWS, np.intp), np.empty(0, np.intp), np.empty(ROWS, np.intp)
    ends = np.empty(ROWS, np.intp)
    padded = _rounded_up(filters)
    rows = np.empty((places if padded != filters else 0, padded), np.float32)
    block, more = np.empty(ROWS * LANES * 4, np.float32), np.empty(ROWS * LANES * 4, np.float32)
    for t in range(parts[group], parts[group + 1]):
        first, last = tiles[t]
        slab = _scene(x, geometry, first, last, inside, slab, scene)
        _begins(scene, geometry, channels, first, last, begins, nowhere, nowhere)
        gradients = g.ctypes.data + first * filters * _NUMBER
        if padded != filters:
            for i in range(last - first):
                for c in range(filters):
                    rows[i, c] = g[first + i, c]
                rows[i, filters:] = _ZERO
            gradients = rows.ctypes.data
        for k in range(low, high, ROWS):
            for j in range(ROWS):
                mine[j] = _tap(scene, taps[min(k + j, high - 1)], channels)
            column = 0
            while column < filters:
                vectors = _vectors(filters - column)
                width = vectors * LANES
                columns = min(width, filters - column)
                image = scene[0] + (column * _NUMBER if each else 0)
                for j in range(ROWS):
                    ends[j] = j * width * _NUMBER
                for s in range(cuts.shape[1] - 1):
                    a, b = cuts[t, s], cuts[t, s + 1]
                    if s and a == b:
                        break
                    out, at, step = (more if s else block).ctypes.data, gradients + column * _NUMBER, padded * _NUMBER
                    _sum_places(vectors, each, image, mine, begins, a, b, at, step, out, ends)
                    if s:
                        for c in range(ROWS * width):
                            block[c] += more[c]
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
