"""The fused loops of the extra `fast` give NumPy's bits."""

import os
import subprocess
import sys

import numpy as np
import pytest

import kerasish as keras
from kerasish.backend import fast
from kerasish.backend.program import Node, Room
from kerasish.ops import plans

pytest.importorskip("numba")


@pytest.fixture(autouse=True)
def compiled():
    assert fast.wait()
    yield
    fast.set_fast(True)


@pytest.mark.parametrize("size", [1, 7, 1000, 40_000, fast.PARALLEL_SIZE + 13])
@pytest.mark.parametrize(
    "make",
    [
        lambda: keras.optimizers.Adam(0.01),
        lambda: keras.optimizers.AdamW(0.01),
        lambda: keras.optimizers.SGD(0.1),
        lambda: keras.optimizers.SGD(0.1, momentum=0.9),
        lambda: keras.optimizers.SGD(0.1, momentum=0.9, nesterov=True),
        lambda: keras.optimizers.RMSprop(0.01),
    ],
)
def test_optimizers(make, size):
    rng = np.random.default_rng(0)
    start = rng.standard_normal(size).astype("float32")
    gradients = [rng.standard_normal(size).astype("float32") * 0.1 for _ in range(3)]
    results = []
    for enabled in (False, True):
        fast.set_fast(enabled)
        variable, optimizer = keras.Variable(start), make()
        for gradient in gradients:
            optimizer.apply([gradient], [variable])
        results.append([variable.numpy(), *(v.numpy() for v in optimizer.variables)])
    for plain, fused in zip(*results, strict=True):
        np.testing.assert_array_equal(fused, plain)


@pytest.mark.parametrize("shape", [(1, 1024), (33, 64), (128, 512)])
@pytest.mark.parametrize("activation", [None, "relu", "tanh"])
def test_dense(shape, activation):
    rng = np.random.default_rng(1)
    x = rng.standard_normal((shape[0], 5)).astype("float32")
    kernel = rng.standard_normal((5, shape[1])).astype("float32")
    bias = rng.standard_normal(shape[1]).astype("float32")
    x[0, 0] = np.nan
    results = []
    for enabled in (False, True):
        fast.set_fast(enabled)
        node = Node.__new__(Node)
        node.args, node.params, node.seed = [x, kernel, bias], {"activation": activation}, None
        node.output, node.gradient = np.empty(shape, "float32"), np.ones(shape, "float32")
        node.into = [np.empty_like(a) for a in node.args]
        for calls in plans._plan_dense(Room(), node):
            for call in calls:
                call()
        results.append([node.output, *node.into])
    for plain, fused in zip(*results, strict=True):
        np.testing.assert_array_equal(fused, plain)


def test_fit_has_the_same_bits():
    rng = np.random.default_rng(2)
    x, y = rng.standard_normal((300, 30)).astype("float32"), rng.integers(0, 5, 300)
    weights = []
    for enabled in (False, True):
        fast.set_fast(enabled)
        keras.utils.set_random_seed(4)
        model = keras.Sequential(
            [keras.layers.Dense(64, "relu"), keras.layers.Dense(64, "tanh"), keras.layers.Dense(5)]
        )
        model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
        model.fit(x, y, epochs=3, verbose=0)
        weights.append(model.get_weights())
    for plain, fused in zip(*weights, strict=True):
        np.testing.assert_array_equal(fused, plain)


@pytest.mark.parametrize(("setting", "expected"), [("0", "False"), ("1", "True")])
def test_the_switch(setting, expected):
    code = "import kerasish as k; print(k.config.is_fast_enabled())"
    run = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "KERASISH_FAST": setting},
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.strip() == expected
