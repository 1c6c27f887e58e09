"""compile, fit, evaluate and predict as a user calls them."""

import gc
import weakref

import numpy as np
import pytest

import kerasish as keras


def xor():
    x = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], "float32")
    return x, np.array([[0], [1], [1], [0]], "float32")


def xor_model(rate=0.05):
    model = keras.Sequential(
        [keras.Input((2,)), keras.layers.Dense(8, activation="tanh"), keras.layers.Dense(1, activation="sigmoid")]
    )
    model.compile(keras.optimizers.Adam(rate), "binary_crossentropy", metrics=["accuracy"])
    return model


@pytest.mark.parametrize("seed", range(20))
def test_xor_is_solved(seed):
    keras.utils.set_random_seed(seed)
    x, y = xor()
    model = xor_model()
    model.fit(x, y, epochs=400, verbose=0)
    assert (model.predict(x, verbose=0).round() == y).all()


def test_same_seed_same_bits():
    def run():
        keras.utils.set_random_seed(3)
        x = np.random.rand(100, 5).astype("float32")
        model = keras.Sequential([keras.layers.Dense(8, "relu"), keras.layers.Dropout(0.5), keras.layers.Dense(1)])
        model.compile("adam", "mse")
        history = model.fit(x, x.sum(1), epochs=3, verbose=0).history["loss"]
        return history, model.get_weights()

    (first, weights), (second, again) = run(), run()
    assert first == second
    assert all((a == b).all() for a, b in zip(weights, again, strict=True))


def test_trainer_is_a_mixin_for_a_plain_layer():
    class M(keras.trainers.Trainer, keras.layers.Dense):
        pass

    class Explicit(keras.trainers.Trainer, keras.layers.Dense):
        def __init__(self, units):
            keras.layers.Dense.__init__(self, units, use_bias=False)
            keras.trainers.Trainer.__init__(self)

    x = np.random.default_rng(0).random((64, 3)).astype("float32")
    for model in (M(1), Explicit(1)):
        model.compile("sgd", "mse", metrics=["mae"])
        history = model.fit(x, x.sum(axis=1, keepdims=True), epochs=20, verbose=0).history
        assert history["loss"][-1] < history["loss"][0] / 2
        assert model.predict(x, verbose=0).shape == (64, 1)


def test_history_and_validation():
    rng = np.random.default_rng(0)
    x, y = rng.random((50, 3)), rng.random((50, 1))
    model = keras.Sequential([keras.layers.Dense(1)])
    model.compile("sgd", "mse", metrics=["mae"])
    history = model.fit(x, y, epochs=4, verbose=0, validation_split=0.2, validation_freq=2, initial_epoch=1)
    assert history.epoch == [1, 2, 3]
    assert list(history.history) == ["loss", "mae", "val_loss", "val_mae"]
    assert len(history.history["loss"]) == 3
    assert len(history.history["val_loss"]) == 2
    assert model.history is history


def test_steps_per_epoch_goes_on_where_it_stopped():
    class Collect(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            seen.append((batch, logs["loss"]))

    seen = []
    x = np.arange(8, dtype="float32")[:, None]
    model = keras.Sequential([keras.layers.Dense(1, kernel_initializer="zeros")])
    model.compile(keras.optimizers.SGD(0.0), "mse")
    model.fit(x, x, batch_size=1, epochs=2, steps_per_epoch=4, shuffle=False, verbose=0, callbacks=[Collect()])
    assert [batch for batch, _ in seen] == [0, 1, 2, 3] * 2
    assert seen[4][1] == pytest.approx(16.0)


def test_generators_and_short_data():
    def batches():
        while True:
            x = np.random.rand(4, 2)
            yield x, x.sum(axis=1)

    model = keras.Sequential([keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    history = model.fit(batches(), steps_per_epoch=3, epochs=2, verbose=0)
    assert len(history.history["loss"]) == 2
    ends = ((np.ones((2, 2)), np.ones(2)) for _ in range(4))
    with pytest.warns(UserWarning, match="ran out of data"):
        history = model.fit(ends, steps_per_epoch=3, epochs=3, verbose=0)
    assert len(history.history["loss"]) == 3


def test_custom_train_step_sees_keras_batches():
    class Net(keras.Model):
        def __init__(self):
            super().__init__()
            self.top = keras.layers.Dense(1)

        def call(self, inputs):
            return self.top(inputs)

        def train_step(self, data):
            x, y = data
            with keras.GradientTape() as tape:
                loss = keras.ops.mean((self(x, training=True) - y) ** 2)
            variables = self.trainable_variables
            self.optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables, strict=True))
            return {"square": loss}

    x = np.random.default_rng(0).random((32, 2)).astype("float32")
    model = Net()
    model.compile("adam")
    history = model.fit(x, x.sum(axis=1, keepdims=True), epochs=3, verbose=0).history
    assert list(history) == ["square"]
    assert history["square"][-1] < history["square"][0]


def test_freezing_a_layer_between_fits():
    model = xor_model()
    x, y = xor()
    model.fit(x, y, epochs=1, verbose=0)
    frozen = model.layers[0]
    frozen.trainable = False
    before, top = frozen.get_weights(), model.layers[1].get_weights()
    model.fit(x, y, epochs=2, verbose=0)
    assert all((a == b).all() for a, b in zip(before, frozen.get_weights(), strict=True))
    assert not (top[0] == model.layers[1].get_weights()[0]).all()


def test_weights_shared_by_two_optimizers():
    """Two models over one layer train in turn, though each optimizer wants the layer in its own flat array."""
    shared = keras.layers.Dense(4, activation="tanh")
    models = [keras.Sequential([keras.Input((2,)), shared, keras.layers.Dense(1)]) for _ in range(2)]
    x, y = xor()
    for model in models:
        model.compile("sgd", "mse")
    for _ in range(3):
        for model in models:
            before = shared.get_weights()[0]
            model.fit(x, y, verbose=0)
            after = shared.get_weights()[0]
            assert not (before == after).all()
            assert (model.layers[0].kernel.numpy() == after).all()


@pytest.mark.parametrize("use", ["fit", "evaluate", "predict", "call"])
def test_a_model_that_is_dropped_is_freed_and_so_is_the_data_of_one_that_is_kept(use):
    x, y = np.ones((40, 3), "float32"), np.ones((40, 1), "float32")
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    for _ in range(5):
        if use in ("fit", "evaluate"):
            getattr(model, use)(x, y, batch_size=16, verbose=0)
        elif use == "predict":
            model.predict(x, batch_size=8, verbose=0)
        else:
            model(x)
    data, dropped = weakref.ref(x), weakref.ref(model)
    del x
    gc.collect()
    assert data() is None
    del model
    gc.collect()
    assert dropped() is None
