"""The two kinds of B-trees: the older, of groups and of pieces of data, and the newer, of records of any kind."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from kerasish.saving.hdf5.source import UNDEFINED, Fields, Path, Source, damaged

# Bytes of a node of the newer tree besides its records: signature, version, type, checksum.
_FRAME = 10


def leaves(source: Source, root: int, kind: int, key_size: int) -> Iterator[tuple[Fields, int]]:
    """What hangs on an older B-tree: the fields of the key before it, and its address.

    Args:
        source: the file.
        root: where the tree begins.
        kind: 0 for a group's, 1 for pieces of data.
        key_size: the bytes of a key.

    Raises:
        ValueError: if a node is not of the tree, or comes twice.
    """
    path = Path("tree")
    waiting: list[tuple[int, int | None]] = [(root, None)]
    while waiting:
        at, expected = waiting.pop()
        path.visit(at)
        start = source.fields(at, 24, b"TREE")
        found, level, count = start.number(1), start.number(1), start.number(2)
        if found != kind or (expected is not None and level != expected):
            raise damaged(f"the tree's node at byte {at} is of type {found} and level {level}")
        source.count(count)
        fields = source.fields(at + 24, count * (key_size + 8) + key_size)
        children = [(fields.part(key_size), fields.number(8)) for _ in range(count)]
        if level:
            waiting += [(child, level - 1) for _, child in reversed(children)]
        else:
            yield from children


class _Level(NamedTuple):
    """How much fits into a node of a level, counted from the leaves: its records, and those below it too."""

    most: int
    most_below: int


class Records:
    """The records of a newer B-tree.

    Args:
        source: the file.
        at: where the tree's header is.
    """

    def __init__(self, source: Source, at: int) -> None:
        self._source = source
        fields = source.checked(at, 38, b"BTHD")
        version, self.kind = fields.number(1), fields.number(1)
        self._node_size, self.size, self._depth = fields.number(4), fields.number(2), fields.number(2)
        fields.take(2)
        self._root, self._count = fields.number(8), fields.number(2)
        if version or self.size == 0 or self._node_size < _FRAME + self.size or self._depth > 16:
            raise damaged(f"the tree at byte {at} has nodes of {self._node_size} bytes and a depth of {self._depth}")
        most = (self._node_size - _FRAME) // self.size
        self._levels = [_Level(most, most)]
        for level in range(1, self._depth + 1):
            pointer = self._pointer_size(level)
            most = (self._node_size - _FRAME - pointer) // (self.size + pointer)
            below = self._levels[-1].most_below
            self._levels.append(_Level(most, (most + 1) * below + most))

    def _pointer_size(self, level: int) -> int:
        return 8 + _width(self._levels[0].most) + (_width(self._levels[level - 1].most_below) if level > 1 else 0)

    def __iter__(self) -> Iterator[Fields]:
        """The fields of every record."""
        path = Path("tree")
        waiting = [] if self._root == UNDEFINED else [(self._root, self._count, self._depth)]
        while waiting:
            at, count, level = waiting.pop()
            path.visit(at)
            self._source.count(count)
            if count > self._levels[level].most:
                raise damaged(f"the tree's node at byte {at} has {count} records")
            pointer = self._pointer_size(level) if level else 0
            size = _FRAME + count * self.size + (count + 1) * pointer
            fields = self._source.checked(at, size, b"BTIN" if level else b"BTLF")
            if (fields.number(1), fields.number(1)) != (0, self.kind):
                raise damaged(f"the tree's node at byte {at} is of another tree")
            for _ in range(count):
                yield fields.part(self.size)
            for _ in range(count + 1 if level else 0):
                child, below = fields.number(8), fields.number(_width(self._levels[0].most))
                fields.take(pointer - 8 - _width(self._levels[0].most))
                waiting.append((child, below, level - 1))


def _width(most: int) -> int:
    """The bytes of numbers up to `most`."""
    return (most.bit_length() - 1) // 8 + 1
