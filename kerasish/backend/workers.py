"""Threads that share the parts of a computation which gives the interpreter free.

A compiled loop holds no lock of the interpreter, so two of them run at the same time on two cores. Unlike the threads
of a BLAS these sleep while they wait: a busy neighbour loses nothing to them. What a part computes does not depend on
who computes it, so results are the same on any number of cores.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from functools import cache
from queue import SimpleQueue
from typing import Any

from kerasish.backend import threads

Part = Callable[[int], Any]


@cache
def cores() -> int:
    """How many threads a computation is shared by: those that the BLAS was begun with, or the cores of this process.

    So `OPENBLAS_NUM_THREADS=1`, which says that a process is one of many, holds here as well.
    """
    if threads.can_tell():
        return threads.own_number()
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class _Job:
    """Parts of which each thread takes the next one that nobody has."""

    __slots__ = ("_count", "_done", "_left", "_part", "error")

    def __init__(self, part: Part, count: int) -> None:
        self._part = part
        self._count = count
        self._left = iter(range(count))  # to take the next of a range is one step of the interpreter
        self._done: SimpleQueue[None] = SimpleQueue()
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
        self.jobs: SimpleQueue[_Job] = SimpleQueue()
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
            self.jobs.get().help()


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
