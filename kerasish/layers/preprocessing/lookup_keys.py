"""What is looked up or hashed: strings and whole numbers, as arrays."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from kerasish.backend.tensor import Tensor
from kerasish.backend.variable import Variable

_TEXT_KINDS = "UST"
# Tables and fixed rules, which take a time in proportion to the text. Python knows others, such as punycode.
_ENCODINGS = re.compile(
    r"u?(utf[-_]?(8|16|32)([-_]?(le|be|sig))?|(us[-_]?)?ascii|latin[-_]?\d*|iso[-_]?\d{4}([-_]\w+)*|(cp|windows[-_]?|ibm)\d+"
    r"|big5\w*|gb\w*|hz|johab|euc[-_]?\w+|s(hift)?[-_]?jis\w*|koi8[-_]?\w|mac[-_]?\w+|tis[-_]?620)",
    re.ASCII | re.IGNORECASE,
)
_LONGEST_NAME = 40


def checked_encoding(encoding: Any, owner: str) -> str:
    """The name of a way in which bytes stand for text.

    Raises:
        ValueError: if it is none.
    """
    if not isinstance(encoding, str) or len(encoding) > _LONGEST_NAME or not _ENCODINGS.fullmatch(encoding):
        raise ValueError(
            f"the encoding of {owner} is the name of a character set, such as 'utf-8'; received {encoding!r:.100}"
        )
    return encoding


# What is wrong with None and NaN among strings.
_MISSING = ": a missing value. Put a string in its place, such as '', or drop it."


def as_keys(values: Any, owner: str, encoding: str = "utf-8") -> np.ndarray:
    """Strings as an array of `str` objects, whole numbers as int64, floats and truth values as they are.

    Args:
        values: an array, a value, or nested lists of one shape.
        owner: who asks, for errors.
        encoding: how bytes stand for text.

    Raises:
        ValueError: if lists have different lengths.
        TypeError: if the entries are of mixed or other types.
    """
    array = _as_array(values, owner)
    if array.dtype.kind in _TEXT_KINDS or array.dtype.kind == "O":
        return _as_text(array, owner, encoding)
    if array.dtype.kind in "iu":
        return array.astype(np.int64, copy=False)
    if array.dtype.kind in "bf":
        return array
    raise TypeError(f"{owner} works with strings and whole numbers; received dtype {array.dtype}")


def as_strings(values: Any, owner: str, encoding: str = "utf-8") -> np.ndarray:
    """Strings as an array of `str` objects.

    Raises:
        TypeError: if there is something else among them.
    """
    keys = as_keys(values, owner, encoding)
    if keys.dtype.kind != "O":
        if not keys.size:
            return keys.astype(object)
        raise TypeError(f"{owner} works with strings; received {keys.dtype} values such as {keys.flat[0]}")
    return keys


def as_whole_numbers(values: Any, owner: str) -> np.ndarray:
    """Whole numbers as int64.

    Raises:
        TypeError: if there is something else among them.
    """
    keys = as_keys(values, owner)
    if keys.dtype.kind == "O" and keys.size:
        raise TypeError(f"{owner} works with whole numbers; received strings such as {keys.flat[0]!r}")
    if keys.dtype.kind == "f" and not (np.isfinite(keys) & (keys == np.trunc(keys))).all():
        raise TypeError(f"{owner} works with whole numbers; received {keys.dtype} values that are none")
    return keys.astype(np.int64, copy=False)


def _as_array(values: Any, owner: str) -> np.ndarray:
    if isinstance(values, np.ndarray):
        return values
    if isinstance(values, (Tensor, Variable)):
        return values.numpy()
    if hasattr(values, "__array__"):
        return np.asarray(values)
    if hasattr(values, "to_list"):  # a column of polars
        values = values.to_list()
    if isinstance(values, list) and set(map(type, values)) == {str}:
        return np.fromiter(values, object, len(values))
    array = np.array(values, dtype=object)
    if any(isinstance(entry, (list, tuple)) or getattr(entry, "ndim", 0) for entry in array.flat):
        raise ValueError(f"{owner} needs lists of the same length; received rows of different lengths: {values!r:.80}")
    if not any(isinstance(entry, (str, bytes)) or entry is None for entry in array.flat):
        return np.array(values)
    return array


def _as_text(array: np.ndarray, owner: str, encoding: str) -> np.ndarray:
    if array.dtype.kind in "UT":
        return array.astype(object)
    text = array.astype(object)
    flat = text.reshape(-1)
    for i, entry in enumerate(flat.tolist()):
        if type(entry) is str:
            continue
        if isinstance(entry, bytes):
            flat[i] = entry.decode(encoding)
        elif isinstance(entry, str):
            flat[i] = str(entry)
        else:
            if all(isinstance(item, (int, np.integer)) for item in flat):
                return array.astype(np.int64)
            raise TypeError(
                f"{owner} works with strings and whole numbers; received an array of dtype {array.dtype} with "
                f"{entry!r} ({type(entry).__name__}) at place {i}"
                + (_MISSING if entry is None or entry != entry else "")
            )
    return flat.reshape(array.shape)
