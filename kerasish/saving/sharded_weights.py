"""`.weights.json`: the weights of a large model in several HDF5 files, and an index that tells what is where."""

from __future__ import annotations

import json
import os
import re
from contextlib import ExitStack
from typing import Any

import numpy as np

from kerasish.saving import atomic
from kerasish.saving.errors import reading
from kerasish.saving.guards import regular_files, safe_h5, safe_json
from kerasish.saving.weights_h5 import read_state, write_state
from kerasish.saving.weights_store import StoredVars, StoreReader, StoreWriter, vars_at


def index_path(path: str) -> str:
    """The path of the index: `model.weights.json` for `model.weights.h5`."""
    return os.path.splitext(path)[0] + ".json"


def save(model: Any, path: str, max_shard_size: float, skip: Any = ()) -> None:
    """Write the weights into files of at most `max_shard_size` gigabytes, and their index.

    Raises:
        ValueError: if one variable alone is larger.
    """
    directory, index = os.path.split(os.path.realpath(index_path(path)))
    base = os.path.splitext(index)[0].replace(".weights", "")
    names: list[str] = []
    with atomic.replacing_files(directory, names) as temporary, ExitStack() as files:
        writer = _ShardWriter(temporary, base, max_shard_size * 2**30, names, files)
        write_state(model, writer, skip=skip)
        files.close()
        with open(os.path.join(temporary, index), "w", encoding="utf-8") as file:
            json.dump(writer.index(), file, indent=4)
        names.append(index)


def load(model: Any, path: str, skip_mismatch: bool = False, skip: Any = ()) -> None:
    """Read the weights from the files of an index.

    Raises:
        ValueError: if they do not fit, or the index names files that are not its own; nothing is changed then.
    """
    path = index_path(path)
    with reading(path, "index"), regular_files.opened(path) as file:
        index = safe_json.loads_dict(file.read(safe_json.MAX_BYTES + 1))
        places = _places(index, os.path.splitext(os.path.basename(path))[0].replace(".weights", ""))
    with reading(path, "weights"), ExitStack() as files:
        opened = {}
        for name in sorted({name for found in places.values() for name in found}):
            shard = os.path.join(os.path.dirname(path), name)
            opened[name] = files.enter_context(safe_h5.open_file(shard))
        read_state(model, _ShardReader(places, opened), skip_mismatch, skip=skip)


def _places(index: dict[str, Any], base: str) -> dict[str, list[str]]:
    """For each group, the names of the files that hold it."""
    own = re.compile(re.escape(base) + r"_\d{5}\.weights\.h5")
    places: dict[str, list[str]] = {}
    weight_map = index["weight_map"]
    if not isinstance(weight_map, dict):
        raise ValueError("the weight_map must be an object {...}")
    for group, value in weight_map.items():
        found = [value] if isinstance(value, str) else value
        if not isinstance(found, list) or not all(isinstance(name, str) and own.fullmatch(name) for name in found):
            raise ValueError(
                f"{group} is said to be in {value!r:.200}; this index's files are {base}_00000.weights.h5 ..."
            )
        places[group] = found
    return places


class _ShardWriter(StoreWriter):
    """A writer that begins a new file when one is full."""

    def __init__(self, directory: str, base: str, limit: float, names: list[str], files: ExitStack) -> None:
        self._directory = directory
        self._base = base
        self._limit = limit
        self._names = names
        self._files = files
        self._size = self._total = 0
        self._map: dict[str, list[str]] = {}
        self._begin()

    def _begin(self) -> None:
        name = f"{self._base}_{len(self._names):05}.weights.h5"
        self._names.append(name)
        super().__init__(self._files.enter_context(safe_h5.creating(os.path.join(self._directory, name))))
        self._size = 0

    def write(self, path: str, key: str, value: np.ndarray) -> None:
        if value.nbytes > self._limit:
            raise ValueError(
                f"the variable {key} of {path or 'the model'} has {value.nbytes} bytes; max_shard_size allows "
                f"{self._limit:.0f}. Raise max_shard_size."
            )
        if self._size + value.nbytes > self._limit:
            self._begin()
        self._size += value.nbytes
        self._total += value.nbytes
        super().write(path, key, value)
        files = self._map.setdefault(f"/{vars_at(path)}", [])
        if self._names[-1] not in files:
            files.append(self._names[-1])

    def index(self) -> dict[str, Any]:
        """What the index file says."""
        return {"metadata": {"total_size": self._total}, "weight_map": self._map}


class _ShardReader(StoreReader):
    """A reader that gathers a part's variables from every file that holds some."""

    def __init__(self, places: dict[str, list[str]], files: dict[str, Any]) -> None:
        self._places = places
        self._shards = files

    def get(self, path: str) -> StoredVars:
        group = f"/{vars_at(path)}"
        found = (safe_h5.find_group(self._shards[name], group) for name in self._places.get(group, []))
        return StoredVars([part for part in found if part is not None])
