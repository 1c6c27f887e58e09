"""What pieces of data are packed with: deflate, LZF, shuffled bytes, Fletcher's checksum, and nothing else.

Each is undone here, up to the size that the piece is to have.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from kerasish.saving.hdf5.checksums import fletcher32
from kerasish.saving.hdf5.source import Fields, damaged

_SUM = 4  # bytes


class Filter(NamedTuple):
    """One of the filters that a piece went through: its number, and its settings."""

    number: int
    values: list[int]


def filters_of(fields: Fields) -> list[Filter]:
    """The filters that a message describes, in the order in which data went through them."""
    version, count = fields.number(1), fields.number(1)
    if version not in (1, 2):
        raise damaged(f"the filters at byte {fields.at} have the unknown version {version}")
    fields.take(6 if version == 1 else 0)
    found = []
    for _ in range(count):
        number = fields.number(2)
        length = fields.number(2) if version == 1 or number >= 256 else 0
        fields.take(2)
        values = fields.number(2)
        fields.take((length + 7) // 8 * 8 if version == 1 else length)
        found.append(Filter(number, fields.numbers(values, 4)))
        fields.take(4 if version == 1 and values % 2 else 0)
    return found


def check(filters: list[Filter]) -> None:
    """Check that filters can be undone.

    Raises:
        ValueError: if one is unknown, comes twice, or has settings that make no sense.
    """
    for one in filters:
        if one.number not in _UNDO:
            known = "deflate, LZF, shuffle and Fletcher's checksum are"
            raise ValueError(f"packed with the unknown filter {one.number}; {known} undone, and no plugin is loaded")
        if one.number == 2 and not 0 < (one.values or [0])[0] < 2**16:
            raise ValueError(f"shuffled with the settings {one.values}")
    if len({one.number for one in filters}) != len(filters):
        raise ValueError("packed with the same filter twice")


def undone(data: bytes, filters: list[Filter], mask: int, size: int) -> bytes:
    """A piece of data as it was before it was packed.

    Args:
        data: the packed piece.
        filters: what it went through.
        mask: a bit for each filter that was left out.
        size: the bytes that the piece has.

    Raises:
        ValueError: if it unpacks to more or fewer, or is damaged.
    """
    for i, one in reversed(list(enumerate(filters))):
        if not mask >> i & 1:
            data = _UNDO[one.number](data, one.values, size + _SUM)
    if len(data) != size:
        raise ValueError(f"a piece of data unpacks to {len(data)} bytes, expected {size}")
    return data


def _inflated(data: bytes, values: list[int], limit: int) -> bytes:
    inflater = zlib.decompressobj()
    try:
        found = inflater.decompress(data, limit)
    except zlib.error as error:
        raise ValueError(f"a piece of data is damaged: {error}") from error
    if not inflater.eof:
        raise ValueError(f"a piece of data unpacks to more than the {limit} bytes that it may have, or is cut off")
    return found


def _lzf(data: bytes, values: list[int], limit: int) -> bytes:
    """Marc Lehmann's LZF: runs of bytes, and copies of what was there before."""
    found = bytearray()
    at = 0
    try:
        while at < len(data) and len(found) <= limit:
            control = data[at]
            at += 1
            if control < 32:
                found += data[at : at + control + 1]
                at += control + 1
                continue
            length = control >> 5
            if length == 7:
                length += data[at]
                at += 1
            back = (control & 31) << 8 | data[at]
            at += 1
            _copy(found, back + 1, length + 2)
    except IndexError as error:
        raise ValueError("a piece of data is cut off") from error
    if at != len(data):
        raise ValueError(f"a piece of data unpacks to more than the {limit} bytes that it may have, or is cut off")
    return bytes(found)


def _copy(found: bytearray, back: int, length: int) -> None:
    """Append what was `back` bytes before the end; where that reaches the end, it goes on with what was appended."""
    if back > len(found):
        raise ValueError("a piece of data copies what is before its beginning")
    piece = found[len(found) - back : len(found) - back + length]
    found += (piece * (length // back + 1))[:length]


def _unshuffled(data: bytes, values: list[int], limit: int) -> bytes:
    """The first bytes of all values stand first, then the second bytes of all; a rest is at the end."""
    width = values[0]
    whole = len(data) // width * width
    planes = np.frombuffer(data, "u1", whole).reshape(width, -1)
    return planes.T.tobytes() + data[whole:]


def _summed(data: bytes, values: list[int], limit: int) -> bytes:
    content = data[:-_SUM]
    stored = int.from_bytes(data[-_SUM:], "little")
    found = fletcher32(content)
    # 0 and 65535 are the same remainder
    if any((stored >> shift & 0xFFFF) % 65535 != (found >> shift & 0xFFFF) for shift in (0, 16)):
        raise ValueError("the checksum of a piece of data is wrong")
    return content


_UNDO: dict[int, Callable[[bytes, list[int], int], bytes]] = {
    1: _inflated,
    2: _unshuffled,
    3: _summed,
    32000: _lzf,
}
