"""Layers and models of the caller's own: losses, metrics, steps and loops."""

import numpy as np
import pytest

import kerasish as keras
from kerasish import layers, ops

X = np.random.default_rng(0).standard_normal((16, 3)).astype("float32")
Y = X[:, :2] * 2.0


class Noting(layers.Layer):
    """Adds a loss and keeps a metric."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.size = keras.metrics.Mean(name="size")

    def call(self, inputs):
        self.add_loss(0.5 * ops.mean(inputs * inputs))
        self.size.update_state(ops.mean(inputs))
        return inputs


class Net(keras.Model):
    """Two layers, one of them noting."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.noting = Noting()
        self.top = layers.Dense(2)

    def call(self, inputs, training=None):
        return self.top(self.noting(inputs))


def symbolic():
    x = keras.Input((3,))
    return keras.Model(x, layers.Dense(2)(Noting(name="noting")(x)))


@pytest.mark.parametrize("make", [Net, symbolic])
def test_losses_and_metrics_of_layers_are_those_of_the_model(make):
    model = make()
    model(X)
    np.testing.assert_allclose(model.losses[0], 0.5 * np.mean(X * X), rtol=1e-6)
    model(X[:4])
    assert len(model.losses) == 1
    model.compile("sgd", "mse")
    history = model.fit(X, Y, batch_size=16, epochs=2, verbose=0).history
    assert sorted(history) == ["loss", "size"]
    np.testing.assert_allclose(history["size"], np.mean(X), rtol=1e-5)
    assert history["loss"][0] > 0.5 * np.mean(X * X)


def test_making_a_symbolic_model_leaves_metrics_alone():
    model = symbolic()
    assert model.get_layer("noting").size.count.numpy() == 0 and model.losses == []


def test_training_with_added_losses_alone():
    class Shrinks(keras.Model):
        def __init__(self):
            super().__init__()
            self.w = self.add_weight(shape=(3,), initializer="ones", name="w")

        def call(self, inputs):
            self.add_loss(ops.sum(self.w * self.w))
            return inputs * self.w

    shrinks = Shrinks()
    shrinks.compile(keras.optimizers.SGD(0.1))
    losses = shrinks.fit(X, epochs=3, batch_size=16, verbose=0).history["loss"]
    np.testing.assert_allclose(losses, [3.0, 3 * 0.64, 3 * 0.64**2], rtol=1e-5)


def test_own_train_test_and_predict_steps():
    class Own(keras.Model):
        def __init__(self):
            super().__init__()
            self.top = layers.Dense(2, kernel_initializer="zeros")
            self.mean = keras.metrics.Mean(name="mean")

        def call(self, inputs, training=False):
            return self.top(inputs)

        def train_step(self, data):
            x, y = data
            with keras.GradientTape() as tape:
                loss = ops.mean(ops.square(self(x, training=True) - y))
            gradients = tape.gradient(loss, self.trainable_variables)
            self.optimizer.apply_gradients(zip(gradients, self.trainable_variables, strict=True))
            self.mean.update_state(loss)
            return {"mean": self.mean.result()}

        def test_step(self, data):
            x, y = data
            return {"gap": ops.max(ops.abs(self(x) - y))}

        def predict_step(self, data):
            return self(data) * 0.0

    model = Own()
    model.compile(keras.optimizers.Adam(0.1))
    history = model.fit(X, Y, epochs=60, verbose=0, validation_data=(X, Y)).history
    assert sorted(history) == ["mean", "val_gap"]
    assert history["val_gap"][-1] < 0.1 < history["val_gap"][0]
    assert model.evaluate(X, Y, verbose=0) < 0.1
    assert np.all(model.predict(X, verbose=0) == 0)


@pytest.mark.parametrize("apply", ["apply", "apply_gradients", "buildless"])
def test_a_loop_of_ones_own(apply):
    model = keras.Sequential([keras.Input((3,)), layers.Dense(2)])
    optimizer = keras.optimizers.SGD(0.3)
    loss_fn = keras.losses.MeanSquaredError()
    metric = keras.metrics.MeanSquaredError()
    if apply != "buildless":
        optimizer.build(model.trainable_variables)
    losses = []
    for _ in range(60):
        with keras.GradientTape() as tape:
            y_pred = model(X, training=True)
            loss = loss_fn(Y, y_pred) + sum(model.losses)
        gradients = tape.gradient(loss, model.trainable_weights)
        if apply == "apply":
            optimizer.apply(gradients, model.trainable_weights)
        else:
            optimizer.apply_gradients(zip(gradients, model.trainable_weights, strict=True))
        metric.update_state(Y, y_pred)
        losses.append(float(loss))
    assert losses[-1] < 1e-3 < losses[0]
    np.testing.assert_allclose(metric.result(), np.mean(losses), rtol=1e-4)


def test_overridden_compute_loss_and_metrics():
    class Own(Net):
        def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None):
            return ops.mean(ops.abs(y - y_pred))

        def compute_metrics(self, x, y, y_pred, sample_weight=None):
            return {"answer": 42.0}

    model = Own()
    model.compile("sgd")
    history = model.fit(X, Y, verbose=0, validation_data=(X, Y)).history
    assert history == {"answer": [42.0], "val_answer": [42.0]}


