"""Where the pieces of a dataset are: the six ways in which HDF5 keeps the list of them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import product
from typing import NamedTuple

from kerasish.saving.hdf5.arrays import Entry, extensible_array, fixed_array
from kerasish.saving.hdf5.kinds import Space
from kerasish.saving.hdf5.source import UNDEFINED, Fields, Source, damaged
from kerasish.saving.hdf5.trees import Records, leaves


class Chunk(NamedTuple):
    """A piece of a dataset.

    Args:
        place: its number along each axis.
        at: where it is in the file.
        size: its bytes there.
        mask: a bit for each filter that it did not go through.
    """

    place: tuple[int, ...]
    at: int
    size: int
    mask: int


class Grid(NamedTuple):
    """How a dataset is cut into pieces.

    Args:
        space: the dataset's shape.
        chunk: the shape of a piece.
        size: the bytes of an unpacked piece.
    """

    space: Space
    chunk: tuple[int, ...]
    size: int

    @property
    def counts(self) -> tuple[int, ...]:
        """How many pieces there are along each axis."""
        return tuple(-(-n // c) for n, c in zip(self.space.shape or (), self.chunk, strict=True))

    def numbers(self) -> list[tuple[tuple[int, ...], int]]:
        """The place of each piece, and its number in a list that has room for the pieces of the largest shape.

        An axis without a limit counts as the first: the list grows at its end.
        """
        most = [-(-n // c) if n != UNDEFINED else 0 for n, c in zip(self.space.limits, self.chunk, strict=True)]
        order = sorted(range(len(most)), key=lambda axis: most[axis] != 0)
        found = []
        for place in product(*map(range, self.counts)):
            number = 0
            for axis in order:
                number = number * most[axis] + place[axis]
            found.append((place, number))
        return found


def old_chunks(source: Source, grid: Grid, root: int) -> Iterator[Chunk]:
    """The pieces that an older B-tree tells of."""
    axes = len(grid.chunk)
    for fields, at in leaves(source, root, 1, 16 + 8 * axes) if root != UNDEFINED else ():
        size, mask = fields.number(4), fields.number(4)
        starts = fields.numbers(axes, 8)
        if any(start % step for start, step in zip(starts, grid.chunk, strict=True)):
            raise damaged(f"a piece at byte {at} begins at {starts} in a dataset cut into {grid.chunk}")
        yield Chunk(tuple(start // step for start, step in zip(starts, grid.chunk, strict=True)), at, size, mask)


def new_chunks(source: Source, grid: Grid, fields: Fields, flags: int, packed: bool) -> Iterator[Chunk]:
    """The pieces that the newer message for a layout tells of.

    Args:
        source: the file.
        grid: how the dataset is cut.
        fields: the message, from the kind of list on.
        flags: of the message.
        packed: whether pieces go through filters.
    """
    kind = fields.number(1)
    if kind == 1:
        size, mask = (fields.number(8), fields.number(4)) if flags & 2 else (grid.size, 0)
        yield from _present([(Entry(fields.number(8), size, mask), (0,) * len(grid.chunk))])
        return
    fields.take({2: 0, 3: 1, 4: 5, 5: 6}.get(kind, fields.left))
    at = fields.number(8)
    if at == UNDEFINED:
        return
    if kind == 5:
        yield from _tree(source, grid, at, packed)
        return
    source.count(math.prod(grid.counts))
    numbers = grid.numbers()
    most = max((number for _, number in numbers), default=-1) + 1
    if kind == 2:
        yield from (Chunk(place, at + number * grid.size, grid.size, 0) for place, number in numbers)
        return
    entries = (fixed_array if kind == 3 else extensible_array)(source, at, most, grid.size)
    yield from _present([(entries[number], place) for place, number in numbers if number < len(entries)])


def _present(found: list[tuple[Entry, tuple[int, ...]]]) -> Iterator[Chunk]:
    return (Chunk(place, *entry) for entry, place in found if entry.at != UNDEFINED)


def _tree(source: Source, grid: Grid, at: int, packed: bool) -> Iterator[Chunk]:
    records = Records(source, at)
    rest = records.size - 8 - 8 * len(grid.chunk)
    if records.kind != (11 if packed else 10) or rest not in (range(5, 13) if packed else (0,)):
        raise damaged(f"the tree at byte {at} has records of type {records.kind} and {records.size} bytes")
    for fields in records:
        address = fields.number(8)
        size, mask = (fields.number(rest - 4), fields.number(4)) if packed else (grid.size, 0)
        yield Chunk(tuple(fields.numbers(len(grid.chunk), 8)), address, size, mask)
