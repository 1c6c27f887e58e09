"""In which order the BLAS adds: what a loop must know to come to the same bits."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from kerasish.backend import threads

# A float32 to which adding 1 changes nothing.
_GREAT = np.float32(1 << 24)


@lru_cache(maxsize=1024)
def sum_ends(rows: int, depth: int, columns: int, turned: bool = False) -> tuple[int, ...]:
    """After how many of its `depth` products each partial sum of a matrix product ends.

    A BLAS works through long sums in blocks that fit its cache, and adds up the blocks. Each block is found out by a
    product of ones with one great number where the block begins: what comes after it in the same block is lost.

    Args:
        rows, depth, columns: the matrices are `(rows, depth)` and `(depth, columns)`.
        turned: whether the first is the transpose of one that lies in memory as `(depth, rows)`.
    """
    left = np.ones((depth, rows) if turned else (rows, depth), np.float32)
    right = np.zeros((depth, columns), np.float32)
    ends = [0]
    while ends[-1] < depth:
        right[: ends[-1]] = 0
        right[ends[-1]] = _GREAT
        right[ends[-1] + 1 :] = 1
        with threads.one():
            found = (left.T if turned else left).dot(right)[0, 0]
        end = depth - int(found - _GREAT)
        if end < depth:  # beside a great number only even ones are exact, and blocks are of whole vectors
            end = round(end / 4) * 4
        if not ends[-1] < end <= depth:
            return (0, depth)
        ends.append(end)
    return tuple(ends)
