"""First values of variables that come later: a file is about to set them, so drawing them would be lost work."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class _Later(threading.local):
    def __init__(self) -> None:
        self.waiting: list[Callable[[], None]] | None = None


_later = _Later()


@contextmanager
def later() -> Iterator[None]:
    """A block in which variables that would begin with random numbers begin with zeros.

    At its end, those that nobody has set begin as they should have.

    Example:
        >>> import kerasish as keras
        >>> with later():
        ...     kernel = keras.Variable(keras.initializers.RandomNormal(seed=1), shape=(2,))
        ...     held = kernel.numpy()
        >>> held.tolist(), bool(kernel.numpy().all())
        ([0.0, 0.0], True)
    """
    outer, _later.waiting = _later.waiting, []
    try:
        yield
        for settle in _later.waiting:
            settle()
    finally:
        _later.waiting = outer


def wait(settle: Callable[[], None]) -> bool:
    """Leave something to the end of the block of `later`; whether one is open."""
    if _later.waiting is None:
        return False
    _later.waiting.append(settle)
    return True
