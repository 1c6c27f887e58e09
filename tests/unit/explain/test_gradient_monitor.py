"""Gradients watched during fit."""

import doctest
import warnings

import numpy as np
import pytest

import kerasish as keras
from kerasish.explain import gradient_monitor
from kerasish_datasets import playground

X, Y = playground.circle(32, seed=0)


def _model(activation="tanh", depth=2):
    keras.utils.set_random_seed(0)
    stack = [keras.layers.Dense(8, activation=activation) for _ in range(depth)]
    model = keras.Sequential([keras.Input((2,)), *stack, keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(0.01), loss="mse")
    return model


def _fit(model, monitor, epochs=3, **kwargs):
    return model.fit(X, Y, epochs=epochs, verbose=0, callbacks=[monitor], **kwargs)


def test_norms_are_those_of_the_last_batch():
    model = _model()
    monitor = keras.callbacks.GradientMonitor()
    start = model.get_weights()
    _fit(model, monitor, epochs=1, batch_size=32)
    moved = [np.linalg.norm(a - b) / 0.01 for a, b in zip(start, model.get_weights(), strict=True)]
    assert [norms[0] for norms in monitor.norms.values()] == pytest.approx(moved, rel=1e-2)
    assert list(monitor.norms) == [v.path for v in model.trainable_variables]
    assert monitor.flows == [[]] and monitor.epochs == [0]


def test_flows_with_data_and_frequency():
    monitor = keras.callbacks.GradientMonitor(data=(X, Y), frequency=2)
    _fit(_model(), monitor, epochs=5)
    assert monitor.epochs == [1, 3] and len(monitor.flows) == 2
    assert [flow.name for flow in monitor.flows[0]] and all(flow.gradient for flow in monitor.flows[0])


def test_training_is_not_changed_by_watching():
    plain, watched = _model(), _model()
    for model, callbacks in ((plain, []), (watched, [keras.callbacks.GradientMonitor(data=(X, Y))])):
        model.fit(X, Y, epochs=4, shuffle=False, verbose=0, callbacks=callbacks)
    for a, b in zip(plain.get_weights(), watched.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    assert plain.history.history == watched.history.history


def test_vanishing_is_told_once():
    monitor = keras.callbacks.GradientMonitor(data=(X, Y))
    with pytest.warns(UserWarning, match=r"epoch 0: vanishing gradients in dense.*he_normal") as caught:
        _fit(_model("sigmoid", depth=10), monitor, epochs=3)
    assert [str(warning.message)[:7] for warning in caught if "gradients" in str(warning.message)] == ["epoch 0"]


def test_a_gradient_that_is_not_a_number_is_told_without_data():
    model = _model()
    model.compile(keras.optimizers.SGD(1e20), loss="mse")
    with np.errstate(all="ignore"), pytest.warns(UserWarning, match="exploding gradients"):
        _fit(model, keras.callbacks.GradientMonitor(), epochs=4)


def test_a_healthy_model_and_warn_false_are_silent():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        _fit(_model(), keras.callbacks.GradientMonitor(data=(X, Y)))
        _fit(_model("sigmoid", depth=10), keras.callbacks.GradientMonitor(data=(X, Y), warn=False))


def test_wrong_arguments():
    with pytest.raises(ValueError, match=r"data is \(x, y\).*received ndarray"):
        keras.callbacks.GradientMonitor(data=X)
    with pytest.raises(ValueError, match="frequency counts epochs, from 1; received 0"):
        keras.callbacks.GradientMonitor(frequency=0)


def test_the_docstring_example_runs():
    assert doctest.testmod(gradient_monitor).failed == 0
