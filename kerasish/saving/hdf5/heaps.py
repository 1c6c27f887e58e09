"""Where HDF5 keeps names and texts: the local heap of a group, the global heap, and the fractal heap."""

from __future__ import annotations

from bisect import bisect_right
from functools import cached_property
from typing import NamedTuple

from kerasish.saving.hdf5.source import UNDEFINED, Fields, Path, Source, damaged
from kerasish.saving.hdf5.trees import Records


class Extent(NamedTuple):
    """Some bytes of the file."""

    at: int
    size: int


class LocalHeap:
    """The names of a group of the older format. The list of free places in it is of no use to a reader.

    Args:
        source: the file.
        at: where the heap is.
    """

    def __init__(self, source: Source, at: int) -> None:
        fields = source.fields(at, 32, b"HEAP")
        fields.take(4)
        size, _, self._at = fields.numbers(3, 8)
        self._data = source.read(self._at, size)

    def name(self, offset: int) -> bytes:
        """The name at a place of the heap."""
        end = self._data.find(b"\0", offset)
        if end < 0:
            raise damaged(f"a name at {offset} of the heap at byte {self._at} has no end")
        return self._data[offset:end]


class GlobalHeap:
    """Texts of variable length, in collections of objects that stand one after another.

    Args:
        source: the file.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self._collections: dict[int, dict[int, Extent]] = {}

    def extent(self, at: int, index: int) -> Extent:
        """Where an object of the collection at a place is.

        Raises:
            ValueError: if there is none, or the collection is damaged.
        """
        if at not in self._collections:
            self._collections[at] = self._objects(at)
        if index not in self._collections[at]:
            raise damaged(f"the heap at byte {at} has no object {index}")
        return self._collections[at][index]

    def _objects(self, begin: int) -> dict[int, Extent]:
        start = self._source.fields(begin, 16, b"GCOL\x01")
        start.take(3)
        size = start.number(8)
        self._source.check(begin, size)
        at, end = begin + 16, begin + size
        found: dict[int, Extent] = {}
        while at + 16 <= end:
            fields = self._source.fields(at, 16)
            index = fields.number(2)
            fields.take(6)
            length = fields.number(8)
            if index == 0:  # the free space at the end
                break
            if at + 16 + length > end or index in found:
                raise damaged(f"the heap at byte {begin} has an object that leads out of it or comes twice")
            found[index] = Extent(at + 16, length)
            at += 16 + (length + 7) // 8 * 8
        return found


class FractalHeap:
    """Links and attributes of the newer format, where there are many, in blocks that double in size from row to row.

    Args:
        source: the file.
        at: where the heap's header is.
    """

    def __init__(self, source: Source, at: int) -> None:
        self._source = source
        self._at = at
        fields = source.checked(at, 146, b"FRHP")
        version, self._id_size, packed, _ = (fields.number(n) for n in (1, 2, 2, 1))
        if version or packed:
            raise damaged(f"the heap at byte {at} has version {version} and {packed} bytes of filters")
        most = fields.number(4)
        fields.take(8)
        self._huge_at = fields.number(8)
        fields.take(80)
        self._width, self._first, self._largest, bits, _ = (fields.number(n) for n in (2, 8, 8, 2, 2))
        self._root, self._rows = fields.number(8), fields.number(2)
        if not 0 < self._first <= self._largest < 2**32 or not 0 < self._width <= 1024 or not 8 <= bits <= 64:
            raise damaged(f"the heap at byte {at} has rows of {self._width} blocks of {self._first} bytes and more")
        self._offset_width = (bits + 7) // 8
        self._length_width = min((self._largest.bit_length() + 6) // 8, (most.bit_length() - 1) // 8 + 1)

    def extent(self, identifier: Fields) -> Extent:
        """Where the object with an identifier is.

        Raises:
            ValueError: if there is no such object.
        """
        start = identifier.number(1)
        kind = start >> 4 & 3
        if identifier.left + 1 != self._id_size or start >> 6:
            raise damaged(f"the heap at byte {self._at} has no such identifiers as that at byte {identifier.at}")
        if kind == 0:
            return self._managed(identifier.number(self._offset_width), identifier.number(self._length_width))
        if kind == 1:
            return self._huge_extent(identifier.number(min(8, identifier.left)))
        if kind == 2 and self._id_size <= 17:
            return Extent(identifier.at + 1, min((start & 15) + 1, identifier.left))
        raise damaged(f"the heap at byte {self._at} has an object of the unknown kind {kind}")

    def _managed(self, offset: int, length: int) -> Extent:
        found = bisect_right(self._blocks, offset, key=lambda block: block[0]) - 1
        if found >= 0:
            begin, block = self._blocks[found]
            if offset + length <= begin + block.size:
                return Extent(block.at + offset - begin, length)
        raise damaged(f"the heap at byte {self._at} has no {length} bytes at its place {offset}")

    def _huge_extent(self, key: int) -> Extent:
        if key not in self._huge:
            raise damaged(f"the heap at byte {self._at} has no large object {key}")
        return self._huge[key]

    @cached_property
    def _huge(self) -> dict[int, Extent]:
        """Where the objects are that are too large for a block, by their numbers."""
        records = Records(self._source, self._huge_at)
        if records.kind != 1 or records.size != 24:
            raise damaged(f"the heap at byte {self._at} keeps large objects in a way that is not read")
        found = (fields.numbers(3, 8) for fields in records)
        return {number: Extent(at, size) for at, size, number in found}

    @cached_property
    def _blocks(self) -> list[tuple[int, Extent]]:
        """The place of every block of objects in the heap, in rising order, and in the file."""
        if self._root == UNDEFINED:
            return []
        if self._rows == 0:
            return [(0, Extent(self._root, self._first))]
        path = Path("heap")
        found: list[tuple[int, Extent]] = []
        waiting = [(self._root, 0, self._rows)]
        while waiting:
            at, begin, rows = waiting.pop()
            path.visit(at)
            for child, place, size in self._children(at, begin, rows):
                if size <= self._largest:
                    found.append((place, Extent(child, size)))
                else:
                    waiting.append((child, place, self._rows_within(size)))
        return sorted(found)

    def _rows_within(self, size: int) -> int:
        """How many rows an indirect block has that stands for `size` bytes of the heap."""
        return size.bit_length() - (self._first * self._width).bit_length() + 1

    def _children(self, at: int, begin: int, rows: int) -> list[tuple[int, int, int]]:
        """The address, the place in the heap and the size of each block that an indirect block tells of."""
        if rows > 64:
            raise damaged(f"the heap at byte {self._at} has an indirect block of {rows} rows")
        self._source.count(rows * self._width)
        start = 5 + 8 + self._offset_width
        fields = self._source.checked(at, start + 8 * rows * self._width + 4, b"FHIB")
        fields.take(start - 4)
        found = []
        for row in range(rows):
            size = self._first << max(row - 1, 0)
            for _ in range(self._width):
                child = fields.number(8)
                if child != UNDEFINED:
                    found.append((child, begin, size))
                begin += size
        return found
