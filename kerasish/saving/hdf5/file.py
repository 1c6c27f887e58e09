"""An HDF5 file from a stranger: its groups and datasets, each looked at when it is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import BinaryIO

from kerasish.saving.guards import regular_files
from kerasish.saving.hdf5.claims import Claims
from kerasish.saving.hdf5.datasets import KIND, SPACE, Dataset
from kerasish.saving.hdf5.groups import LINK_INFO, TABLE, Link, links_of
from kerasish.saving.hdf5.headers import Header, root_address
from kerasish.saving.hdf5.heaps import GlobalHeap
from kerasish.saving.hdf5.items import Item, Opened
from kerasish.saving.hdf5.source import Source, damaged


class Group(Item):
    """A group; the arguments are those of `Item`."""

    @cached_property
    def links(self) -> dict[str, Link]:
        """What its names stand for."""
        return links_of(self._opened.source, self._header)

    def __iter__(self) -> Iterator[str]:
        return iter(self.links)

    def __len__(self) -> int:
        return len(self.links)

    @cached_property
    def _members(self) -> dict[str, Item]:
        return {}

    def member(self, name: str) -> Item:
        """The group, dataset or other object of this name.

        Raises:
            ValueError: if there is none, or it is a link to somewhere else.
        """
        if name not in self._members:
            self._members[name] = self._found(name)
        return self._members[name]

    def _found(self, name: str) -> Item:
        link = self.links.get(name)
        if link is None:
            raise ValueError(f"{self.name} has no member {name!r}; its members are {list(self.links)[:8]}")
        if link.kind != "HardLink":
            raise ValueError(f"{name!r} in {self.name} is a {link.kind}; links to elsewhere are not followed")
        header = Header(self._opened.source, link.at)
        path = f"{self.name.rstrip('/')}/{name}"
        if header.has(TABLE) or header.has(LINK_INFO):
            return Group(self._opened, header, path)
        if header.has(KIND) and header.has(SPACE):
            return Dataset(self._opened, header, path)
        if header.has(KIND):
            return Item(self._opened, header, path)
        raise damaged(f"{path} is neither a group nor a dataset")


class File(Group):
    """An HDF5 file opened for reading.

    Args:
        source: its path, or an object like an open file.

    Raises:
        ValueError: if it is no HDF5 file.
        OSError: if it cannot be opened.

    Example:
        >>> import io
        >>> File(io.BytesIO(b"something else"))
        Traceback (most recent call last):
        ...
        ValueError: this is not a readable HDF5 file: it does not begin as one
    """

    def __init__(self, source: str | BinaryIO) -> None:
        self._own = regular_files.opened(source) if isinstance(source, str) else None
        try:
            bytes_ = Source(self._own or source)  # type: ignore[arg-type]
            opened = Opened(bytes_, Claims(), GlobalHeap(bytes_))
            super().__init__(opened, Header(bytes_, root_address(bytes_)), "/")
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> File:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file, if it was opened here."""
        if self._own is not None:
            self._own.close()

    def datasets(self) -> Iterator[Dataset]:
        """Every dataset, each once, whatever names it has; links to elsewhere are passed over."""
        seen: set[int] = set()
        waiting: list[Group] = [self]
        while waiting:
            group = waiting.pop()
            for name, link in group.links.items():
                if link.kind != "HardLink" or link.at in seen:
                    continue
                seen.add(link.at)
                found = group.member(name)
                if isinstance(found, Dataset):
                    yield found
                elif isinstance(found, Group):
                    waiting.append(found)
