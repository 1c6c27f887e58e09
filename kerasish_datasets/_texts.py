"""Texts as lists of word numbers: the words that are kept, and what stands for the others."""

from typing import Any

import numpy as np

from kerasish_datasets._local import Array

Texts = list[list[int]]


def started(texts: Array, start_char: int | None, index_from: int) -> Texts:
    """Texts with their word numbers moved up by `index_from`, after a number that marks the start."""
    moved = index_from if start_char is not None or index_from else 0
    head = [] if start_char is None else [start_char]
    return [head + [word + moved for word in text] for text in texts]


def shorter(texts: Texts, labels: Array, maxlen: int | None) -> tuple[Texts, Array]:
    """The texts of fewer than `maxlen` words, with their labels.

    Raises:
        ValueError: if there are none.
    """
    if not maxlen:
        return texts, labels
    kept = [i for i, text in enumerate(texts) if len(text) < maxlen]
    if not kept:
        raise ValueError(f"no text has fewer than maxlen={maxlen} words; raise maxlen")
    return [texts[i] for i in kept], labels[kept]


def limited(texts: Texts, num_words: int | None, skip_top: int, oov_char: int | None) -> Texts:
    """Texts in which only word numbers from `skip_top` to `num_words - 1` are left.

    The others become `oov_char`, or are left out if that is None.
    """
    most = num_words or max(max(text) for text in texts)
    if oov_char is None:
        return [[word for word in text if skip_top <= word < most] for text in texts]
    return [[word if skip_top <= word < most else oov_char for word in text] for text in texts]


def as_objects(texts: Texts) -> Array:
    """An array whose entries are lists, whatever their lengths."""
    array: Any = np.empty(len(texts), object)
    array[:] = texts
    return array
