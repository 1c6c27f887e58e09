"""The lists of pieces of the newer format: of a fixed length, and one that grows."""

from __future__ import annotations

from typing import NamedTuple

from kerasish.saving.hdf5.source import UNDEFINED, Fields, Source, damaged

# Bytes at the start of a block: signature, version, kind of entries, address of the list's header.
_START = 14
_SUM = 4


class Entry(NamedTuple):
    """Where a piece is, its bytes there, and a bit for each filter that it did not go through."""

    at: int
    size: int
    mask: int


class _Entries(NamedTuple):
    """How the entries of a list are kept: the bytes of each, and the size of pieces where it is not kept."""

    width: int
    size: int

    def read(self, fields: Fields, count: int) -> list[Entry]:
        """The next entries."""
        if self.width == 8:
            return [Entry(at, self.size, 0) for at in fields.numbers(count, 8)]
        rest = self.width - 12
        return [Entry(fields.number(8), fields.number(rest), fields.number(4)) for _ in range(count)]

    def missing(self, count: int) -> list[Entry]:
        """Entries of pieces that are not there."""
        return [Entry(UNDEFINED, 0, 0)] * count


def _kept_as(kind: int, width: int, size: int, at: int) -> _Entries:
    if (kind, width) != (0, 8) and (kind != 1 or not 13 <= width <= 20):
        raise damaged(f"the list at byte {at} has entries of kind {kind} and {width} bytes")
    return _Entries(width, size)


def _block(source: Source, at: int, more: int, signature: bytes, header: int) -> Fields:
    """The fields of a block after its start, whose checksum follows `more` bytes later."""
    fields = source.checked(at, _START + more + _SUM, signature)
    fields.take(2)
    if fields.number(8) != header:
        raise damaged(f"the block at byte {at} is of another list")
    return fields


def _bits(data: bytes) -> str:
    """The bits of a bitmap as 0 and 1, the highest bit of each byte first."""
    return "".join(f"{byte:08b}" for byte in data)


def _pages(source: Source, at: int, count: int, page: int, entries: _Entries, made: str) -> list[Entry]:
    """Entries in pages that each end with a checksum; `made` tells for each page whether it was written."""
    found: list[Entry] = []
    for i in range(-(-count // page)):
        here = min(page, count - i * page)
        size = here * entries.width + _SUM
        is_there = made[i : i + 1] == "1"
        found += entries.read(source.checked(at, size, b""), here) if is_there else entries.missing(here)
        at += size
    return found


def fixed_array(source: Source, at: int, most: int, size: int) -> list[Entry]:
    """The first entries of a list of a fixed length.

    Args:
        source: the file.
        at: where the list's header is.
        most: how many entries are wanted.
        size: the bytes of an unpacked piece.
    """
    fields = source.checked(at, 28, b"FAHD")
    _, kind, width, bits = fields.numbers(4, 1)
    count, place = fields.numbers(2, 8)
    entries = _kept_as(kind, width, size, at)
    source.count(count)
    if place == UNDEFINED:
        return []
    page = 1 << min(bits, 63)
    if count <= page:
        return entries.read(_block(source, place, count * width, b"FADB", at), count)[:most]
    bitmap = (-(-count // page) + 7) // 8
    made = _bits(_block(source, place, bitmap, b"FADB", at).take(bitmap))
    return _pages(source, place + _START + bitmap + _SUM, count, page, entries, made)[:most]


class _Growing(NamedTuple):
    """The settings of a list that grows."""

    source: Source
    at: int
    entries: _Entries
    page: int
    first: int
    offset_width: int

    def blocks(self, level: int) -> tuple[int, int]:
        """How many blocks of entries there are on a level, and how many entries each has."""
        return 1 << level // 2, self.first << (level + 1) // 2

    def read_block(self, at: int, count: int, made: str = "") -> list[Entry]:
        """The entries of a block; `made` tells for each of its pages whether it was written."""
        if at == UNDEFINED:
            return self.entries.missing(count)
        if count <= self.page:
            fields = _block(self.source, at, self.offset_width + count * self.entries.width, b"EADB", self.at)
            fields.take(self.offset_width)
            return self.entries.read(fields, count)
        _block(self.source, at, self.offset_width, b"EADB", self.at)
        return _pages(self.source, at + _START + self.offset_width + _SUM, count, self.page, self.entries, made)

    def read_level(self, at: int, level: int) -> list[Entry]:
        """The entries of all blocks on a level that has a list of blocks."""
        number, count = self.blocks(level)
        if at == UNDEFINED:
            return self.entries.missing(number * count)
        bitmap = (count // self.page + 7) // 8 if count > self.page else 0
        fields = _block(self.source, at, self.offset_width + number * (bitmap + 8), b"EASB", self.at)
        fields.take(self.offset_width)
        made = _bits(fields.take(number * bitmap))
        pages = count // self.page
        places = fields.numbers(number, 8)
        blocks = (self.read_block(place, count, made[i * pages :]) for i, place in enumerate(places))
        return [entry for block in blocks for entry in block]


def extensible_array(source: Source, at: int, most: int, size: int) -> list[Entry]:
    """The first entries of a list that grows; the arguments are those of `fixed_array`.

    Some entries are in the block that the header tells of; others in blocks that double in size on every second level,
    whose addresses are in that block for the lower levels and in a block of the level's own for the higher ones.
    """
    fields = source.checked(at, 72, b"EAHD")
    _, kind, width, bits, here, first, pointers, page_bits = fields.numbers(8, 1)
    fields.take(48)
    place = fields.number(8)
    if not (first.bit_count() == pointers.bit_count() == 1 and first.bit_length() <= bits <= 64) or page_bits > 63:
        raise damaged(f"the list at byte {at} grows from {first} entries by {pointers} blocks to {bits} bits")
    if place == UNDEFINED:
        return []
    grown = _Growing(source, at, _kept_as(kind, width, size, at), 1 << page_bits, first, (bits + 7) // 8)
    low = 2 * (pointers.bit_length() - 1)
    levels = 1 + bits - (first.bit_length() - 1)
    blocks, tables = 2 * (pointers - 1), max(levels - low, 0)
    fields = _block(source, place, here * width + 8 * (blocks + tables), b"EAIB", at)
    found = grown.entries.read(fields, here)
    addresses = fields.numbers(blocks, 8)
    for level in range(levels):
        if len(found) >= most:
            break
        number, count = grown.blocks(level)
        source.count(number * count)
        if level >= low:
            found += grown.read_level(fields.number(8), level)
        else:
            for _ in range(number):
                found += grown.read_block(addresses.pop(0), count)
    return found[:most]
