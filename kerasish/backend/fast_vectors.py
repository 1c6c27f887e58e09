"""Sums, and largest numbers, of windows in vector registers: what the loops over images are made of, for Numba."""

from __future__ import annotations

import math
import platform
from collections.abc import Callable
from typing import Any

import llvmlite.binding as llvm
import numba
from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic

NUMBER = 4  # bytes

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


def load_vector(builder: Any, address: Any) -> Any:
    """The vector at an address, which need not be a multiple of its size."""
    loaded = builder.load(builder.inttoptr(address, _vector.as_pointer()))
    loaded.align = NUMBER
    return loaded


def store_vector(builder: Any, value: Any, address: Any) -> None:
    """Write a vector to an address."""
    builder.store(value, builder.inttoptr(address, _vector.as_pointer())).align = NUMBER


def positive(builder: Any, value: Any) -> Any:
    """A vector with zeros in place of what is not above zero; a NaN stays one."""
    zero = ir.Constant(_vector, None)
    return builder.select(builder.fcmp_ordered("<=", value, zero), zero, value)


class _Sums:
    """Numbers kept in registers, `ROWS` by some vectors, while the code for them is generated; sums begin at 0."""

    def __init__(self, builder: Any, vectors: int, begin: float = 0.0) -> None:
        self._builder = builder
        self._sums = [[cgutils.alloca_once(builder, _vector) for _ in range(vectors)] for _ in range(ROWS)]
        for place in (place for row in self._sums for place in row):
            builder.store(ir.Constant(_vector, [begin] * LANES), place)
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

    def keep_largest(self, numbers: list[Any]) -> None:
        """Keep, for each row, what is larger: it, or the numbers from an address on; a NaN is larger than all."""
        builder = self._builder

        def larger(best: Any, row: int, i: int) -> Any:
            value = self._load(numbers[row], i)
            is_kept = builder.or_(builder.fcmp_ordered(">=", best, value), builder.fcmp_unordered("uno", best, best))
            return builder.select(is_kept, best, value)

        self._change(larger)

    def _spread(self, address: Any) -> Any:
        builder, nothing = self._builder, ir.Constant(_vector, ir.Undefined)
        lanes = ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES)
        number = builder.load(builder.inttoptr(address, _float.as_pointer()))
        single = builder.insert_element(nothing, number, ir.Constant(ir.IntType(32), 0))
        return builder.shuffle_vector(single, nothing, lanes)

    def _load(self, first: Any, i: int) -> Any:
        return load_vector(self._builder, self._builder.add(first, _constant(i * LANES * NUMBER)))

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
        """Put zeros in place of what is not above zero."""
        self._change(lambda value, row, i: positive(self._builder, value))

    def _change(self, changed: Callable[[Any, int, int], Any]) -> None:
        for row, places in enumerate(self._sums):
            for i, place in enumerate(places):
                self._builder.store(changed(self._builder.load(place), row, i), place)

    def store(self, begin: Any, rows: list[Any]) -> None:
        """Write the sums down, row by row, each so many bytes after an address."""
        for row, sums in zip(rows, self._sums, strict=True):
            for i, place in enumerate(sums):
                to = self._builder.add(self._builder.add(begin, row), _constant(i * LANES * NUMBER))
                store_vector(self._builder, self._builder.load(place), to)


def _words(context: Any, builder: Any, signature: Any, args: Any, i: int) -> Any:
    return context.make_array(signature.args[i])(context, builder, args[i]).data


def _rows(builder: Any, words: Any, at: Any) -> list[Any]:
    """As many words, from a place on, as there are rows."""
    return [builder.load(builder.gep(words, [builder.add(at, _constant(j))])) for j in range(ROWS)]


def _taps(vectors: int, each: bool) -> Any:
    """Sums over a window's runs, for six places from one on: Σ x[begins + offsets + k] weights[k], stored at `ends`.

    The weights of a number are `step` bytes after those of the one before. `then` says what else: whether they go on
    with what stands there, the address of a bias, which is none at 0, and whether of all that the positive part is
    taken.
    """

    @intrinsic
    def sums(
        typingctx: Any, x: Any, begins: Any, offsets: Any, lengths: Any, first: Any, last: Any, weights: Any,
        step: Any, at: Any, out: Any, ends: Any, end: Any, then: Any,
    ) -> Any:  # fmt: skip
        def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            found = _Sums(builder, vectors)
            begins, offsets, lengths, ends = (_words(context, builder, signature, args, i) for i in (1, 2, 3, 10))
            places = [builder.add(args[0], begin) for begin in _rows(builder, begins, args[8])]
            weight = cgutils.alloca_once(builder, _word)
            builder.store(args[6], weight)
            with cgutils.for_range(builder, args[5], args[4]) as run:
                offset, length = (builder.load(builder.gep(a, [run.index])) for a in (offsets, lengths))
                starts, weights = [builder.add(place, offset) for place in places], builder.load(weight)
                with cgutils.for_range(builder, length) as k:
                    ahead = builder.mul(k.index, _constant(NUMBER))
                    line = builder.mul(k.index, args[7])
                    numbers = [builder.add(start, ahead) for start in starts]
                    found.add(numbers, builder.add(weights, line), each)
                line = builder.mul(length, args[7])
                builder.store(builder.add(weights, line), weight)
            targets = _rows(builder, ends, args[11])
            goes_on, bias, relu = cgutils.unpack_tuple(builder, args[12])
            with builder.if_then(goes_on):
                found.add_stored(args[9], targets)
            with builder.if_then(builder.icmp_unsigned("!=", bias, _constant(0))):
                found.add_bias(bias)
            with builder.if_then(relu):
                found.take_positive()
            found.store(args[9], targets)
            return context.get_dummy_value()

        word = types.intp
        kinds = (word, begins, offsets, lengths, word, word, word, word, word, word, ends, word, then)
        return types.void(*kinds), generate

    return sums


