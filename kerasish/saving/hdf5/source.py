"""The bytes of an HDF5 file, handed out within limits on how many parts and how many bytes of structure are read."""

from __future__ import annotations

import os
import struct
from typing import BinaryIO

import numpy as np

from kerasish.saving.hdf5.checksums import lookup3

# The address that stands for "nowhere".
UNDEFINED = 2**64 - 1
# The most structures, messages, links and pieces that are looked at in one file: far more than a model has.
MAX_PARTS = 500_000
# The most bytes of structure and text, as a multiple of the file, beyond what any file may have.
MAX_TIMES = 4
MAX_BYTES = 64 * 2**20


def damaged(reason: str) -> ValueError:
    """The error for a file that is not as HDF5 files are."""
    return ValueError(f"this is not a readable HDF5 file: {reason}")


class Fields:
    """The fields of a structure, taken from its bytes one after another.

    Args:
        data: the bytes.
        at: where they are in the file.
    """

    __slots__ = ("at", "data", "position")

    def __init__(self, data: bytes, at: int = 0) -> None:
        self.data = data
        self.at = at
        self.position = 0

    def again(self) -> Fields:
        """The same fields, from the first on."""
        return Fields(self.data, self.at)

    def take(self, size: int) -> bytes:
        """The next bytes.

        Raises:
            ValueError: if there are fewer.
        """
        end = self.position + size
        if end > len(self.data):
            raise damaged(f"the structure at byte {self.at} ends before its fields do")
        taken = self.data[self.position : end]
        self.position = end
        return taken

    def part(self, size: int) -> Fields:
        """The next bytes as fields of their own."""
        at = self.at + self.position
        return Fields(self.take(size), at)

    def number(self, size: int) -> int:
        """The next `size` bytes as a number without sign, the lowest byte first."""
        return int.from_bytes(self.take(size), "little")

    def numbers(self, count: int, size: int) -> list[int]:
        """The next numbers of `size` bytes each."""
        if size == 8:
            return list(struct.unpack(f"<{count}Q", self.take(8 * count)))
        return [self.number(size) for _ in range(count)]

    @property
    def left(self) -> int:
        """How many bytes are left."""
        return len(self.data) - self.position


class Source:
    """A file from which structures are read.

    Args:
        file: opened for reading bytes.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.length = file.seek(0, os.SEEK_END)
        self._parts = MAX_PARTS
        self._bytes = MAX_BYTES + MAX_TIMES * self.length

    def count(self, parts: int = 1) -> None:
        """Count parts of the structure.

        Raises:
            ValueError: if there have been too many.
        """
        self._parts -= parts
        if self._parts < 0:
            raise damaged(f"its structure has more than {MAX_PARTS} parts")

    def read(self, at: int, size: int) -> bytes:
        """Bytes of the structure.

        Raises:
            ValueError: if they are not all in the file, or too much has been read.
        """
        self.count()
        self._bytes -= size
        if self._bytes < 0:
            raise damaged("the same bytes are used over and over")
        return self.data(at, size)

    def data(self, at: int, size: int) -> bytes:
        """Bytes that the caller has counted.

        Raises:
            ValueError: if they are not all in the file.
        """
        self.check(at, size)
        self._file.seek(at)
        data = self._file.read(size)
        if len(data) != size:
            raise damaged("it became shorter while it was read")
        return data

    def fill(self, at: int, array: np.ndarray) -> None:
        """Fill an array, whose entries are in one block, with the bytes at a place.

        Raises:
            ValueError: if they are not all in the file.
        """
        self.check(at, array.nbytes)
        self._file.seek(at)
        into = memoryview(array.reshape(-1).view("u1").data)
        while into and (count := self._file.readinto(into)):  # type: ignore[attr-defined]
            into = into[count:]
        if into:
            raise damaged("it became shorter while it was read")

    def check(self, at: int, size: int) -> None:
        """Check that bytes are in the file.

        Raises:
            ValueError: if they are not.
        """
        if at + size > self.length:
            raise damaged(f"{size} bytes at byte {at} are outside the file, which has {self.length}")

    def fields(self, at: int, size: int, signature: bytes = b"") -> Fields:
        """The fields of the structure at a place, after the signature that it must begin with."""
        fields = Fields(self.read(at, size), at)
        if fields.take(len(signature)) != signature:
            raise damaged(f"at byte {at} is no {signature.decode()}")
        return fields

    def checked(self, at: int, size: int, signature: bytes) -> Fields:
        """The fields of a structure whose last four bytes are its checksum.

        Raises:
            ValueError: if the checksum is another.
        """
        fields = self.fields(at, size, signature)
        if size < 4 or lookup3(fields.data[:-4]) != int.from_bytes(fields.data[-4:], "little"):
            raise damaged(f"the checksum of the {signature.decode()} at byte {at} is wrong")
        fields.data = fields.data[:-4]
        return fields


class Path:
    """The places that were visited on a way through a structure, none of which may come twice.

    Args:
        what: the structure, for the error.
    """

    def __init__(self, what: str) -> None:
        self._what = what
        self._seen: set[int] = set()

    def visit(self, at: int) -> None:
        """Go to a place.

        Raises:
            ValueError: if the way was there already.
        """
        if at in self._seen:
            raise damaged(f"the {self._what} leads to byte {at} twice")
        self._seen.add(at)
