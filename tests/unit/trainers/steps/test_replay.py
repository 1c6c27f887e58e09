"""A replayed step equals a step on the tape: the same training, both ways."""

import numpy as np
import pytest

import kerasish as keras
from kerasish.backend import fast
from kerasish.trainers.data.batches import Batch

RNG = np.random.default_rng(0)
X = RNG.standard_normal((50, 6)).astype("float32")
TARGETS = {
    "numbers": RNG.random((50, 3)).astype("float32"),
    "yes or no": RNG.integers(0, 2, (50, 3)).astype("float32"),
    "one hot": np.eye(3, dtype="float32")[RNG.integers(0, 3, 50)],
    "labels": RNG.integers(0, 3, 50),
    "label column": RNG.integers(0, 3, (50, 1)).astype("uint8"),
}


def train(make_layers, loss, y, eagerly, optimizer="adam", x=X, **fit):
    """Weights, history and whether steps were replayed, after three epochs of which each ends in a smaller batch."""
    keras.utils.set_random_seed(5)
    model = keras.Sequential([keras.Input(x.shape[1:]), *make_layers()])
    model.compile(optimizer if isinstance(optimizer, str) else optimizer(), loss() if callable(loss) else loss,
                  metrics=["mae"] if np.ndim(y) > 1 and y.shape[1] == 3 else None, run_eagerly=eagerly)  # fmt: skip
    history = model.fit(x, y, batch_size=16, epochs=3, verbose=0, **fit)
    return model.get_weights(), history.history, model


def assert_same_both_ways(make_layers, loss, y, replayed=True, **kwargs):
    weights, history, model = train(make_layers, loss, y, eagerly=False, **kwargs)
    assert (model.why_not_recorded() is None) == replayed, model.why_not_recorded()
    expected, expected_history, _ = train(make_layers, loss, y, eagerly=True, **kwargs)
    for got, want in zip(weights, expected, strict=True):
        np.testing.assert_allclose(got, want, rtol=2e-5, atol=2e-6)
    for key, values in expected_history.items():
        np.testing.assert_allclose(history[key], values, rtol=2e-5)


def dense(*activations, units=3, **kwargs):
    return lambda: (
        [keras.layers.Dense(7, activation=a, **kwargs) for a in activations[:-1]]
        + [keras.layers.Dense(units, activation=activations[-1])]
    )


ACTIVATIONS = "relu tanh sigmoid softplus softsign elu selu gelu silu leaky_relu relu6 hard_sigmoid mish exponential"


@pytest.mark.parametrize("activation", [*ACTIVATIONS.split(), "softmax", "log_softmax", None])
def test_activations(activation):
    assert_same_both_ways(dense(activation, activation, "linear"), "mse", TARGETS["numbers"])


@pytest.mark.parametrize(
    ("top", "loss", "target"),
    [
        ("linear", "mse", "numbers"),
        ("sigmoid", "mse", "numbers"),
        ("linear", "mae", "numbers"),
        ("linear", "huber", "numbers"),
        ("linear", "log_cosh", "numbers"),
        ("softplus", "poisson", "numbers"),
        ("sigmoid", "binary_crossentropy", "yes or no"),
        ("tanh", "hinge", "yes or no"),
        ("linear", lambda: keras.losses.BinaryCrossentropy(from_logits=True), "yes or no"),
        ("sigmoid", lambda: keras.losses.BinaryCrossentropy(label_smoothing=0.2), "yes or no"),
        ("softmax", "categorical_crossentropy", "one hot"),
        ("linear", lambda: keras.losses.CategoricalCrossentropy(from_logits=True), "one hot"),
        ("softmax", lambda: keras.losses.CategoricalCrossentropy(label_smoothing=0.1), "one hot"),
        ("softmax", "kl_divergence", "one hot"),
        ("softmax", "sparse_categorical_crossentropy", "labels"),
        ("softmax", "sparse_categorical_crossentropy", "label column"),
        ("linear", lambda: keras.losses.SparseCategoricalCrossentropy(from_logits=True), "labels"),
        ("linear", lambda: keras.losses.MeanSquaredError(reduction="sum"), "numbers"),
    ],
)
def test_losses(top, loss, target):
    y = TARGETS[target]
    assert_same_both_ways(dense("relu", top), loss, y)
    assert_same_both_ways(dense("tanh", top), loss, y, sample_weight=RNG.random(50).astype("float32"))


@pytest.mark.parametrize(
    "optimizer",
    [
        lambda: keras.optimizers.SGD(0.1, momentum=0.9, nesterov=True),
        lambda: keras.optimizers.Adam(0.01, clipnorm=0.1),
        lambda: keras.optimizers.Adam(0.01, global_clipnorm=0.1, use_ema=True),
        lambda: keras.optimizers.AdamW(0.01, gradient_accumulation_steps=2),
        lambda: keras.optimizers.SGD(0.1, loss_scale_factor=32.0),
        lambda: keras.optimizers.Lamb(0.01),
        lambda: keras.optimizers.SGD(keras.optimizers.schedules.InverseTimeDecay(0.1, 2, 0.5)),
    ],
)
def test_optimizers(optimizer):
    assert_same_both_ways(dense("relu", "softmax"), "categorical_crossentropy", TARGETS["one hot"], optimizer=optimizer)


