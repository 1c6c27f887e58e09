"""Data in two parts, to train with one and to test with the other."""

from __future__ import annotations

import random
from typing import Any

import numpy as np

from kerasish.backend import nest
from kerasish.utils.dataset import Dataset


def split_dataset(
    dataset: Any,
    left_size: float | None = None,
    right_size: float | None = None,
    shuffle: bool = False,
    seed: int | None = None,
    preferred_backend: str | None = None,
) -> tuple[Dataset, Dataset]:
    """The first samples and the last ones, as two data sets.

    Args:
        dataset: an array, a tuple, list or dict of arrays with one length, a PyTorch `Dataset`, or anything that can be
            iterated and ends; it is held in memory. A pipeline that was batched is split by samples and batched again.
        left_size: the number of samples of the left part, or their share as a float between 0 and 1; by default what
            the right part leaves.
        right_size: the same for the right part.
        shuffle: whether the samples are shuffled first.
        seed: makes the order repeatable.
        preferred_backend: accepted for compatibility.

    Returns:
        Two pipelines of single samples, each an array or a tuple of arrays, with methods such as `batch(32)` and
        `shuffle(1000)`.

    Raises:
        TypeError: if a size is neither an int nor a float, or the data cannot be split.
        ValueError: if the sizes do not fit the data, or the lengths of the arrays differ.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> data = np.arange(20.0).reshape(10, 2)
        >>> left, right = keras.utils.split_dataset(data, left_size=0.8)
        >>> len(left), len(right)
        (8, 2)
        >>> next(iter(right.batch(2)))
        array([[16., 17.],
               [18., 19.]])
    """
    if left_size is None and right_size is None:
        raise ValueError("split_dataset needs left_size or right_size, or both; received neither")
    samples, batch_size = _samples(dataset)
    left, right = _sizes(left_size, right_size, len(samples))
    order = list(range(len(samples)))
    if shuffle:
        random.Random(seed).shuffle(order)
    parts = [samples.part(rows) for rows in (order[:left], order[len(order) - right :])]
    first, second = parts if batch_size is None else [part.batch(batch_size) for part in parts]
    return first, second


class _Rows:
    """Samples that are the rows of arrays."""

    def __init__(self, structure: Any) -> None:
        arrays = nest.map_structure(_array, structure)
        lengths = [len(leaf) for leaf in nest.iterate(arrays)]
        if len(set(lengths)) > 1:
            raise ValueError(f"split_dataset needs arrays of one length; received lengths {lengths}")
        self.arrays = tuple(arrays) if type(arrays) is list else arrays
        self.length = lengths[0]

    def __len__(self) -> int:
        return self.length

    def part(self, rows: list[int]) -> Dataset:
        chosen = nest.map_structure(lambda array: array[rows], self.arrays)

        def sample(row: int) -> Any:
            return nest.map_structure(lambda array: array[row], chosen)

        return Dataset(lambda: map(sample, range(len(rows))), len(rows))


class _Listed:
    """Samples that somebody else made, one by one."""

    def __init__(self, samples: list[Any]) -> None:
        self.samples = samples

    def __len__(self) -> int:
        return len(self.samples)

    def part(self, rows: list[int]) -> Dataset:
        return Dataset(lambda: (self.samples[row] for row in rows), len(rows))


def _array(leaf: Any) -> np.ndarray:
    array = np.asarray(leaf)
    if array.ndim == 0:
        raise TypeError(f"split_dataset needs arrays with an axis of samples; received {leaf!r}")
    return array


def _samples(dataset: Any) -> tuple[_Rows | _Listed, int | None]:
    """The samples, and the size of the batches that they came in."""
    if hasattr(dataset, "__array__") or isinstance(dataset, (list, tuple, dict)):
        if isinstance(dataset, (list, tuple, dict)) and not dataset:
            raise ValueError(f"split_dataset received an empty {type(dataset).__name__}")
        return _Rows(dataset), None
    if hasattr(dataset, "__iter__"):
        size = getattr(dataset, "_batch_size", None)
        elements = dataset.unbatch() if size is not None else dataset
        return _Listed([_standardized(element) for element in elements]), None if size is None else int(size)
    if hasattr(dataset, "__getitem__") and hasattr(dataset, "__len__"):
        return _Listed([_standardized(dataset[i]) for i in range(len(dataset))]), None
    raise TypeError(
        f"split_dataset takes an array, a list, tuple or dict of arrays, or a data set; received {dataset!r} "
        f"({type(dataset).__name__})"
    )


def _standardized(element: Any) -> Any:
    parts = tuple(element) if type(element) is list else element
    return nest.map_structure(np.asarray, parts)


def _sizes(left: Any, right: Any, total: int) -> tuple[int, int]:
    for name, size in (("left_size", left), ("right_size", right)):
        _check_size(name, size, total)
    if isinstance(left, float) and isinstance(right, float) and left + right > 1:
        raise ValueError(f"left_size={left} and right_size={right} add up to more than 1")
    first, second = _count(left, total), _count(right, total)
    if first is None:
        assert second is not None
        first = total - second
    if second is None:
        second = total - first
    if first + second > total:
        raise ValueError(f"left_size={left} and right_size={right} are more than the {total} samples")
    if not first or not second:
        side = "right" if first else "left"
        raise ValueError(f"left_size={left} and right_size={right} of {total} samples leave the {side} part empty")
    return first, second


def _check_size(name: str, size: Any, total: int) -> None:
    if size is None:
        return
    if isinstance(size, bool) or not isinstance(size, (int, float, np.integer, np.floating)):
        raise TypeError(f"{name} must be an int or a float; received {size!r} ({type(size).__name__})")
    most = 1 if isinstance(size, (float, np.floating)) else total
    if not 0 < size < most:
        raise ValueError(
            f"{name} must be a whole number between 0 and the {total} samples, or a share between 0 and 1; received "
            f"{size!r}"
        )


def _count(size: Any, total: int) -> int | None:
    if size is None:
        return None
    return round(size * total) if isinstance(size, (float, np.floating)) else int(size)
