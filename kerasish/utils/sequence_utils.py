"""Sequences of different lengths as one array."""

from __future__ import annotations

from typing import Any

import numpy as np


def pad_sequences(
    sequences: Any,
    maxlen: int | None = None,
    dtype: Any = "int32",
    padding: str = "pre",
    truncating: str = "pre",
    value: Any = 0.0,
) -> np.ndarray:
    """Sequences as the rows of an array: short ones filled up, long ones cut.

    Args:
        sequences: a list of lists or arrays; their entries may be arrays of one shape.
        maxlen: the length of the rows; by default that of the longest sequence.
        dtype: the dtype of the result; `object` for strings of any length.
        padding: `"pre"` fills up at the beginning, `"post"` at the end.
        truncating: `"pre"` cuts at the beginning, `"post"` at the end.
        value: what to fill up with.

    Returns:
        An array of shape `(len(sequences), maxlen, ...)`.

    Raises:
        ValueError: if something is not a sequence, entries differ in shape, or an argument is not known.

    Example:
        >>> import kerasish as keras
        >>> keras.utils.pad_sequences([[1], [2, 3], [4, 5, 6]])
        array([[0, 0, 1],
               [0, 2, 3],
               [4, 5, 6]], dtype=int32)
    """
    for name, choice in (("padding", padding), ("truncating", truncating)):
        if choice not in ("pre", "post"):
            raise ValueError(f'{name} must be "pre" or "post"; received {choice!r}')
    lengths = _lengths(sequences)
    if isinstance(value, str) and np.dtype(dtype).kind not in "OUS":
        raise ValueError(f"value={value!r} is text and does not fit dtype={dtype!r}; use dtype=object for strings")
    longest = max(lengths, default=0) if maxlen is None else maxlen
    first = next((row for row in sequences if len(row)), ())
    shape = np.asarray(first).shape[1:]
    padded = np.full((len(lengths), longest, *shape), value, dtype)
    for number, row in enumerate(sequences):
        if not len(row) or not longest:
            continue
        kept = _numbers(row[-longest:] if truncating == "pre" else row[:longest], number, dtype)
        if kept.shape[1:] != shape:
            raise ValueError(
                f"the entries of sequence {number} have shape {kept.shape[1:]}; those of the others have shape {shape}"
            )
        start = longest - len(kept) if padding == "pre" else 0
        padded[number, start : start + len(kept)] = kept
    return padded


def _numbers(row: Any, number: int, dtype: Any) -> np.ndarray:
    try:
        return np.asarray(row, dtype)
    except (TypeError, ValueError) as error:
        raise type(error)(
            f"sequence {number} holds what is no {np.dtype(dtype).name}: {row!r} ({error}). Text needs dtype=object."
        ) from error


def _lengths(sequences: Any) -> list[int]:
    if not hasattr(sequences, "__len__"):
        raise ValueError(f"sequences must be a list of sequences; received {sequences!r}")
    lengths = []
    for number, row in enumerate(sequences):
        if not hasattr(row, "__len__"):
            raise ValueError(f"sequences must be a list of sequences; entry {number} is {row!r}")
        lengths.append(len(row))
    return lengths
