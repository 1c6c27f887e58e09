"""Members of zip archives from strangers, read by name into memory and never extracted."""

from __future__ import annotations

import zipfile
import zlib

from kerasish.saving.guards import regular_files

# Deflate reaches 1032:1 on zeros; weights and configs stay far below, and Keras stores them uncompressed.
MAX_RATIO = 200
SMALL = 16 * 2**20


class Archive:
    """A zip file opened for reading.

    Args:
        path: the file.

    Raises:
        ValueError: if it is no zip file or damaged.
    """

    def __init__(self, path: str) -> None:
        self._file = regular_files.opened(path)
        try:
            self._zip = zipfile.ZipFile(self._file)
        except (zipfile.BadZipFile, NotImplementedError, EOFError, ValueError) as error:
            self._file.close()
            raise ValueError(f"this is not a readable zip archive: {error}") from error
        self._members = self._zip.infolist()

    def __enter__(self) -> Archive:
        return self

    def __exit__(self, *exception: object) -> None:
        self._zip.close()
        self._file.close()

    @property
    def names(self) -> list[str]:
        """The names of the members, with slashes, also where a program on Windows wrote the other ones."""
        return [_name(info) for info in self._members]

    def read(self, name: str, limit: int | None = None) -> bytes:
        """The content of the member of this name.

        Args:
            name: the member.
            limit: the most bytes that it may have.

        Raises:
            ValueError: if there is no such member or more than one, if it is encrypted or damaged, or if it declares
                a size that its stored bytes cannot hold.
        """
        found = [info for info in self._members if _name(info) == name]
        if len(found) != 1:
            count = "no member" if not found else f"{len(found)} members"
            raise ValueError(f"the archive has {count} of this name; its members are {self.names[:8]}")
        info = found[0]
        _check_size(info, limit)
        try:
            with self._zip.open(info) as file:
                content = file.read(info.file_size + 1)
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, zlib.error) as error:
            raise ValueError(f"the member is damaged or cannot be read: {error}") from error
        if len(content) != info.file_size:
            raise ValueError(f"the member has {len(content)} bytes, but declares {info.file_size}")
        return content


def _name(info: zipfile.ZipInfo) -> str:
    return info.filename.replace("\\", "/")


def _check_size(info: zipfile.ZipInfo, limit: int | None) -> None:
    if limit is not None and info.file_size > limit:
        raise ValueError(f"the member declares {info.file_size} bytes; at most {limit} are read")
    if info.file_size > max(SMALL, MAX_RATIO * info.compress_size):
        raise ValueError(
            f"the member declares {info.file_size} bytes but stores {info.compress_size}: more than {MAX_RATIO} to 1 "
            "is taken for an attack on memory"
        )
