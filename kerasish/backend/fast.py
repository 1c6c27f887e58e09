"""The door to the fused loops of the extra `fast`: used when Numba is installed, and equal to NumPy to the last bit.

Numba takes seconds to compile a loop for the first time, and a moment to load it afterwards. Nobody waits for that: the
loops that are asked for are made ready by a thread in the background, and until one is there its caller goes on with
NumPy. Because both give the same bits, it does not matter to a result when the change happens.

A small loop runs on one core. A whole recurrence, or a convolution, is cut into parts by its sizes alone, which all
cores share (`backend.workers`).

Switch it off with the environment variable `KERASISH_FAST=0`, or with `kerasish.config.set_fast(False)`.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from kerasish.backend import threads, workers

# Smaller networks than this finish before the loops are ready, and do not load Numba.
START_SIZE = 1 << 10

Kernel = Callable[..., None]


# A fit that is busy for so many seconds loads the loops: the thread that does it takes turns with the fit, which is
# slow for half a second, more than a short fit would gain.
PATIENCE = 1.0


class _State:
    def __init__(self) -> None:
        self.enabled = os.environ.get("KERASISH_FAST", "1") not in ("0", "false", "off", "")
        self.ready: dict[str, Kernel] = {}
        self.lacking: dict[str, None] = {}  # the loops that somebody has asked for in vain, the first one first
        self.is_waited_for = False  # for all of them
        self.thread: threading.Thread | None = None
        self.error: BaseException | None = None
        self.is_absent = False  # Numba was looked for, and is not installed
        self.asked: float | None = None  # when a loop was asked for the first time


_state = _State()


def is_installed() -> bool:
    """Whether the extra `fast` is installed."""
    return importlib.util.find_spec("numba") is not None


def is_fast_enabled() -> bool:
    """Whether fused loops are used where they are ready."""
    return _state.enabled


def set_fast(enabled: bool) -> None:
    """Switch the fused loops of the extra `fast` on or off; results are the same either way.

    Example:
        >>> import kerasish as keras
        >>> keras.config.set_fast(True)
    """
    _state.enabled = bool(enabled)


def wait() -> bool:
    """Wait until every fused loop is compiled; whether they are (False without the extra)."""
    if _state.thread is not None:
        _state.thread.join()  # it has those that were asked for
    _state.is_waited_for = True
    _start()
    if _state.thread is not None:
        _state.thread.join()
    if _state.error is not None:
        raise _state.error
    return bool(_state.ready)


def is_wanted(size: int) -> bool:
    """Whether to ask for the loops of arrays of this size: they are ready, or on the way."""
    if not _state.enabled:
        return False
    if size >= START_SIZE and _state.asked is None:
        _state.is_absent = not is_installed()
        _state.asked = time.monotonic()
    if _state.lacking and _state.thread is None and not _state.is_absent:
        _start_in_time()
    return _state.asked is not None and not _state.is_absent


def kernel(name: str) -> Kernel | None:
    """The fused loop of this name, if it is ready; it will be, if it is asked for."""
    _ask(name)
    return _state.ready.get(name) if _state.enabled else None


def _ask(name: str) -> None:
    if name not in _state.ready:
        _state.lacking[name] = None


def takes(*arrays: Any) -> bool:
    """Whether the fused loops take these arrays, of which the first is the largest, and are worth a call."""
    size = arrays[0].size
    if size < START_SIZE or not is_wanted(size):
        return False
    return all(a.dtype.name == "float32" and a.flags.c_contiguous for a in arrays)


class Fused:
    """A fused loop on fixed arrays where it is ready, and until then the NumPy calls that it stands for.

    Args:
        name: the loop.
        args: its arguments, the largest first.
        calls: what to do without it.
        by_rows: whether each row of what has as many axes as the first argument depends on no other row of it.
    """

    __slots__ = ("args", "by_rows", "calls", "name")

    def __init__(self, name: str, args: tuple[Any, ...], calls: list[Callable[[], Any]], by_rows: bool = False) -> None:
        _ask(name)
        self.name = name
        self.args = args
        self.calls = calls
        self.by_rows = by_rows

    def __call__(self) -> None:
        loop = _state.ready.get(self.name)
        if loop is not None and _state.enabled:
            loop(*self.args)
            return
        for call in self.calls:
            call()
        if _state.thread is None and not _state.is_absent:
            _start_in_time()

    def of_rows(self, rows: slice) -> tuple[Any, ...]:
        """The arguments for some rows."""
        first = self.args[0]
        return tuple(x[rows] if getattr(x, "ndim", -1) == first.ndim and len(x) == len(first) else x for x in self.args)


# Calls that are kept while a loop is compiled; more are made anew each time, for a large network has millions.
_FEW = 4096


class Pieces(NamedTuple):
    """That parts of a loop are of images, and which ones.

    Attributes:
        place: which of the loop's arguments tells with which piece of the work each part begins.
        firsts: for each piece, and for the end, the image that it begins in.
        own: the arrays of which an image's share is used for that image alone, the written one first.
        others: arrays that are used as a whole.
    """

    place: int
    firsts: np.ndarray
    own: list[np.ndarray]
    others: list[np.ndarray]


class FusedParts:
    """A fused loop over parts of fixed arrays, shared by all cores; until it is ready, the calls that it stands for.

    Args:
        name: the loop; its first argument is the number of the part.
        count: how many parts there are.
        args: its other arguments.
        make_calls: makes what to do without it; not called before that is needed.
        proof: what the loop writes, if its bits depend on the order in which this machine's BLAS adds: the first time
            it is compared with what the calls write, and if that is another, the loop is not used.
        alone: whether to wake another core would take longer than all parts.
        pieces: how the work may be cut into other parts, if these are of images that do not depend on each other.
    """

    __slots__ = ("_alone", "_calls", "_is_proven", "_proof", "args", "count", "make_calls", "name", "pieces")

    def __init__(
        self,
        name: str,
        count: int,
        args: tuple[Any, ...],
        make_calls: Callable[[], list[Callable[[], Any]]],
        proof: np.ndarray | None = None,
        alone: bool = False,
        pieces: Pieces | None = None,
    ) -> None:
        _ask(name)
        self._alone = alone
        self._proof = proof
        self._is_proven: bool | None = True if proof is None else None
        self.name = name
        self.count = count
        self.args = args
        self.make_calls = make_calls
        self.pieces = pieces
        self._calls: list[Callable[[], Any]] | None = None

    def __call__(self) -> None:
        if (loop := self.loop()) is not None:
            self._share(loop)
            return
        loop = _state.ready.get(self.name) if _state.enabled else None
        if loop is not None and self._is_proven is None:
            self._compare(loop)
            return
        self._call()
        if _state.thread is None and not _state.is_absent:
            _start_in_time()

    def loop(self) -> Kernel | None:
        """The loop, if it is ready and comes to the same."""
        loop = _state.ready.get(self.name) if _state.enabled and self._is_proven else None
        if loop is not None:
            self._calls = None
        return loop

    def cut(self, ends: Sequence[int]) -> tuple[Any, ...] | None:
        """The arguments for other parts, which end before these images; None if a piece would be cut."""
        if self.pieces is None:
            return None
        firsts = self.pieces.firsts
        begins = np.searchsorted(firsts, [0, *ends])
        if not np.array_equal(firsts[begins], [0, *ends]):
            return None
        place = self.pieces.place
        return (*self.args[:place], begins.astype(np.intp), *self.args[place + 1 :])

    def do(self, args: tuple[Any, ...], part: int) -> None:
        """A part that was cut anew, once there is a loop."""
        _state.ready[self.name](part, *args)

    def _share(self, loop: Kernel) -> None:
        with threads.one():
            if self._alone:
                for part in range(self.count):
                    loop(part, *self.args)
            else:
                workers.share(lambda part: loop(part, *self.args), self.count)

    def _compare(self, loop: Kernel) -> None:
        """Do both; whether they come to the same is open as long as there are numbers that nothing equals."""
        assert self._proof is not None
        self._call()
        wanted = self._proof.copy()
        if np.isfinite(wanted).all():
            self._share(loop)
            self._is_proven = np.array_equal(wanted, self._proof)
            self._proof[...] = wanted

    def _call(self) -> None:
        calls = self.make_calls() if self._calls is None else self._calls
        if len(calls) <= _FEW:
            self._calls = calls
        for call in calls:
            call()


def _start_in_time() -> None:
    """Load the loops if somebody has waited for them long enough."""
    if _state.asked is not None and time.monotonic() - _state.asked > PATIENCE:
        _start()


def _start() -> None:
    if _state.thread is not None or _state.is_absent:
        return
    _state.is_absent = not is_installed()
    if not _state.is_absent:
        _state.thread = threading.Thread(target=_load, name="kerasish-fast", daemon=True)
        _state.thread.start()


def _load() -> None:
    """Compile the loops that are asked for, or load them from Numba's cache; the next one who asks begins anew."""
    try:
        makers: dict[str, Callable[[], Kernel]] = {}
        for name in (
            "fast_loops",
            "fast_recurrence",
            "fast_windows",
            "fast_convolution",
            "fast_winograd",
            "fast_waiting",
        ):
            makers |= importlib.import_module(f"kerasish.backend.{name}").LOOPS
        _ask("watch")
        while _state.lacking or (_state.is_waited_for and makers.keys() - _state.ready.keys()):
            name = next(iter(_state.lacking), None) or min(makers.keys() - _state.ready.keys())
            if name in makers and name not in _state.ready:
                _state.ready[name] = makers[name]()
            _state.lacking.pop(name, None)
        waiting = importlib.import_module("kerasish.backend.fast_waiting")
        workers.set_watch(_state.ready["watch"], waiting.looks_a_microsecond(_state.ready["watch"]))
    except BaseException as error:  # a broken Numba must not end a training that NumPy can do
        _state.error = error
        return
    _state.thread = None
