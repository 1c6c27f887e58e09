"""`explain.gates` against the equations, and its text and picture."""

from typing import Any

import numpy as np
import pytest

import kerasish as keras
from kerasish import explain

L = keras.layers
X = np.random.default_rng(0).standard_normal((2, 5, 3)).astype("float32")


def sigmoid(x: Any) -> Any:
    return 1 / (1 + np.exp(-x))


def test_the_gates_of_an_lstm_make_its_states() -> None:
    layer = L.LSTM(4, name="memory", return_sequences=True, bias_initializer="random_normal")
    model = keras.Sequential([keras.Input((5, 3)), layer])
    found = explain.gates(model, X).gates["memory"]
    assert list(found) == ["i", "f", "o"]
    kernel, recurrent, bias = layer.get_weights()
    h, c, y = np.zeros(4), np.zeros(4), model.predict(X, verbose=0)[0]
    for t in range(5):
        candidate = np.tanh(X[0, t] @ kernel + h @ recurrent + bias)[8:12]
        c = found["f"][t] * c + found["i"][t] * candidate
        h = found["o"][t] * np.tanh(c)
        np.testing.assert_allclose(y[t], h, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("reset_after", [True, False])
def test_the_gates_of_a_gru_make_its_state(reset_after: bool) -> None:
    layer = L.GRU(4, name="memory", return_sequences=True, reset_after=reset_after, bias_initializer="random_normal")
    model = keras.Sequential([keras.Input((5, 3)), layer])
    found = explain.gates(model, X).gates["memory"]
    assert list(found) == ["z", "r"]
    kernel, recurrent, bias = layer.get_weights()
    of_inputs, of_state = bias if reset_after else (bias, np.zeros_like(bias))
    h, y = np.zeros(4), model.predict(X, verbose=0)[0]
    for t in range(5):
        r = found["r"][t]
        past = r * (h @ recurrent + of_state)[8:] if reset_after else (r * h) @ recurrent[:, 8:]
        candidate = np.tanh((X[0, t] @ kernel + of_inputs)[8:] + past)
        h = found["z"][t] * h + (1 - found["z"][t]) * candidate
        np.testing.assert_allclose(y[t], h, rtol=1e-5, atol=1e-6)


def test_the_first_step_of_a_layer_in_each_direction() -> None:
    model = keras.Sequential([keras.Input((5, 3)), L.Bidirectional(L.LSTM(2, name="l"))])
    found = explain.gates(model, X).gates
    assert list(found) == ["forward_l", "backward_l"]
    for name, first in (("forward_l", 0), ("backward_l", -1)):  # before it there is no state
        layer = next(layer for layer in model._flatten_layers() if layer.name == name)
        sums = X[0, first] @ layer.get_weights()[0] + layer.get_weights()[2]
        np.testing.assert_allclose(found[name]["i"][first], sigmoid(sums[:2]), rtol=1e-5)


def test_text_and_picture_of_a_sentence() -> None:
    words = np.array([[3, 1, 2, 0, 0]])
    model = keras.Sequential([keras.Input((5,)), L.Embedding(5, 3, mask_zero=True), L.LSTM(2, name="l")], name="reader")
    before = model.predict(words, verbose=0)
    found = explain.gates(model, words, steps=["the", "car", "waits", "", ""])
    assert np.isnan(found.gates["l"]["f"][3:]).all() and not np.isnan(found.gates["l"]["f"][:3]).any()
    lines = [line.split() for line in str(found).splitlines()]
    assert ["step", "i", "f", "o"] in lines
    assert [line[0] for line in lines[3:6]] == ["the", "car", "waits"] and lines[6] == ["-", "-", "-"]
    np.testing.assert_array_equal(model.predict(words, verbose=0), before)
    pytest.importorskip("matplotlib").use("agg")
    pictures = [ax for ax in found.plot().axes if ax.images]
    assert [ax.get_title() for ax in pictures][1] == "l, forget gate f: what is kept"
    assert pictures[0].images[0].get_array().shape == (2, 5)
