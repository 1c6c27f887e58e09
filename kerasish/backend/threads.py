"""How many threads the BLAS gets: decided for each product of a recorded step by its size, the same in every run.

The threads of a BLAS spin for one another. On small products that costs more than it gives, and beside a busy neighbour
a step waits for a thread that does not run. On large ones a second core nearly halves the time. So a recorded step runs
on one thread, but for its large products. To tell the BLAS takes a microsecond.

threadpoolctl, of the extra `fast`, knows how to tell a BLAS; without it the BLAS keeps the number that it has.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from kerasish._extras import missing

# Multiplications in a product, from which on all threads of the BLAS take part in it.
SHARED = 1 << 23
# To ask for it takes ten times as long as to tell the BLAS.
_CORES = os.cpu_count() or 1


class _Threads:
    def __init__(self) -> None:
        self.fixed: int | None = None
        self.libraries: list[Any] | None = None  # not looked for yet
        self.own: list[int] = []  # what the libraries had before anything was changed
        self.present: int | None = None  # what they were told last; None for their own number


_threads = _Threads()


def _libraries() -> list[Any]:
    if _threads.libraries is None:
        _threads.libraries = []
        if importlib.util.find_spec("threadpoolctl") is not None:
            found = importlib.import_module("threadpoolctl").ThreadpoolController().lib_controllers
            _threads.libraries = [library for library in found if library.user_api == "blas"]
            _threads.own = [library.num_threads for library in _threads.libraries]
    return _threads.libraries


def threads() -> int | None:
    """The number of threads that was set for the BLAS; None where each product has its own.

    Example:
        >>> import kerasish as keras
        >>> keras.config.threads() is None
        True
    """
    return _threads.fixed


def set_threads(count: int | None) -> None:
    """Set the number of threads that the BLAS computes with, in all that follows.

    Args:
        count: how many; None lets each product of a recorded step have the number that suits it.

    Raises:
        ValueError: if it is no whole number of at least 1.
        ImportError: if threadpoolctl, which tells the BLAS, is not installed.
    """
    if count is not None and (isinstance(count, bool) or not isinstance(count, int) or count < 1):
        raise ValueError(f"set_threads needs a whole number of at least 1, or None; received {count!r}")
    if count is not None and importlib.util.find_spec("threadpoolctl") is None:
        raise ImportError(
            f"{missing('set_threads tells the BLAS by threadpoolctl', 'fast')}. Without it, set OPENBLAS_NUM_THREADS "
            "(or MKL_NUM_THREADS) before the program starts."
        )
    _threads.fixed = count
    use(None)


def use(count: int | None) -> None:
    """Let the BLAS compute with so many threads from now on; None gives it back its own number."""
    count = count if _threads.fixed is None else _threads.fixed
    if count == _threads.present:
        return
    _threads.present = count
    for library, own in zip(_libraries(), _threads.own, strict=True):
        library.set_num_threads(own if count is None else min(count, _CORES))


@contextmanager
def one() -> Iterator[None]:
    """One thread for the BLAS meanwhile: what calls it is itself shared by threads."""
    before = _threads.present
    use(1)
    try:
        yield
    finally:
        use(before)


def sharing(call: Callable[[], Any], multiplications: int) -> Callable[[], Any]:
    """A call of a product in a recorded step, in which all threads take part if it is large."""
    if multiplications < SHARED:
        return call

    def shared() -> None:
        before = _threads.present
        use(None)
        call()
        use(before)

    return shared
