"""The two checksums of HDF5: Jenkins's lookup3 over structures, and Fletcher's over pieces of data."""

from __future__ import annotations

import struct

import numpy as np

_ALL = 0xFFFFFFFF


def lookup3(data: bytes) -> int:
    """Bob Jenkins's hash `hashlittle` of 2006, from the initial value 0 (http://burtleburtle.net/bob/c/lookup3.c).

    Example:
        >>> hex(lookup3(b"Four score and seven years ago"))
        '0x17770551'
    """
    length = len(data)
    a = b = c = 0xDEADBEEF + length & _ALL
    if not length:
        return c
    before_last = 3 * ((length - 1) // 12)
    words = struct.unpack(f"<{before_last + 3}I", data.ljust(4 * before_last + 12, b"\0"))
    for i in range(0, before_last, 3):
        a += words[i]
        b += words[i + 1]
        c = c + words[i + 2] & _ALL
        a = (a - c & _ALL) ^ (c << 4 & _ALL | c >> 28)
        c += b
        b = (b - a & _ALL) ^ (a << 6 & _ALL | a >> 26)
        a += c
        c = (c - b & _ALL) ^ (b << 8 & _ALL | b >> 24)
        b += a
        a = (a - c & _ALL) ^ (c << 16 & _ALL | c >> 16)
        c += b
        b = (b - a & _ALL) ^ (a << 19 & _ALL | a >> 13)
        a += c
        c = (c - b & _ALL) ^ (b << 4 & _ALL | b >> 28)
        b += a
    a = a + words[-3] & _ALL
    b = b + words[-2] & _ALL
    c = c + words[-1] & _ALL
    c = _minus(c ^ b, b, 14)
    a = _minus(a ^ c, c, 11)
    b = _minus(b ^ a, a, 25)
    c = _minus(c ^ b, b, 16)
    a = _minus(a ^ c, c, 4)
    b = _minus(b ^ a, a, 14)
    return _minus(c ^ b, b, 24)


def _minus(x: int, y: int, count: int) -> int:
    """What is left of a word when another, rotated to the left, is taken away."""
    return x - (y << count & _ALL | y >> 32 - count) & _ALL


def fletcher32(data: bytes) -> int:
    """Fletcher's checksum over words of 16 bits, the first byte of each the higher one.

    s = sum of the words, t = sum of the sums on the way, both modulo 65535; the checksum is t * 65536 + s.

    Example:
        >>> hex(fletcher32(b"abcdef"))
        '0x50562a2d'
    """
    padded = data + b"\0" if len(data) % 2 else data
    words = np.frombuffer(padded, ">u2").astype("u8")
    weights = np.arange(len(words), 0, -1, dtype="u8") % 65535
    return (int((words * weights).sum()) % 65535) << 16 | int(words.sum()) % 65535
