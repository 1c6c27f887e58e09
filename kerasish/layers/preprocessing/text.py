"""Texts as lists of tokens: put into one form, split, and joined into n-grams.

As in TensorFlow, whose functions Keras uses here, capitals and white space are those of ASCII alone.
"""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

_PUNCTUATION = "!\"#$%&()*+,-./:;<=>?@[\\]^_`{|}~'"
_LOWER = dict(zip(map(ord, string.ascii_uppercase), string.ascii_lowercase, strict=True))
_STRIPPED: dict[int, Any] = dict.fromkeys(map(ord, _PUNCTUATION))

STANDARDIZE: dict[str, dict[int, Any]] = {
    "lower": _LOWER,
    "strip_punctuation": _STRIPPED,
    "lower_and_strip_punctuation": {**_LOWER, **_STRIPPED},
}

SPLIT: dict[str, Callable[[str], list[str]]] = {
    "whitespace": re.compile(r"[^ \t\n\v\f\r]+").findall,
    "character": list,
}


def standardized(texts: np.ndarray, how: str) -> np.ndarray:
    """Each text in the form of a name of `STANDARDIZE`.

    Example:
        >>> import numpy as np
        >>> standardized(np.array(["Hello, World!"], object), "lower_and_strip_punctuation").tolist()
        ['hello world']
    """
    table = STANDARDIZE[how]
    flat = [text.translate(table) for text in texts.reshape(-1).tolist()]
    return np.array(flat, dtype=object).reshape(texts.shape)


def with_ngrams(tokens: list[str], widths: Sequence[int]) -> list[str]:
    """Runs of neighbouring tokens, joined by spaces: first all of the first width.

    Example:
        >>> with_ngrams(["a", "b", "c"], (1, 2))
        ['a', 'b', 'c', 'a b', 'b c']
    """
    return [" ".join(tokens[i : i + n]) for n in widths for i in range(len(tokens) - n + 1)]


def padded(rows: list[np.ndarray], length: int | None, filler: int) -> np.ndarray:
    """Rows of numbers as one array, cut or filled up to a length, by default that of the longest."""
    if length is None:
        length = max((len(row) for row in rows), default=0)
    table = np.full((len(rows), length), filler, np.int64)
    for row, numbers in zip(table, rows, strict=True):
        row[: len(numbers)] = numbers[:length]
    return table
