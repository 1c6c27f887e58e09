"""Weights in HDF5 files: read by our own reader, with limits, and written by h5py."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from kerasish.backend import dtypes
from kerasish.saving.hdf5 import filters
from kerasish.saving.hdf5.datasets import Dataset
from kerasish.saving.hdf5.file import File, Group

MAX_RATIO = 200
SMALL = 64 * 2**20
# A piece of a packed dataset is unpacked whole, so it may not be much larger than the dataset.
SMALL_CHUNK = 2**20
# How many times the stored bytes a model may take beyond SMALL; packed weights grow, and optimizers keep copies.
ALLOWED_MULTIPLE = 16


def open_file(source: Any, mode: str = "r") -> Any:
    """An HDF5 file: for reading one of `hdf5.File`, which trusts nothing in it; for writing an `h5py.File`.

    Args:
        source: a path or a file object.
        mode: `"r"`, or a mode of h5py's for writing.

    Raises:
        ImportError: if h5py is missing, which writes.
        ValueError: if the content is not HDF5.
    """
    if mode == "r":
        return File(source)
    try:
        import h5py
    except ImportError as error:
        raise ImportError("to write HDF5 files needs h5py: pip install h5py") from error
    return h5py.File(source, mode)


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


def has(group: Group, name: str) -> bool:
    """Whether a group holds a member of this name, if only as a link."""
    return name in group.links


def group_at(parent: Group, path: str) -> Group:
    """The group at a path below another.

    Raises:
        ValueError: if a part of the path is missing, a link or no group.
    """
    current = parent
    for name in filter(None, path.split("/")):
        found = current.member(name)
        if not isinstance(found, Group):
            raise ValueError(f"{found.name} is a {type(found).__name__.lower()}, expected a group")
        current = found
    return current


def find_group(parent: Group, path: str) -> Group | None:
    """The group at a path below another, or None if there is nothing at the path.

    Raises:
        ValueError: if a part of the path is a link or no group.
    """
    current = parent
    for name in filter(None, path.split("/")):
        if not has(current, name):
            return None
        current = group_at(current, name)
    return current


def dataset_at(group: Any, path: str) -> Any:
    """The dataset at a path below a group, checked to be safe to read.

    Raises:
        ValueError: if it is missing, a link, not made of plain numbers, or declares more than the file stores.
    """
    parent, _, name = path.rpartition("/")
    found = group_at(group, parent).member(name)
    if not isinstance(found, Dataset):
        raise ValueError(f"{found.name} is a {type(found).__name__.lower()}, expected a dataset")
    _check_storage(found)
    return found


def _check_storage(dataset: Dataset) -> None:
    name = dataset.name
    if dataset.is_external:
        raise ValueError(f"{name} keeps its data in other files, which are not opened")
    if dataset.is_virtual:
        raise ValueError(f"{name} is a virtual dataset, made of other files, which are not opened")
    if dataset.shape is None:
        raise ValueError(f"{name} is empty: it has no shape")
    if dataset.dtype.kind == "V" and not _is_bfloat16(dataset):
        raise ValueError(f"{name} holds {dataset.dtype}; expected numbers")
    try:
        filters.check(dataset.filters)
    except ValueError as error:
        raise ValueError(f"{name} is {error}") from error
    _check_pieces(dataset)


def _check_pieces(dataset: Dataset) -> None:
    """Compare what a dataset declares with what the file can hold, and then with what it holds."""
    said = f"{dataset.name} declares {dataset.declared} bytes (shape {dataset.shape})"
    if dataset.chunk_shape is not None:
        if dataset.chunk_size > max(SMALL_CHUNK, 2 * dataset.declared):
            size, shape = dataset.chunk_size, dataset.chunk_shape
            raise ValueError(
                f"{dataset.name} declares pieces of {size} bytes (shape {shape}) for data of {dataset.declared}"
            )
        if dataset.unpacked > max(SMALL, MAX_RATIO * dataset.file_length):
            raise ValueError(f"{said} in {dataset.pieces} pieces, but the file has {dataset.file_length}")
        if dataset.missing:
            raise ValueError(f"{said}, but {dataset.missing} of its {dataset.pieces} pieces are missing")
    most = max(SMALL, MAX_RATIO * dataset.stored) if dataset.filters else dataset.stored
    if dataset.unpacked > most:
        raise ValueError(f"{said} but the file stores {dataset.stored}")


def _is_bfloat16(dataset: Dataset) -> bool:
    return dataset.dtype.itemsize == 2 and text_attribute(dataset, "dtype", "") == "bfloat16"


def dtype_of(dataset: Any) -> np.dtype[Any]:
    """The dtype of the array that `read` gives."""
    return dtypes.numpy_dtype("bfloat16") if dataset.dtype.kind == "V" else dataset.dtype


def read(dataset: Any) -> np.ndarray:
    """The array of a dataset that `dataset_at` has checked.

    Raises:
        ValueError: if its bytes are damaged.
    """
    array = dataset.read()
    return array.view(dtype_of(dataset)) if array.dtype.kind == "V" else array


def allowance(file: File) -> int:
    """How many bytes the variables of the model in a file may take: a small multiple of those that the file holds.

    An optimizer that the file has no state of, or float32 variables of float16 weights, take more than is stored.

    Raises:
        ValueError: if datasets share their data, which would then count several times.
    """
    return SMALL + ALLOWED_MULTIPLE * sum(dataset.stored for dataset in file.datasets())


def text_attribute(item: Any, name: str, missing: str) -> str:
    """A string attribute, whichever of HDF5's spellings it has.

    Args:
        item: a group or dataset.
        name: the attribute.
        missing: what stands for one that is not there.

    Raises:
        ValueError: if it is no string, or too long.
    """
    return item.text(name) if name in item.attrs else missing


def text_list(group: Group, name: str) -> list[str]:
    """A list of strings kept in an attribute, or in the attributes `name0`, `name1`, ... where it was too long for one.

    Raises:
        ValueError: if an entry is no string.
    """
    if name in group.attrs:
        return group.texts(name)
    found: list[str] = []
    part = 0
    while f"{name}{part}" in group.attrs:
        found += group.texts(f"{name}{part}")
        part += 1
    return found