def _places(vectors: int, each: bool) -> Any:
    """Sums over places, for six of the window's numbers: Σ x[begins + offsets] g[place], stored at `ends`.

    `more` says whether what stands there is added.
    """

    @intrinsic
    def sums(
        typingctx: Any, x: Any, offsets: Any, begins: Any, first: Any, last: Any, g: Any, step: Any, out: Any,
        ends: Any, more: Any,
    ) -> Any:  # fmt: skip
        def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            found = _Sums(builder, vectors)
            offsets, begins, ends = (_words(context, builder, signature, args, i) for i in (1, 2, 8))
            columns = [builder.add(args[0], offset) for offset in _rows(builder, offsets, _constant(0))]
            with cgutils.for_range(builder, args[4], args[3]) as place:
                begin = builder.load(builder.gep(begins, [place.index]))
                numbers = [builder.add(column, begin) for column in columns]
                found.add(numbers, builder.add(args[5], builder.mul(place.index, args[6])), each)
            targets = _rows(builder, ends, _constant(0))
            with builder.if_then(args[9]):
                found.add_stored(args[7], targets)
            found.store(args[7], targets)
            return context.get_dummy_value()

        word = types.intp
        return types.void(word, offsets, begins, word, word, word, word, word, ends, more), generate

    return sums


def _largest(vectors: int) -> Any:
    """The largest numbers that windows see, of six places from one on, stored at `ends`."""

    @intrinsic
    def largest(
        typingctx: Any, x: Any, begins: Any, offsets: Any, count: Any, at: Any, out: Any, ends: Any, end: Any
    ) -> Any:
        def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            found = _Sums(builder, vectors, -math.inf)
            begins, offsets, ends = (_words(context, builder, signature, args, i) for i in (1, 2, 6))
            places = [builder.add(args[0], begin) for begin in _rows(builder, begins, args[4])]
            with cgutils.for_range(builder, args[3]) as tap:
                offset = builder.load(builder.gep(offsets, [tap.index]))
                found.keep_largest([builder.add(place, offset) for place in places])
            found.store(args[5], _rows(builder, ends, args[7]))
            return context.get_dummy_value()

        word = types.intp
        return types.void(word, begins, offsets, word, word, word, ends, word), generate

    return largest


_taps_4, _taps_2, _taps_1 = (_taps(vectors, False) for vectors in (4, 2, 1))
_places_4, _places_2, _places_1 = (_places(vectors, False) for vectors in (4, 2, 1))
_largest_4, _largest_2, _largest_1 = (_largest(vectors) for vectors in (4, 2, 1))
_each_tap_4, _each_tap_2, _each_tap_1 = (_taps(vectors, True) for vectors in (4, 2, 1))
_each_place_4, _each_place_2, _each_place_1 = (_places(vectors, True) for vectors in (4, 2, 1))


@numba.njit(inline="always")
def sum_taps(vectors, each, x, begins, offsets, lengths, first, last, weights, step, at, out, ends, end, then):
    """The sums of a panel of so many vectors."""
    if each:
        if vectors == 4:
            _each_tap_4(x, begins, offsets, lengths, first, last, weights, step, at, out, ends, end, then)
        elif vectors == 2:
            _each_tap_2(x, begins, offsets, lengths, first, last, weights, step, at, out, ends, end, then)
        else:
            _each_tap_1(x, begins, offsets, lengths, first, last, weights, step, at, out, ends, end, then)
    elif vectors == 4:
        _taps_4(x, begins, offsets, lengths, first, last, weights, step, at, out, ends, end, then)
    elif vectors == 2:
        _taps_2(x, begins, offsets, lengths, first, last, weights, step, at, out, ends, end, then)
    else:
        _taps_1(x, begins, offsets, lengths, first, last, weights, step, at, out, ends, end, then)


@numba.njit(inline="always")
def sum_places(vectors, each, x, offsets, begins, first, last, g, step, out, ends, more):
    """The sums of a panel of so many vectors."""
    if each:
        if vectors == 4:
            _each_place_4(x, offsets, begins, first, last, g, step, out, ends, more)
        elif vectors == 2:
            _each_place_2(x, offsets, begins, first, last, g, step, out, ends, more)
        else:
            _each_place_1(x, offsets, begins, first, last, g, step, out, ends, more)
    elif vectors == 4:
        _places_4(x, offsets, begins, first, last, g, step, out, ends, more)
    elif vectors == 2:
        _places_2(x, offsets, begins, first, last, g, step, out, ends, more)
    else:
        _places_1(x, offsets, begins, first, last, g, step, out, ends, more)


@numba.njit(inline="always")
def find_largest(vectors, x, begins, offsets, count, at, out, ends, end):
    """The largest numbers in a panel of so many vectors."""
    if vectors == 4:
        _largest_4(x, begins, offsets, count, at, out, ends, end)
    elif vectors == 2:
        _largest_2(x, begins, offsets, count, at, out, ends, end)
    else:
        _largest_1(x, begins, offsets, count, at, out, ends, end)


@numba.njit(inline="always")
def vectors_of(filters):
    """How many vectors the next panel of so many filters has: 4, 2 or 1."""
    full = filters // LANES
    return MOST if full >= MOST else 2 if full >= 2 else 1
