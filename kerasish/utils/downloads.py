"""A file fetched over HTTP, taken up where it was cut off, and put in its place when it is whole."""

from __future__ import annotations

import hashlib
import http.client
import os
import sys
import urllib.error
import urllib.request
from typing import Any

from kerasish.backend.config import is_interactive_logging_enabled
from kerasish.utils.progbar import bar_class

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

_CHUNK = 2**16
# Seconds without a byte, and how often a connection that broke is made anew.
TIMEOUT = 30.0
ATTEMPTS = 4


class Incomplete(OSError):
    """The connection ended before the file did."""


def fetch(origin: str, temporary: str, target: str) -> None:
    """Write what an address holds into a file.

    What arrived of a file that was cut off is kept beside the target, under a name that its version (`ETag` or
    `Last-Modified`) is part of, and the next try asks the server for the rest alone. Without a version it begins anew.

    Args:
        origin: an address of `http` or `https`.
        temporary: the file that is written.
        target: the file that it is for.

    Raises:
        OSError: if the server does not answer, or refuses, or breaks off again and again.
    """
    for attempt in range(ATTEMPTS):
        try:
            _fetch(origin, temporary, target)
            return
        except (Incomplete, http.client.HTTPException, ConnectionError, TimeoutError):
            if attempt == ATTEMPTS - 1:
                raise


def _fetch(origin: str, temporary: str, target: str) -> None:
    response = _open(origin, {})
    version = _version(response)
    # where the target is a link, it is the link's file that is written
    part = _part(origin, version, os.path.dirname(temporary), os.path.basename(target))
    file = _claimed(part) if part else None
    if file is None or part is None:
        with response, open(temporary, "wb") as file:
            _copy(response, file, 0, target)
        return
    with file:
        if start := file.seek(0, os.SEEK_END):
            response.close()
            response = _rest(origin, start, str(version))
            if response.status != 206:
                file.truncate(start := 0)
        with response:
            _copy(response, file, start, target)
        if fcntl:  # while nobody else can claim it
            os.replace(part, temporary)
    if not fcntl:
        os.replace(part, temporary)


def _claimed(part: str) -> Any:
    """The beginning of a file, opened to write on, for this process alone; None if another one is at it."""
    file = open(part, "ab")  # noqa: SIM115 - the caller closes it
    try:
        if fcntl:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.path.samestat(os.fstat(file.fileno()), os.stat(part)):  # or the other one has just moved it
            return file
    except OSError:  # it has the lock, or has just moved the file, or this disk knows no locks
        pass
    file.close()
    return None


def _rest(origin: str, start: int, version: str) -> Any:
    """The answer for all from a byte on; for the whole file if it has changed, or the server gives no parts."""
    headers = {"Range": f"bytes={start}-"}
    if not version.startswith("W/"):  # a weak version cannot be a condition
        headers["If-Range"] = version
    try:
        response = _open(origin, headers)
    except urllib.error.HTTPError as error:
        if error.code != 416:  # nothing is left, or the file has become shorter
            raise
        return _open(origin, {})
    begins = response.headers.get("Content-Range", "").startswith(f"bytes {start}-")
    if response.status == 206 and not (begins and _version(response) == version):
        response.close()
        return _open(origin, {})
    return response


def _version(response: Any) -> str | None:
    return response.headers.get("ETag") or response.headers.get("Last-Modified")


def _open(origin: str, headers: dict[str, str]) -> Any:
    return urllib.request.urlopen(urllib.request.Request(origin, headers=headers), timeout=TIMEOUT)


def _part(origin: str, version: str | None, folder: str, name: str) -> str | None:
    """Where the beginning of a file that was cut off is kept."""
    if version is None:
        return None
    mark = hashlib.sha256(f"{origin}\n{version}".encode()).hexdigest()[:12]
    return os.path.join(folder, f".{name[:100]}.{mark}.part")


def _copy(response: Any, file: Any, start: int, target: str) -> None:
    length = response.headers.get("Content-Length", "")
    total = start + int(length) if length.isdecimal() else None
    with _bar(total, start, os.path.basename(target)) as bar:
        while chunk := response.read(_CHUNK):
            file.write(chunk)
            bar.update(len(chunk))
    file.flush()
    if total is not None and file.tell() != total:
        raise Incomplete(f"the connection ended after {file.tell()} of {total} bytes")


def _bar(total: int | None, start: int, name: str) -> Any:
    return bar_class()[0](
        desc=name,
        total=total,
        initial=start,
        unit="B",
        unit_scale=True,
        file=sys.stdout,
        disable=not is_interactive_logging_enabled() or sys.stdout is None,
    )
