"""Subclassed layers and models beside Keras: added losses, metrics inside layers, and overridden steps."""

from typing import Any

import keras
import numpy as np
import pytest

import kerasish

pytestmark = pytest.mark.parity

LIBRARIES = (keras, kerasish)
X = np.random.default_rng(0).standard_normal((24, 3)).astype("float32")
Y = np.random.default_rng(1).standard_normal((24, 2)).astype("float32")


def noting(lib):
    """A model whose layers add losses."""

    class Block(lib.layers.Layer):
        def __init__(self, units, **kwargs):
            super().__init__(**kwargs)
            self.dense = lib.layers.Dense(units, kernel_regularizer="l2")

        def call(self, inputs, training=False):
            y = self.dense(inputs)
            self.add_loss(0.1 * lib.ops.mean(lib.ops.abs(y)))
            return y * 2.0 if training else y

    class Net(lib.Model):
        def __init__(self):
            super().__init__()
            self.blocks = [Block(4), Block(2)]
            self.norms = {"last": lib.layers.BatchNormalization()}

        def call(self, inputs, training=False):
            x = inputs
            for block in self.blocks:
                x = lib.ops.tanh(block(x, training=training))
            return self.norms["last"](x, training=training)

    return Net()


def own_loss(lib):
    class Net(lib.Model):
        def __init__(self):
            super().__init__()
            self.top = lib.layers.Dense(2)
            self.seen = lib.metrics.Mean(name="seen")

        def call(self, inputs):
            return self.top(inputs)

        def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
            loss = lib.ops.mean(lib.ops.abs(y - y_pred)) + sum(self.losses, 0.0)
            self.seen.update_state(loss)
            return loss

        def compute_metrics(self, x, y, y_pred, sample_weight=None):
            results = super().compute_metrics(x, y, y_pred, sample_weight)
            return {**results, "half": results["mae"] / 2.0}

    return Net()


def without_training(lib):
    class Net(lib.Model):
        def __init__(self):
            super().__init__()
            self.top = lib.layers.Dense(2)

        def call(self, inputs):
            return self.top(inputs)

        def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None):
            return 2.0 * super().compute_loss(x, y, y_pred, sample_weight)

    return Net()


def pair(build):
    models = []
    for lib in LIBRARIES:
        lib.utils.clear_session(free_memory=False)
        model = build(lib)
        model(X[:2])
        models.append(model)
    rng = np.random.default_rng(2)
    weights = [np.abs(rng.standard_normal(w.shape)).astype("float32") * 0.4 for w in models[0].get_weights()]
    for model in models:
        assert [w.shape for w in model.get_weights()] == [w.shape for w in weights]
        model.set_weights(weights)
    return models


@pytest.mark.parametrize("build", [noting, own_loss, without_training], ids=lambda b: b.__name__)
def test_logs_and_weights(build):
    theirs, ours = pair(build)
    np.testing.assert_allclose(ours(X), np.asarray(theirs(X)), rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(
        np.ravel([float(v) for v in ours.losses]), np.ravel([float(v) for v in theirs.losses]), rtol=1e-4
    )
    histories = []
    for lib, model in zip(LIBRARIES, (theirs, ours), strict=True):
        model.compile(lib.optimizers.SGD(0.05), "mse", metrics=["mae"])
        fitted = model.fit(X, Y, batch_size=8, epochs=2, shuffle=False, verbose=0, validation_data=(X, Y))
        histories.append(fitted.history)
    assert sorted(histories[0]) == sorted(histories[1])
    for key, values in histories[0].items():
        np.testing.assert_allclose(histories[1][key], values, rtol=1e-4, err_msg=key)
    for a, b in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-3, atol=1e-5)


