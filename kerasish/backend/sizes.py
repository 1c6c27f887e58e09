"""Sizes that a user gives: one for all axes, or one for each."""

from __future__ import annotations

from typing import Any

import numpy as np


def whole(value: Any) -> bool:
    """Whether `value` is a whole number."""
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool)


def tuple_of(value: Any, rank: int, name: str, owner: str, least: int = 1) -> tuple[int, ...]:
    """One number for each of `rank` axes, from one for all or a tuple.

    Raises:
        ValueError: if the numbers are too many or too few, not whole, or below `least`.
    """
    numbers = (value,) * rank if whole(value) else value
    fits = isinstance(numbers, (list, tuple, np.ndarray)) and len(numbers) == rank
    if not fits or not all(whole(n) and n >= least for n in numbers):
        raise ValueError(
            f"{owner} needs as {name} a whole number of at least {least}, or a tuple of {rank}; received "
            f"{name}={value!r}"
        )
    return tuple(int(n) for n in numbers)


def is_shape(value: Any) -> bool:
    """Whether a value is a list or tuple of sizes, None where one is unknown, and no structure of shapes."""
    return isinstance(value, (list, tuple)) and all(n is None or isinstance(n, (int, np.integer)) for n in value)
