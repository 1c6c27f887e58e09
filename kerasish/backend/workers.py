"""Threads that share the parts of a computation which gives the interpreter free.

A compiled loop holds no lock of the interpreter, so two of them run at the same time on two cores. Unlike the threads
of a BLAS these sleep while they wait: a busy neighbour loses little to them. But to wake a thread takes as long as a
small part, some 25 microseconds on a virtual machine, and to wait for one that ends takes as long again; so, with the
extra `fast`, they stay awake for a tenth of a millisecond. What a part computes does not depend on who computes it, so
results are the same on any number of cores.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from functools import cache
from queue import Empty, SimpleQueue
from typing import Any, Generic, TypeVar

import numpy as np

from kerasish.backend import threads

Part = Callable[[int], Any]
Item = TypeVar("Item")

# For how many microseconds a thread stays awake; how many of them it then leaves the interpreter to the one that has
# called it, which is about to give it free, or to the one that has ended; and how many threads may do so.
_AWAKE, _BEFORE_A_JOB, _BEFORE_THE_END, _FEW = 100, 10, 6, 3

# Looks at a number until it changes, at most so often, and so often more, without the interpreter's lock.
Watch = Callable[[np.ndarray, int, int, int], None]
_watch: Watch | None = None
_looks = 0  # a microsecond


def set_watch(watch: Watch, looks: int) -> None:
    """Let threads wait this way from now on, for some time, before they sleep.

    Args:
        watch: see `fast_waiting`.
        looks: how often it looks in a microsecond.
    """
    global _watch, _looks
    _watch, _looks = watch, looks


@cache
def cores() -> int:
    """How many threads a computation is shared by: those that the BLAS was begun with, or the cores of this process.

    So `OPENBLAS_NUM_THREADS=1`, which says that a process is one of many, holds here as well.
    """
    if threads.can_tell():
        return threads.own_number()
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class _Queue(Generic[Item]):
    """A queue whose next item a thread waits for awake, for some time.

    Args:
        pause: microseconds between an item's coming and its being taken, if its taker was awake.
    """

    __slots__ = ("_changes", "_items", "_pause")

    def __init__(self, pause: int) -> None:
        self._items: SimpleQueue[Item] = SimpleQueue()
        self._changes = np.zeros(1, np.intp)
        self._pause = pause

    def put(self, item: Item) -> None:
        """Add an item, and tell that there is one: two who do so at once may be seen as one, which is enough."""
        self._items.put(item)
        self._changes[0] += 1

    def get(self, awake: bool = True) -> Item:
        """The next item."""
        while True:
            known = int(self._changes[0])
            try:
                return self._items.get_nowait()
            except Empty:
                if _watch is not None and awake:
                    _watch(self._changes, known, _AWAKE * _looks, self._pause * _looks)
                if int(self._changes[0]) == known:
                    return self._items.get()


class _Job:
    """Parts of which each thread takes the next one that nobody has."""

    __slots__ = ("_count", "_done", "_left", "_part", "error")

    def __init__(self, part: Part, count: int) -> None:
        self._part = part
        self._count = count
        self._left = iter(range(count))  # to take the next of a range is one step of the interpreter
        self._done: _Queue[None] = _Queue(_BEFORE_THE_END)
        self.error: BaseException | None = None

    def _take(self) -> Iterator[None]:
        for index in self._left:
            try:
                self._part(index)
            except BaseException as error:
                self.error = error
            yield

    def help(self) -> None:
        """Compute parts until none is left."""
        for _ in self._take():
            self._done.put(None)

    def finish(self) -> None:
        """The same for the thread that waits for all; it waits for no thread that has no part of it.

        So a part may have parts of its own, even if every thread is at work on one.
        """
        own = sum(1 for _ in self._take())
        for _ in range(self._count - own):
            self._done.get()
        if self.error is not None:
            raise self.error


class _Pool:
    """Threads, made when they are needed for the first time."""

    def __init__(self) -> None:
        self.jobs: _Queue[_Job] = _Queue(_BEFORE_A_JOB)
        self.count = 0
        self.lock = threading.Lock()

    def call(self, job: _Job, helpers: int) -> None:
        if self.count < helpers:
            with self.lock:
                while self.count < helpers:
                    self.count += 1
                    threading.Thread(target=self._serve, name="kerasish-worker", daemon=True).start()
        for _ in range(helpers):
            self.jobs.put(job)

    def _serve(self) -> None:
        while True:
            self.jobs.get(self.count <= _FEW).help()


_pool = _Pool()


def _begin_anew() -> None:
    """A process made by `fork` has none of the threads."""
    global _pool
    _pool = _Pool()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_begin_anew)


def share(part: Part, count: int) -> None:
    """Call a function with each number below `count`, on as many threads as there are cores, or as were set.

    Args:
        part: what to do; it should give the interpreter free, and leave alone what other parts write.
        count: how many parts there are.
    """
    helpers = min(count, threads.threads() or cores()) - 1
    if helpers < 1:
        for index in range(count):
            part(index)
        return
    job = _Job(part, count)
    _pool.call(job, helpers)
    job.finish()
