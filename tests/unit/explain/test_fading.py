"""`explain.gradient_over_time` against central differences, and what it leaves as it was."""

from typing import Any

import numpy as np
import pytest

import kerasish as keras
from kerasish import explain

L = keras.layers
RNG = np.random.default_rng(0)
X, Y = RNG.standard_normal((2, 6, 3)), RNG.standard_normal((2, 1))


def made(layer: Any, **options: Any) -> Any:
    keras.utils.set_random_seed(0)
    inputs = keras.Input((None, 3), dtype="float64")
    return keras.Model(inputs, L.Dense(1, dtype="float64")(layer(inputs)), name="reader", **options)


def loss_from(model: Any, t: int, states: list[np.ndarray]) -> float:
    """The loss when the states after step `t` are these."""
    layer, dense = model.layers[1:]
    h = layer(X[:, t + 1 :], initial_state=states) if t < 5 else states[0]
    return float(np.square(dense(h) - Y).mean())


@pytest.mark.parametrize("kind", ["SimpleRNN", "GRU", "LSTM"])
def test_norms_are_those_of_central_differences(kind: str) -> None:
    layer = getattr(L, kind)(4, name="rnn", dtype="float64")
    model = made(layer)
    found = explain.gradient_over_time(model, X, Y, loss="mse").norms
    with_states = getattr(L, kind)(4, return_state=True, dtype="float64")
    with_states.build(X.shape)
    with_states.set_weights(layer.get_weights())
    for t in (0, 3, 5):
        _, *states = with_states(X[:, : t + 1])
        for i, name in enumerate(["rnn h", "rnn c"][: len(states)]):
            slopes = []
            for place in np.ndindex(states[i].shape):
                sides = []
                for nudge in (1e-6, -1e-6):
                    moved = [np.array(state) for state in states]
                    moved[i][place] += nudge
                    if i == 1:  # what the carry does to the output of its own step counts
                        moved[0] = np.array(states[0]) / np.tanh(states[1]) * np.tanh(moved[1])
                    sides.append(loss_from(model, t, moved))
                slopes.append((sides[0] - sides[1]) / 2e-6)
            np.testing.assert_allclose(found[name][t], np.linalg.norm(slopes), rtol=1e-5)


def test_steps_stand_in_the_order_of_the_sequence() -> None:
    half = keras.initializers.Identity(0.5)
    model = made(L.Bidirectional(L.SimpleRNN(4, kernel_initializer="zeros", recurrent_initializer=half)))
    found = explain.gradient_over_time(model, X, Y, loss="mse").norms
    (forward, there), (backward, back) = found.items()
    assert (forward.startswith("forward_"), backward.startswith("backward_")) == (True, True)
    assert np.all(np.diff(there) > 0) and np.all(np.diff(back) < 0)


def test_a_model_stays_as_it_was_and_masked_steps_get_nothing() -> None:
    inputs = keras.Input(batch_shape=(2, 6, 3))
    layer = L.LSTM(4, stateful=True, dropout=0.2, seed=1)
    model = keras.Model(inputs, L.Dense(1)(layer(L.Masking()(inputs))))
    layer(X)
    before = [np.array(v) for v in (*model.variables, *layer.states)]
    x = X.copy()
    x[:, 4:] = 0
    found = explain.gradient_over_time(model, x, Y, loss="mse")
    for a, b in zip(before, (*model.variables, *layer.states), strict=True):
        np.testing.assert_array_equal(a, b)
    h = found.norms[f"{layer.name} h"]
    assert h[3] > 0 and h[4] == h[5] == 0
    assert "_step" not in layer.__dict__ and layer.is_whole


def test_verdicts_text_and_picture() -> None:
    x = np.zeros((2, 30, 1))
    for scale, verdict in ((0.5, "vanishing"), (1.0, "healthy"), (2.0, "exploding")):
        kernel = keras.initializers.Identity(scale)
        layer = L.SimpleRNN(2, None, recurrent_initializer=kernel, name="rnn")
        model = keras.Sequential([keras.Input((30, 1)), layer, L.Dense(1)], name="reader")
        found = explain.gradient_over_time(model, x, np.ones((2, 1)), loss="mse")
        assert found.verdicts == {"rnn h": verdict}
        np.testing.assert_allclose(found.norms["rnn h"][1:] / found.norms["rnn h"][:-1], 1 / scale, rtol=1e-5)
    text = str(found)
    assert "gradient over time of reader" in text and "rnn h: exploding" in text
    assert len([line for line in text.splitlines() if line[:1].isdigit()]) == 12
    pytest.importorskip("matplotlib").use("agg")
    (ax,) = found.plot().axes
    assert ax.get_yscale() == "log" and len(ax.lines[0].get_xdata()) == 30


def test_mistakes_are_named() -> None:
    plain = keras.Sequential([keras.Input((3,)), L.Dense(1)], name="plain")
    with pytest.raises(ValueError, match="'plain' has no recurrent layer"):
        explain.gradient_over_time(plain, X[:, 0], Y, loss="mse")
    with pytest.raises(ValueError, match="no loss"):
        explain.gradient_over_time(made(L.SimpleRNN(2)), X, Y)
    with pytest.raises(ValueError, match="no layer with gates"):
        explain.gates(made(L.SimpleRNN(2)), X)
