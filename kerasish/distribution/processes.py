"""The processes that `mpiexec` has started, and what they do together."""

from __future__ import annotations

import os
import sys
import time
from types import TracebackType
from typing import Any

import numpy as np

from kerasish._extras import missing

# How long a process waits for the others before it ends them all, in seconds, unless the environment says otherwise.
PATIENCE = 600.0
PATIENCE_VARIABLE = "KERASISH_MPI_PATIENCE"
# How `mpiexec` tells a process how many there are: Open MPI's, and MPICH's and its kin's.
_COUNTS = ("OMPI_COMM_WORLD_SIZE", "PMI_SIZE")
_LATE = 77
# Who has waited for so many seconds looks only every so many from then on.
_BRIEF, _NAP = 0.001, 0.0001


class Processes:
    """The ranks of an MPI job, as `trainers.replicas.Replicas` asks for them.

    A process that comes to a sum waits for the others with a clock, and only then adds: who does not come in time is
    named, and all are ended.

    Args:
        mpi: the module `mpi4py.MPI`.
        patience: how many seconds to wait.

    Attributes:
        rank, count, shards: as of `Replicas`.
    """

    def __init__(self, mpi: Any, patience: float) -> None:
        self._mpi = mpi
        self._communicator = mpi.COMM_WORLD.Dup()
        self._patience = patience
        self.rank: int = self._communicator.Get_rank()
        self.count: int = self._communicator.Get_size()
        self.shards = True

    def add(self, array: np.ndarray) -> None:
        """Let the array hold the sum of what it holds in all processes."""
        self._meet()
        known = array.dtype.kind in "iu" or array.dtype in (np.float32, np.float64)
        if known and array.flags.c_contiguous and array.ndim:
            self._communicator.Allreduce(self._mpi.IN_PLACE, array)
            return
        wide = np.array(array, array.dtype if known else np.float32, ndmin=1)  # MPI has no numbers of 16 bits
        self._communicator.Allreduce(self._mpi.IN_PLACE, wide)
        array[...] = wide.reshape(array.shape).astype(array.dtype)

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
            if waited > self._patience or (waited > 0.1 and self._communicator.Iprobe(tag=_LATE)):
                self._give_up(waited)
            time.sleep(0 if waited < _BRIEF else _NAP)  # the one that is waited for may need this core

    def _give_up(self, waited: float) -> None:
        """Name those who do not wait, and end all: whoever waits tells the others so."""
        others = [rank for rank in range(self.count) if rank != self.rank]
        told = [self._communicator.isend(None, rank, _LATE) for rank in others]
        waiting = {self.rank}
        until = time.monotonic() + 1.0
        while time.monotonic() < until and len(waiting) < self.count:
            status = self._mpi.Status()
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

    def end_on_errors(self) -> None:
        """Let an error that nobody catches end all processes, for the others would wait for this one."""
        show = sys.excepthook

        def show_and_end(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
            show(kind, error, trace)
            self.end(f"rank {self.rank} of {self.count} failed with {kind.__name__}: {error}")

        sys.excepthook = show_and_end


_processes: Processes | None = None


def processes() -> Processes | None:
    """Those that `initialize` has found; None before, or if there is only one.

    Raises:
        RuntimeError: if `mpiexec` has started several and `initialize` was not called: each would train alone.
    """
    if _processes is None and any(int(os.environ.get(name) or 1) > 1 for name in _COUNTS):
        raise RuntimeError("several processes were started: call keras.distribution.initialize() first in the script")
    return _processes if _processes is not None and _processes.count > 1 else None


def initialize(
    job_addresses: str | None = None, num_processes: int | None = None, process_id: int | None = None
) -> None:
    """Join the processes that `mpiexec` has started with this script; the first call of a script.

    From then on an error that nobody catches ends all of them, and so does one that the others have waited for for as
    many seconds as the environment variable `KERASISH_MPI_PATIENCE` says (600 by default).

    Args:
        job_addresses: None: `mpiexec` knows where the processes are.
        num_processes: how many there are, if that is to be checked.
        process_id: the number of this one, if that is to be checked.

    Raises:
        ImportError: if mpi4py is not installed.
        ValueError: if the job is another than the arguments say.

    Source: Message Passing Interface Forum, MPI: A Message-Passing Interface Standard, version 4.0 (2021).
    """
    global _processes
    if job_addresses is not None:
        raise ValueError(
            f"job_addresses={job_addresses!r}: mpiexec knows where the processes are; give it the hosts instead, as "
            "in mpiexec --host a,b -n 2 python train.py"
        )
    if _processes is None:
        patience = _patience()
        try:
            from mpi4py import MPI  # it starts MPI, which only a script that asks for it should
        except ImportError as error:
            raise missing("keras.distribution needs mpi4py", "mpi") from error
        _processes = Processes(MPI, patience)
        if _processes.count > 1:
            _processes.end_on_errors()
    mine = {"num_processes": _processes.count, "process_id": _processes.rank}
    for name, given in (("num_processes", num_processes), ("process_id", process_id)):
        if given is not None and given != mine[name]:
            raise ValueError(f"{name}={given}, but mpiexec has started this process with {name}={mine[name]}")


def _patience() -> float:
    text = os.environ.get(PATIENCE_VARIABLE, str(PATIENCE))
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not seconds > 0:
        raise ValueError(f"{PATIENCE_VARIABLE} is a number of seconds above 0; it is {text!r}")
    return seconds


def list_devices(device_type: str | None = None) -> list[str]:
    """The devices of all processes: each is one.

    Args:
        device_type: `"cpu"`, or None for any.

    Raises:
        RuntimeError: if there are none of that type.

    Example:
        >>> import kerasish as keras
        >>> keras.distribution.list_devices()
        ['cpu:0']
    """
    if device_type is not None and device_type.lower() != "cpu":
        raise RuntimeError(f"there are no devices of the type {device_type!r}: everything here runs on the 'cpu'")
    return [f"cpu:{number}" for number in range(1 if _processes is None else _processes.count)]


def get_device_count(device_type: str | None = None) -> int:
    """How many devices there are.

    Args:
        device_type: as of `list_devices`.

    Example:
        >>> import kerasish as keras
        >>> keras.distribution.get_device_count("cpu")
        1
    """
    return len(list_devices(device_type))
