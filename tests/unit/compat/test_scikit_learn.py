"""Keras 2's wrappers for scikit-learn."""

import numpy as np
import pytest
from sklearn.base import BaseEstimator

import kerasish as keras
from kerasish.compat.scikit_learn import KerasClassifier, KerasRegressor

X = np.random.default_rng(0).normal(size=(40, 2))


def make(units=1, last="sigmoid", loss="binary_crossentropy", rate=0.5):
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(units, activation=last)])
    model.compile(keras.optimizers.SGD(rate), loss)
    return model


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"units": 2, "last": "softmax", "loss": "sparse_categorical_crossentropy"},
        {"units": 2, "last": "softmax", "loss": "categorical_crossentropy"},
    ],
)
def test_a_classifier(settings):
    labels = np.where(X[:, 0] > 0, "up", "down")
    classifier = KerasClassifier(make, epochs=20, verbose=0, **settings)
    history = classifier.fit(X, labels)
    assert len(history.epoch) == 20 and classifier.score(X, labels) > 0.9
    assert set(classifier.predict(X)) == {"up", "down"}
    np.testing.assert_allclose(classifier.predict_proba(X).sum(-1), 1, rtol=1e-5)
    assert classifier.get_params()["epochs"] == 20 and classifier.set_params(epochs=1).sk_params["epochs"] == 1


def test_a_regressor():
    regressor = KerasRegressor(build_fn=make, last="linear", loss="mse", rate=0.1, epochs=30, verbose=0)
    regressor.fit(X, X[:, 0] * 2)
    np.testing.assert_allclose(regressor.predict(X), X[:, 0] * 2, atol=0.05)
    assert -0.01 < regressor.score(X, X[:, 0] * 2) <= 0
    assert not isinstance(regressor, BaseEstimator)


def test_an_argument_that_nothing_takes():
    with pytest.raises(ValueError, match=r"\['epoch'\]"):
        KerasClassifier(make, epoch=3)
