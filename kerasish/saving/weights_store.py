"""The weights of a model as groups of an HDF5 file: `layers/dense/vars/0`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from kerasish.saving.guards import safe_h5
from kerasish.saving.legacy.paths import FormerPaths


def vars_at(path: str) -> str:
    """The group for the variables of the part at `path`, which is empty for the model itself."""
    return f"{path}/vars" if path else "vars"


class StoreWriter:
    """An HDF5 file that takes the variables of each part of a model.

    Args:
        file: an `h5py.File` opened for writing.
    """

    def __init__(self, file: Any) -> None:
        self._file = file

    def make(self, path: str, name: str | None) -> WrittenVars:
        """The place for the variables of the part at `path`.

        Args:
            path: where the part is in the model; empty for the model itself.
            name: the part's name, kept as an attribute; without one, the group appears with its first variable.
        """
        place = WrittenVars(self, path)
        if name is not None:
            self.group_for(path).attrs["name"] = name
        return place

    def group_for(self, path: str) -> Any:
        """The group for the variables of a part."""
        return self._file.require_group(vars_at(path))

    def write(self, path: str, key: str, value: np.ndarray) -> None:
        """Write one variable of a part."""
        write_dataset(self.group_for(path), key, value)


class WrittenVars:
    """What a part's `save_own_variables` writes into, like a dict."""

    def __init__(self, writer: StoreWriter, path: str) -> None:
        self._writer = writer
        self._path = path

    def __setitem__(self, key: str, value: Any) -> None:
        self._writer.write(self._path, key, np.asarray(value))


def write_dataset(group: Any, key: str, value: np.ndarray) -> None:
    """Write an array; bfloat16, which HDF5 has no name for, as two bytes and an attribute that says so."""
    if value.dtype.name == "bfloat16":
        group.create_dataset(key, data=value.view("V2")).attrs["dtype"] = "bfloat16"
    elif value.dtype.kind not in "fiub":
        raise ValueError(f"cannot save {key!r} in {group.name}: its dtype {value.dtype} is not that of numbers")
    else:
        group.create_dataset(key, data=value)


class StoreReader:
    """An HDF5 file that holds the variables of each part of a model.

    Args:
        file: an `h5py.File` opened for reading.
    """

    def __init__(self, file: Any) -> None:
        self._file = file
        # TensorFlow on Windows wrote `a\\b`, one name, where `a/b`, a group in a group, was meant.
        self._flat = {name.replace("\\", "/"): name for name in file if "\\" in name}
        self._paths = FormerPaths(self._children)

    def get(self, path: str) -> StoredVars:
        """The variables of the part at `path`; none if the file has nothing there.

        Raises:
            ValueError: if a part of the path is a link or no group.
        """
        place = f"{self._paths.find(path)}/vars"
        above = place.rpartition("/")[0]
        if place in self._flat or above in self._flat:
            place = self._flat.get(place) or f"{self._flat[above]}/vars"
        group = safe_h5.find_group(self._file, place)
        return StoredVars([] if group is None else [group])

    def _children(self, path: str) -> list[str]:
        group = safe_h5.find_group(self._file, path)
        start = f"{path}/" if path else ""
        flat = [name[len(start) :].partition("/")[0] for name in self._flat if name.startswith(start)]
        return list(dict.fromkeys([*(group or ()), *flat]))


class StoredVars:
    """What a part's `load_own_variables` reads from, like a dict.

    Args:
        groups: the groups that together hold the part's variables.
    """

    def __init__(self, groups: list[Any]) -> None:
        self._groups = groups

    def _group_of(self, key: str) -> Any:
        return next((group for group in self._groups if safe_h5.has(group, key)), None)

    def __len__(self) -> int:
        return sum(len(group) for group in self._groups)

    def __iter__(self) -> Iterator[str]:
        for group in self._groups:
            yield from group

    def keys(self) -> list[str]:
        """The names of the variables."""
        return list(self)

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and self._group_of(key) is not None

    def dataset(self, key: str) -> Any:
        """The dataset of a variable, checked to be safe to read.

        Raises:
            KeyError: if there is none.
            ValueError: if it is not safe.
        """
        group = self._group_of(key)
        if group is None:
            raise KeyError(key)
        return safe_h5.dataset_at(group, key)

    def __getitem__(self, key: str) -> np.ndarray:
        return safe_h5.read(self.dataset(key))
