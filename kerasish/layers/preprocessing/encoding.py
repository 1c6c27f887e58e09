"""Indices of categories as rows of zeros, ones and counts."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish.backend import dtypes
from kerasish.backend.typing import DTypeLike

# What an element that is to be left out is given for an index: it lies outside every row.
DROPPED = np.iinfo(np.int64).max


def encode(indices: np.ndarray, mode: str, depth: int, dtype: DTypeLike, weights: Any = None) -> np.ndarray:
    """Indices in one of the output modes.

    Args:
        indices: whole numbers; in every mode but `"int"` those outside 0 ... depth - 1 leave no trace.
        mode: `"int"` gives the indices themselves; `"one_hot"` a row for each element, in place of a last axis of
            size 1; `"multi_hot"` and `"count"` one row for each sample, whose elements lie along the second axis.
        depth: the length of a row.
        dtype: of the result.
        weights: for `"count"`, what each element counts; 1 by default.

    Returns:
        Shape of `indices` in mode `"int"`; `(..., depth)` for one-hot rows, `(samples, ..., depth)` else.
    """
    kind = dtypes.numpy_dtype(dtypes.standardize_dtype(dtype))
    if mode == "int":
        return np.asarray(indices).astype(kind, copy=False)
    indices = np.atleast_1d(indices)
    if mode == "one_hot":
        if indices.ndim > 1 and indices.shape[-1] == 1:
            indices = indices[..., 0]
        return _rows(indices[..., None], depth, kind, None, counted=False)
    axis = min(1, indices.ndim - 1)
    if weights is not None:
        weights = np.moveaxis(np.broadcast_to(weights, indices.shape), axis, -1)
    return _rows(np.moveaxis(indices, axis, -1), depth, kind, weights, counted=mode == "count")


def _rows(indices: np.ndarray, depth: int, kind: Any, weights: Any, counted: bool) -> np.ndarray:
    """One row for each sample; the elements of a sample lie along the last axis."""
    *sizes, length = indices.shape
    flat = indices.reshape(-1)
    place = np.repeat(np.arange(flat.size // max(length, 1)), length) * depth + flat.astype(np.int64, copy=False)
    kept = (flat >= 0) & (flat < depth)
    rows = np.zeros(int(np.prod(sizes, dtype=np.int64)) * depth, kind)
    if not counted:
        rows[place[kept]] = 1
    elif weights is None:
        rows += np.bincount(place[kept], minlength=rows.size).astype(kind)
    else:
        rows += np.bincount(place[kept], weights.reshape(-1)[kept], rows.size).astype(kind)
    return rows.reshape(*sizes, depth)


def encoded_shape(shape: Any, mode: str, depth: int | None) -> tuple[int | None, ...]:
    """The shape that `encode` returns for indices of a shape."""
    if mode == "int":
        return tuple(shape)
    shape = tuple(shape) or (1,)
    if mode == "one_hot":
        return (*(shape[:-1] if len(shape) > 1 and shape[-1] == 1 else shape), depth)
    return (*shape[:1], *shape[2:], depth) if len(shape) > 1 else (depth,)


def checked_mode(mode: Any, modes: tuple[str, ...], owner: str) -> str:
    """The output mode.

    Raises:
        ValueError: if there is no such mode.
    """
    if mode not in modes:
        raise ValueError(f"{owner} has the output modes {', '.join(map(repr, modes))}; received output_mode={mode!r}")
    return mode


def check_dense(owner: str, **arguments: Any) -> None:
    """Raise ValueError if an argument asks for tensors that are not dense.

    Raises:
        ValueError: naming the argument.
    """
    for name, value in arguments.items():
        if value:
            raise ValueError(f"{owner}: {name}={value!r} does not exist here, where every tensor is a dense array")
