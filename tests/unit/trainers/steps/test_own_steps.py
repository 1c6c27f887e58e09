"""Steps that a subclass of `Model` defines: what they may return, and models that have no `call`."""

from collections.abc import Iterator
from pathlib import Path
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


class Adversaries(keras.Model):
    """The shape of Keras's tutorials on generative networks: two models, two optimizers, no `call`."""

    def __init__(self, discriminator: Any, generator: Any) -> None:
        super().__init__()
        self.discriminator = discriminator
        self.generator = generator
        self.d_loss = keras.metrics.Mean(name="d_loss")

    def compile(self, d_optimizer: Any, g_optimizer: Any) -> None:  # type: ignore[override]
        super().compile()
        self.d_optimizer = d_optimizer
        self.g_optimizer = g_optimizer

    @property
    def metrics(self) -> list[Any]:
        return [self.d_loss]

    def train_step(self, data: Any) -> dict[str, Any]:
        real = data[0] if isinstance(data, tuple) else data
        noise = keras.random.normal((len(real), 2), seed=1)
        labels = np.repeat(np.float32([[1], [0]]), len(real), axis=0)
        compare = keras.losses.BinaryCrossentropy(from_logits=True)
        with keras.GradientTape() as tape:
            both = keras.ops.concatenate([self.generator(noise), real])
            loss = compare(labels, self.discriminator(both))
        weights = self.discriminator.trainable_weights
        self.d_optimizer.apply_gradients(zip(tape.gradient(loss, weights), weights, strict=True))
        with keras.GradientTape() as tape:
            deceived = compare(labels[len(real) :], self.discriminator(self.generator(noise)))
        weights = self.generator.trainable_weights
        self.g_optimizer.apply_gradients(zip(tape.gradient(deceived, weights), weights, strict=True))
        self.d_loss.update_state(keras.ops.stop_gradient(loss))
        return {"d_loss": self.d_loss.result()}


def adversaries(is_built: bool) -> Any:
    starts = [[keras.Input((size,))] if is_built else [] for size in (3, 2)]
    discriminator = keras.Sequential([*starts[0], keras.layers.Dense(4, "relu"), keras.layers.Dense(1)])
    generator = keras.Sequential([*starts[1], keras.layers.Dense(4, "relu"), keras.layers.Dense(3)])
    model = Adversaries(discriminator, generator)
    model.compile(keras.optimizers.Adam(0.01), keras.optimizers.Adam(0.01))
    return model


@pytest.mark.parametrize("is_built", [True, False])
def test_a_model_with_a_train_step_needs_no_call(is_built: bool) -> None:
    model = adversaries(is_built)
    found = model.fit(X, epochs=2, verbose=0).history
    before = model.get_weights()
    model.fit(X, epochs=20, verbose=0)
    assert np.isfinite(found["d_loss"]).all()
    assert len(before) == 8
    assert not any(map(np.array_equal, before, model.get_weights()))
    assert int(model.d_optimizer.iterations) == int(model.g_optimizer.iterations) == 22
    assert list(model.train_on_batch(X, return_dict=True)) == ["d_loss"]


def test_a_model_without_call_learns_from_a_generator() -> None:
    model = adversaries(False)
    model.fit((X for _ in range(4)), verbose=0)
    assert int(model.g_optimizer.iterations) == 4


