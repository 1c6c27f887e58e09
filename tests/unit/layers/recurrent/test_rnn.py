"""RNN around cells of the user's own, masks and states; and what it says of mistakes."""

import numpy as np
import pytest

import kerasish as keras
from kerasish import layers

RNG = np.random.default_rng(0)
X = RNG.standard_normal((2, 5, 3)).astype("float32")


class Minimal:
    """The least that is a cell: no layer, one state, given back by itself."""

    state_size = 3

    def call(self, inputs, states):
        return inputs + states[0], inputs + states[0]


class Nested(keras.Layer):
    """A cell whose states are nested, and of other sizes than the output."""

    state_size = (3, (2, 4))
    output_size = 6

    def build(self, input_shape):
        self.dense = layers.Dense(6)

    def call(self, inputs, states, training=False):
        a, (b, c) = states
        a = a + inputs
        return self.dense(a), [a, [b + 1, c + 2]]


def test_a_cell_that_is_no_layer():
    np.testing.assert_allclose(layers.RNN(Minimal())(X), X.sum(1), rtol=1e-6)
    every = layers.RNN(Minimal(), return_sequences=True, go_backwards=True)(X)
    np.testing.assert_allclose(every, X[:, ::-1].cumsum(1), rtol=1e-5, atol=1e-6)


def test_nested_states():
    layer = layers.RNN(Nested(), return_state=True)
    y, a, (b, c) = layer(X)
    assert y.shape == (2, 6)
    np.testing.assert_allclose(a, X.sum(1), rtol=1e-6, atol=1e-6)
    np.testing.assert_array_equal(b, np.full((2, 2), 5))
    np.testing.assert_array_equal(c, np.full((2, 4), 10))
    symbols = layer(keras.Input((None, 3)))
    assert [s.shape for s in keras.tree.flatten(symbols)] == [(None, 6), (None, 3), (None, 2), (None, 4)]
    again = layer(X, initial_state=[a, [b, c]])
    np.testing.assert_array_equal(again[2][0], np.full((2, 2), 10))


