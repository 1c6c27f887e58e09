"""Files that are replaced whole or not at all."""

from __future__ import annotations

import errno
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress


@contextmanager
def replacing(path: str) -> Iterator[str]:
    """A block that writes a file, which takes the place of `path` when the block ends well.

    The block writes to the temporary path that it is given, in the same directory. Then the data is flushed to the
    disk, the file renamed over `path`, and the directory flushed, so that a crash at any moment leaves the old file
    or the new one. If the block or a step after it fails, the old file stays and the temporary one is removed.

    Args:
        path: the file to replace; where it is a symbolic link, what the link points at is replaced.

    Example:
        >>> import tempfile
        >>> path = os.path.join(tempfile.mkdtemp(), "note.txt")
        >>> with replacing(path) as temporary, open(temporary, "w") as file:
        ...     _ = file.write("hello")
        >>> open(path).read()
        'hello'
    """
    path = os.path.realpath(path)
    if os.path.isdir(path):
        raise IsADirectoryError(f"cannot write the file {path}: a directory of that name is there")
    if not os.path.isdir(os.path.dirname(path)):
        hint = ": the shell reads ~, os.path.expanduser does, this does not" if f"{os.sep}~" in path else ""
        what = f"there is no such directory to write a file into{hint}"
        raise FileNotFoundError(errno.ENOENT, what, os.path.dirname(path))
    temporary = _beside(path)
    mode = _mode(path)
    try:
        # Nobody may look into it meanwhile who may not look into the file that it replaces.
        os.close(os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666 if mode is None else 0o600))
        yield temporary
        flush_to_disk(temporary)
        if mode is not None:
            os.chmod(temporary, mode)
        os.replace(temporary, path)
    except BaseException as error:
        with suppress(FileNotFoundError):
            os.unlink(temporary)
        _tell_of_full_disk(error, path)
        raise
    flush_to_disk(os.path.dirname(path))


@contextmanager
def replacing_files(directory: str, names: list[str]) -> Iterator[str]:
    """A block that writes several files, which all appear in `directory` when the block ends well.

    A directory that does not exist yet appears in one step. Into one that does, with whatever else it holds, the
    finished files are moved one by one: an error leaves it as it was, but a crash between two moves leaves some files
    new and some old.

    Args:
        directory: where the files are to be.
        names: the files that the block writes into the temporary directory that it is given, the most telling last.
    """
    directory = os.path.realpath(directory)
    if os.path.exists(directory) and not os.path.isdir(directory):
        raise NotADirectoryError(f"cannot write the directory {directory}: a file of that name is there")
    temporary = _beside(directory)
    os.makedirs(os.path.dirname(directory), exist_ok=True)
    os.mkdir(temporary, 0o700 if os.path.isdir(directory) else 0o777)
    try:
        yield temporary
        for name in names:
            flush_to_disk(os.path.join(temporary, name))
        if os.path.isdir(directory):
            _move_all(temporary, directory, names)
        else:
            flush_to_disk(temporary)
            os.rename(temporary, directory)
        flush_to_disk(os.path.dirname(directory))
    except BaseException as error:
        _tell_of_full_disk(error, directory)
        raise
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _tell_of_full_disk(error: BaseException, path: str) -> None:
    """Name the file, where NumPy, zipfile and HDF5 speak of the disk in words of their own."""
    if isinstance(error, OSError) and error.errno is not None and error.errno in _FULL:
        was = "; what was there before is whole" if os.path.exists(path) else ""
        raise OSError(error.errno, f"{os.strerror(error.errno)}: this cannot be written{was}", path) from error


# Names that not every system has.
_FULL = {getattr(errno, name, None) for name in ("ENOSPC", "EDQUOT", "EFBIG")} - {None}


def _move_all(source: str, target: str, names: list[str]) -> None:
    """Move files over those of the same names, or none of them."""
    for name in names:
        if os.path.isdir(os.path.join(target, name)):
            raise IsADirectoryError(f"cannot write the file {name}: {target} holds a directory of that name")
    kept = _beside(os.path.join(source, "kept"))
    os.mkdir(kept)
    moved: list[str] = []
    try:
        for name in names:
            present = os.path.join(target, name)
            for directory in (kept, target):
                os.makedirs(os.path.dirname(os.path.join(directory, name)), exist_ok=True)
            mode = _mode(present)
            if mode is not None:
                os.chmod(os.path.join(source, name), mode)
                os.link(present, os.path.join(kept, name))
            os.replace(os.path.join(source, name), present)
            moved.append(name)
    except BaseException:
        for name in moved:
            old = os.path.join(kept, name)
            if os.path.exists(old):
                os.replace(old, os.path.join(target, name))
            else:
                os.unlink(os.path.join(target, name))
        raise
    flush_to_disk(target)


def _mode(path: str) -> int | None:
    """Who may read and write a file; None if there is none."""
    return os.stat(path).st_mode & 0o777 if os.path.exists(path) else None


def _beside(path: str) -> str:
    """A name in the same directory that nobody uses."""
    parent, name = os.path.split(path)
    return os.path.join(parent, f".{name[:100]}.{secrets.token_hex(6)}.tmp")


def flush_to_disk(path: str) -> None:
    """Wait until the content of a file, or the list of a directory's files, is on the disk."""
    if os.path.isdir(path) and os.name == "nt":
        return  # Windows has no handle on a directory to flush
    handle = os.open(path, os.O_RDONLY if os.path.isdir(path) else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
