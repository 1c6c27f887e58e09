import numpy as np
import pytest

import kerasish
from kerasish import layers
from kerasish.backend.masks import get_mask

X = np.random.default_rng(0).normal(size=(2, 5, 3)).astype("float32")


def test_every_step_sees_the_same_layer():
    within = layers.Dense(4, "tanh")
    y = layers.TimeDistributed(within)(X)
    for step in range(5):
        np.testing.assert_allclose(y[:, step], within(X[:, step]), rtol=1e-6)


def test_steps_drop_different_units():
    y = layers.TimeDistributed(layers.Dropout(0.5, seed=1))(np.ones((1, 8, 50), "float32"), training=True)
    assert len({tuple(step) for step in y[0].tolist()}) == 8


def test_a_mask_goes_on():
    masked = layers.Masking()(np.array([[[1.0], [0.0], [2.0]]], "float32"))
    y = layers.TimeDistributed(layers.Dense(2))(masked)
    assert get_mask(y).tolist() == [[True, False, True]]


def test_an_unknown_number_of_steps():
    symbol = layers.TimeDistributed(layers.Dense(2))(kerasish.Input((None, 3)))
    assert symbol.shape == (None, None, 2)


def test_a_model_of_it_trains():
    model = kerasish.Sequential(
        [kerasish.Input((5, 3)), layers.TimeDistributed(layers.Dense(2)), layers.Flatten(), layers.Dense(1)]
    )
    model.compile("sgd", "mse")
    losses = model.fit(X, np.ones((2, 1)), epochs=10, verbose=0).history["loss"]
    assert losses[-1] < losses[0]
    np.testing.assert_allclose(model.predict(X, verbose=0), model(X), rtol=1e-5)


def test_sequences_are_asked_for():
    with pytest.raises(ValueError, match="3 axes or more"):
        layers.TimeDistributed(layers.Dense(2))(X[0])
    with pytest.raises(ValueError, match=r"begins with \(2, 5\)"):
        layers.TimeDistributed(layers.Softmax())(X, mask=np.ones((2, 3), bool))
