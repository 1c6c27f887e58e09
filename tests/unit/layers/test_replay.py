"""Several layers in a replayed step: the same training as on the tape; of each alone, `test_all_layers.py`."""

import numpy as np
import pytest

import kerasish as keras
from kerasish import layers
from kerasish.trainers.steps.training import Steps

RNG = np.random.default_rng(0)
X = RNG.standard_normal((40, 12)).astype("float32")
Y = RNG.standard_normal((40, 2)).astype("float32")


def _train(middle, eagerly):
    keras.utils.set_random_seed(3)
    model = keras.Sequential([keras.Input((12,)), layers.Dense(12, "tanh"), *middle(), layers.Dense(2)])
    model.compile("adam", "mse", run_eagerly=eagerly)
    history = model.fit(X, Y, batch_size=16, epochs=3, verbose=0)
    return model, history.history["loss"]


@pytest.mark.parametrize(
    "middle",
    [
        lambda: [layers.BatchNormalization()],
        lambda: [layers.Dropout(0.4, seed=1), layers.GaussianDropout(0.1, seed=2), layers.GaussianNoise(0.1, seed=3)],
        lambda: [
            layers.Reshape((3, 4)), layers.EinsumDense("abc,cde->abde", (None, 2, 3), "tanh", "de"),
            layers.EinsumDense("abcd,cde->abe", (None, 4), None, "e"), layers.Dense(2, "relu"), layers.Flatten(),
        ],
        lambda: [
            layers.Reshape((3, 2, 2)), layers.ZeroPadding2D(1), layers.Cropping2D(((1, 0), (0, 1))),
            layers.UpSampling2D(2, interpolation="bilinear"), layers.UpSampling2D(2), layers.Flatten(),
        ],
    ],
)  # fmt: skip
def test_both_ways_train_the_same(middle, monkeypatch):
    steps = []
    replay = Steps.replay
    monkeypatch.setattr(Steps, "replay", lambda self, step: steps.append(step) or replay(self, step))
    replayed, losses = _train(middle, eagerly=False)
    assert None not in steps
    assert len(set(map(id, steps))) == 2  # of whole batches, and of the last
    count = len(steps)
    taped, expected = _train(middle, eagerly=True)
    assert len(steps) == count
    np.testing.assert_allclose(losses, expected, rtol=1e-4)
    for a, b in zip(replayed.variables, taped.variables, strict=True):
        np.testing.assert_allclose(np.asarray(a), np.asarray(b), rtol=1e-3, atol=1e-4)


def test_indices_are_looked_up_both_ways():
    x = RNG.integers(0, 9, (40, 4))
    weights = []
    for eagerly in (False, True):
        keras.utils.set_random_seed(3)
        model = keras.Sequential([keras.Input((4,), dtype="int32"), layers.Embedding(9, 5), layers.Flatten(),
                                  layers.Dense(2)])  # fmt: skip
        model.compile("adam", "mse", run_eagerly=eagerly)
        model.fit(x, Y, batch_size=16, epochs=3, verbose=0)
        weights.append(model.get_weights())
    for a, b in zip(*weights, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5)


def test_every_step_drops_anew():
    model = keras.Sequential([keras.Input((12,)), layers.Dropout(0.5), layers.Dense(2)])
    model.compile("sgd", "mse")
    state = model.layers[0].seed_generator.state
    before = np.asarray(state)[1]
    model.fit(X, Y, batch_size=8, epochs=2, verbose=0)
    assert np.asarray(state)[1] - before == 10
