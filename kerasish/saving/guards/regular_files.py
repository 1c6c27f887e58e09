"""Files that hold bytes, and nothing that waits for another process to write them."""

from __future__ import annotations

import os
import stat
from typing import IO


def opened(path: str) -> IO[bytes]:
    """A file opened for reading bytes.

    Raises:
        ValueError: if it is a pipe, a device or the like, which might be read for ever.

    Example:
        >>> opened(os.devnull)
        Traceback (most recent call last):
        ...
        ValueError: it is no regular file but a pipe, a device or the like, which is not read
    """
    file = open(path, "rb", opener=_without_waiting)  # noqa: SIM115 - the caller closes it
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise ValueError("it is no regular file but a pipe, a device or the like, which is not read")
    return file


def _without_waiting(path: str, flags: int) -> int:
    """A handle that comes at once even if nobody writes into a pipe."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
