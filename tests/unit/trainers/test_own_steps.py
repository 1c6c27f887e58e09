"""Steps that a subclass of `Model` defines: what they may return, and models that have no `call`."""

from typing import Any

import numpy as np
import pytest

import kerasish as keras

X = np.random.default_rng(0).normal(size=(16, 3)).astype("float32")
Y = X[:, :1]


class GuideStep(keras.Model):
    """Returns its results as Keras's guide does, those of the compiled metrics as one nested dict."""

    def __init__(self) -> None:
        super().__init__()
        self.dense = keras.layers.Dense(1)

    def call(self, inputs: Any) -> Any:
        return self.dense(inputs)

    def noted(self, y: Any, y_pred: Any, loss: Any) -> dict[str, Any]:
        for metric in self.metrics:
            if metric.name == "loss":
                metric.update_state(loss)
            else:
                metric.update_state(y, y_pred)
        return {metric.name: metric.result() for metric in self.metrics}

    def train_step(self, data: Any) -> dict[str, Any]:
        x, y = data
        with keras.GradientTape() as tape:
            y_pred = self(x, training=True)
            loss = self.compute_loss(y=y, y_pred=y_pred)
        self.optimizer.apply(tape.gradient(loss, self.trainable_variables), self.trainable_variables)
        return self.noted(y, keras.ops.stop_gradient(y_pred), keras.ops.stop_gradient(loss))

    def test_step(self, data: Any) -> dict[str, Any]:
        x, y = data
        y_pred = self(x, training=False)
        return self.noted(y, y_pred, self.compute_loss(y=y, y_pred=y_pred))


def guided() -> Any:
    model = GuideStep()
    model.compile(keras.optimizers.SGD(0.0), "mse", metrics=["mae", "mse"])
    return model


def test_nested_results_are_flattened_in_fit_and_validation() -> None:
    model = guided()
    found = model.fit(X, Y, validation_data=(X, Y), verbose=0).history
    error = model.predict(X, verbose=0) - Y
    assert sorted(found) == ["loss", "mae", "mse", "val_loss", "val_mae", "val_mse"]
    np.testing.assert_allclose(found["mae"], np.mean(np.abs(error)), rtol=1e-5)
    np.testing.assert_allclose(found["val_mse"], np.mean(error**2), rtol=1e-5)


def test_nested_results_are_flattened_in_evaluate_and_single_batches() -> None:
    model = guided()
    model.predict(X, verbose=0)
    error = model.predict(X, verbose=0) - Y
    expected = [np.mean(error**2), np.mean(np.abs(error)), np.mean(error**2)]
    np.testing.assert_allclose(model.evaluate(X, Y, verbose=0), expected, rtol=1e-5)
    np.testing.assert_allclose(model.test_on_batch(X, Y), expected, rtol=1e-5)
    np.testing.assert_allclose(model.train_on_batch(X, Y), expected, rtol=1e-5)
    found = model.evaluate(X, Y, verbose=0, return_dict=True)
    assert list(found) == ["loss", "mae", "mse"]


def test_nested_results_reach_callbacks() -> None:
    told: list[Any] = []

    class Listener(keras.callbacks.Callback):
        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            told.append(sorted(logs))

    guided().fit(X, Y, verbose=0, callbacks=[Listener()])
    assert told == [["loss", "mae", "mse"]]


@pytest.mark.parametrize("use", ["fit", "evaluate", "train_on_batch", "test_on_batch"])
def test_a_step_that_returns_no_dict_is_told(use: str) -> None:
    class ReturnsNumber(GuideStep):
        def train_step(self, data: Any) -> Any:
            return 3.0

        def test_step(self, data: Any) -> Any:
            return 3.0

    model = ReturnsNumber()
    model.compile("sgd", "mse")
    with pytest.raises(ValueError, match=r"a step of the model .* returned float"):
        getattr(model, use)(X, Y)
