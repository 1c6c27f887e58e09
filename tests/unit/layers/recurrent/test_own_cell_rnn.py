"""SimpleRNN, LSTM and GRU: by one operation or cell by cell, in fits that are recorded, with dropout."""

import numpy as np
import pytest

import kerasish as keras
from kerasish import layers
from kerasish.layers.recurrent.rnn import RNN
from kerasish.saving.legacy import functions as legacy_functions
from kerasish.trainers.steps.training import Steps

RNG = np.random.default_rng(0)
X = RNG.standard_normal((20, 6, 3)).astype("float32")
Y = RNG.standard_normal((20, 2)).astype("float32")
KINDS = ["SimpleRNN", "LSTM", "GRU"]


def by_steps(cell, x, **options):
    """What a cell makes of sequences, one step after the other."""
    rnn = RNN(cell, **options)
    rnn._runs_whole = lambda training: False
    return rnn(x)


MASK = RNG.random((20, 6)) < 0.6


@pytest.mark.parametrize("go_backwards", [False, True])
@pytest.mark.parametrize("mask", [None, MASK])
@pytest.mark.parametrize("return_sequences", [False, True])
def test_cells_upon_each_other_run_over_all_steps_one_after_the_other(go_backwards, mask, return_sequences):
    run = {"go_backwards": go_backwards, "return_sequences": return_sequences, "return_state": True}
    layer = layers.RNN([layers.LSTMCell(4), layers.SimpleRNNCell(2), layers.GRUCell(3)], **run)
    states = [[RNG.standard_normal((20, 4)).astype("float32")] * 2, np.ones((20, 2), "float32"), np.ones((20, 3))]
    assert layer.is_whole
    whole = keras.tree.flatten(layer(X, mask=mask, initial_state=states))
    layer._runs_whole = lambda training: False
    for a, b in zip(whole, keras.tree.flatten(layer(X, mask=mask, initial_state=states)), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("go_backwards", [False, True])
def test_one_operation_is_the_cell_step_by_step(kind, go_backwards):
    layer = getattr(layers, kind)(4, return_sequences=True, return_state=True, go_backwards=go_backwards)
    whole = layer(X)
    assert layer.is_whole
    steps = by_steps(layer.cell, X, return_sequences=True, return_state=True, go_backwards=go_backwards)
    for a, b in zip(whole, steps, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("kind", KINDS[1:])
@pytest.mark.parametrize("gate", ["hard_sigmoid", legacy_functions.hard_sigmoid])
def test_hard_gates_are_part_of_the_one_operation(kind, gate):
    layer = getattr(layers, kind)(
        4, recurrent_activation=gate, kernel_initializer=keras.initializers.RandomNormal(0, 3)
    )
    y = layer(X)
    assert layer.is_whole
    np.testing.assert_allclose(y, by_steps(layer.cell, X), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("kind", KINDS[1:])
def test_gates_of_another_kind_run_step_by_step(kind):
    layer = getattr(layers, kind)(4, recurrent_activation="relu6")
    assert not layer.is_whole
    assert layer(X).shape == (20, 4)
    assert not getattr(layers, kind)(4, activation="selu").is_whole


def _train(middle, eagerly):
    keras.utils.set_random_seed(3)
    model = keras.Sequential([keras.Input((6, 3)), *middle(), layers.Dense(2)])
    model.compile("adam", "mse", run_eagerly=eagerly)
    history = model.fit(X, Y, batch_size=8, epochs=3, verbose=0)
    return model, history.history["loss"]


@pytest.mark.parametrize(
    "middle",
    [
        lambda: [layers.SimpleRNN(4, activation="relu")],
        lambda: [layers.LSTM(4, return_sequences=True), layers.LSTM(3, go_backwards=True)],
        lambda: [layers.GRU(4, dropout=0.3, seed=1)],
        lambda: [layers.GRU(4, reset_after=False, return_sequences=True), layers.Flatten()],
        lambda: [layers.Bidirectional(layers.LSTM(4, return_sequences=True)), layers.GlobalAveragePooling1D()],
        lambda: [layers.LSTM(4, activation="relu", use_bias=False)],
        lambda: [layers.RNN([layers.GRUCell(4, dropout=0.2, seed=2), layers.LSTMCell(3)])],
    ],
)  # fmt: skip
def test_both_ways_train_the_same(middle, monkeypatch):
    steps = []
    replay = Steps.replay
    monkeypatch.setattr(Steps, "replay", lambda self, step: steps.append(step) or replay(self, step))
    replayed, losses = _train(middle, eagerly=False)
    assert len(set(map(id, steps))) == 2  # of whole batches, and of the last
    assert None not in steps
    taped, expected = _train(middle, eagerly=True)
    np.testing.assert_allclose(losses, expected, rtol=1e-4)
    for a, b in zip(replayed.variables, taped.variables, strict=True):
        np.testing.assert_allclose(np.asarray(a), np.asarray(b), rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("kind", KINDS)
def test_what_drops_of_the_state_predicts_by_one_operation(kind, monkeypatch):
    layer = getattr(layers, kind)(4, recurrent_dropout=0.5)
    steps = by_steps(layer.cell, X)
    monkeypatch.setattr(layer.cell, "call", None)
    np.testing.assert_allclose(layer(X), steps, rtol=1e-5, atol=1e-6)
    with pytest.raises(TypeError):
        layer(X, training=True)


@pytest.mark.parametrize("kind", KINDS)
def test_dropout_acts_in_training_alone_and_anew_in_each_call(kind):
    layer = getattr(layers, kind)(4, dropout=0.5, recurrent_dropout=0.5, seed=5)
    rest = layer(X)
    np.testing.assert_array_equal(layer(X), rest)
    first, second = layer(X, training=True), layer(X, training=True)
    assert not np.allclose(first, rest)
    assert not np.allclose(first, second)
    again = getattr(layers, kind)(4, dropout=0.5, recurrent_dropout=0.5, seed=5)
    again.build(X.shape)
    again.set_weights(layer.get_weights())
    np.testing.assert_array_equal(again(X, training=True), first)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("rate", [{"dropout": 0.4}, {"recurrent_dropout": 0.4}])
def test_what_is_dropped_is_the_same_at_all_steps(kind, rate):
    steps = np.repeat(X[:, :1], 30, axis=1)
    layer = getattr(layers, kind)(4, return_sequences=True, seed=1, **rate)
    layer.build(steps.shape)
    layer.set_weights([0.3 * w for w in layer.get_weights()])  # so that the state comes to rest
    y = layer(steps, training=True)
    late = np.abs(y[:, -1] - y[:, -2]).max()
    assert late < np.abs(y[:, 1] - y[:, 0]).max() * 0.2


@pytest.mark.parametrize(("kind", "arrays"), [("LSTM", 7), ("GRU", 5)])
def test_a_recorded_step_takes_no_more_than_twice_what_it_must_remember(kind, arrays, monkeypatch):
    """Weights, inputs, and of each step gates and states: i f g o c activation(c) h, or z r g h and a product."""
    steps = []
    replay = Steps.replay
    monkeypatch.setattr(Steps, "replay", lambda self, step: steps.append(step) or replay(self, step))
    model = keras.Sequential([keras.Input((100, 32)), getattr(layers, kind)(64), layers.Dense(2)])
    model.compile("sgd", "mse")
    model.fit(np.zeros((32, 100, 32)), np.zeros((32, 2)), epochs=3, verbose=0)
    needed = 100 * 32 * (arrays * 64 + 32) + model.count_params()
    assert steps[0].program.room.nbytes <= 2 * 4 * needed


def test_an_embedding_that_masks_trains_the_layers_behind_it():
    words = RNG.integers(1, 9, (20, 6)) * (np.arange(6) < RNG.integers(1, 7, (20, 1)))
    model = keras.Sequential([
        keras.Input((6,), dtype="int32"), layers.Embedding(9, 4, mask_zero=True),
        layers.GRU(5, return_sequences=True), layers.LSTM(4), layers.Dense(2),
    ])  # fmt: skip
    model.compile("adam", "mse")
    model.fit(words, Y, epochs=2, verbose=0)
    padded = np.pad(words, ((0, 0), (0, 5)))
    np.testing.assert_allclose(model.predict(padded, verbose=0), model.predict(words, verbose=0), rtol=1e-5, atol=1e-6)


def test_penalties_and_constraints_reach_the_cell():
    layer = layers.LSTM(4, kernel_regularizer="l2", recurrent_regularizer="l1", bias_constraint="non_neg")
    layer(X)
    assert len(layer.losses) == 2
    assert layer.cell.bias.constraint is not None
    np.testing.assert_array_equal(layer.cell.bias[4:8], 1)


@pytest.mark.parametrize("kind", KINDS)
def test_mixed_precision(kind):
    layer = getattr(layers, kind)(4, dtype="mixed_float16", return_state=True)
    y, *states = layer(X)
    assert {part.dtype.name for part in (y, *states)} == {"float16"}
    assert {w.dtype for w in layer.weights} == {"float32"}


def test_calls_on_few_rows_are_remembered():
    model = keras.Sequential([keras.Input((6, 3)), layers.Bidirectional(layers.GRU(4)), layers.Dense(2)])
    expected = [np.asarray(model(X[i : i + 1])) for i in range(5)]
    assert model._engine.predictions(model)._steps[(1, 6, 3), np.dtype("float32"), None, None].is_checked
    np.testing.assert_allclose(np.concatenate(expected), model(X[:5]), rtol=1e-5, atol=1e-6)


def test_a_cell_of_ones_own_runs_by_steps_wherever_it_stands():
    class LSTMCell(layers.LSTMCell):
        def call(self, inputs, states, training=False):
            output, states = super().call(inputs, states, training)
            return output * 0, states

    LSTMCell.__module__ = "kerasish.elsewhere"
    assert not layers.RNN(LSTMCell(2))(X).any()
