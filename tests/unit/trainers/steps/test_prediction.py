"""What is remembered of a model's calls gives what a call computes, also after the model has changed."""

import copy
import sys
import threading
import tracemalloc

import numpy as np
import pytest

import kerasish as keras
from kerasish.trainers.steps import prediction

RNG = np.random.default_rng(0)
X = RNG.standard_normal((700, 6)).astype("float32")


def build():
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((6,)),
            layers.Dense(16, "relu"),
            layers.BatchNormalization(),
            layers.Dropout(0.5),
            layers.Dense(16, "gelu"),
            layers.Dense(3, "softmax"),
        ]
    )


def plainly(model, x):
    """The model's layers, one after the other."""
    for layer in model.layers:
        x = layer(x, training=False) if layer.name.startswith(("dropout", "batch")) else layer(x)
    return x


def is_remembered(model, rows):
    step = model._engine.predictions(model)._steps.get(((rows, 6), np.dtype("float32"), None, None))
    return step is not None and step.is_checked


@pytest.mark.parametrize("rows", [1, 5])
def test_repeated_calls(rows):
    model = build()
    for i in range(8):
        x = X[i * rows : (i + 1) * rows]
        np.testing.assert_allclose(model(x), plainly(model, x), rtol=1e-5, atol=1e-7)
    assert is_remembered(model, rows)
    first = model(X[:rows])
    kept = first.copy()
    model(X[rows : 2 * rows])
    np.testing.assert_array_equal(first, kept)  # an answer is the caller's


def test_changes_are_seen():
    model, x = build(), X[:1]
    model.compile("adam", "mse")

    def settle():
        for _ in range(5):
            model(x)
        assert is_remembered(model, 1)

    settle()
    model.set_weights([w + 0.1 for w in model.get_weights()])
    np.testing.assert_allclose(model(x), plainly(model, x), rtol=1e-5)
    model.fit(X, np.zeros((700, 3)), verbose=0)
    np.testing.assert_allclose(model(x), plainly(model, x), rtol=1e-5)
    settle()
    model.layers[0].activation = keras.activations.tanh
    model.layers[0]._fused, model.layers[0]._after = None, keras.activations.tanh
    np.testing.assert_allclose(model(x), plainly(model, x), rtol=1e-5)
    settle()
    model.layers[1].moving_mean.assign(np.full(16, 0.5))
    np.testing.assert_allclose(model(x), plainly(model, x), rtol=1e-5)
    settle()
    model.pop()
    assert model(x).shape == (1, 16)


def test_training_calls_and_tapes_are_not_remembered():
    model, x = build(), X[:1]
    for _ in range(5):
        model(x)
    assert not np.allclose(model(X[:5], training=True), model(X[:5], training=True))
    with keras.GradientTape() as tape:
        loss = keras.ops.sum(model(x) ** 2)
    assert all(g is not None for g in tape.gradient(loss, model.trainable_variables))


def test_threads_answer_for_their_own_rows():
    model = build()
    expected = plainly(model, X[:64])
    wrong = []

    def ask(start):
        for _ in range(200):
            for i in range(start, 64, 4):
                if not np.allclose(model(X[i : i + 1]), expected[i], atol=1e-6):
                    wrong.append(i)

    threads = [threading.Thread(target=ask, args=(k,)) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


@pytest.mark.parametrize("batch_size", [None, 1, 32, 200, 1000])
def test_predict(batch_size):
    model = build()
    out = model.predict(X, batch_size=batch_size, verbose=0)
    np.testing.assert_allclose(out, plainly(model, X), rtol=2e-5, atol=1e-6)
    np.testing.assert_allclose(model.predict(X.astype("float64"), verbose=0), out, rtol=2e-5, atol=1e-6)


def test_what_is_the_users_is_asked_every_time():
    class Count(keras.layers.Layer):
        def call(self, inputs):
            calls.append(len(inputs))
            return inputs * 1.0

    calls = []
    model = keras.Sequential([keras.Input((6,)), Count()])
    calls.clear()
    for _ in range(6):
        model(X[:1])
    assert calls == [1] * 6
    calls.clear()
    model.predict(X, verbose=0)
    assert calls == [32] * 21 + [28]


@pytest.mark.parametrize("top", ["softmax", "sigmoid", "tanh", "relu", "gelu"])
def test_a_repeated_call_has_the_same_bits(top):
    hidden = [keras.layers.Dense(16, a) for a in ("relu", "sigmoid", "elu")]
    model = keras.Sequential(
        [keras.Input((6,)), *hidden, keras.layers.BatchNormalization(), keras.layers.Dense(3, top)]
    )
    for rows in (1, 7):
        first = model(X[:rows])
        for _ in range(6):
            np.testing.assert_array_equal(model(X[:rows]), first)
        assert is_remembered(model, rows)


def test_a_copy_begins_without_what_was_recorded():
    model, x = build(), X[:1]
    for _ in range(5):
        model(x)
    before = model(x)
    twin = copy.deepcopy(model)
    assert is_remembered(model, 1)
    assert not is_remembered(twin, 1)
    twin.set_weights([2 * w for w in twin.get_weights()])
    for _ in range(5):
        assert not np.array_equal(twin(x), before)
    np.testing.assert_array_equal(model(x), before)


@pytest.mark.parametrize("batch_size", [None, 16])
def test_many_images(batch_size):
    """Passes of fewer rows than those of a dense network, and a rest."""
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [
            keras.Input((12, 12, 3)),
            keras.layers.Conv2D(8, 3, activation="relu"),
            keras.layers.Flatten(),
            keras.layers.Dense(2),
        ]
    )
    x = RNG.standard_normal((203, 12, 12, 3)).astype("float32")
    np.testing.assert_allclose(model.predict(x, batch_size, verbose=0), plainly(model, x), rtol=1e-4, atol=1e-5)


