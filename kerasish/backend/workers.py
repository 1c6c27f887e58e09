"""Threads that share the parts of a computation which gives the interpreter free.

A compiled loop holds no lock of the interpreter, so two of them run at the same time on two cores. Unlike the threads
of a BLAS these sleep while they wait: a busy neighbour loses nothing to them. What a part computes does not depend on
who computes it, so results are the same on any number of cores.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any

from kerasish.backend import threads

Part = Callable[[int], Any]


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class _Job:
    """Parts of which each thread takes the next one that nobody has."""

    __slots__ = ("_left", "_over", "error", "part")

    def __init__(self, part: Part, count: int) -> None:
        self.part = part
        self.error: BaseException | None = None
        self._left = iter(range(count))  # to take the next of a range is one step of the interpreter
        self._over = threading.Semaphore(0)

    def work(self) -> None:
        """Compute parts until none is left."""
        try:
            for index in self._left:
                self.part(index)
        except BaseException as error:
            self.error = error

    def help(self) -> None:
        """The same for another thread, which the first waits for."""
        self.work()
        self._over.release()

    def wait(self, helpers: int) -> None:
        """Wait for the other threads; raises what a part raised."""
        for _ in range(helpers):
            self._over.acquire()
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
    job.work()
    job.wait(helpers)
