"""The superblock, which says where the first group is, and the headers of groups and datasets: lists of messages."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from kerasish.saving.hdf5.source import UNDEFINED, Fields, Path, Source, damaged

_FILE = b"\x89HDF\r\n\x1a\n"
_CONTINUATION = 0x10
_SHARED = 0x02


class Message(NamedTuple):
    """A part of a header: its kind, its flags, and what is in it."""

    kind: int
    flags: int
    body: Fields


def root_address(source: Source) -> int:
    """Where the header of the first group is.

    Raises:
        ValueError: if the file does not begin as an HDF5 file, or is of a kind that is not read.
    """
    if source.length < 48 or source.read(0, 8) != _FILE:
        raise damaged("it does not begin as one")
    version = source.read(8, 1)[0]
    if version > 3:
        raise damaged(f"its superblock has the unknown version {version}")
    is_new = version >= 2
    if source.read(9 if is_new else 13, 2) != b"\x08\x08":
        raise damaged("its sizes are not of 64 bits")
    if is_new:
        source.checked(0, 48, _FILE)
        if source.read(11, 1)[0] & 1:
            raise damaged("the program that wrote it did not close it")
        base, _, end, root = source.fields(12, 32).numbers(4, 8)
    else:
        base, _, end, driver, _, root = source.fields(24 + 4 * version, 48).numbers(6, 8)
        if driver != UNDEFINED:
            raise damaged("it is one of several files that belong together")
    if base != 0:
        raise damaged("it begins with something else")
    if end > source.length:
        raise damaged(f"it is cut off: it should have {end} bytes, and has {source.length}")
    return root


class Header:
    """The messages of a group or dataset.

    Args:
        source: the file.
        at: where the header is.
    """

    def __init__(self, source: Source, at: int) -> None:
        self.at = at
        start = source.read(at, 4)
        if start == b"OHDR":
            self._messages = _second(source, at)
        elif start[0] == 1:
            self._messages = _first(source, at)
        else:
            raise damaged(f"at byte {at} is no header of a group or dataset")

    def all(self, kind: int) -> list[Message]:
        """The messages of a kind."""
        return [message for message in self._messages if message.kind == kind]

    def get(self, kind: int) -> Fields | None:
        """The fields of the first message of a kind, or None.

        Raises:
            ValueError: if it is elsewhere, shared by several headers.
        """
        for message in self._messages:
            if message.kind == kind:
                if message.flags & _SHARED:
                    raise damaged(f"the header at byte {self.at} shares a part with others, which is not read")
                return message.body.again()
        return None

    def has(self, kind: int) -> bool:
        """Whether there is a message of a kind."""
        return any(message.kind == kind for message in self._messages)


def _first(source: Source, at: int) -> list[Message]:
    """The messages of a header of the older format, in the block after its start and those that continue it."""
    size = source.fields(at + 8, 4).number(4)
    return _gather((at + 16, size), lambda place, length: _block(source, source.fields(place, length), 2, 3))


def _second(source: Source, at: int) -> list[Message]:
    """The messages of a header of the newer format."""
    version, flags = source.read(at + 4, 2)
    if version != 2:
        raise damaged(f"the header at byte {at} has the unknown version {version}")
    start = 6 + (16 if flags & 0x20 else 0) + (4 if flags & 0x10 else 0)
    width = 1 << (flags & 3)
    size = source.fields(at + start, width).number(width)
    skip = start + width

    def block(place: int, length: int) -> list[Message]:
        if place == at:
            fields = source.checked(at, length, b"OHDR")
            fields.position = skip
        else:
            fields = source.checked(place, length, b"OCHK")
        return _block(source, fields, 1, 2 if flags & 4 else 0)

    return _gather((at, skip + size + 4), block)


def _block(source: Source, fields: Fields, width: int, rest: int) -> list[Message]:
    """The messages of a block, whose kinds take `width` bytes, and whose flags are followed by `rest` bytes."""
    found = []
    while fields.left >= width + 3 + rest:
        source.count()
        kind, length, flags = fields.number(width), fields.number(2), fields.number(1)
        fields.take(rest)
        found.append(Message(kind, flags, fields.part(length)))
    return found


def _gather(first: tuple[int, int], read: Callable[[int, int], list[Message]]) -> list[Message]:
    """The messages of the block at a place, of a size, and of the blocks that they tell of."""
    path = Path("header")
    found: list[Message] = []
    blocks = [first]
    for at, size in blocks:  # which grows meanwhile
        path.visit(at)
        for message in read(at, size):
            if message.kind == _CONTINUATION:
                blocks.append((message.body.number(8), message.body.number(8)))
            else:
                found.append(message)
    return found
