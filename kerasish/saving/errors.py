"""What went wrong with a file, told with the file and the member."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from kerasish.backend.names import printable

# The most characters of a reason, which may quote what the file says at any length.
_LONGEST = 4000


SAVED_MODEL = (
    "a SavedModel is a program of TensorFlow's, which is not run here: load it there, and save it as .keras or .h5"
)


class MissingFileError(FileNotFoundError, ValueError):
    """There is no such file; Keras raises ValueError for some formats and FileNotFoundError for others."""

    def __init__(self, path: str, hint: str = "") -> None:
        super().__init__(errno.ENOENT, f"there is no such file{hint}", path)


class DirectoryError(IsADirectoryError, ValueError):
    """There is a directory where a file is expected; Keras raises ValueError."""


class UnfitError(ValueError, TypeError):
    """A config is not one of what it stands for; Keras raises TypeError for it, and ValueError in files of old."""


@contextmanager
def reading(path: str, member: str) -> Iterator[None]:
    """A block in which every failure of the content becomes a ValueError that names the file and the member.

    An `UnfitError` stays one.

    Args:
        path: the file.
        member: what is read in it.

    Example:
        >>> with reading("model.keras", "config.json"):
        ...     {}["class_name"]
        Traceback (most recent call last):
        ...
        ValueError: model.keras: config.json: the key 'class_name' is missing
    """
    try:
        yield
    except Exception as error:
        is_told = str(error).startswith(f"{path}: ")
        is_of_the_disk = isinstance(error, OSError) and error.errno is not None
        if is_told or is_of_the_disk or isinstance(error, ImportError):
            raise
        reason = "\n".join(map(printable, reason_of(error)[:_LONGEST].split("\n")))
        kind = UnfitError if isinstance(error, UnfitError) else ValueError
        raise kind(f"{path}: {member}: {reason}") from error


def reason_of(error: Exception) -> str:
    """What an error says, in words where it says it by its kind alone."""
    if isinstance(error, KeyError):
        return f"the key {error} is missing"
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    if isinstance(error, MemoryError):
        return "it asks for more memory than there is"
    if re.search(r"__init__\(\) got an unexpected keyword argument '(name|dtype|trainable)'", str(error)):
        return f"{error}. Let it take **kwargs and hand them on: super().__init__(**kwargs)."
    return str(error) or type(error).__name__


def as_path(filepath: Any) -> str:
    """A path given as a string or a path object.

    Raises:
        TypeError: if it is neither.
        ValueError: if it is the address of something on a network.
    """
    if not isinstance(filepath, (str, os.PathLike)):
        raise TypeError(f"filepath must be a string or a path; received {filepath!r} ({type(filepath).__name__})")
    path = os.fspath(filepath)
    if isinstance(path, bytes):
        path = os.fsdecode(path)
    if "://" in path:
        raise ValueError(f"only files on this machine are read and written; received filepath={path!r}: download it")
    return path
