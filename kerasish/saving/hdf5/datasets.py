"""Datasets: their values' kind and shape, and their values, read once all that the file says of them fits together."""

from __future__ import annotations

import math
from functools import cached_property
from typing import NamedTuple

import numpy as np

from kerasish.saving.hdf5 import chunks, filters
from kerasish.saving.hdf5.headers import Header
from kerasish.saving.hdf5.items import Item, Opened
from kerasish.saving.hdf5.kinds import Kind, Space, kind_of, space_of
from kerasish.saving.hdf5.source import UNDEFINED, Fields, damaged

SPACE, KIND, EXTERNAL, LAYOUT, FILTERS = 0x01, 0x03, 0x07, 0x08, 0x0B
_COMPACT, _CONTIGUOUS, _CHUNKED, _VIRTUAL = range(4)


class _Layout(NamedTuple):
    """How data is kept.

    Args:
        kind: in the header, in one block, in pieces, or nowhere.
        at: where the block, or the tree of pieces, is.
        size: the bytes of the block.
        chunk: the shape of a piece.
        version: of the message.
        flags: of the message.
        fields: of the message that are not read yet.
    """

    kind: int
    at: int
    size: int
    chunk: tuple[int, ...]
    version: int
    flags: int
    fields: Fields


class Dataset(Item):
    """A dataset of an HDF5 file; the arguments are those of `Item`.

    Attributes:
        shape: the sizes of its axes; None if it has no shape.
        kind: what its values are.
    """

    def __init__(self, opened: Opened, header: Header, name: str) -> None:
        super().__init__(opened, header, name)
        self._space: Space = space_of(self._message(SPACE))
        self.shape = self._space.shape
        self.kind: Kind = kind_of(self._message(KIND))

    def _message(self, kind: int) -> Fields:
        found = self._header.get(kind)
        if found is None:
            raise damaged(f"the header at byte {self._header.at} lacks a message of type {kind}")
        return found

    @property
    def dtype(self) -> np.dtype:
        """The dtype of the numbers in it.

        Raises:
            ValueError: if it holds something else.
        """
        if self.kind.dtype is None:
            raise ValueError(f"{self.name} holds {self.kind.what}; expected numbers")
        return self.kind.dtype

    @property
    def file_length(self) -> int:
        """How many bytes the file has."""
        return self._opened.source.length

    @property
    def declared(self) -> int:
        """How many bytes its values take."""
        return math.prod(self.shape or ()) * self.kind.size

    @property
    def chunk_shape(self) -> tuple[int, ...] | None:
        """The shape of the pieces that it is cut into, or None."""
        return self._layout.chunk if self._layout.kind == _CHUNKED else None

    @property
    def chunk_size(self) -> int:
        """The bytes of an unpacked piece."""
        return math.prod(self._layout.chunk) * self.kind.size

    @property
    def is_external(self) -> bool:
        """Whether its data is in other files."""
        return self._header.has(EXTERNAL)

    @property
    def is_virtual(self) -> bool:
        """Whether it is made of other datasets."""
        return self._layout.kind == _VIRTUAL

    @cached_property
    def filters(self) -> list[filters.Filter]:
        """What its pieces are packed with."""
        message = self._header.get(FILTERS)
        return [] if message is None else filters.filters_of(message)

    @cached_property
    def _layout(self) -> _Layout:
        fields = self._message(LAYOUT)
        version, kind = fields.number(1), fields.number(1)
        if version not in (3, 4, 5):
            raise damaged(f"the layout at byte {fields.at} has the unknown version {version}")
        if kind == _CHUNKED:
            return self._chunked(version, fields)
        if kind == _VIRTUAL:
            return _Layout(kind, UNDEFINED, 0, (), version, 0, fields)
        if kind == _CONTIGUOUS:
            return _Layout(kind, fields.number(8), fields.number(8), (), version, 0, fields)
        if kind != _COMPACT:
            raise damaged(f"the layout at byte {fields.at} is of the unknown kind {kind}")
        size = fields.number(2)
        return _Layout(kind, fields.at + fields.position, min(size, fields.left), (), version, 0, fields)

    def _chunked(self, version: int, fields: Fields) -> _Layout:
        flags = 0 if version == 3 else fields.number(1)
        axes = fields.number(1)
        root = fields.number(8) if version == 3 else UNDEFINED
        sizes = fields.numbers(axes, 4 if version == 3 else fields.number(1))
        if len(sizes) != len(self.shape or ()) + 1 or 0 in sizes or sizes[-1] != self.kind.size or flags & ~2:
            raise damaged(f"the layout of {self.name} has pieces of {sizes} and the flags {flags}")
        return _Layout(_CHUNKED, root, 0, tuple(sizes[:-1]), version, flags, fields)

    @property
    def _grid(self) -> chunks.Grid:
        return chunks.Grid(self._space, self._layout.chunk, self.chunk_size)

    @cached_property
    def _chunks(self) -> list[chunks.Chunk]:
        """Its pieces, each of them once and inside its shape."""
        layout, grid = self._layout, self._grid
        if layout.version == 3:
            found = chunks.old_chunks(self._opened.source, grid, layout.at)
        else:
            found = chunks.new_chunks(self._opened.source, grid, layout.fields, layout.flags, bool(self.filters))
        pieces = {}
        for piece in found:
            if all(place < count for place, count in zip(piece.place, grid.counts, strict=True)):
                self._opened.claims.claim(self.address, piece.at, piece.size)
                pieces[piece.place] = piece
        return list(pieces.values())

    @cached_property
    def stored(self) -> int:
        """How many bytes of the file hold its data.

        Raises:
            ValueError: if they are outside the file, or another dataset's too.
        """
        layout = self._layout
        if layout.kind == _CHUNKED:
            return sum(piece.size for piece in self._chunks)
        if layout.at == UNDEFINED or self.is_external:
            return 0
        self._opened.source.check(layout.at, layout.size)
        self._opened.claims.claim(self.address, layout.at, layout.size)
        return layout.size

    @property
    def pieces(self) -> int:
        """How many pieces it has; one if it is not cut."""
        return math.prod(self._grid.counts) if self._layout.kind == _CHUNKED else 1

    @property
    def missing(self) -> int:
        """How many of its pieces are not in the file."""
        return self.pieces - len(self._chunks) if self._layout.kind == _CHUNKED else 0

    @property
    def unpacked(self) -> int:
        """How many bytes all its pieces take when they are unpacked."""
        return self.pieces * self.chunk_size if self._layout.kind == _CHUNKED else self.declared

    def read(self) -> np.ndarray:
        """Its values. What they take is for the caller to check first.

        Raises:
            ValueError: if they are damaged.
        """
        array = np.empty(self.shape or (), self.dtype)
        if self._layout.kind == _CHUNKED:
            for piece in self._chunks:
                self._put(array, piece)
        elif array.size:
            if self.stored < array.nbytes:
                raise damaged(f"{self.name} has {self.stored} bytes, expected {array.nbytes}")
            self._opened.source.fill(self._layout.at, array)
        return array

    def _put(self, array: np.ndarray, piece: chunks.Chunk) -> None:
        """Unpack a piece into its place; at the far ends, a part of it lies outside."""
        whole = self._layout.chunk
        if not self.filters and piece.size != self.chunk_size:
            raise damaged(f"a piece of {self.name} has {piece.size} bytes, expected {self.chunk_size}")
        data = filters.undone(self._opened.source.data(piece.at, piece.size), self.filters, piece.mask, self.chunk_size)
        begin = [place * step for place, step in zip(piece.place, whole, strict=True)]
        target = array[tuple(slice(start, start + step) for start, step in zip(begin, whole, strict=True))]
        values = np.frombuffer(data, self.dtype).reshape(whole)
        target[...] = values[tuple(slice(n) for n in target.shape)]
