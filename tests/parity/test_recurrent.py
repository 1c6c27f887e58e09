"""Recurrent layers against Keras's, over a table in which every two settings meet."""

import itertools
import re

import jax
import keras
import numpy as np
import pytest

import kerasish
from kerasish import ops
from kerasish.backend import nest

pytestmark = pytest.mark.parity

RNG = np.random.default_rng(0)
STEPS = 7
# float32 rounding, for each of the steps that a number goes through
CLOSE = {"rtol": 2e-6 * STEPS, "atol": 2e-6 * STEPS}
X = RNG.standard_normal((3, STEPS, 4)).astype("float32")
MASKS = {
    "none": None,
    "right": np.arange(STEPS) < np.array([[7], [3], [1]]),
    "holes": RNG.random((3, STEPS)) < 0.6,
}
SETTINGS = {
    "kind": ["SimpleRNN", "LSTM", "GRU", "GRU of Keras 1", "RNN", "Bidirectional"],
    "mask": list(MASKS),
    "activation": ["tanh", "relu", "softsign"],
    "recurrent_activation": ["sigmoid", "hard_sigmoid"],
    "return_sequences": [False, True],
    "return_state": [False, True],
    "go_backwards": [False, True],
    "zero_output_for_mask": [False, True],
    "use_bias": [True, False],
    "initial": [False, True],
}


def pairwise(settings):
    """Rows of settings, one after the other that has most of the pairs that no row has yet."""
    names = list(settings)
    pairs = {
        (a, x, b, y) for a, b in itertools.combinations(names, 2) for x in settings[a] for y in settings[b]
    }  # fmt: skip
    rng, rows = np.random.default_rng(1), []
    while pairs:
        candidates = [{name: values[rng.integers(len(values))] for name, values in settings.items()} for _ in range(60)]
        rows.append(max(candidates, key=lambda row: len(pairs & _pairs(row))))
        pairs -= _pairs(rows[-1])
    return rows


def _pairs(row):
    return {(a, row[a], b, row[b]) for a, b in itertools.combinations(row, 2)}


def make(library, kind, **options):
    layers = library.layers
    gates = options.pop("recurrent_activation")
    run = {name: options.pop(name) for name in ("return_sequences", "return_state", "go_backwards")}
    run["zero_output_for_mask"] = options.pop("zero_output_for_mask")
    if kind == "SimpleRNN":
        return layers.SimpleRNN(5, **options, **run)
    if kind == "LSTM":
        return layers.LSTM(5, recurrent_activation=gates, **options, **run)
    if kind.startswith("GRU"):
        return layers.GRU(5, recurrent_activation=gates, reset_after=kind == "GRU", **options, **run)
    cells = [layers.LSTMCell(4, recurrent_activation=gates, **options), layers.SimpleRNNCell(5, **options)]
    if kind == "RNN":
        return layers.RNN(cells, **run)
    run["go_backwards"] = False  # as Keras demands
    return layers.Bidirectional(layers.GRU(5, **options, **run), merge_mode="ave")


def states_for(kind):
    sizes = {"LSTM": [5, 5], "RNN": [4, 4, 5], "Bidirectional": [5, 5]}.get(kind, [5])
    return [RNG.standard_normal((3, size)).astype("float32") for size in sizes]


def nested(kind, states):
    return [states[:2], states[2]] if kind == "RNN" else states


@pytest.fixture(autouse=True)
def _undrawn(monkeypatch):
    """Keras's weights are zeros until they are set: it would compile the draw of each shape."""
    for name in ("GlorotUniform", "Orthogonal", "RandomUniform"):
        kind = getattr(keras.initializers, name)
        monkeypatch.setattr(kind, "__call__", lambda _, shape, dtype=None: np.zeros(shape, "float32"))


def _end_of_path(weight):
    """The names of a weight and its layer, without the number that an automatic name gets."""
    return [re.sub(r"_\d+$", "", part) for part in weight.path.split("/")[-2:]]


def pair(kind, **options):
    """The layer here and there, with the same weights."""
    ours, theirs = make(kerasish, kind, **options), make(keras, kind, **options)
    ours.build(X.shape)
    theirs.build(X.shape)
    rng = np.random.default_rng(2)
    weights = [rng.normal(0, 0.6, w.shape).astype("float32") for w in theirs.weights]
    ours.set_weights(weights)
    theirs.set_weights(weights)
    assert [_end_of_path(w) for w in ours.weights] == [_end_of_path(w) for w in theirs.weights]
    return ours, theirs


def total(outputs):
    """One number, in which each of the outputs' numbers counts differently."""
    terms = [(np.cos(np.arange(y.size, dtype="float32")).reshape(y.shape) * y).sum() for y in outputs]
    return sum(terms[1:], start=terms[0])


def _id(row):
    return "-".join(f"{value}" for value in row.values())