def test_a_layer_in_numpy_has_the_gradients_of_one_in_ops():
    class InOps(kerasish.layers.Layer):
        def build(self, input_shape):
            self.w = self.add_weight(shape=(input_shape[-1], 2), name="w")

        def call(self, x):
            return kerasish.ops.tanh(kerasish.ops.matmul(x, self.w)) / (1.0 + kerasish.ops.exp(-x[:, :2]))

    class InNumPy(InOps):
        def call(self, x):
            return np.tanh(x @ self.w) / (1.0 + np.exp(-x[:, :2]))

    class InKeras(keras.layers.Layer):
        def build(self, input_shape):
            self.w = self.add_weight(shape=(input_shape[-1], 2), name="w")

        def call(self, x):
            return keras.ops.tanh(keras.ops.matmul(x, self.w)) / (1.0 + keras.ops.exp(-x[:, :2]))

    w = np.random.default_rng(3).standard_normal((3, 2)).astype("float32")
    gradients = []
    for cls in (InOps, InNumPy):
        layer = cls()
        layer(X)
        layer.set_weights([w])
        with kerasish.GradientTape() as tape:
            loss = kerasish.ops.sum(layer(X) ** 2)
        gradients.append(tape.gradient(loss, layer.trainable_variables)[0])
    np.testing.assert_array_equal(gradients[0], gradients[1])

    import jax

    reference = InKeras()
    reference(X)
    expected = jax.grad(lambda value: (reference.stateless_call([value], [], X)[0] ** 2).sum())(w)
    np.testing.assert_allclose(gradients[0], expected, rtol=1e-4, atol=1e-5)


def test_stateless_call():
    models = []
    for lib in LIBRARIES:
        lib.utils.clear_session(free_memory=False)
        layers = [lib.Input((3,)), lib.layers.Dense(2, kernel_regularizer="l2"), lib.layers.BatchNormalization()]
        models.append(lib.Sequential(layers))
    rng = np.random.default_rng(4)
    trainable = [rng.random(v.shape).astype("float32") for v in models[1].trainable_variables]
    others = [rng.random(v.shape).astype("float32") for v in models[1].non_trainable_variables]
    before = models[1].get_weights()
    found, expected = (
        model.stateless_call(trainable, others, X, training=True, return_losses=True) for model in reversed(models)
    )
    np.testing.assert_allclose(found[0], np.asarray(expected[0]), rtol=1e-4, atol=1e-5)
    for a, b in zip(found[1], expected[1], strict=True):
        np.testing.assert_allclose(a, np.asarray(b), rtol=1e-5)
    np.testing.assert_allclose([float(v) for v in found[2]], [float(v) for v in expected[2]], rtol=1e-5)
    for a, b in zip(models[1].get_weights(), before, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize(
    ("loss", "metrics"),
    [
        (["mse", "mae"], [["mae"], ["mse", "mae"]]),
        ("mse", None),
        (["mean_squared_error", "huber"], [["mae"], None]),
    ],
)
def test_log_names_of_outputs_without_names(loss, metrics):
    def logs(lib):
        class Pair(lib.Model):
            def __init__(self):
                super().__init__()
                self.a, self.b = lib.layers.Dense(1), lib.layers.Dense(2)

            def call(self, inputs):
                return self.a(inputs), self.b(inputs)

        model = Pair()
        model.compile("sgd", loss, metrics=metrics)
        return sorted(model.fit(np.ones((4, 3)), [np.ones((4, 1)), np.ones((4, 2))], verbose=0).history)

    assert logs(kerasish) == logs(keras)


def _partly_frozen(library: Any) -> list[tuple[int, int]]:
    layers = library.layers

    class Own(layers.Layer):
        def __init__(self) -> None:
            super().__init__(trainable=False)
            self.inner = layers.Dense(2)

        def build(self, input_shape: Any) -> None:
            self.inner.build(input_shape)
            self.w = self.add_weight(shape=(2,))

        def call(self, x: Any) -> Any:
            return self.inner(x) + self.w

    base = library.Sequential([library.Input((3,)), layers.Dense(2), layers.BatchNormalization(), layers.Dense(3)])
    base.trainable = False
    base.layers[0].trainable = True
    model = library.Sequential([library.Input((3,)), base, Own(), layers.Dense(1, trainable=False)])
    found = [(len(part.trainable_weights), len(part.non_trainable_weights)) for part in (model, base, *model.layers)]
    model.layers[0].trainable = True
    base.layers[1].trainable = False
    return [*found, (len(model.trainable_weights), len(model.non_trainable_weights))]


def test_what_is_trained_of_a_base_that_is_frozen_in_part() -> None:
    assert _partly_frozen(kerasish) == _partly_frozen(keras)