def test_weights_of_layers_in_lists_dicts_and_layers():
    class Deep(layers.Layer):
        def __init__(self):
            super().__init__()
            self.parts = [layers.Dense(3), {"a": layers.Dense(3), "b": (layers.Dense(3),)}]

        def call(self, x):
            return self.parts[1]["b"][0](self.parts[1]["a"](self.parts[0](x)))

    class Outer(keras.Model):
        def __init__(self):
            super().__init__()
            self.stages = [Deep()]
            self.stages.append(Deep())

        def call(self, x):
            for stage in self.stages:
                x = stage(x)
            return x

    model = Outer()
    model.compile("sgd", "mse")
    model.fit(X, X, verbose=0)
    assert len(model.trainable_weights) == 12


def test_training_given_by_place():
    class Layer(layers.Layer):
        def call(self, x, training=False):
            return x * (2.0 if training else 1.0)

    layer = Layer()
    np.testing.assert_array_equal(layer(X, True), X * 2)
    np.testing.assert_array_equal(layer(X, False), X)


def test_shapes_told_by_the_layer():
    class Counts(layers.Layer):
        def call(self, x):
            return np.float32(len(set(x[:, 0].tolist()))) + x  # only values can tell

        def compute_output_shape(self, input_shape):
            return input_shape

    x = keras.Input((3,))
    assert keras.Model(x, Counts()(x))(np.zeros((2, 3), "float32"))[0, 0] == 1


def test_a_layer_that_returns_its_input():
    class Same(layers.Layer):
        def compute_output_spec(self, x):
            return x

        def call(self, x):
            return x

    x = keras.Input((3,))
    np.testing.assert_array_equal(keras.Model(x, Same()(Same()(x)))(X), X)


def test_a_layer_that_returns_nothing():
    class Nothing(layers.Layer):
        def call(self, x):
            return None

    with pytest.raises(ValueError, match="returned none"):
        Nothing(name="empty")(keras.Input((3,)))


# -- stateless_call ------------------------------------------------------------------------------------------


def test_stateless_call_leaves_the_layer_as_it_was():
    layer = layers.BatchNormalization()
    layer.build((None, 3))
    before = layer.get_weights()
    gamma, beta = np.full(3, 2.0), np.ones(3)
    y, states = layer.stateless_call([gamma, beta], [np.zeros(3), np.ones(3)], X, training=True)
    np.testing.assert_allclose(y.mean(0), 1.0, atol=1e-5)
    np.testing.assert_allclose(states[0], 0.01 * X.mean(0), rtol=1e-4)
    for a, b in zip(layer.get_weights(), before, strict=True):
        np.testing.assert_array_equal(a, b)


def test_stateless_call_differentiates_what_it_is_given():
    layer = layers.Dense(2, kernel_regularizer=keras.regularizers.L2(0.5))
    layer.build((None, 3))
    kernel, bias = np.ones((3, 2), "float32"), np.zeros(2, "float32")
    with keras.GradientTape() as tape:
        values = [tape.watch(kernel), tape.watch(bias)]
        y, _, losses = layer.stateless_call(values, [], X, return_losses=True)
        loss = ops.sum(y) + losses[0]
    gradients = tape.gradient(loss, values)
    np.testing.assert_allclose(gradients[0], X.sum(0)[:, None] + kernel, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(gradients[1], [16, 16])


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (([np.ones((3, 2))], []), r"has 2 trainable_variables; received 1"),
        (([np.ones((2, 3)), np.ones(2)], []), r"has shape \(3, 2\); received a value of shape \(2, 3\)"),
        (([np.ones((3, 2)), np.ones(2)], [1.0]), r"has 0 non_trainable_variables; received 1"),
    ],
)
def test_stateless_call_on_values_that_do_not_fit(values, message):
    layer = layers.Dense(2)
    with pytest.raises(ValueError, match="has no weights yet"):
        layer.stateless_call(*values, X)
    layer.build((None, 3))
    with pytest.raises(ValueError, match=message):
        layer.stateless_call(*values, X)


def test_a_layer_without_call():
    class Forgotten(keras.layers.Layer):
        pass

    for layer in (keras.layers.Layer(), Forgotten()):
        with pytest.raises(NotImplementedError, match="does not define `call"):
            layer(np.ones((2, 3), "float32"))


def test_parts_under_names_that_a_fit_uses_are_parts() -> None:
    class Odd(keras.layers.Layer):
        def __init__(self) -> None:
            super().__init__()
            self.history = keras.layers.Dense(2)
            self.stop_training = self.add_weight(shape=(1,), name="stop")

        def call(self, inputs):
            return self.history(inputs) + self.stop_training

    layer = Odd()
    layer(np.ones((1, 3), "float32"))
    assert len(layer.weights) == 3
    layer.history = None
    assert len(layer.weights) == 1
