"""Hashes of strings, for many at once: strings of one length are the rows of a matrix of bytes.

All arithmetic is that of unsigned 64-bit numbers, which wrap around.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

Words = np.ndarray  # of uint64, one number for each string
Hash = Callable[[np.ndarray], Words]

_K0 = np.uint64(0xC3A5C85C97CB3127)
_K1 = np.uint64(0xB492B66FBE98F273)
_K2 = np.uint64(0x9AE16A3B2F90404F)
_CAT = np.uint64(0xC6A4A7935BD1E995)


def fingerprint64(strings: np.ndarray) -> Words:
    """FarmHash's `Fingerprint64` of the UTF-8 bytes of each string.

    Example:
        >>> import numpy as np
        >>> (fingerprint64(np.array(["A", "B", "C"], object)) % 3).tolist()
        [1, 0, 1]

    Source: Pike and Alakuijala, 2014, FarmHash, https://github.com/google/farmhash (the variant `na`)
    """
    return _by_length(strings, _farm)


def siphash64(strings: np.ndarray, key: tuple[int, int]) -> Words:
    """SipHash-2-4 of the UTF-8 bytes of each string.

    Args:
        strings: an array of `str` objects.
        key: two whole numbers, the secret.

    Example:
        >>> import numpy as np
        >>> (siphash64(np.array(["A", "B", "C"], object), (133, 137)) % 3).tolist()
        [1, 2, 1]

    Source: Aumasson and Bernstein, 2012, SipHash: a fast short-input PRF, https://www.131002.net/siphash/siphash.pdf
    """
    low, high = (np.uint64(part & 0xFFFFFFFFFFFFFFFF) for part in key)
    return _by_length(strings, lambda rows: _sip(rows, low, high))


def joined(first: Words, second: Words) -> Words:
    """One fingerprint of two, in their order: TensorFlow's `FingerprintCat64`."""
    mixed = first ^ _CAT ^ (_shift_mix(second * _CAT) * _CAT)
    return _shift_mix(_shift_mix(mixed * _CAT) * _CAT)


def _by_length(strings: np.ndarray, function: Hash) -> Words:
    """The hash of each string; the strings of each length are hashed together."""
    encoded = [text.encode() for text in strings.reshape(-1).tolist()]
    sizes = np.array([len(text) for text in encoded], np.int64)
    found = np.zeros(len(encoded), np.uint64)
    for size in np.unique(sizes).tolist():
        places = np.flatnonzero(sizes == size)
        rows = np.frombuffer(b"".join(encoded[i] for i in places), np.uint8).reshape(len(places), size)
        found[places] = function(rows)
    return found.reshape(strings.shape)


def _fetch(rows: np.ndarray, start: int, size: int = 8) -> Words:
    """The `size` bytes from `start` on as a number, the lowest first."""
    part = np.ascontiguousarray(rows[:, start : start + size])
    return part.view("<u8" if size == 8 else "<u4")[:, 0].astype(np.uint64)


def _rotate(x: Words, bits: int) -> Words:
    """To the right."""
    return (x >> np.uint64(bits)) | (x << np.uint64(64 - bits))


def _shift_mix(x: Words) -> Words:
    return x ^ (x >> np.uint64(47))


def _mix(u: Words, v: Words, factor: np.uint64 | Words) -> Words:
    a = _shift_mix((u ^ v) * factor)
    return _shift_mix((v ^ a) * factor) * factor


def _farm(rows: np.ndarray) -> Words:
    size = rows.shape[1]
    if size > 64:
        return _farm_long(rows)
    if size > 32:
        return _farm_to_64(rows)
    return _farm_to_32(rows) if size > 16 else _farm_to_16(rows)


def _factor(size: int) -> np.uint64:
    return np.uint64((int(_K2) + 2 * size) & 0xFFFFFFFFFFFFFFFF)


def _farm_to_16(rows: np.ndarray) -> Words:
    size = rows.shape[1]
    if size >= 8:
        factor = _factor(size)
        a, b = _fetch(rows, 0) + _K2, _fetch(rows, size - 8)
        return _mix(_rotate(b, 37) * factor + a, (_rotate(a, 25) + b) * factor, factor)
    if size >= 4:
        a, b = _fetch(rows, 0, 4), _fetch(rows, size - 4, 4)
        return _mix(np.uint64(size) + (a << np.uint64(3)), b, _factor(size))
    if size:
        first, middle, last = (rows[:, i].astype(np.uint64) for i in (0, size >> 1, size - 1))
        y = first + (middle << np.uint64(8))
        z = np.uint64(size) + (last << np.uint64(2))
        return _shift_mix((y * _K2) ^ (z * _K0)) * _K2
    return np.full(len(rows), _K2)


