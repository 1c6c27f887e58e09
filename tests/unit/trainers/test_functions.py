"""Steps as functions of values, and of iterators."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import kerasish as keras

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(8, 3)).astype("float32"), RNG.normal(size=(8, 1)).astype("float32")


def _model() -> Any:
    keras.utils.set_random_seed(1)
    model = keras.Sequential([keras.Input((3,)), keras.layers.BatchNormalization(), keras.layers.Dense(1)])
    model.layers[1].kernel_regularizer = keras.regularizers.L2(0.1)
    model.compile("sgd", "mse", metrics=["mae"])
    model.train_on_batch(X, Y)
    return model


def _values(variables: Any) -> list[np.ndarray]:
    return [v.numpy() for v in variables]


def test_a_step_by_hand_is_the_model_s_own() -> None:
    model, twin = _model(), _model()
    before = _values(model.variables)
    with keras.GradientTape() as tape:
        watched = [tape.watch(v) for v in _values(model.trainable_variables)]
        loss, (plain, y_pred, states, _) = model.compute_loss_and_updates(
            watched, _values(model.non_trainable_variables), _values(model.metrics_variables), X, Y, None, training=True
        )
    assert float(loss.value) == float(plain.value) and y_pred.shape == (8, 1)
    for value, old in zip(_values(model.variables), before, strict=True):
        np.testing.assert_array_equal(value, old)
    gradients = tape.gradient(loss, watched)
    after, _ = model.optimizer.stateless_apply(
        _values(model.optimizer.variables), gradients, [w.value for w in watched]
    )
    twin.train_on_batch(X, Y)
    for value, trained in zip(after, twin.trainable_variables, strict=True):
        np.testing.assert_allclose(value, trained.numpy(), rtol=1e-6)
    for value, state in zip(states, twin.non_trainable_variables, strict=True):
        np.testing.assert_allclose(value, state.numpy(), rtol=1e-6)


def test_the_loss_of_predictions_that_are_given() -> None:
    model = _model()
    own = [_values(v) for v in (model.trainable_variables, model.non_trainable_variables, model.metrics_variables)]
    own[0] = [np.zeros_like(v) for v in own[0]]
    loss, (first, second, third) = model.stateless_compute_loss(*own, x=X, y=Y, y_pred=np.zeros_like(Y))
    np.testing.assert_allclose(loss, np.mean(Y**2), rtol=1e-6)  # weights of zero cost nothing
    assert [len(part) for part in (first, second, third)] == [len(part) for part in own]
    with pytest.raises(ValueError, match="received 0 values"):
        model.stateless_compute_loss([], *own[1:])


def test_functions_of_an_iterator() -> None:
    model, twin = _model(), _model()
    logs = model.make_train_function()(iter([(X, Y)]))
    assert logs == twin.train_on_batch(X, Y, return_dict=True)
    assert model.make_train_function() is model.train_function
    assert model.make_train_function(force=True) is not twin.make_train_function()
    assert model.make_test_function()(iter([(X, Y)])) == twin.test_on_batch(X, Y, return_dict=True)
    np.testing.assert_array_equal(model.make_predict_function()(iter([(X,)])), twin.predict_on_batch(X))


@pytest.mark.parametrize("name", ["train", "test", "predict"])
def test_a_function_that_would_not_be_called_is_refused(name: str) -> None:
    own = type("Own", (keras.Sequential,), {f"make_{name}_function": lambda self, force=False: None})
    model = own([keras.Input((3,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    run = {"train": model.fit, "test": model.evaluate, "predict": lambda x, y, **k: model.predict(x, **k)}[name]
    with pytest.raises(NotImplementedError, match=f"make_{name}_function, which is not called"):
        run(X, Y, verbose=0)
