"""Data as batches: arrays, and anything that yields batches."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish.backend import nest
from kerasish.backend.tensor import Tensor
from kerasish.backend.variable import Variable
from kerasish.trainers.data.array_data import ArrayData
from kerasish.trainers.data.arrays import batch_arrays, common_length, rows_between
from kerasish.trainers.data.batches import Batches
from kerasish.trainers.data.iterable_data import IndexedData, IterableData
from kerasish.trainers.data.lazy_rows import LazyRows, is_on_disk, is_sparse


def make_data(
    x: Any,
    y: Any = None,
    sample_weight: Any = None,
    batch_size: int | None = None,
    shuffle: Any = False,
    class_weight: Any = None,
) -> Batches:
    """The batches that `fit`, `evaluate` or `predict` was given as arrays or as something that yields batches.

    Raises:
        ValueError: if the parts do not go together.
    """
    if isinstance(x, (str, bytes)):
        raise ValueError(f"x is the text {x[:40]!r}; expected arrays of numbers, or something that yields batches")
    if not _yields_batches(x):
        if callable(x) and not hasattr(x, "__array__"):
            label = getattr(x, "__name__", type(x).__name__)
            raise ValueError(f"x is the function {label!r}; if it yields batches, call it: {label}()")
        return ArrayData(x, y, sample_weight, batch_size, shuffle, class_weight)
    if y is not None or sample_weight is not None:
        raise ValueError(
            f"x yields batches ({type(x).__name__}), so y and sample_weight must come with them, not as arguments"
        )
    if hasattr(x, "__getitem__") and (hasattr(x, "on_epoch_end") or not hasattr(x, "__iter__")):
        return IndexedData(x, class_weight, shuffle)
    return IterableData(x, class_weight)


def _yields_batches(x: Any) -> bool:
    """Whether x yields batches, and is no array; it must be one or the other."""
    if x is None:
        raise ValueError("x is None: expected arrays, or something that yields batches")
    array_like = (np.ndarray, list, tuple, dict, Tensor, Variable, LazyRows)
    if isinstance(x, array_like) or hasattr(x, "__array__") or hasattr(x, "to_numpy"):
        return False
    if is_on_disk(x) or is_sparse(x):
        return False
    return hasattr(x, "__iter__") or hasattr(x, "__next__") or (hasattr(x, "__getitem__") and hasattr(x, "__len__"))


def split_validation(x: Any, y: Any, sample_weight: Any, fraction: float) -> tuple[Any, Any]:
    """The first part of the arrays to train with, and the last `fraction` of them to validate with.

    Raises:
        ValueError: if `fraction` is not between 0 and 1, the data is not arrays, or a part would be empty.
    """
    if not 0 < fraction < 1:
        raise ValueError(f"validation_split must be between 0 and 1; received {fraction}")
    if _yields_batches(x):
        raise ValueError("validation_split needs arrays; give validation_data where x yields batches")
    parts = batch_arrays(x, y, sample_weight)
    size = common_length(*parts)
    cut = int(np.floor(size * (1.0 - fraction)))
    if not 0 < cut < size:
        raise ValueError(f"validation_split={fraction} of {size} samples leaves one part empty")
    train = tuple(nest.map_structure(lambda a: rows_between(a, 0, cut), part) for part in parts)
    valid = tuple(nest.map_structure(lambda a: rows_between(a, cut, size), part) for part in parts)
    return train, valid