def _farm_to_32(rows: np.ndarray) -> Words:
    size = rows.shape[1]
    factor = _factor(size)
    a, b = _fetch(rows, 0) * _K1, _fetch(rows, 8)
    c, d = _fetch(rows, size - 8) * factor, _fetch(rows, size - 16) * _K2
    return _mix(_rotate(a + b, 43) + _rotate(c, 30) + d, a + _rotate(b + _K2, 18) + c, factor)


def _farm_to_64(rows: np.ndarray) -> Words:
    size = rows.shape[1]
    factor = _factor(size)
    a, b = _fetch(rows, 0) * _K2, _fetch(rows, 8)
    c, d = _fetch(rows, size - 8) * factor, _fetch(rows, size - 16) * _K2
    y = _rotate(a + b, 43) + _rotate(c, 30) + d
    z = _mix(y, a + _rotate(b + _K2, 18) + c, factor)
    e, f = _fetch(rows, 16) * factor, _fetch(rows, 24)
    g, h = (y + _fetch(rows, size - 32)) * factor, (z + _fetch(rows, size - 24)) * factor
    return _mix(_rotate(e + f, 43) + _rotate(g, 30) + h, e + _rotate(f + a, 18) + g, factor)


def _weak(rows: np.ndarray, start: int, a: Words, b: Words) -> tuple[Words, Words]:
    """Two numbers that 32 bytes are mixed into."""
    w, x, y, z = (_fetch(rows, start + 8 * i) for i in range(4))
    a = a + w
    b = _rotate(b + a + z, 21)
    c = a
    a = a + x + y
    return a + z, b + _rotate(a, 44) + c


def _farm_long(rows: np.ndarray) -> Words:
    count, size = rows.shape
    seed = np.uint64(81)
    x, zero = np.full(count, seed), np.zeros(count, np.uint64)
    y = x * _K1 + np.uint64(113)
    z = _shift_mix(y * _K2 + np.uint64(113)) * _K2
    x = x * _K2 + _fetch(rows, 0)
    v, w = (zero, zero), (zero, zero)
    end = (size - 1) // 64 * 64
    for at in range(0, end, 64):
        x = _rotate(x + y + v[0] + _fetch(rows, at + 8), 37) * _K1
        y = _rotate(y + v[1] + _fetch(rows, at + 48), 42) * _K1
        x ^= w[1]
        y = y + v[0] + _fetch(rows, at + 40)
        z = _rotate(z + w[0], 33) * _K1
        v = _weak(rows, at, v[1] * _K1, x + w[0])
        w = _weak(rows, at + 32, z + w[1], y + _fetch(rows, at + 16))
        z, x = x, z
    factor = _K1 + ((z & np.uint64(0xFF)) << np.uint64(1))
    at, nine = size - 64, np.uint64(9)
    w = (w[0] + np.uint64((size - 1) & 63), w[1])
    v = (v[0] + w[0], v[1])
    w = (w[0] + v[0], w[1])
    x = _rotate(x + y + v[0] + _fetch(rows, at + 8), 37) * factor
    y = _rotate(y + v[1] + _fetch(rows, at + 48), 42) * factor
    x ^= w[1] * nine
    y = y + v[0] * nine + _fetch(rows, at + 40)
    z = _rotate(z + w[0], 33) * factor
    v = _weak(rows, at, v[1] * factor, x + w[0])
    w = _weak(rows, at + 32, z + w[1], y + _fetch(rows, at + 16))
    z, x = x, z
    return _mix(_mix(v[0], w[0], factor) + _shift_mix(y) * _K0 + z, _mix(v[1], w[1], factor) + x, factor)


def _sip(rows: np.ndarray, low: np.uint64, high: np.uint64) -> Words:
    count, size = rows.shape
    words = -(-(size + 1) // 8)
    padded = np.zeros((count, 8 * words), np.uint8)
    padded[:, :size] = rows
    padded[:, -1] = size & 0xFF
    start = (0x736F6D6570736575, 0x646F72616E646F6D, 0x6C7967656E657261, 0x7465646279746573)
    state = [np.full(count, np.uint64(s) ^ key) for s, key in zip(start, (low, high, low, high), strict=True)]
    for i in range(words):
        word = _fetch(padded, 8 * i)
        state[3] = state[3] ^ word
        state = _sip_rounds(state, 2)
        state[0] = state[0] ^ word
    state[2] = state[2] ^ np.uint64(0xFF)
    a, b, c, d = _sip_rounds(state, 4)
    return a ^ b ^ c ^ d


def _sip_rounds(state: list[Words], rounds: int) -> list[Words]:
    a, b, c, d = state
    for _ in range(rounds):
        a, c = a + b, c + d
        b, d = _rotate(b, 64 - 13) ^ a, _rotate(d, 64 - 16) ^ c
        a = _rotate(a, 64 - 32)
        c, a = c + b, a + d
        b, d = _rotate(b, 64 - 17) ^ c, _rotate(d, 64 - 21) ^ a
        c = _rotate(c, 64 - 32)
    return [a, b, c, d]
