"""How masks of several kinds become one that says which query sees which key."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish.backend.operators import cast_to
from kerasish.ops.attention_rules import Reach, seen


def as_booleans(mask: Any) -> Any:
    """A mask as an array, or a tensor, of booleans; None stays None."""
    if mask is None:
        return None
    mask = mask if hasattr(mask, "shape") else np.asarray(mask)
    return mask if mask.dtype == "bool" else cast_to(mask, dtype="bool")


def both(first: Any, second: Any) -> Any:
    """What two masks let through together, of which either may be None."""
    if first is None or second is None:
        return second if first is None else first
    return np.logical_and(first, second)


def combined(query_mask: Any, value_mask: Any, key_mask: Any, attention_mask: Any) -> Any:
    """One mask `(batch, T, S)`, or what broadcasts to it, from those of queries, of values and keys, and of pairs."""
    query_mask, value_mask, key_mask = as_booleans(query_mask), as_booleans(value_mask), as_booleans(key_mask)
    mask = None if query_mask is None else np.expand_dims(query_mask, -1)
    for columns in (value_mask, key_mask):
        mask = both(mask, None if columns is None else np.expand_dims(columns, -2))
    attention_mask = as_booleans(attention_mask)
    if mask is not None and attention_mask is not None:
        mask = beside_scores(mask, attention_mask.ndim)
    return both(attention_mask, mask)


def reach_of(is_causal: bool, window: int | None) -> Reach:
    """How far a query sees: not ahead of itself, if causal, and so many keys less one, its own counted."""
    distance = None if window is None else window - 1
    return distance, 0 if is_causal else distance


def within_reach(rows: int, keys: int, reach: Reach) -> np.ndarray | None:
    """The mask `(1, T, S)` of a reach; None if every query sees everything."""
    if reach == (None, None):
        return None
    return seen(slice(0, rows), slice(0, keys), reach)[None]


def beside_scores(mask: Any, rank: int, axes: int = 1) -> Any:
    """A mask with axes of size 1 for what it lacks of the scores' axes: those before the queries' and keys'.

    Args:
        mask: `(batch, T, S)` or less.
        rank: of the scores.
        axes: how many axes the queries attend over.
    """
    while mask is not None and mask.ndim < rank:
        mask = np.expand_dims(mask, -2 * axes - 1)
    return mask