class Halves(keras.Model):
    """An autoencoder of two models, with steps and without a `call`."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = keras.Sequential([keras.layers.Dense(2)])
        self.decoder = keras.Sequential([keras.layers.Dense(3)])

    def error(self, data: Any) -> Any:
        x = data[0] if isinstance(data, tuple) else data
        return keras.ops.mean((self.decoder(self.encoder(x)) - x) ** 2)

    def train_step(self, data: Any) -> dict[str, Any]:
        with keras.GradientTape() as tape:
            loss = self.error(data)
        weights = self.trainable_weights
        self.optimizer.apply_gradients(zip(tape.gradient(loss, weights), weights, strict=True))
        return {"loss": loss}

    def test_step(self, data: Any) -> dict[str, Any]:
        return {"loss": self.error(data)}


def test_an_autoencoder_of_two_models_is_trained_validated_and_saved(tmp_path: Path) -> None:
    model = Halves()
    model.compile(keras.optimizers.SGD(0.05))
    found = model.fit(X, epochs=30, batch_size=8, verbose=0, validation_data=endless(), validation_steps=2).history
    assert found["val_loss"][-1] < found["val_loss"][0]
    np.testing.assert_allclose(model.evaluate(X, verbose=0), found["val_loss"][-1], rtol=1e-5)
    model.save_weights(tmp_path / "halves.weights.h5")
    other = Halves()
    other.compile("sgd")
    other.fit(X, verbose=0)
    other.load_weights(tmp_path / "halves.weights.h5")
    assert all(map(np.array_equal, model.get_weights(), other.get_weights()))


def endless() -> Iterator[Any]:
    while True:
        yield (X,)


def test_a_model_without_call_and_without_steps_says_so() -> None:
    model = adversaries(True)
    with pytest.raises(NotImplementedError, match="does not define `call"):
        model.predict(X, verbose=0)


# -- nothing to train ----------------------------------------------------------------------------------------------


class Doubling(keras.Model):
    def call(self, inputs: Any) -> Any:
        return inputs * 2


def frozen() -> Any:
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(3)])
    model.trainable = False
    return model


@pytest.mark.parametrize("make", [Doubling, frozen, lambda: keras.Sequential([keras.layers.Flatten()])])
def test_a_model_without_trainable_weights_reports_its_losses(make: Any) -> None:
    model = make()
    model.compile("sgd", "mse", metrics=["mae"])
    with pytest.warns(UserWarning, match="has no trainable weights"):
        found = model.fit(X, X, epochs=2, validation_data=(X, X), verbose=0).history
    error = model.predict(X, verbose=0) - X
    for name in ("loss", "val_loss"):
        np.testing.assert_allclose(found[name], 2 * [np.mean(error**2)], rtol=1e-5)
    assert int(model.optimizer.iterations) == 0


def test_without_trainable_weights_the_moving_averages_move() -> None:
    model = keras.Sequential([keras.Input((3,)), keras.layers.BatchNormalization(center=False, scale=False)])
    model.compile("sgd", "mse")
    with pytest.warns(UserWarning, match="has no trainable weights"):
        model.fit(X, X, verbose=0)
    np.testing.assert_allclose(model.get_weights()[0], 0.01 * X.mean(0), rtol=1e-4, atol=1e-7)


# -- symbolic losses -----------------------------------------------------------------------------------------------


def test_a_symbolic_loss_is_refused_where_it_is_added() -> None:
    inputs = keras.Input((3,))
    layer = keras.layers.Dense(1)
    outputs = layer(inputs)
    model = keras.Model(inputs, outputs)
    loss = keras.ops.mean(outputs)
    for added in (loss, [loss]):
        with pytest.raises(NotImplementedError, match="takes no symbolic loss"):
            model.add_loss(added)
    with pytest.raises(ValueError, match="within `call` only"):
        layer.add_loss(loss)
    assert model.losses == []


class Triplets(keras.Model):
    """Its `call` wants what its steps are handed, and not x alone."""

    def __init__(self) -> None:
        super().__init__()
        self.places = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])

    def call(self, triplet: Any) -> Any:
        anchor, near, far = triplet
        near, far = ((self.places(anchor) - self.places(other)) ** 2 for other in (near, far))
        return keras.ops.sum(near, -1), keras.ops.sum(far, -1)

    def train_step(self, data: Any) -> dict[str, Any]:
        with keras.GradientTape() as tape:
            near, far = self(data)
            loss = keras.ops.mean(keras.ops.maximum(near - far + 0.5, 0.0))
        weights = self.trainable_weights
        self.optimizer.apply_gradients(zip(tape.gradient(loss, weights), weights, strict=True))
        return {"loss": loss}


def test_a_step_may_hand_its_whole_batch_to_the_model() -> None:
    a, b, c = np.random.default_rng(0).random((3, 8, 3), "float32")
    model = Triplets()
    model.compile(keras.optimizers.Adam(0.1))
    losses = model.fit(a, b, sample_weight=c, epochs=4, verbose=0).history["loss"]
    assert losses[-1] < losses[0] and model.why_not_recorded() is None


class Handed(keras.Model):
    """Notes how its steps are handed x."""

    def __init__(self) -> None:
        super().__init__()
        self.top = keras.layers.Dense(1)
        self.kinds: list[str] = []

    def call(self, x: Any) -> Any:
        return self.top(x["a"] if isinstance(x, dict) else x[0] if isinstance(x, (list, tuple)) else x)

    def noted(self, data: Any) -> Any:
        self.kinds.append("array" if hasattr(data, "shape") else type(data).__name__)
        return data[0] if isinstance(data, tuple) else data

    def train_step(self, data: Any) -> dict[str, Any]:
        return {"loss": keras.ops.sum(self(self.noted(data)))}

    def test_step(self, data: Any) -> dict[str, Any]:
        return self.train_step(data)

    def predict_step(self, data: Any) -> Any:
        return self(self.noted(data))


def test_steps_are_handed_x_itself_where_there_are_no_targets() -> None:
    x = np.ones((4, 2), "float32")
    given = {
        "array": (x, iter([x]), keras.utils.timeseries_dataset_from_array(x[:, 0], None, 2)),
        "dict": ({"a": x}, iter([{"a": x}])),
        "tuple": ([x], iter([(x,)])),
    }
    for kind, sources in given.items():
        for source in sources:
            model = Handed()
            model.compile("sgd")
            model.fit(source, verbose=0)
            if not hasattr(source, "__next__"):
                model.evaluate(source, verbose=0)
                model.predict(source, verbose=0)
            assert set(model.kinds) == {kind}
    model = Handed()
    model.compile("sgd")
    for _ in range(3):
        model.fit(x, verbose=0)
        model.train_on_batch(x)  # which Keras hands a tuple
    assert set(model.kinds) == {"array", "tuple"}


def test_a_step_that_builds_layers_is_recorded_from_the_next_one_on() -> None:
    """Weights are made once; nothing that a later step does depends on it."""

    class Twice(keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.change = keras.Sequential([keras.layers.Rescaling(2.0)])
            self.learns = keras.Sequential([keras.layers.Dense(1, kernel_initializer="ones")])

        def train_step(self, data: Any) -> Any:
            x, y = data
            with keras.GradientTape() as tape:
                loss = keras.ops.mean(keras.ops.square(self.learns(self.change(x)) - y))
            gradients = tape.gradient(loss, self.learns.trainable_variables)
            self.optimizer.apply(gradients, self.learns.trainable_variables)
            return {"loss": loss}

    x = np.random.default_rng(0).random((24, 2)).astype("float32")
    found = []
    for eagerly in (False, True):
        model = Twice()
        model.compile("sgd", run_eagerly=eagerly)
        found.append(model.fit(x, x[:, :1], batch_size=8, epochs=2, shuffle=False, verbose=0).history["loss"])
        assert eagerly or model.why_not_recorded() is None
    np.testing.assert_allclose(*found, rtol=1e-5)