def test_masked_steps_keep_states_and_output():
    mask = np.array([[False, True, True, False, False], [True, False, True, False, True]])
    y, h = layers.RNN(Minimal(), return_sequences=True, return_state=True)(X, mask=mask)
    expected = (X * mask[..., None]).cumsum(1)
    np.testing.assert_allclose(y, expected, rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(h, expected[:, -1], rtol=1e-6, atol=1e-6)
    zeroed = layers.RNN(Minimal(), return_sequences=True, zero_output_for_mask=True)(X, mask=mask)
    np.testing.assert_allclose(zeroed, expected * mask[..., None], rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize(
    "make",
    [
        lambda: layers.RNN(Minimal(), stateful=True),
        lambda: layers.LSTM(3, stateful=True),
        lambda: layers.RNN([layers.LSTMCell(2), layers.GRUCell(3)], stateful=True),
        lambda: layers.Bidirectional(layers.LSTM(3, stateful=True), backward_layer=None),
    ],
)
def test_stateful_layers_go_on_where_they_were(make):
    layer = make()
    first, second = layer(X), layer(X)
    assert not np.allclose(first, second)
    layer.reset_state()
    np.testing.assert_array_equal(layer(X), first)
    assert not any("rnn_state" in variable.path for variable in layer.variables)


def test_states_survive_predict():
    whole = keras.Sequential([keras.Input(batch_shape=(2, 5, 3)), layers.GRU(4, return_sequences=True)])
    parts = keras.Sequential(
        [keras.Input(batch_shape=(2, None, 3)), layers.GRU(4, return_sequences=True, stateful=True)]
    )
    parts.set_weights(whole.get_weights())
    found = [parts.predict(X[:, a:b], batch_size=2, verbose=0) for a, b in ((0, 2), (2, 5))]
    expected = whole.predict(X, verbose=0)
    np.testing.assert_allclose(np.concatenate(found, axis=1), expected, rtol=1e-5, atol=1e-6)
    parts.layers[0].reset_states()
    np.testing.assert_allclose(parts.predict(X[:, :2], verbose=0), expected[:, :2], rtol=1e-5, atol=1e-6)


def test_an_encoder_and_a_decoder_learn_together():
    sentences, answers = keras.Input((None, 3)), keras.Input((None, 2))
    _, *states = layers.LSTM(4, return_state=True)(sentences)
    y = layers.Dense(2)(layers.LSTM(4, return_sequences=True)(answers, initial_state=states))
    model = keras.Model([sentences, answers], y)
    model.compile("adam", "mse")
    before = [w.copy() for w in model.layers[2].get_weights()]
    target = RNG.standard_normal((2, 4, 2)).astype("float32")
    model.fit([X, target], target, verbose=0)
    assert all(not np.array_equal(a, b) for a, b in zip(before, model.layers[2].get_weights(), strict=True))
    again = keras.Model.from_config(model.get_config())
    again.set_weights(model.get_weights())
    np.testing.assert_allclose(again([X, target]), model([X, target]), rtol=1e-6)


def built(layer):
    layer.build(X.shape)
    return layer


MISTAKES = [
    (lambda: layers.RNN(3), ValueError, "has no `call`"),
    (lambda: layers.RNN(layers.Dense(3)), ValueError, "state_size"),
    (lambda: layers.StackedRNNCells([layers.GRUCell(2), layers.Dense(3)]), ValueError, "state_size"),
    (lambda: layers.LSTM(0), ValueError, "units=0"),
    (lambda: layers.LSTM(2.5), ValueError, "units=2.5"),
    (lambda: layers.LSTM(2, time=3), ValueError, "time"),
    (lambda: layers.LSTM(2)(X[:, 0]), ValueError, r"rank 3.*\(2, 3\)"),
    (lambda: layers.LSTM(2, name="l")(X, initial_state=[np.ones((2, 3))] * 2), ValueError, r"'l'.*\(2, 2\).*\(2, 3\)"),
    (lambda: layers.LSTM(2, name="l")(X, initial_state=[np.ones((2, 2))]), ValueError, r"'l'.*\[\(2, 2\)\]"),
    (lambda: layers.GRU(2, name="g")(X, initial_state=np.ones((3, 2))), ValueError, r"'g'.*\(2, 2\).*\(3, 2\)"),
    (lambda: layers.LSTM(2)(keras.Input((5, 3)), initial_state=[keras.Input((3,))] * 2), ValueError, r"\(None, 3\)"),
    (lambda: layers.GRU(2, name="g")(X, mask=np.ones((2, 4), bool)), ValueError, r"'g'.*\(2, 4\).*\(2, 5\)"),
    (lambda: layers.LSTM(2, name="l", stateful=True)(keras.Input((5, 3))), ValueError, "'l' is stateful.*batch_shape"),
    (lambda: layers.LSTM(2, unroll=True, name="l")(keras.Input((None, 3))), ValueError, "'l' with unroll.*None, 3"),
    (lambda: layers.GRU(2, name="g")(keras.Input((5, None))), ValueError, r"'g'.*\(None, 5, None\).*how many features"),
    (lambda: layers.RNN(Minimal(), name="r")(X[:, :0]), ValueError, r"'r'.*\(2, 0, 3\)"),
    (lambda: layers.RNN(layers.LSTMCell), ValueError, r"the class LSTMCell.*LSTMCell\(units\)"),
    (lambda: layers.RNN([]), ValueError, "at least one cell"),
    (lambda: layers.GRU(2, name="g")(X[:, 0]), ValueError, r"'g'.*rank 3.*\(2, 3\).*return_sequences=True"),
    (lambda: layers.ConvLSTM2D(2, 3, name="c")(X), ValueError, r"'c'.*channels\).*rank 5.*\(2, 5, 3\)"),
    (lambda: layers.GRU(2, name="g")(X, initial_state={"h": np.ones((2, 2))}), ValueError, r"'g'.*\{'h': \(2, 2\)\}"),
    (lambda: layers.LSTM(2, name="l")(X, initial_state=[None, np.ones((2, 2))]), ValueError, r"'l'.*received \[\(\), "),
    (lambda: built(layers.LSTM(2))(X[..., :2]), ValueError, r"'lstm_cell.*built for steps of 3 features.*\(2, 5, 2\)"),
    (lambda: built(layers.GRU(2, activation="gelu"))(X[..., :2]), ValueError, r"'gru_cell.*with 3 features.*\(2, 2\)"),
    (lambda: layers.LSTMCell(2, name="c")(X[:, 0], []), ValueError, r"'c'.*\[\(2, 2\), \(2, 2\)\]; received \[\]"),
    (lambda: layers.GRUCell(2, name="c")(X[:, 0], np.ones((2, 3))), ValueError, r"'c'.*received \[\(2, 3\)\]"),
    (lambda: layers.SimpleRNNCell(2, name="c")(X, [np.ones((2, 2))]), ValueError, r"'c'.*one step.*\(2, 5, 3\)"),
    (lambda: layers.Bidirectional(layers.Dense(2)), ValueError, "go_backwards"),
    (lambda: layers.Bidirectional(layers.LSTM(2), merge_mode="max"), ValueError, "'concat'.*'max'"),
    (lambda: layers.Bidirectional(layers.LSTM(2), backward_layer=layers.LSTM(2)), ValueError, "opposite directions"),
    (
        lambda: layers.Bidirectional(
            layers.LSTM(2), backward_layer=layers.LSTM(2, go_backwards=True, return_sequences=True)
        ),
        ValueError,
        "same return_sequences",
    ),
    (lambda: layers.Bidirectional(layers.LSTM(2))(X, initial_state=[np.ones((2, 2))] * 2), ValueError, "4 in all"),
    (lambda: layers.ConvLSTM2D(2, 3, name="c")(np.ones((2, 4, 2, 2, 1))), ValueError, r"'c'.*\(2, 4, 2, 2, 1\).*fit"),
]  # fmt: skip


@pytest.mark.parametrize(("make", "kind", "words"), MISTAKES)
def test_mistakes_are_named(make, kind, words):
    with pytest.raises(kind, match=words):
        make()


def test_a_state_in_one_list_too_many_is_the_state():
    layer, h = layers.GRU(2), np.ones((2, 2), "float32")
    np.testing.assert_array_equal(layer(X, initial_state=[[h]]), layer(X, initial_state=h))


def test_a_stateful_layer_refuses_a_batch_of_another_size():
    layer = layers.LSTM(2, stateful=True, name="l")
    layer(X)
    with pytest.raises(ValueError, match=r"'l' is stateful.*2 samples; received one of 1"):
        layer(X[:1])


@pytest.mark.parametrize(
    "middle",
    [
        lambda: [layers.LSTM(4, stateful=True)],
        lambda: [layers.RNN(Minimal()), layers.Reshape((-1,))],
        lambda: [layers.GRU(4, recurrent_activation=lambda x: 1.0 * keras.ops.sigmoid(x))],
        lambda: [layers.SimpleRNN(4, recurrent_dropout=0.3)],
        lambda: [layers.LSTM(4, dropout=0.2, recurrent_dropout=0.3)],
        lambda: [layers.GRU(4, recurrent_dropout=0.3, seed=1)],
        lambda: [layers.RNN([layers.LSTMCell(3, recurrent_dropout=0.2), layers.GRUCell(4, dropout=0.2)])],
        lambda: [layers.Masking(), layers.LSTM(4, return_sequences=True), layers.Flatten()],
        lambda: [layers.Reshape((5, 3, 1, 1)), layers.ConvLSTM2D(2, 1), layers.Flatten()],
    ],
)
def test_a_fit_by_default_and_on_the_tape(middle):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(24, 5, 3)).astype("float32")
    losses = []
    for eagerly in (False, True):
        keras.utils.set_random_seed(1)
        model = keras.Sequential([keras.Input(batch_shape=(8, 5, 3)), *middle(), layers.Dense(2)])
        model.compile("adam", "mse", run_eagerly=eagerly)
        losses.append(model.fit(x, x[:, 0, :2], batch_size=8, epochs=3, shuffle=False, verbose=0).history["loss"])
        assert (model.why_not_recorded() is None) is not eagerly
    np.testing.assert_allclose(losses[0], losses[1], rtol=1e-4)


def test_a_cell_that_does_not_say_so_gives_outputs_of_the_size_of_its_first_state():
    class Two(layers.Layer):
        state_size = (4, 2)

        def call(self, inputs, states):
            return states[0], [states[0] + 1, states[1]]

    layer = layers.RNN(Two(), return_sequences=True)
    assert layer.compute_output_shape((None, 5, 3)) == layer(keras.Input((5, 3))).shape == (None, 5, 4)
    assert layer(np.ones((2, 5, 3), "float32")).shape == (2, 5, 4)
