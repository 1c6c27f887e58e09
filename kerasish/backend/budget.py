"""How many bytes the variables that a file asks for may take, and how much work, so that a small file stays cheap."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

# Multiplications and the like that a file may cause before it is loaded: some seconds of one processor.
_MOST_WORK = 2**35
# What a number costs that passes through a layer of the caller's, which tells no shape but by computing.
WORK_PER_NUMBER = 8


class _Budget(threading.local):
    def __init__(self) -> None:
        self.total: int | None = None
        self.left = 0
        self.work = 0


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
    outer = _budget.total, _budget.left, _budget.work
    if _budget.total is None:
        _budget.work = _MOST_WORK
    if _budget.total is None or nbytes < _budget.left:
        _budget.total = _budget.left = nbytes
    try:
        yield
    finally:
        work = _budget.work
        _budget.total, _budget.left, _budget.work = outer
        if outer[0] is not None:
            _budget.work = work


@contextmanager
def unlimited() -> Iterator[None]:
    """A block in which nothing is counted, for what costs nothing whatever its size."""
    outer, _budget.total = _budget.total, None
    try:
        yield
    finally:
        _budget.total = outer


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


def work(operations: int, what: str) -> None:
    """Count operations that are about to be computed.

    Raises:
        ValueError: if a block of `limited` is open and they are more than are left.
    """
    if _budget.total is None:
        return
    if operations > _budget.work:
        raise ValueError(
            f"{what} takes {operations} operations; all that a file causes before it is loaded may take {_MOST_WORK}, "
            f"of which {_budget.work} are left"
        )
    _budget.work -= operations