def test_regularizers():
    layers = dense("tanh", "linear", kernel_regularizer="l2", bias_regularizer="l1")
    assert_same_both_ways(layers, "mse", TARGETS["numbers"])


def test_without_bias_and_in_order():
    layers = dense("relu", "linear", use_bias=False)
    assert_same_both_ways(layers, "mse", TARGETS["numbers"], shuffle=False)
    assert_same_both_ways(layers, "mse", TARGETS["numbers"], shuffle="batch")


def test_labels_are_checked():
    y = TARGETS["labels"].copy()
    y[40] = 3
    with pytest.raises(ValueError, match="3 classes"):
        train(dense("relu", "softmax"), "sparse_categorical_crossentropy", y, eagerly=False, shuffle=False)


def test_frozen_layer():
    def layers():
        made = dense("relu", "relu", "linear")()
        made[1].trainable = False
        return made

    assert_same_both_ways(layers, "mse", TARGETS["numbers"])


def test_what_python_does_besides_stays_on_the_tape():
    class Noisy(keras.layers.Layer):
        def call(self, inputs):
            calls.append(1)
            return inputs + np.random.standard_normal(inputs.shape).astype("float32") * 0

    calls = []
    assert_same_both_ways(lambda: [Noisy(), keras.layers.Dense(3)], "mse", TARGETS["numbers"], replayed=False)
    assert len(calls) >= 2 * 3 * 4  # every step of both runs

    def own_loss(y_true, y_pred):
        return keras.ops.mean(keras.ops.square(y_true - y_pred), axis=-1)

    assert_same_both_ways(dense("relu", "linear"), lambda: own_loss, TARGETS["numbers"])
    assert_same_both_ways(dense(lambda x: 1.0 * keras.ops.tanh(x), "linear"), "mse", TARGETS["numbers"])


def test_weights_changed_by_a_callback_are_seen():
    class Zero(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            self.model.set_weights([np.zeros_like(w) for w in self.model.get_weights()])

    assert_same_both_ways(dense("tanh", "linear"), "mse", TARGETS["numbers"], callbacks=[Zero()])


def test_a_step_makes_no_large_array():
    """A replayed step allocates no more than NumPy's own casting buffer, whatever the batch: its arrays are kept."""
    import tracemalloc

    fast.wait()  # or its compiler's arrays would be counted
    model = keras.Sequential([keras.Input((64,)), keras.layers.Dense(256, "relu"), keras.layers.Dense(10, "softmax")])
    model.compile("adam", "sparse_categorical_crossentropy")
    x, y = np.ones((512, 64), "float32"), np.zeros(512, int)
    peaks = []

    class Watch(keras.callbacks.Callback):
        def on_train_batch_begin(self, batch, logs=None):
            tracemalloc.start()

        def on_train_batch_end(self, batch, logs=None):
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()

    model.fit(x, y, batch_size=128, epochs=2, verbose=0, callbacks=[Watch()])
    assert max(peaks[-4:]) < 48_000  # one activation of the hidden layer alone would be 131,072 bytes


def test_calls_of_a_step():
    """The number of NumPy calls of a recorded step, so that one more is noticed."""
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(8, "tanh"), keras.layers.Dense(1, "sigmoid")])
    model.compile("adam", "binary_crossentropy")
    x, y = np.ones((4, 2), "float32"), np.ones((4, 1), "float32")
    model.fit(x, y, epochs=2, verbose=0)
    step = model._engine.kept(model).steps.ready(Batch(x, y))
    assert len(step.program.calls) <= 26


@pytest.mark.parametrize(
    ("top", "loss", "target", "metric"),
    [
        ("sigmoid", "mse", "yes or no", keras.metrics.BinaryAccuracy),
        ("softmax", "mse", "one hot", keras.metrics.CategoricalAccuracy),
        ("softmax", "sparse_categorical_crossentropy", "labels", keras.metrics.SparseCategoricalAccuracy),
        ("softmax", "sparse_categorical_crossentropy", "label column", keras.metrics.SparseCategoricalAccuracy),
        ("linear", "mse", "numbers", keras.metrics.RootMeanSquaredError),
    ],
)
@pytest.mark.parametrize("weighted", [False, True])
def test_metrics(top, loss, target, metric, weighted):
    y = TARGETS[target]
    weight = {"sample_weight": RNG.random(50).astype("float32")} if weighted else {}
    histories = []
    for eagerly in (True, False):
        keras.utils.set_random_seed(5)
        model = keras.Sequential([keras.Input((6,)), *dense("tanh", top)()])
        model.compile("adam", loss, metrics=[metric()], weighted_metrics=[metric()], run_eagerly=eagerly)
        histories.append(model.fit(X, y, batch_size=16, epochs=2, verbose=0, **weight).history)
    for key, values in histories[0].items():
        np.testing.assert_allclose(histories[1][key], values, rtol=1e-5)
