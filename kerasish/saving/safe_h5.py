"""HDF5 files from strangers: hard links only, data that the file itself holds, and nothing larger than that."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from itertools import islice
from typing import Any

import numpy as np

from kerasish.backend import dtypes
from kerasish.saving import heap_guard

# deflate, shuffle, fletcher32, szip, nbit, scaleoffset and lzf: the filters that come with HDF5 and h5py. Asking for
# any other would make the library look for a plugin to load.
_KNOWN_FILTERS = frozenset({1, 2, 3, 4, 5, 6, 32000})
MAX_RATIO = 200
SMALL = 64 * 2**20
MAX_NAMES = 100_000
# The most bytes of an attribute, which is read whole.
MAX_ATTRIBUTE = 32 * 2**20
# A piece of a packed dataset is unpacked whole, so it may not be much larger than the dataset.
SMALL_CHUNK = 2**20
# How many times the stored bytes a model may take beyond SMALL; packed weights grow, and optimizers keep copies.
ALLOWED_MULTIPLE = 16


def open_file(source: Any, mode: str = "r") -> Any:
    """An `h5py.File` over a path or a file object.

    Raises:
        ImportError: if h5py is missing.
        ValueError: if the content is not HDF5.
    """
    try:
        import h5py
    except ImportError as error:
        raise ImportError("HDF5 files need h5py: pip install h5py") from error
    if mode == "r":
        with open(source, "rb") if isinstance(source, str) else nullcontext(source) as file:
            heap_guard.check(file)
    try:
        return h5py.File(source, mode)
    except OSError as error:
        if error.errno is not None:
            raise
        raise ValueError(f"this is not a readable HDF5 file: {error}") from error


@contextmanager
def creating(path: str) -> Iterator[Any]:
    """A block that fills a new `h5py.File`.

    Raises:
        OSError: if it cannot be written, for which HDF5 has several errors.
    """
    try:
        with open_file(path, "w") as file:
            yield file
    except RuntimeError as error:
        number = re.search(r"errno = (\d+)", str(error))
        if number is None:
            raise
        raise OSError(int(number[1]), os.strerror(int(number[1])), path) from error


def has(group: Any, name: str) -> bool:
    """Whether a group holds a member of this name, if only as a link."""
    return bool(name) and group.id.links.exists(name.encode("utf-8"))


def child(group: Any, name: str) -> Any:
    """A group's member, of any kind.

    Raises:
        ValueError: if it is missing, or a link to somewhere else.
    """
    import h5py

    if not has(group, name):
        raise ValueError(f"{group.name} has no member {name!r}; its members are {list(islice(group, 8))}")
    link = group.get(name, getlink=True)
    if not isinstance(link, h5py.HardLink):
        raise ValueError(f"{name!r} in {group.name} is a {type(link).__name__}; links to elsewhere are not followed")
    return group[name]


def is_group(item: Any) -> bool:
    """Whether a member of a group is itself a group."""
    import h5py

    return isinstance(item, h5py.Group)


def address(item: Any) -> tuple[int, int]:
    """What tells two names of one group or dataset from two groups or datasets."""
    import h5py

    info = h5py.h5o.get_info(item.id)
    return info.fileno, info.addr


def group_at(parent: Any, path: str) -> Any:
    """The group at a path below another.

    Raises:
        ValueError: if a part of the path is missing, a link or no group.
    """
    current = parent
    for name in path.split("/"):
        if name:
            current = child(current, name)
            if not is_group(current):
                raise ValueError(f"{current.name} is a {type(current).__name__.lower()}, expected a group")
    return current


def find_group(parent: Any, path: str) -> Any:
    """The group at a path below another, or None if there is nothing at the path.

    Raises:
        ValueError: if a part of the path is a link or no group.
    """
    current = parent
    for name in path.split("/"):
        if name:
            if not has(current, name):
                return None
            current = group_at(current, name)
    return current


def dataset_at(group: Any, path: str) -> Any:
    """The dataset at a path below a group, checked to be safe to read.

    Raises:
        ValueError: if it is missing, a link, not made of plain numbers, or declares more than the file stores.
    """
    import h5py

    parent, _, name = path.rpartition("/")
    found = child(group_at(group, parent), name)
    if not isinstance(found, h5py.Dataset):
        raise ValueError(f"{found.name} is a {type(found).__name__.lower()}, expected a dataset")
    _check_storage(found)
    return found


def _check_storage(dataset: Any) -> None:
    name = dataset.name
    if dataset.external:
        raise ValueError(f"{name} keeps its data in other files, which are not opened")
    if dataset.is_virtual:
        raise ValueError(f"{name} is a virtual dataset, made of other files, which are not opened")
    if dataset.shape is None:
        raise ValueError(f"{name} is empty: it has no shape")
    if dataset.dtype.kind not in "fiubV" or (dataset.dtype.kind == "V" and not _is_bfloat16(dataset)):
        raise ValueError(f"{name} holds {dataset.dtype}; expected numbers")
    plan = dataset.id.get_create_plist()
    filters = [plan.get_filter(i)[0] for i in range(plan.get_nfilters())]
    unknown = [number for number in filters if number not in _KNOWN_FILTERS]
    if unknown:
        raise ValueError(f"{name} is packed with the unknown filter {unknown[0]}; no plugin is loaded for it")
    declared = math.prod(dataset.shape) * dataset.dtype.itemsize
    stored = dataset.id.get_storage_size()
    if declared > (max(SMALL, MAX_RATIO * stored) if filters else stored):
        raise ValueError(f"{name} declares {declared} bytes (shape {dataset.shape}) but the file stores {stored}")
    chunk = math.prod(dataset.chunks or ()) * dataset.dtype.itemsize
    if chunk > max(SMALL_CHUNK, 2 * declared):
        raise ValueError(f"{name} declares pieces of {chunk} bytes (shape {dataset.chunks}) for data of {declared}")


def _is_bfloat16(dataset: Any) -> bool:
    return dataset.dtype.itemsize == 2 and text_attribute(dataset, "dtype", "") == "bfloat16"


def dtype_of(dataset: Any) -> np.dtype[Any]:
    """The dtype of the array that `read` gives."""
    return dtypes.numpy_dtype("bfloat16") if _is_bfloat16(dataset) else dataset.dtype


def read(dataset: Any) -> np.ndarray:
    """The array of a dataset.

    Raises:
        ValueError: if its bytes are damaged.
    """
    try:
        array = np.asarray(dataset[()])
    except OSError as error:
        raise ValueError(f"{dataset.name} is damaged: {error}") from error
    return array.view(dtype_of(dataset)) if array.dtype.kind == "V" else array


def allowance(file: Any) -> int:
    """How many bytes the variables of the model in a file may take: a small multiple of those that the file holds.

    An optimizer that the file has no state of, or float32 variables of float16 weights, take more than is stored.
    """
    import h5py

    total = 0

    def add(_: str, item: Any) -> None:
        nonlocal total
        if isinstance(item, h5py.Dataset):
            total += item.id.get_storage_size()

    file.visititems(add)
    return SMALL + ALLOWED_MULTIPLE * total


def text_attribute(group: Any, name: str, missing: str) -> str:
    """A string attribute, whichever of HDF5's spellings it has.

    Args:
        group: a group or dataset.
        name: the attribute.
        missing: what stands for one that is not there.

    Raises:
        ValueError: if it is no string, or too long.
    """
    return text(_attribute(group, name)) if name in group.attrs else missing


def _attribute(group: Any, name: str) -> Any:
    """An attribute, whose size is compared with the limits before it is read."""
    attribute = group.attrs.get_id(name)
    count = attribute.get_space().get_simple_extent_npoints()
    size = count * attribute.get_type().get_size()
    if count > MAX_NAMES and attribute.dtype.hasobject:
        raise ValueError(f"the attribute {name!r} of {group.name} has {count} strings; at most {MAX_NAMES} are read")
    if size > MAX_ATTRIBUTE:
        raise ValueError(f"the attribute {name!r} of {group.name} has {size} bytes; at most {MAX_ATTRIBUTE} are read")
    return group.attrs[name]


def text(value: Any) -> str:
    """A string, from what an attribute holds.

    Raises:
        ValueError: if it is no string.
    """
    if isinstance(value, bytes):
        return value.decode("utf-8")
    if isinstance(value, str):
        return str(value)
    raise ValueError(f"expected a string attribute; found {type(value).__name__}")


def text_list(group: Any, name: str) -> list[str]:
    """A list of strings kept in an attribute, or in the attributes `name0`, `name1`, ... where it was too long for one.

    Raises:
        ValueError: if an entry is no string.
    """
    if name in group.attrs:
        return _texts(_attribute(group, name))
    found: list[str] = []
    part = 0
    while f"{name}{part}" in group.attrs:
        found += _texts(_attribute(group, f"{name}{part}"))
        part += 1
    return found


def _texts(values: Any) -> list[str]:
    array = np.asarray(values)
    return [text(value) for value in array.reshape(-1).tolist()]
