"""How the tests start a job of several ranks."""

import os
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
_BESIDE = Path(sys.executable).parent / "mpiexec"
MPIEXEC = str(_BESIDE) if _BESIDE.exists() else shutil.which("mpiexec")


def command(ranks: int, *arguments: object) -> list[str]:
    """The words that run a script in so many ranks, on however few cores."""
    start = [str(MPIEXEC), "--oversubscribe", "--allow-run-as-root", "-n", str(ranks)]
    return [*start, sys.executable, *map(str, arguments)]


def environment(patience: float) -> dict[str, str]:
    """What a job finds: one thread for each rank, and shared memory alone, for no rank is on another machine."""
    own = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": str(ROOT), "OMPI_MCA_btl": "self,sm"}
    own["KERASISH_FAST"] = "0"  # to compile the loops once takes a rank longer than the others may wait for it
    return {**os.environ, **own, "KERASISH_MPI_PATIENCE": str(patience)}
