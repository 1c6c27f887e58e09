"""`.npz`: the weights of every part of a model as NumPy arrays, for programs that know NumPy and no HDF5."""

from __future__ import annotations

import io
import math
import re
from typing import Any, NamedTuple

import numpy as np

from kerasish.backend.callers import warn
from kerasish.saving import atomic
from kerasish.saving.errors import reading
from kerasish.saving.guards import safe_zip
from kerasish.saving.loading import Assignment, assign_all, value_for
from kerasish.saving.weights_h5 import read_state, write_state
from kerasish.saving.weights_store import StoredVars, StoreReader, StoreWriter, WrittenVars, vars_at

_ENDING = ".npy"
# The names that `np.savez(path, *model.get_weights())` gives.
_POSITION = re.compile(r"arr_(\d{1,9})")


def save(model: Any, path: str, skip: Any = ()) -> None:
    """Write the weights, and the state of the optimizer: `layers/dense/vars/0`, as in `.weights.h5`."""
    writer = _Writer()
    write_state(model, writer, skip=skip)
    with atomic.replacing(path) as temporary, open(temporary, "wb") as file:
        np.savez(file, **writer.arrays)


def load(model: Any, path: str, skip_mismatch: bool = False, skip: Any = ()) -> None:
    """Read what `save` wrote, or `np.savez(path, *model.get_weights())`.

    Raises:
        ValueError: if it does not fit; nothing is changed then.
    """
    with reading(path, "weights"), safe_zip.Archive(path) as archive:
        names = [name.removesuffix(_ENDING) for name in archive.names]
        if names and all(_POSITION.fullmatch(name) for name in names):
            _load_in_order(model, archive, sorted(names, key=lambda name: int(name[4:])), skip_mismatch)
        else:
            read_state(model, _Reader(archive), skip_mismatch, skip=skip)


def _load_in_order(model: Any, archive: safe_zip.Archive, names: list[str], skip_mismatch: bool) -> None:
    variables = model.weights
    if len(names) != len(variables):
        raise ValueError(f"the file holds {len(names)} arrays; the model {model.name!r} has {len(variables)} weights")
    plan: list[Assignment] = []
    for variable, name in zip(variables, names, strict=True):
        try:
            plan.append((variable, value_for(variable, _read(archive, name))))
        except ValueError as error:
            if not skip_mismatch:
                raise
            warn(f"the variable {variable.path!r} is left as it is: {error}")
    assign_all(plan)


class _Stored(NamedTuple):
    """As much of an HDF5 dataset as is asked for when weights are read."""

    name: str
    array: np.ndarray

    @property
    def shape(self) -> tuple[int, ...]:
        return self.array.shape

    @property
    def dtype(self) -> np.dtype[Any]:
        return self.array.dtype

    def read(self) -> np.ndarray:
        """The array."""
        return self.array


def _read(archive: safe_zip.Archive, name: str) -> _Stored:
    """An array, whose size is compared with the bytes that are there; objects, which are pickled, are refused."""
    content = archive.read(name + _ENDING)
    file = io.BytesIO(content)
    version = np.lib.format.read_magic(file)
    if version not in ((1, 0), (2, 0)):
        raise ValueError(f"{name} has the unknown version {version} of NumPy's format")
    header = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    shape, in_columns, dtype = header(file)
    if dtype.kind not in "fiub":
        raise ValueError(f"{name} holds {dtype}; expected numbers (pickled objects are never read)")
    declared, stored = math.prod(shape) * dtype.itemsize, len(content) - file.tell()
    if declared != stored:
        raise ValueError(f"{name} declares {declared} bytes (shape {shape}) but the file stores {stored}")
    flat = np.frombuffer(content, dtype, offset=file.tell())
    return _Stored(name, flat.reshape(shape, order="F" if in_columns else "C"))


class _Writer(StoreWriter):
    """A dict of arrays that takes the variables of each part of a model."""

    def __init__(self) -> None:
        self.arrays: dict[str, Any] = {}

    def make(self, path: str, name: str | None) -> WrittenVars:
        return WrittenVars(self, path)

    def write(self, path: str, key: str, value: np.ndarray) -> None:
        if value.dtype.name == "bfloat16":
            value = value.astype("float32")  # which NumPy has a name for, and which holds the same numbers
        self.arrays[f"{vars_at(path)}/{key}"] = value


class _Reader(StoreReader):
    """An archive that holds the variables of each part of a model."""

    def __init__(self, archive: safe_zip.Archive) -> None:
        self._archive = archive
        self._parts: dict[str, list[str]] = {}
        for name in archive.names:
            place, _, key = name.removesuffix(_ENDING).rpartition("/")
            self._parts.setdefault(place, []).append(key)

    def get(self, path: str) -> StoredVars:
        place = vars_at(path)
        return _StoredVars(self._archive, place, self._parts.get(place, []))


class _StoredVars(StoredVars):
    """The arrays of one part."""

    def __init__(self, archive: safe_zip.Archive, place: str, keys: list[str]) -> None:
        self._archive = archive
        self._place = place
        self._keys = keys

    def __len__(self) -> int:
        return len(self._keys)

    def __iter__(self) -> Any:
        return iter(self._keys)

    def __contains__(self, key: object) -> bool:
        return key in self._keys

    def dataset(self, key: str) -> _Stored:
        if key not in self._keys:
            raise KeyError(key)
        return _read(self._archive, f"{self._place}/{key}")
