"""The processes that `mpiexec` has started, and what they do together."""

from __future__ import annotations

import os
import sys
from types import TracebackType
from typing import Any

from kerasish._extras import missing
from kerasish.distribution.groups import PATIENCE, PATIENCE_VARIABLE, Group, World

# How `mpiexec` tells a process how many there are: Open MPI's, and MPICH's and its kin's.
_COUNTS = ("OMPI_COMM_WORLD_SIZE", "PMI_SIZE")


class Processes(Group):
    """All ranks of an MPI job.

    Args:
        mpi: the module `mpi4py.MPI`.
        patience: how many seconds to wait.
    """

    def __init__(self, mpi: Any, patience: float) -> None:
        super().__init__(World(mpi, patience), mpi.COMM_WORLD.Dup())

    def end_on_errors(self) -> None:
        """Let an error that nobody catches end all processes, for the others would wait for this one."""
        show = sys.excepthook

        def show_and_end(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
            show(kind, error, trace)
            self._world.end(f"rank {self.rank} of {self.count} failed with {kind.__name__}: {error}")

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
