"""Processes of an MPI job that compute something together: all of them, or those along an axis of a mesh."""

from __future__ import annotations

import os
import sys
import time
from typing import Any

import numpy as np

from kerasish.backend.ranks import Ranks

# How long a process waits for the others before it ends them all, in seconds, unless the environment says otherwise.
PATIENCE = 600.0
PATIENCE_VARIABLE = "KERASISH_MPI_PATIENCE"
_LATE = 77
# Who has waited for so many seconds sleeps between two looks, for this share of the time and no longer than so many.
_BRIEF, _SHARE, _NAP = 0.001, 0.05, 0.01


class World:
    """All processes of the job, as far as they end together.

    Args:
        mpi: the module `mpi4py.MPI`.
        patience: how many seconds a process waits for others.
    """

    def __init__(self, mpi: Any, patience: float) -> None:
        self.mpi = mpi
        self.patience = patience
        self._communicator = mpi.COMM_WORLD.Dup()
        self.rank: int = self._communicator.Get_rank()
        self.count: int = self._communicator.Get_size()

    def is_late(self) -> bool:
        """Whether another process has given up waiting."""
        return bool(self._communicator.Iprobe(tag=_LATE))

    def give_up(self, waited: float) -> None:
        """Name those who do not wait, and end all: whoever waits tells the others so."""
        others = [rank for rank in range(self.count) if rank != self.rank]
        told = [self._communicator.isend(None, rank, _LATE) for rank in others]
        waiting = {self.rank}
        until = time.monotonic() + 1.0
        while time.monotonic() < until and len(waiting) < self.count:
            status = self.mpi.Status()
            if self._communicator.iprobe(tag=_LATE, status=status):
                waiting.add(status.Get_source())
                self._communicator.recv(source=status.Get_source(), tag=_LATE)
        absent = sorted(set(range(self.count)) - waiting)
        if self.rank == min(waiting) or not told:
            names = ", ".join(map(str, absent)) or "none: the network is at fault"
            self.end(
                f"rank {names} has not come to a sum that the others have waited for since {waited:.0f} s. It has "
                f"stalled, has ended before the others, or makes fewer steps; {PATIENCE_VARIABLE} says how many "
                "seconds to wait"
            )
        time.sleep(60)  # another one says it

    def end(self, why: str) -> None:
        """End all processes."""
        print(f"kerasish: {why}. All ranks are ended.", file=sys.stderr, flush=True)
        self._communicator.Abort(1)


def _stand_aside() -> None:
    """Let another process have this core, if one wants it; to sleep for no time takes a hundred times as long."""
    if hasattr(os, "sched_yield"):
        os.sched_yield()
    else:
        time.sleep(0)


class Group:
    """Some of the processes, as `backend.ranks.Replicas` asks for them.

    A process that comes to a sum waits for the others with a clock, and only then adds: who does not come in time is
    named, and all are ended.

    Args:
        world: all processes.
        communicator: those of the group.

    Attributes:
        rank, count, shards, weight, everyone: as of `Replicas`.
    """

    everyone: Ranks

    def __init__(self, world: World, communicator: Any) -> None:
        self._world = world
        self._communicator = communicator
        self.rank: int = communicator.Get_rank()
        self.count: int = communicator.Get_size()
        self.shards = True
        self.weight = 1.0
        self.everyone = self

    def part(self, number: int, place: int) -> Group:
        """Those of this group that give the same number, in the order of their places; called by all."""
        made = Group(self._world, self._communicator.Split(number, place))
        made.everyone = self.everyone
        return made

    def add(self, array: np.ndarray) -> None:
        """Let the array hold the sum of what it holds in all processes."""
        if self.count == 1:
            return
        self._meet()
        known = array.dtype.kind in "iu" or array.dtype in (np.float32, np.float64)
        if known and array.flags.c_contiguous and array.ndim:
            self._communicator.Allreduce(self._world.mpi.IN_PLACE, array)
            return
        wide = np.array(array, array.dtype if known else np.float32, ndmin=1)  # MPI has no numbers of 16 bits
        self._communicator.Allreduce(self._world.mpi.IN_PLACE, wide)
        array[...] = wide.reshape(array.shape).astype(array.dtype)

    def join(self, array: np.ndarray, axis: int) -> np.ndarray:
        """The arrays of all processes, of one shape, one after the other along an axis."""
        own = np.ascontiguousarray(array)
        parts = np.empty((self.count, *own.shape), own.dtype)
        self._meet()
        self._communicator.Allgather(_bytes_of(own), _bytes_of(parts))
        return np.concatenate(list(parts), axis)

    def first(self, value: Any) -> Any:
        """What the process of rank 0 has given."""
        self._meet()
        return self._communicator.bcast(value, root=0)

    def gather(self, value: Any) -> list[Any]:
        """What each process has given, in the order of the ranks."""
        self._meet()
        found: list[Any] = self._communicator.allgather(value)
        return found

    def _meet(self) -> None:
        request = self._communicator.Ibarrier()
        begun = time.monotonic()
        while not request.Test():
            waited = time.monotonic() - begun
            if waited > self._world.patience or (waited > 0.1 and self._world.is_late()):
                self._world.give_up(waited)
            if waited < _BRIEF:
                _stand_aside()  # for the one that is waited for
            else:
                time.sleep(min(waited * _SHARE, _NAP))

    def __reduce__(self) -> Any:
        raise TypeError(
            "a model that is cut over processes cannot be pickled or sent to another process; model.save, called by "
            "all of them, writes it whole"
        )


def _bytes_of(array: np.ndarray) -> np.ndarray:
    """The same memory as numbers that MPI knows."""
    return array.reshape(-1).view(np.uint8)