@pytest.mark.parametrize("row", pairwise(SETTINGS), ids=_id)
def test_values_and_gradients(row):
    options = dict(row)
    kind, mask, initial = options.pop("kind"), MASKS[options.pop("mask")], options.pop("initial")
    if kind == "RNN" and mask is not None and initial:
        initial = False  # Keras takes a nested state for the output before the first
    ours, theirs = pair(kind, **options)
    states = states_for(kind) if initial else []

    def loss(weights, x, states):
        call = {"initial_state": nested(kind, states)} if states else {}
        y, _ = theirs.stateless_call(weights, [v.value for v in theirs.non_trainable_variables], x, mask=mask, **call)
        return total(keras.tree.flatten(y)), keras.tree.flatten(y)

    weights = [v.value for v in theirs.trainable_variables]
    expected_gradients, expected = jax.jit(jax.grad(loss, (0, 1, 2), has_aux=True))(weights, X, states)
    with kerasish.GradientTape() as tape:
        x, watched = tape.watch(X), [tape.watch(state) for state in states]
        made = nest.flatten(ours(x, mask=mask, **({"initial_state": nested(kind, watched)} if states else {})))
        value = total(made)
    assert len(made) == len(expected)
    for a, b in zip(made, expected, strict=True):
        np.testing.assert_allclose(ops.convert_to_numpy(a), b, **CLOSE)
    found = tape.gradient(value, [ours.trainable_variables, x, watched], unconnected_gradients="zero")
    for a, b in zip(nest.flatten(found), jax.tree_util.tree_leaves(expected_gradients), strict=True):
        size = max(1.0, float(np.abs(b).max()))
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=2e-6 * STEPS * size)


@pytest.mark.parametrize(("rank", "data_format"), [(1, "channels_last"), (2, "channels_first"), (3, "channels_last")])
def test_recurrence_of_images(rank, data_format):
    sizes = (6, 5, 4)[:rank]
    shape = (2, 3, *sizes, 2) if data_format == "channels_last" else (2, 3, 2, *sizes)
    x = RNG.standard_normal(shape).astype("float32")

    def layer(library):
        kind = getattr(library.layers, f"ConvLSTM{rank}D")
        return kind(3, 2, padding="same", strides=2, return_sequences=True, return_state=True, data_format=data_format)

    ours, theirs = layer(kerasish), layer(keras)
    ours.build(shape)
    theirs.build(shape)
    theirs.set_weights(ours.get_weights())
    expected = jax.jit(theirs)(x)
    for a, b in zip(ours(x), expected, strict=True):
        np.testing.assert_allclose(a, b, **CLOSE)
    unknown = (None, None, *shape[2:])
    assert ours.compute_output_shape(unknown) == theirs.compute_output_shape(unknown)


@pytest.mark.parametrize("kind", ["SimpleRNN", "LSTM", "GRU", "RNN", "Bidirectional"])
def test_configs(kind):
    options = {"activation": "relu", "recurrent_activation": "hard_sigmoid", "use_bias": False}
    run = {"return_sequences": True, "return_state": True, "go_backwards": True, "zero_output_for_mask": True}
    ours, theirs = (make(library, kind, **options, **run) for library in (kerasish, keras))
    mine, other = _plain(ours.get_config()), _plain(theirs.get_config())
    if kind == "SimpleRNN":
        assert mine.pop("seed") is None  # Keras forgets the seed of a SimpleRNN
    assert mine == other
    again = kerasish.layers.deserialize(keras.layers.serialize(theirs))
    assert _plain(again.get_config()) == {**mine, **({"seed": None} if kind == "SimpleRNN" else {})}
    assert type(keras.layers.deserialize(kerasish.layers.serialize(ours))) is type(theirs)


def _plain(config):
    """A config without the numbers at the end of names."""
    if isinstance(config, dict):
        return {k: v.rstrip("0123456789").rstrip("_") if k == "name" and isinstance(v, str) else _plain(v)
                for k, v in config.items()}  # fmt: skip
    return [_plain(v) for v in config] if isinstance(config, (list, tuple)) else config


@pytest.mark.parametrize("kind", ["LSTM", "GRU"])
def test_a_short_fit_is_equal(kind):
    y = RNG.standard_normal((3, 2)).astype("float32")
    models = []
    for library in (kerasish, keras):
        layers = library.layers
        model = library.Sequential([library.Input((STEPS, 4)), layers.Masking(), getattr(layers, kind)(5),
                                    layers.Dense(2)])  # fmt: skip
        model.compile(library.optimizers.SGD(0.1), "mse")
        models.append(model)
    models[1].set_weights(models[0].get_weights())
    x = X * MASKS["right"][..., None]
    histories = [m.fit(x, y, batch_size=3, epochs=4, shuffle=False, verbose=0).history["loss"] for m in models]
    np.testing.assert_allclose(*histories, rtol=1e-5)
    for a, b in zip(models[0].get_weights(), models[1].get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5)


def test_masks_go_through_layers_behind_each_other():
    words = np.array([[3, 1, 4, 1, 0, 0], [5, 0, 0, 0, 0, 0], [0, 2, 6, 5, 3, 5]])
    models = []
    for library in (kerasish, keras):
        layers = library.layers
        x = library.Input((None,), dtype="int32")
        h = layers.Embedding(9, 4, mask_zero=True)(x)
        h = layers.Bidirectional(layers.LSTM(3, return_sequences=True))(h)
        h = layers.GRU(4, return_sequences=True, go_backwards=True)(h)
        models.append(library.Model(x, layers.Dense(2)(layers.RNN([layers.SimpleRNNCell(3), layers.LSTMCell(2)])(h))))
    rng = np.random.default_rng(4)
    weights = [rng.normal(0, 0.7, w.shape).astype("float32") for w in models[0].get_weights()]
    for model in models:
        model.set_weights(weights)
    np.testing.assert_allclose(models[0](words), jax.jit(models[1])(words), **CLOSE)
