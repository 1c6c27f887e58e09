"""A look at the heaps of an HDF5 file before the HDF5 library reads them: with some of them it never comes back.

Strings of variable length are kept in collections of objects, one after another. The library steps from object to
object by the size that each one declares, and a size of nothing makes it stay where it is for ever. The layout is that
of the HDF5 File Format Specification, section III.E.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from typing import IO

_FILE = b"\x89HDF\r\n\x1a\n"
_COLLECTION = b"GCOL\x01"  # the signature, and the only version that there is
_HEADER = 16  # bytes, of a collection and of an object in it
_SIZE = struct.Struct("<8sQ")
_OBJECT = struct.Struct("<H6xQ")
_PIECE = 2**20
# The most objects that are looked at: far more than a model has names.
_MAX_OBJECTS = 1_000_000
# The byte that says how many bytes a size takes, by the version of the superblock.
_SIZE_OF_SIZES = {0: 14, 1: 14, 2: 10, 3: 10}


def check(file: IO[bytes]) -> None:
    """Walk through every heap of a file as the library would.

    Args:
        file: the file, opened for reading bytes.

    Raises:
        ValueError: if a walk would not end, or the file's sizes are not of 64 bits.
    """
    file.seek(0)
    start = file.read(32)
    if not start.startswith(_FILE) or len(start) < 32:
        raise ValueError("this is not a readable HDF5 file: it does not begin as one")
    place = _SIZE_OF_SIZES.get(start[8])
    if place is None or start[place] != 8:
        raise ValueError("this is not a readable HDF5 file: its sizes are not of 64 bits")
    length = file.seek(0, os.SEEK_END)
    left = _MAX_OBJECTS
    for at in _places(file, _COLLECTION):
        for _ in _steps(file, at, length):
            left -= 1
            if left < 0:
                raise ValueError(f"this is not a readable HDF5 file: its heaps hold more than {_MAX_OBJECTS} objects")


def _places(file: IO[bytes], wanted: bytes) -> Iterator[int]:
    """Where in a file some bytes are."""
    kept, begin = b"", 0
    while True:
        file.seek(begin + len(kept))
        piece = file.read(_PIECE)
        if not piece:
            return
        text = kept + piece
        at = text.find(wanted)
        while at >= 0:
            yield begin + at
            at = text.find(wanted, at + 1)
        kept = text[1 - len(wanted) :]
        begin += len(text) - len(kept)


def _steps(file: IO[bytes], begin: int, length: int) -> Iterator[int]:
    """The objects of the collection at a place, as far as the file reaches.

    Raises:
        ValueError: if one has a size that leads nowhere, or backward.
    """
    file.seek(begin)
    (size,) = _SIZE.unpack(file.read(_HEADER).ljust(_HEADER, b"\0"))[1:]
    at, end = begin + _HEADER, min(begin + size, length)
    while at + _HEADER <= end:
        yield at
        file.seek(at)
        index, size = _OBJECT.unpack(file.read(_HEADER))
        step = (_HEADER + (size + 7) // 8 * 8) % 2**64 if index else size
        if step == 0 or step >= 2**63:
            raise ValueError(f"this is not a readable HDF5 file: the heap at byte {begin} has an object without end")
        at += step
