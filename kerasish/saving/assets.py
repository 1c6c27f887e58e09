"""Files that layers keep beside configuration and weights, such as vocabularies: `assets/layers/string_lookup/...`.

A library layer gives and takes its files as bytes. Only for a caller's own class, whose `save_assets` and `load_assets`
know directories, is there a temporary one.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from kerasish.backend.callers import warn
from kerasish.saving import saveables
from kerasish.saving.guards import regular_files
from kerasish.saving.legacy.paths import FormerPaths

_ROOT = "assets"
# The most bytes of one file.
LIMIT = 2**30


class Members(Protocol):
    """An archive, or a directory, whose members are read by name."""

    @property
    def names(self) -> list[str]:
        """The names of the members, with slashes."""

    def read(self, name: str, limit: int | None = None) -> bytes:
        """The content of a member."""


class Directory:
    """A directory whose files are read by name, as an archive's members are.

    Args:
        path: the directory.
    """

    def __init__(self, path: str) -> None:
        self._path = os.path.realpath(path)

    @property
    def names(self) -> list[str]:
        """The names of the files, those in directories below with slashes."""
        found = []
        for place, _, files in os.walk(self._path):
            below = os.path.relpath(place, self._path).replace(os.sep, "/")
            found += [name if below == "." else f"{below}/{name}" for name in files]
        return found

    def read(self, name: str, limit: int | None = None) -> bytes:
        """The content of a file.

        Raises:
            ValueError: if it is a link or no regular file, or longer than `limit`.
        """
        path = os.path.join(self._path, *name.split("/"))
        if os.path.realpath(path) != path:
            raise ValueError(f"{name} is a link to another file, and is not followed")
        with regular_files.opened(path) as file:
            content = file.read() if limit is None else file.read(limit + 1)
        if limit is not None and len(content) > limit:
            raise ValueError(f"{name} has more than {limit} bytes")
        return content


def written(model: Any) -> dict[str, bytes]:
    """The files of every part of a model, by the names of members."""
    members: dict[str, bytes] = {}

    def gather(part: Any, path: str) -> bool:
        for name, content in _files_of(part).items():
            members[_place(path) + name] = content
        return True

    saveables.walk(model, gather)
    return members


def read(model: Any, members: Members) -> None:
    """Give the parts of a model their files.

    Raises:
        ValueError: if a file is missing or cannot be used.
    """
    names = dict.fromkeys(members.names)
    paths = FormerPaths(lambda path: _children(names, _place(path)))

    def restore(part: Any, path: str) -> bool:
        place = _place(paths.find(path))
        if hasattr(type(part), "set_asset_files"):
            wanted = [name for name in part.asset_files() if place + name in names]
            with _naming(place):
                part.set_asset_files({name: members.read(place + name, LIMIT) for name in wanted})
        elif hasattr(type(part), "load_assets"):
            own = [name for name in names if name.startswith(place) and not name.endswith("/")]
            with _naming(place):
                _load(part, {name[len(place) :]: members.read(name, LIMIT) for name in own})
        return True

    saveables.walk(model, restore)


def _place(path: str) -> str:
    return f"{_ROOT}/{path}/" if path else f"{_ROOT}/"


def _children(names: Iterable[str], place: str) -> list[str]:
    """The first parts of the names below a place."""
    return list(dict.fromkeys(name[len(place) :].partition("/")[0] for name in names if name.startswith(place)))


@contextmanager
def _naming(place: str) -> Iterator[None]:
    """A block whose errors tell which files are at fault."""
    try:
        yield
    except (ValueError, RuntimeError) as error:
        raise ValueError(f"{place}: {error}") from error


def warn_of_loss(model: Any, path: str, skip: Any = ()) -> None:
    """Warn if a model has files that the format of `path` has no place for, in parts that are not left out anyway."""
    lost: dict[str, str] = {}

    def note(part: Any, place: str) -> bool:
        if not any(place.startswith(f"{other}/") for other in lost) and _has_files(part):
            lost[place] = repr(getattr(part, "name", place))
        return True

    saveables.walk(model, note, skip)
    if lost:
        names = ", ".join(list(lost.values())[:8])
        warn(
            f"{path} does not hold the vocabulary, or the like, of {names}: the format has no place for it. Save as "
            ".keras, or give the layer its tokens as `vocabulary`, which is part of its configuration.",
        )


def _has_files(part: Any) -> bool:
    try:
        return bool(_files_of(part))
    except ValueError:
        return True  # a vocabulary that cannot be written as lines is lost as well


def _files_of(part: Any) -> dict[str, bytes]:
    if hasattr(type(part), "asset_files"):
        return part.asset_files()
    if not hasattr(type(part), "save_assets"):
        return {}
    with tempfile.TemporaryDirectory() as place:
        part.save_assets(place)
        directory = Directory(place)
        return {name: directory.read(name) for name in directory.names}


def _load(part: Any, files: dict[str, bytes]) -> None:
    """Show a caller's own layer its files in a directory that is only theirs."""
    with tempfile.TemporaryDirectory() as place:
        for name, content in files.items():
            parts = name.split("/")
            if any(not _is_plain(piece) for piece in parts):
                raise ValueError(f"{name!r:.200} is no name of a file below a directory")
            os.makedirs(os.path.join(place, *parts[:-1]), exist_ok=True)
            with open(os.path.join(place, *parts), "xb") as file:
                file.write(content)
        part.load_assets(place)


def _is_plain(piece: str) -> bool:
    """Whether a part of a path names a file or directory, on every system."""
    return piece not in ("", ".", "..") and not any(mark in piece for mark in "\\:\0")
