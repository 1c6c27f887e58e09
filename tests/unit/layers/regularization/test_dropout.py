import numpy as np
import pytest

import kerasish
from kerasish import layers

X = np.random.default_rng(0).normal(size=(200, 50)).astype("float32")


def test_training_drops_and_scales():
    y = layers.Dropout(0.25)(X, training=True)
    kept = y != 0
    assert abs(kept.mean() - 0.75) < 0.02
    np.testing.assert_allclose(y[kept], X[kept] / np.float32(0.75), rtol=1e-6)
    assert y.dtype == np.float32


def test_inference_changes_nothing():
    layer = layers.Dropout(0.5)
    assert np.shares_memory(layer(X), X)
    assert np.shares_memory(layer(X, training=False), X)
    assert np.shares_memory(layers.Dropout(0)(X, training=True), X)


def test_each_call_draws_anew_and_a_seed_repeats():
    first, second = layers.Dropout(0.5, seed=4), layers.Dropout(0.5, seed=4)
    a, b = first(X, training=True), first(X, training=True)
    assert not np.array_equal(a, b)
    assert np.array_equal(a, second(X, training=True))
    assert np.array_equal(b, second(X, training=True))


def test_the_random_state_is_a_variable_but_no_weight():
    layer = layers.Dropout(0.5)
    assert [(v.shape, v.dtype, v.trainable) for v in layer.variables] == [((2,), "uint32", False)]
    assert layer.weights == []
    assert not hasattr(layers.Dropout(0), "seed_generator")


def test_the_gradient_goes_where_the_values_went():
    layer = layers.Dropout(0.5, seed=1)
    with kerasish.GradientTape() as tape:
        x = tape.watch(np.ones((20, 20), "float32"))
        y = layer(x, training=True)
    assert np.array_equal(tape.gradient(y, x), y.numpy())


def test_a_shared_mask():
    y = layers.Dropout(0.5, noise_shape=(None, 1))(np.ones((50, 4), "float32"), training=True)
    assert np.array_equal(y, np.broadcast_to(y[:, :1], y.shape))
    assert 0 < (y == 0).mean() < 1


def test_all_is_dropped_at_rate_one():
    assert not layers.Dropout(1)(X, training=True).any()


@pytest.mark.parametrize("rate", [-0.1, 1.1, "a", True])
def test_the_rate_is_a_share(rate):
    with pytest.raises(ValueError, match="Dropout needs a rate from 0 to 1"):
        layers.Dropout(rate)


def test_the_seed_is_a_whole_number():
    with pytest.raises(ValueError, match=r"seed=1\.5"):
        layers.Dropout(0.5, seed=1.5)
