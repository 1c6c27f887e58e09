"""How many bytes the variables that a file asks for may take, so that a small file cannot claim a large memory."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class _Budget(threading.local):
    def __init__(self) -> None:
        self.total: int | None = None
        self.left = 0


_budget = _Budget()


@contextmanager
def limited(nbytes: int) -> Iterator[None]:
    """A block in which new arrays take at most `nbytes` together; the narrowest of nested blocks counts.

    Example:
        >>> import kerasish as keras
        >>> with limited(100):
        ...     kernel = keras.Variable(keras.initializers.Zeros(), shape=(3, 4))
        >>> kernel.shape
        (3, 4)
    """
    outer = _budget.total, _budget.left
    if _budget.total is None or nbytes < _budget.left:
        _budget.total = _budget.left = nbytes
    try:
        yield
    finally:
        _budget.total, _budget.left = outer


def take(nbytes: int, what: str) -> None:
    """Count bytes that are about to be allocated.

    Raises:
        ValueError: if a block of `limited` is open and has fewer bytes left; nothing is counted then.
    """
    check(nbytes, what)
    _budget.left -= nbytes


def check(nbytes: int, what: str) -> None:
    """Ask for bytes that are given back at once.

    Raises:
        ValueError: if a block of `limited` is open and has fewer bytes left.
    """
    if _budget.total is not None and nbytes > _budget.left:
        raise ValueError(
            f"{what} asks for {nbytes} bytes; the file that is being loaded stores too little for that: all that it "
            f"makes may take {_budget.total} bytes, of which {_budget.left} are left"
        )


def is_limited() -> bool:
    """Whether a block of `limited` is open."""
    return _budget.total is not None