def test_the_rows_of_a_pass_are_found_out_once(monkeypatch):
    made = []
    record = prediction.Pass.__init__

    def counted(self, run):
        made.append(len(run.batch[0]))
        record(self, run)

    monkeypatch.setattr(prediction.Pass, "__init__", counted)
    model = build()
    for _ in range(2):
        model.predict(np.zeros((3 * prediction.ROWS, 6), "float32"), verbose=0)
    assert made == [prediction.FEWER_ROWS, prediction.ROWS]


def test_a_layer_that_changes_its_state_when_it_predicts():
    """What the state is set to must not be overwritten by what is computed after it."""

    class Remembering(keras.layers.Layer):
        def build(self, input_shape):
            self.seen = self.add_weight(shape=(64,), initializer="zeros", trainable=False)

        def call(self, x):
            self.seen.assign(0.5 * self.seen + keras.ops.mean(x))
            return x * 2.0

    dense = [keras.layers.Dense(4, "tanh") for _ in range(4)]
    model = keras.Sequential([keras.Input((6,)), Remembering(), *dense])
    expected = 0.0
    for _ in range(6):
        model.predict(X[:4], verbose=0)
        expected = 0.5 * expected + X[:4].mean()
        np.testing.assert_allclose(model.layers[0].seen, expected, rtol=1e-5)
    assert model._engine.predictions(model)._steps


def test_a_call_that_finds_the_pass_busy_keeps_what_it_has_changed():
    class Counting(keras.layers.Layer):
        def build(self, input_shape):
            self.calls = self.add_weight(shape=(), initializer="zeros", trainable=False)

        def call(self, x):
            self.calls.assign_add(1.0)
            return x * 2.0

    model = keras.Sequential([keras.Input((6,)), Counting(), keras.layers.Dense(1)])
    for _ in range(3):
        model.predict(X[:4], verbose=0)
    (found,) = model._engine.predictions(model)._steps.values()
    with found._busy:
        model.predict(X[:4], verbose=0)
    assert int(model.layers[0].calls) == 4


@pytest.mark.parametrize("kind", ["sequential", "subclassed"])
def test_a_model_first_called_by_several_threads_has_its_weights_once(kind):
    class Net(keras.Model):
        def __init__(self):
            super().__init__()
            self.hidden, self.top = keras.layers.Dense(8), keras.layers.Dense(1)

        def call(self, x):
            return self.top(self.hidden(x))

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for _ in range(20):
            layers = [keras.layers.Dense(8), keras.layers.Dense(1)]
            model = keras.Sequential(layers) if kind == "sequential" else Net()
            start, answers = threading.Barrier(4), []

            def ask(model=model, start=start, answers=answers):
                start.wait()
                answers.append(np.asarray(model(X[:4])))

            threads = [threading.Thread(target=ask) for _ in range(4)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            assert len(answers) == 4
            assert len(model.weights) == 4
            for answer in answers:
                np.testing.assert_allclose(answer, model(X[:4]), rtol=1e-5)
    finally:
        sys.setswitchinterval(interval)


@pytest.mark.parametrize("rows", [64, 960])
def test_a_state_sees_the_batches_that_the_caller_expects(rows):
    """Nothing is tried out on it, and its batches are of 32."""

    class Counting(keras.layers.Layer):
        def build(self, input_shape):
            self.calls = self.add_weight(shape=(), initializer="zeros", trainable=False)

        def call(self, x):
            self.calls.assign_add(1.0)
            return x * 2.0

    model = keras.Sequential([keras.Input((6,)), Counting(), keras.layers.Dense(1)])
    for times in (1, 2, 3):
        model.predict(np.ones((rows, 6), "float32"), verbose=0)
        assert int(model.layers[0].calls) == times * rows // 32


def test_stateful_layers_go_on_from_batch_to_batch():
    model = keras.Sequential([keras.Input(batch_shape=(32, 4, 2)), keras.layers.LSTM(3, stateful=True)])
    x = RNG.standard_normal((960, 4, 2)).astype("float32")
    found = model.predict(x, verbose=0)
    model.layers[0].reset_states()
    expected = np.concatenate([model(x[i : i + 32], training=False) for i in range(0, 960, 32)])
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("rows", [2, 400])
def test_a_place_that_the_table_does_not_have_is_told_by_its_layer(rows):
    embedding = keras.layers.Embedding(5, 2, name="words")
    model = keras.Sequential([keras.Input((3,), dtype="int32"), embedding, keras.layers.Flatten()])
    x = np.zeros((rows, 3), "int32")
    for _ in range(6):
        model.predict(x, verbose=0)
    for ask in (lambda: model.predict(x + 7, verbose=0), lambda: model(x + 7)):
        with pytest.raises(IndexError, match="words"):
            ask()


def test_to_record_and_to_check_a_pass_copies_no_weights():
    model = keras.Sequential([keras.Input((600,)), keras.layers.Dense(600)])
    size = model.weights[0].numpy().nbytes
    peaks = []
    for _ in range(4):
        tracemalloc.start()
        model.predict(np.ones((2, 600), "float32"), verbose=0)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert max(peaks) < size
