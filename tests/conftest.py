"""What every test can rely on: Keras on JAX, the clone's own kerasish, and hypothesis without a clock or a die."""

import gc
import os
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

os.environ["KERAS_BACKEND"] = "jax"  # before anything can import Keras
# What JAX compiles for a test runs once or twice: most of the time of a comparison would go into making it fast.
os.environ.setdefault("XLA_FLAGS", "--xla_backend_optimization_level=0")
if "PYTEST_XDIST_WORKER" in os.environ:
    # Beside other workers, a BLAS with a thread for each core waits for cores that are not free: ten times as long.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import pytest
from hypothesis import settings

settings.register_profile("kerasish", deadline=None, derandomize=True)
settings.load_profile("kerasish")

gc.disable()  # what collecting makes, it keeps


def pytest_collection_finish() -> None:
    """Hide the tests and modules from the collector: they live to the end, and it would walk them each time."""
    gc.collect()
    gc.freeze()
    gc.enable()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Give each worker one half of the suite in its order, and what the other has not come to when it is done.

    By turns of a few tests, both would import what a file needs, and both would let JAX compile the same functions.
    """
    from xdist.scheduler import WorkStealingScheduling

    return WorkStealingScheduling(config, log) if config.getvalue("dist") == "load" else None


@pytest.fixture(autouse=True)
def _seed() -> None:
    """Every test draws the same numbers in every run, in whatever order and process it runs."""
    import kerasish

    kerasish.utils.set_random_seed(0)
    kerasish.config.disable_traceback_filtering()  # a test that fails is read by who works on the library


@pytest.fixture
def quick_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keras's layers begin with random numbers of NumPy, where a test gives them other weights in any case.

    JAX compiles its own anew for each shape.
    """
    import numpy as np
    from keras.src.initializers import random_initializers

    def uniform(shape: Any, minval: float = 0.0, maxval: float = 1.0, dtype: Any = None, seed: Any = None) -> Any:
        return np.random.default_rng(0).uniform(minval, maxval, shape).astype(dtype or "float32")

    here = SimpleNamespace(**{**vars(random_initializers.random), "uniform": uniform})
    monkeypatch.setattr(random_initializers, "random", here)
