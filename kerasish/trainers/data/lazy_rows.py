"""Rows that are read when a batch asks for them: what lies on disk, or would not fit into memory twice."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish.backend import config, dtypes

# Above this many bytes an array is converted batch by batch rather than copied whole.
HUGE = 2**30


def is_on_disk(value: Any) -> bool:
    """Whether `value` is an HDF5 data set; told by its name, so that h5py need not be imported."""
    return type(value).__module__.startswith("h5py.") and hasattr(value, "shape")


def is_sparse(value: Any) -> bool:
    """Whether `value` is a sparse matrix of SciPy."""
    return hasattr(value, "toarray") and hasattr(value, "tocsr")


class LazyRows:
    """The rows of a memory map, an HDF5 data set, a sparse matrix or a huge array; a batch becomes an array when read.

    Args:
        source: has `shape`, `dtype` and rows.
        start, stop: the rows to use.

    Attributes:
        shape: the shape of the rows together.
        dtype: the type of the arrays that are read: the default float for floats, else the source's.
    """

    __slots__ = ("_is_on_disk", "dtype", "shape", "source", "start")

    def __init__(self, source: Any, start: int = 0, stop: int | None = None) -> None:
        self.source = source.tocsr() if is_sparse(source) else source
        self.start = start
        stop = source.shape[0] if stop is None else stop
        self.shape: tuple[int, ...] = (stop - start, *source.shape[1:])
        is_float = np.dtype(source.dtype).kind in "fV"  # V: bfloat16
        self.dtype = dtypes.numpy_dtype(config.floatx()) if is_float else np.dtype(source.dtype)
        self._is_on_disk = is_on_disk(source)

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.shape)

    def __len__(self) -> int:
        return self.shape[0]

    def between(self, start: int, stop: int) -> LazyRows:
        """The rows from `start` up to `stop`, still unread."""
        return LazyRows(self.source, self.start + start, self.start + stop)

    def __getitem__(self, pick: Any) -> np.ndarray:
        if not isinstance(pick, slice):
            return self.take(pick)
        start, stop, step = pick.indices(len(self))
        if step != 1:
            return self.take(np.arange(start, stop, step))
        return self._read(slice(self.start + start, self.start + max(start, stop)))

    def take(self, pick: Any, axis: int = 0, out: np.ndarray | None = None, mode: str = "raise") -> np.ndarray:
        """The rows of these numbers, like `numpy.ndarray.take` along the first axis."""
        if axis != 0:
            raise ValueError(f"rows are taken along axis 0; received axis={axis}")
        rows = np.asarray(pick)
        if mode == "raise" and rows.size and not 0 <= rows.min() <= rows.max() < len(self):
            raise IndexError(f"there are {len(self)} rows; received numbers from {rows.min()} to {rows.max()}")
        rows = rows + self.start
        if self._is_on_disk:  # which reads rows in rising order only
            rising, places = np.unique(rows, return_inverse=True)
            array = self._read(rising)[places]
        else:
            array = self._read(rows)
        if out is None:
            return array
        out[...] = array
        return out

    def _read(self, rows: Any) -> np.ndarray:
        found = self.source[rows]
        return np.asarray(found.toarray() if is_sparse(found) else found, self.dtype)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        if copy is False:
            raise ValueError("the rows are not in memory, so an array of them is always a copy")
        return np.asarray(self[:], dtype)
