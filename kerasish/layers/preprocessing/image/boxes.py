"""Boxes at random places of pictures."""

from __future__ import annotations

import numpy as np


def within_boxes(
    random: np.random.Generator, rows: np.ndarray, columns: np.ndarray, height: int, width: int
) -> np.ndarray:
    """Which pixels of each picture lie within its box: `(count, height, width)`.

    Args:
        random: draws the boxes' places.
        rows, columns: the sides of each box as parts of the picture's: `(count, 1)`.
        height, width: the pictures'.
    """
    vertical, horizontal = (_within(random, n * part, n) for n, part in ((height, rows), (width, columns)))
    return vertical[:, :, None] & horizontal[:, None, :]


def _within(random: np.random.Generator, length: np.ndarray, size: int) -> np.ndarray:
    start = random.random((len(length), 1)) * (size - length)
    place = np.arange(size)
    return (place >= start) & (place < start + length)
