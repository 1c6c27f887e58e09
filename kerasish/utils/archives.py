"""Archives of strangers unpacked into a directory, which nothing leaves and nothing floods."""

from __future__ import annotations

import bz2
import filecmp
import gzip
import lzma
import os
import shutil
import stat
import tarfile
import warnings
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import IO, Any

from kerasish.backend.names import printable
from kerasish.saving.atomic import replacing_files
from kerasish.saving.errors import reading
from kerasish.saving.guards import regular_files
from kerasish.saving.guards.safe_zip import MAX_RATIO, SMALL

# The most members of an archive, the longest note about one, and the longest path that a link may hold, in bytes.
MOST_MEMBERS = 500_000
_LONGEST_NOTE = 2**20
_LONGEST_LINK = 4096
_CHUNK = 2**18
_PACKED: dict[bytes, Callable[[Any], Any]] = {
    b"\x1f\x8b": gzip.open,
    b"BZh": bz2.open,
    b"\xfd7zXZ\x00": lzma.open,
}


def extract_archive(path: str, directory: str, formats: Any = "auto") -> bool:
    """Unpack a tar or zip archive into a directory, all of it or nothing.

    A member whose place would be outside of the directory, a device or a pipe, and more bytes than `MAX_RATIO` times
    the archive's own are refused. Links are not made: one to a file of the archive becomes a copy of that file.

    Args:
        path: the archive.
        directory: made if it is not there; other files in it stay, and so does what is there already.
        formats: `"tar"` (also packed by gzip, bzip2 or xz), `"zip"`, a list of these, `"auto"` for both, or None.

    Returns:
        Whether it is an archive of these formats.

    Raises:
        ValueError: if it is damaged, or would do harm.
        NotImplementedError: if a format has another name.
    """
    for name in _names(formats):
        with _members(path, name) as members:
            if members is None:
                continue
            _unpack(path, members, directory)
            return True
    return False


def _names(formats: Any) -> list[str]:
    if formats is None:
        return []
    names = ["tar", "zip"] if formats == "auto" else [formats] if isinstance(formats, str) else list(formats)
    for name in names:
        if name not in ("tar", "zip"):
            raise NotImplementedError(f"archives of the format {name!r} are not unpacked: only 'tar' and 'zip'")
    return names


class _Member:
    """One member: where it goes, and what it is."""

    def __init__(
        self, name: str, kind: str, size: int, content: Callable[[], IO[bytes] | None], link: str = ""
    ) -> None:
        self.kind, self.size, self.content = kind, size, content
        self.name = _inside(name, name)
        # a symbolic link counts from where it stands, the other kind from the archive's root
        self.link = _inside(os.path.join(os.path.dirname(self.name), link), name) if kind == "symlink" else ""
        if kind == "link":
            self.link = _inside(link, name)


def _inside(path: str, member: str) -> str:
    """A path in the archive without `.` and `..`.

    Raises:
        ValueError: if it leads out of the directory.
    """
    path = path.replace("\\", "/")
    normal = os.path.normpath(path).replace("\\", "/")
    # a colon is a drive's, or on Windows a second stream of a file
    colon = ":" in path if os.name == "nt" else path[1:2] == ":"
    if path.startswith("/") or colon or normal.split("/")[0] == ".." or "\0" in path:
        raise ValueError(f"the member {printable(member)!r} would be written outside of the directory, at {normal!r}")
    return normal


@contextmanager
def _members(path: str, name: str) -> Iterator[Iterator[_Member] | None]:
    """The members of an archive; None if it is of another format."""
    with reading(path, "the archive"), ExitStack() as stack:
        file = stack.enter_context(regular_files.opened(path))
        most = max(SMALL, MAX_RATIO * os.fstat(file.fileno()).st_size)
        if name == "zip":
            is_zip = zipfile.is_zipfile(file)
            yield _of_zip(stack.enter_context(zipfile.ZipFile(file))) if is_zip else None
            return
        start = file.read(6)
        file.seek(0)
        unpack = next((made for magic, made in _PACKED.items() if start.startswith(magic)), None)
        stream = _Bounded(stack.enter_context(unpack(file)) if unpack else file, most)
        try:
            tar = stack.enter_context(tarfile.open(fileobj=stream, mode="r:"))  # type: ignore[call-overload]
        except (tarfile.TarError, OSError):
            yield None
            return
        yield _of_tar(tar, stream)


