"""What groups and datasets have in common: a place in a file, a name, and attributes."""

from __future__ import annotations

import math
from functools import cached_property
from typing import NamedTuple

from kerasish.saving.hdf5.claims import Claims
from kerasish.saving.hdf5.groups import StoredAttribute, attributes_of
from kerasish.saving.hdf5.headers import Header
from kerasish.saving.hdf5.heaps import Extent, GlobalHeap
from kerasish.saving.hdf5.kinds import kind_of, space_of
from kerasish.saving.hdf5.source import Fields, Source

# The most texts that an attribute may have, and the most bytes of them.
MAX_TEXTS = 100_000
MAX_TEXT_BYTES = 32 * 2**20
_REFERENCE = 16  # bytes, of which the length takes 4, the address of the heap 8, and the number in it 4


class Opened(NamedTuple):
    """What all that is read from one file shares."""

    source: Source
    claims: Claims
    heap: GlobalHeap


class Item:
    """A group or dataset, or a type that has a name.

    Args:
        opened: the file that it is in.
        header: its header.
        name: its path.
    """

    def __init__(self, opened: Opened, header: Header, name: str) -> None:
        self._opened = opened
        self._header = header
        self.name = name

    @property
    def address(self) -> int:
        """Where its header is, which tells two names of one object from two objects."""
        return self._header.at

    @cached_property
    def attrs(self) -> dict[str, StoredAttribute]:
        """Its attributes by name; `text` and `texts` read them."""
        return attributes_of(self._opened.source, self._header)

    def text(self, name: str) -> str:
        """An attribute that is a text.

        Raises:
            ValueError: if it is something else, or too long.
        """
        shape = space_of(self.attrs[name].space.again()).shape
        if shape != ():
            raise ValueError(f"expected a string attribute; {name!r} of {self.name} has the shape {shape}")
        return self.texts(name)[0]

    def texts(self, name: str) -> list[str]:
        """An attribute that is a text or several.

        Raises:
            ValueError: if it is something else, or too long.
        """
        stored = self.attrs[name]
        kind = kind_of(stored.kind.again())
        shape = space_of(stored.space.again()).shape
        if shape is None:
            raise ValueError(f"expected a string attribute; {name!r} of {self.name} is empty")
        count = math.prod(shape)
        if count == 0:
            return []  # of any kind: that of an empty list is floats
        if kind.is_text:
            return [_decoded(data, 0) for data in self._variable(name, stored.values, count)]
        if kind.padding is None:
            raise ValueError(f"expected a string attribute; {name!r} of {self.name} holds {kind.what}")
        self._check(name, count * kind.size, stored.values.size)
        data = self._opened.source.read(stored.values.at, count * kind.size)
        return [_decoded(data[i * kind.size : (i + 1) * kind.size], kind.padding) for i in range(count)]

    def _variable(self, name: str, values: Extent, count: int) -> list[bytes]:
        """Texts of variable length, which are in the global heap."""
        if count > MAX_TEXTS:
            raise ValueError(f"the attribute {name!r} of {self.name} has {count} strings; at most {MAX_TEXTS} are read")
        self._check(name, count * _REFERENCE, values.size)
        fields = Fields(self._opened.source.read(values.at, count * _REFERENCE), values.at)
        extents = []
        for _ in range(count):
            length, at, index = fields.number(4), fields.number(8), fields.number(4)
            place = self._opened.heap.extent(at, index).at if length else 0
            extents.append(Extent(place, length))
        size = sum(extent.size for extent in extents)
        self._check(name, size, size)
        return [self._opened.source.read(*extent) for extent in extents]

    def _check(self, name: str, size: int, stored: int) -> None:
        if size > MAX_TEXT_BYTES:
            most = f"at most {MAX_TEXT_BYTES} are read"
            raise ValueError(f"the attribute {name!r} of {self.name} has {size} bytes; {most}")
        if size > stored:
            raise ValueError(f"the attribute {name!r} of {self.name} declares {size} bytes; the file has {stored}")


def _decoded(data: bytes, padding: int) -> str:
    """A text without what fills it up: the first zero and all after it, zeros at the end, or spaces at the end."""
    if padding == 0:
        data = data.partition(b"\0")[0]
    return data.rstrip(b"\0" if padding == 1 else b" " if padding == 2 else b"").decode("utf-8")
