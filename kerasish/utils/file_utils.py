"""Files that a program needs: found in the cache, or fetched into it."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import urllib.error
import urllib.parse
import urllib.request
import warnings
from collections.abc import Sequence
from typing import Any

from kerasish.backend.config import keras_home
from kerasish.backend.typing import FilePath
from kerasish.saving.atomic import replacing
from kerasish.saving.guards import regular_files
from kerasish.utils.archives import extract_archive
from kerasish.utils.downloads import fetch
from kerasish.utils.progbar import print_line

_ALGORITHMS = ("auto", "md5", "sha256")


def get_file(
    fname: FilePath | None = None,
    origin: FilePath | None = None,
    untar: bool = False,
    md5_hash: str | None = None,
    file_hash: str | None = None,
    cache_subdir: FilePath = "datasets",
    hash_algorithm: str = "auto",
    extract: bool = False,
    archive_format: str | Sequence[str] | None = "auto",
    cache_dir: FilePath | None = None,
    force_download: bool = False,
) -> str:
    """The path of a file in the cache, fetched first if it is not there.

    A file takes its place when it is whole and has the hash asked for; until then the old one stays. What was cut off
    is taken up where it ended.

    Args:
        fname: the file's name in the cache; by default the last part of `origin`. No path.
        origin: an address of `http`, `https` or `file`, or the path of a file on this machine.
        untar: `extract` for tar archives.
        md5_hash: the older name of `file_hash`, of MD5.
        file_hash: the digest that the file must have, in hexadecimal digits.
        cache_subdir: the directory within the cache; or any, as an absolute path.
        hash_algorithm: `"sha256"`, `"md5"`, or `"auto"`, by the digest's length.
        extract: whether the file is an archive that is unpacked. A member that would be written elsewhere, devices, and
            sizes out of all proportion are refused, links to other members become copies of them.
        archive_format: `"tar"`, `"zip"`, a list of these, `"auto"` for both, or None.
        cache_dir: the cache; by default `$KERAS_HOME`, or `~/.keras`. If nothing can be written there, `.keras` in the
            directory of temporary files.
        force_download: whether the file is fetched even if it is there.

    Returns:
        The file's path. With `extract` or `untar`, the path of the directory: `x_extracted` for `fname="x.zip"`,
        and otherwise the name without more, beside the archive `x_archive`.

    Raises:
        ValueError: if there is no origin, `fname` is a path, the digest is another, or the archive is damaged or would
            do harm.
        OSError: if the file cannot be fetched; it says where to put it by hand.

    Example:
        >>> import pathlib
        >>> import tempfile
        >>> import kerasish as keras
        >>> folder = pathlib.Path(tempfile.mkdtemp())
        >>> _ = (folder / "words.txt").write_text("to be or not to be")
        >>> path = keras.utils.get_file(origin=folder / "words.txt", cache_dir=folder / "cache")
        >>> pathlib.Path(path).relative_to(folder).as_posix()
        'cache/datasets/words.txt'
    """
    if origin is None:
        raise ValueError("get_file needs an origin: the address of the file, or its path; received origin=None")
    if md5_hash is not None and file_hash is None:
        file_hash, hash_algorithm = md5_hash, "md5"
    if hash_algorithm not in _ALGORITHMS:
        raise ValueError(f"hash_algorithm must be one of {_ALGORITHMS}; received {hash_algorithm!r}")
    origin = os.fspath(origin)
    folder = _folder(cache_dir, cache_subdir)
    name = _name(fname, origin)
    unpacks = extract or untar
    target = os.path.join(folder, f"{name}_archive" if unpacks and not (fname and "." in name) else name)
    if force_download or not _is_there(target, file_hash, hash_algorithm):
        _bring(origin, target, file_hash, hash_algorithm)
    if not unpacks:
        return target
    directory = os.path.join(folder, f"{name.split('.')[0]}_extracted" if fname and "." in name else name)
    if not extract_archive(target, directory, "tar" if untar else archive_format):
        warnings.warn(
            f"{target} is not unpacked: it is no archive of the format {archive_format!r}", RuntimeWarning, stacklevel=2
        )
    return directory


def _folder(cache_dir: Any, cache_subdir: Any) -> str:
    base = os.path.expanduser(keras_home() if cache_dir is None else os.fspath(cache_dir))
    try:
        os.makedirs(base, exist_ok=True)
        writable = os.access(base, os.W_OK)
    except OSError:
        writable = False
    if not writable:
        base = _temporary_home(base)
    folder = os.path.join(base, os.fspath(cache_subdir))
    os.makedirs(folder, exist_ok=True)
    return folder


def _temporary_home(base: str) -> str:
    """A directory for files where the cache cannot be written.

    Raises:
        PermissionError: if it belongs to somebody else, who could put files of their own there.
    """
    home = os.path.join("/tmp" if os.path.isdir("/tmp") else tempfile.gettempdir(), ".keras")
    os.makedirs(home, mode=0o700, exist_ok=True)
    if hasattr(os, "getuid") and os.stat(home).st_uid != os.getuid():
        raise PermissionError(
            f"{base} cannot be written, and {home} belongs to another user: set KERAS_HOME or cache_dir to a directory "
            "of your own"
        )
    return home


def _name(fname: Any, origin: str) -> str:
    if fname:
        name = os.fspath(fname)
        if os.path.basename(name) != name or name in (".", ".."):
            raise ValueError(f"fname is a name and no path, the directory is cache_dir; received fname={name!r}")
        return name
    path = origin if _scheme(origin) is None else urllib.parse.urlsplit(origin).path
    name = os.path.basename(path)
    if name in ("", ".", ".."):
        raise ValueError(f"the address {origin!r} does not end in the name of a file: give one, fname=...")
    return name


def _scheme(origin: str) -> str | None:
    """The kind of an address; None for a path."""
    return origin.split(":", 1)[0].lower() if "://" in origin or origin.lower().startswith("file:") else None


def _is_there(target: str, file_hash: str | None, algorithm: str) -> bool:
    if not os.path.exists(target):
        return False
    if file_hash is None or _digest(target, file_hash, algorithm) == file_hash.lower():
        return True
    print_line(f"{target} has another hash than {file_hash}: it is fetched again")
    return False


def _digest(path: str, file_hash: str, algorithm: str) -> str:
    is_long = algorithm == "sha256" or (algorithm == "auto" and len(file_hash) == 64)
    digest = hashlib.sha256() if is_long else hashlib.md5(usedforsecurity=False)
    with regular_files.opened(path) as file:
        while chunk := file.read(2**20):
            digest.update(chunk)
    return digest.hexdigest()


def _bring(origin: str, target: str, file_hash: str | None, algorithm: str) -> None:
    scheme = _scheme(origin)
    with replacing(target) as temporary:
        if scheme in ("http", "https"):
            print_line(f"Downloading data from {origin}")
            try:
                fetch(origin, temporary, target)
            except Exception as error:
                raise OSError(_unreached(origin, target, error)) from error
        elif scheme in (None, "file"):
            _copied(_local(origin) if scheme else origin, temporary)
        else:
            raise ValueError(f"get_file reads addresses of http, https and file, and paths; received origin={origin!r}")
        if file_hash is not None and (found := _digest(temporary, file_hash, algorithm)) != file_hash.lower():
            raise ValueError(
                f"what came from {origin} has the hash {found}, and not {file_hash} as asked for: it is incomplete, "
                "or another file. It is not kept."
            )


def _local(origin: str) -> str:
    parts = urllib.parse.urlsplit(origin)
    if parts.netloc not in ("", "localhost"):
        raise ValueError(f"an address of the kind file: names a file on this machine; received origin={origin!r}")
    return urllib.request.url2pathname(parts.path)


def _copied(source: str, temporary: str) -> None:
    with regular_files.opened(source) as file, open(temporary, "wb") as copy:
        shutil.copyfileobj(file, copy)


def _unreached(origin: str, target: str, error: Exception) -> str:
    if isinstance(error, urllib.error.HTTPError):
        reason = f"{error.code} -- {error.msg}"
    else:
        reason = str(getattr(error, "reason", "") or error) or type(error).__name__
    return (
        f"URL fetch failure on {origin}: {reason}. Without a network, fetch the file on another machine and put it "
        f"there: {target}"
    )