class _Bounded:
    """What an archive unpacks to, up to a number of bytes.

    `tarfile` reads notes about a member (long names, times) whole into memory, whatever size they declare.
    """

    def __init__(self, file: Any, most: int) -> None:
        self._file, self._most = file, most
        self.tell = file.tell

    def read(self, size: int = -1) -> bytes:
        if not 0 <= size <= _LONGEST_NOTE:
            raise ValueError(f"a note about a member has {size} bytes; at most {_LONGEST_NOTE} are read")
        self._check(self._file.tell() + size)
        return self._file.read(size)

    def seek(self, offset: int, whence: int = 0) -> int:
        self._check(offset)
        return self._file.seek(offset, whence)

    def _check(self, offset: int) -> None:
        # a block more, which is where an archive ends and a reader looks
        if offset > self._most + tarfile.RECORDSIZE:
            raise ValueError(_too_much(offset, self._most))


def _too_much(size: int, most: int) -> str:
    return f"it unpacks to {size} bytes or more; at most {most}, {MAX_RATIO} times what it stores, are written"


def _of_tar(tar: tarfile.TarFile, stream: _Bounded) -> Iterator[_Member]:
    for info in tar:
        kinds = {info.isreg(): "file", info.isdir(): "directory", info.issym(): "symlink", info.islnk(): "link"}
        if True not in kinds:
            raise ValueError(f"the member {printable(info.name)!r} is a device or a pipe")
        yield _Member(info.name, kinds[True], info.size, partial(tar.extractfile, info), info.linkname)
    while stream.read(_CHUNK):  # to the checksum at the end
        pass


def _of_zip(archive: zipfile.ZipFile) -> Iterator[_Member]:
    for info in archive.infolist():
        mode = info.external_attr >> 16 if info.create_system == 3 else 0
        kind = "directory" if info.is_dir() else "symlink" if stat.S_ISLNK(mode) else "file"
        if stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR, stat.S_IFLNK):
            raise ValueError(f"the member {printable(info.filename)!r} is a device or a pipe")
        if info.flag_bits & 1:
            raise ValueError(f"the member {printable(info.filename)!r} is encrypted")
        link = ""
        if kind == "symlink":
            with archive.open(info) as file:
                link = file.read(_LONGEST_LINK).decode("utf-8", "replace")
        yield _Member(info.filename, kind, info.file_size, partial(archive.open, info), link)


def _unpack(path: str, members: Iterator[_Member], directory: str) -> None:
    most = max(SMALL, MAX_RATIO * os.path.getsize(path))
    names: list[str] = []
    with replacing_files(directory, names) as temporary:
        total, links = 0, []
        for count, member in enumerate(members):
            if count >= MOST_MEMBERS:
                raise ValueError(f"it has more than {MOST_MEMBERS} members")
            place = os.path.join(temporary, member.name)
            if member.kind == "directory":
                os.makedirs(place, exist_ok=True)
                continue
            os.makedirs(os.path.dirname(place), exist_ok=True)
            if member.kind != "file":
                links.append(member)
                continue
            total += member.size
            if total > most:
                raise ValueError(_too_much(total, most))
            _write(member, place)
            names.append(member.name)
        for member in links:
            total += _copy(member, temporary, names, path)
            if total > most:
                raise ValueError(_too_much(total, most))
        names[:] = _changed(names, temporary, directory)


def _write(member: _Member, place: str) -> None:
    source = member.content()
    left = member.size
    if source is None:
        raise ValueError(f"the member {printable(member.name)!r} has no content")
    with source, open(place, "wb") as target:
        while left and (chunk := source.read(min(left, _CHUNK))):
            left -= target.write(chunk)
    if left:
        raise ValueError(f"the member {printable(member.name)!r} ends {left} bytes before the size that it declares")


def _copy(member: _Member, directory: str, names: list[str], path: str) -> int:
    """Write what a link leads to; the number of bytes."""
    source, place = (os.path.join(directory, name) for name in (member.link, member.name))
    if not os.path.isfile(source) or os.path.exists(place):
        warnings.warn(
            f"{path}: the link {printable(member.name)!r} is left out: it leads to no file of the archive", stacklevel=4
        )
        return 0
    shutil.copyfile(source, place)
    names.append(member.name)
    return os.path.getsize(place)


def _changed(names: list[str], temporary: str, directory: str) -> list[str]:
    """The files that are not in the directory yet, or are others; none if there is no directory: it is moved whole."""
    if not os.path.isdir(directory):
        return []
    return [name for name in dict.fromkeys(names) if not _is_there(temporary, directory, name)]


def _is_there(temporary: str, directory: str, name: str) -> bool:
    present = os.path.join(directory, name)
    return os.path.isfile(present) and filecmp.cmp(os.path.join(temporary, name), present, shallow=False)
