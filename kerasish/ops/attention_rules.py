"""How scores of attention become probabilities, which query sees which key, and how scores are cut into blocks."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from kerasish.ops.noise import Dropping

# How many keys before and behind its own place a query sees; None for all of them.
Reach = tuple[int | None, int | None]


class Rule(NamedTuple):
    """How scores become probabilities.

    Attributes:
        scale: the factor of the products.
        reach: how far a query sees.
        zero_if_blind: what a query gets that sees no key at all: 0, or the mean of all values.
        dropping: what is dropped of the probabilities, or None.
    """

    scale: float
    reach: Reach = (None, None)
    zero_if_blind: bool = False
    dropping: Dropping | None = None


def hopeless(dtype: np.dtype[Any]) -> float:
    """What is added to the score of a key that is not seen: so much that nothing else of the score is left."""
    return float(np.finfo(dtype).min) * 0.7


def seen(rows: slice, keys: slice, reach: Reach) -> np.ndarray:
    """Whether each query of some rows reaches each of some keys."""
    columns, lines = (np.arange(part.start, part.stop, dtype=np.int32) for part in (keys, rows))
    distance = columns - lines[:, None]
    before, after = reach
    near = np.ones(distance.shape, bool)
    if before is not None:
        near &= distance >= -before
    if after is not None:
        near &= distance <= after
    return near


@lru_cache(maxsize=4)
def offsets(start: int, stop: int, first: int, last: int, reach: Reach, dtype: np.dtype[Any]) -> np.ndarray:
    """What is added to the scores of some rows and keys for how far the queries see."""
    near = seen(slice(start, stop), slice(first, last), reach)
    return np.where(near, 0, hopeless(dtype)).astype(dtype)


def tiles(sizes: tuple[int, ...], row_bytes: int, most: int) -> Iterator[tuple[slice, ...]]:
    """Parts of an array's rows of at most so many bytes, if a row has no more: one axis is cut, those before it too.

    Args:
        sizes: of the leading axes, which number the rows.
        row_bytes: what a row takes.
        most: bytes.

    Yields:
        A slice of each leading axis.
    """
    inner, axis = row_bytes, len(sizes)
    while axis and inner * sizes[axis - 1] <= most:
        axis -= 1
        inner *= sizes[axis]
    whole = tuple(slice(0, n) for n in sizes[axis:])
    if not axis:
        yield whole
        return
    count = sizes[axis - 1]
    parts = -(-count // max(most // inner, 1))
    step = -(-count // max(parts, 1))
    for outer in np.ndindex(*sizes[: axis - 1]):
        for start in range(0, count, max(step, 1)):
            yield (*(slice(i, i + 1) for i in outer), slice(start, min(start + step, count)), *whole)


def block_key(key: np.ndarray, number: int) -> np.ndarray:
    """The key of the random numbers of a block, from that of the whole: its seed, moved by the golden ratio."""
    return np.array([(int(key[0]) + number * 0x9E3779B9) & 0xFFFFFFFF, key[1]], np.uint32)
