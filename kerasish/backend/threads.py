"""How many threads the BLAS gets: one in a recorded step, whose large products are shared by threads of our own.

The threads of a BLAS spin for one another, and go on spinning for some hundredths of a second after a product. On small
products that costs more than it gives, beside a busy neighbour a step waits for a thread that does not run, and what
`backend.workers` shares waits for the core on which one spins. To tell the BLAS takes a microsecond.

threadpoolctl, of the extra `fast`, knows how to tell a BLAS. Without it the one that NumPy's wheels bring is told here,
and any other keeps the number that it has.
"""

from __future__ import annotations

import ctypes
import importlib
import importlib.util
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from kerasish._extras import missing

# To ask for it takes ten times as long as to tell the BLAS.
_CORES = os.cpu_count() or 1


class _Threads:
    def __init__(self) -> None:
        self.fixed: int | None = None
        self.libraries: list[Any] | None = None  # not looked for yet
        self.own: list[int] = []  # what the libraries had before anything was changed
        self.present: int | None = None  # what they were told last; None for their own number
        self.inside = 0  # how many threads are within `one`, and what the libraries were told before the first
        self.before: int | None = None


_threads = _Threads()
_lock = threading.Lock()


class _Bundled:
    """The OpenBLAS that NumPy's own wheels bring, for where threadpoolctl is not installed."""

    def __init__(self, library: ctypes.CDLL, name: str) -> None:
        self._get, self._set = getattr(library, name.format("get")), getattr(library, name.format("set"))

    @property
    def num_threads(self) -> int:
        """How many threads it computes with."""
        return int(self._get())

    def set_num_threads(self, count: int) -> None:
        """Let it compute with so many."""
        self._set(ctypes.c_int(count))


def _bundled() -> list[_Bundled]:
    """NumPy's own OpenBLAS, if it has one and this process has loaded it."""
    inside = Path(np.__file__).parent
    found = [
        path for folder in (inside.parent / "numpy.libs", inside / ".dylibs") for path in folder.glob("*openblas*")
    ]
    for path in found:
        library = ctypes.CDLL(str(path))
        for name in ("scipy_openblas_{}_num_threads64_", "scipy_openblas_{}_num_threads", "openblas_{}_num_threads"):
            if hasattr(library, name.format("set")):
                return [_Bundled(library, name)]
    return []


def _libraries() -> list[Any]:
    if _threads.libraries is None:
        if importlib.util.find_spec("threadpoolctl") is not None:
            found = importlib.import_module("threadpoolctl").ThreadpoolController().lib_controllers
            _threads.libraries = [library for library in found if library.user_api == "blas"]
        else:
            _threads.libraries = _bundled()
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
        ImportError: if threadpoolctl is missing, and the BLAS is another than that of NumPy's own wheels.
    """
    if count is not None and (isinstance(count, bool) or not isinstance(count, int) or count < 1):
        raise ValueError(f"set_threads needs a whole number of at least 1, or None; received {count!r}")
    if count is not None and not can_tell():
        raise ImportError(
            f"{missing('set_threads tells the BLAS by threadpoolctl', 'fast')}. Without it, set OPENBLAS_NUM_THREADS "
            "(or MKL_NUM_THREADS) before the program starts."
        )
    _threads.fixed = count
    use(None)


def use(count: int | None) -> None:
    """Let the BLAS compute with so many threads from now on; None gives it back its own number."""
    _tell(count if _threads.fixed is None else _threads.fixed)


def _tell(count: int | None) -> None:
    if count == _threads.present:
        return
    _threads.present = count
    for library, own in zip(_libraries(), _threads.own, strict=True):
        library.set_num_threads(own if count is None else min(count, _CORES))


def can_tell() -> bool:
    """Whether the BLAS can be told how many threads it has."""
    return bool(_libraries())


def own_number() -> int:
    """The number of threads that the BLAS had before it was told anything."""
    _libraries()
    return max(_threads.own, default=1)


@contextmanager
def one() -> Iterator[None]:
    """One thread for the BLAS meanwhile, because threads of our own call it."""
    with _lock:
        if not _threads.inside:
            _threads.before = _threads.present
            _tell(1)
        _threads.inside += 1
    try:
        yield
    finally:
        with _lock:
            _threads.inside -= 1
            if not _threads.inside:
                _tell(_threads.before)
