"""Tables of pandas and polars as arrays; neither library is imported."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish.backend import config


def is_frame(value: Any) -> bool:
    """Whether `value` is a table or a column of one."""
    return hasattr(value, "to_numpy") and (hasattr(value, "dtypes") or hasattr(value, "dtype"))


def is_text(array: np.ndarray) -> bool:
    """Whether an array holds strings, all of them and at least one."""
    if array.dtype.kind == "O":
        return array.size > 0 and all(isinstance(entry, (str, bytes)) for entry in array.flat)
    return array.dtype.kind in "UST"


def frame_to_array(frame: Any, name: str) -> np.ndarray:
    """The numbers of a table, `(rows, columns)`; those of a column as `(rows, 1)`, as Keras has it.

    Missing values become NaN. Sample weights that come as a column stay `(rows,)`. A column of strings is one of the
    inputs, x, as strings.

    Raises:
        ValueError: naming the columns that hold no numbers.
    """
    if name == "x" and getattr(frame, "columns", None) is None and not _holds_numbers(frame.dtype):
        column = np.asarray(frame.to_numpy(), dtype=object)
        if is_text(column):
            return column[:, None]
    _check_columns(frame, name)
    array = frame.to_numpy()
    if array.dtype.kind == "O":  # missing values, or a mixture of types
        array = _with_nan(frame, array)
    if array.dtype.kind == "f":
        array = np.ascontiguousarray(array, config.floatx())
    else:
        array = np.ascontiguousarray(array)
    return array[:, None] if array.ndim == 1 and name != "sample_weight" else array


def as_array(value: Any) -> np.ndarray:
    """`np.asarray` of anything, but of a table of numbers of several types, or with missing ones, its numbers."""
    array = np.asarray(value)
    if array.dtype.kind == "O" and is_frame(value) and hasattr(value, "columns") and not _odd_columns(value):
        return _with_nan(value, array)
    return array


def _odd_columns(frame: Any) -> list[str]:
    """The columns that do not hold numbers, with their types."""
    return [f"{c!r} ({d})" for c, d in zip(frame.columns, frame.dtypes, strict=True) if not _holds_numbers(d)]


def _check_columns(frame: Any, name: str) -> None:
    if getattr(frame, "columns", None) is None:
        if not _holds_numbers(frame.dtype):
            raise ValueError(f"{name} is a column of dtype {frame.dtype}; a network computes with numbers. {_HINT}")
        return
    odd = _odd_columns(frame)
    if odd:
        raise ValueError(f"{name} has columns that do not hold numbers: {', '.join(odd)}. {_HINT}")


_HINT = (
    "Encode categories and text as numbers (codes, one-hot columns, layers.StringLookup), dates as a span of time, or "
    "drop the column; if every entry is a number all the same, convert it with `.astype('float32')`."
)


def _holds_numbers(dtype: Any) -> bool:
    kind = getattr(dtype, "kind", None)
    if kind is not None:  # pandas
        return kind in "biuf"
    return dtype.is_numeric() or str(dtype) == "Boolean"


def _with_nan(frame: Any, array: np.ndarray) -> np.ndarray:
    if type(frame).__module__.startswith("pandas"):
        return frame.to_numpy(dtype=config.floatx(), na_value=np.nan)
    missing = array == np.array(None)  # entry by entry
    return np.where(missing, np.nan, array).astype(config.floatx())
