"""`explain.attention`: the scores of every attention layer, and their picture."""

from typing import Any

import numpy as np
import pytest

import kerasish as keras
from kerasish import explain

L = keras.layers
RNG = np.random.default_rng(0)
WORDS = RNG.integers(1, 9, (3, 5))


def model() -> Any:
    words = keras.Input((5,), dtype="int32")
    x = L.Embedding(9, 8)(words)
    look = L.MultiHeadAttention(2, 4, name="look")
    x = look(x, x, use_causal_mask=True)
    x = L.Attention(name="plain")([look(x, x), x])
    return keras.Model(words, L.GlobalAveragePooling1D()(x), name="reader")


def test_scores_are_those_of_the_layers_and_the_model_stays_as_it_was() -> None:
    made = model()
    before = made.predict(WORDS, verbose=0)
    found = explain.attention(made, WORDS)
    assert {name: s.shape for name, s in found.scores.items()} == {
        "look": (2, 5, 5), "look (2)": (2, 5, 5), "plain": (1, 5, 5),
    }  # fmt: skip
    for scores in found.scores.values():
        np.testing.assert_allclose(scores.sum(axis=-1), 1, rtol=1e-5)
    assert np.triu(found.scores["look"][0], 1).max() == 0  # causal
    assert np.triu(found.scores["look (2)"][0], 1).max() > 0
    x = made.layers[1](WORDS)
    _, scores = made.get_layer("look")(x, x, use_causal_mask=True, return_attention_scores=True)
    np.testing.assert_allclose(found.scores["look"], scores[0], rtol=1e-6)
    np.testing.assert_array_equal(made.predict(WORDS, verbose=0), before)


def test_words_stand_at_the_places_where_there_are_as_many() -> None:
    text = str(explain.attention(model(), WORDS, queries="abcde", keys=["x", "y"]))
    assert "what each query of reader looks at most" in text
    assert "and 1 rows more" in text
    lines = [line.split() for line in text.splitlines() if line.startswith("look")]
    assert [line[-5:-3] for line in lines[:2]] == [["0", "a"], ["0", "b"]]
    assert all(line[-3].isdigit() for line in lines)  # two words for five keys


def test_the_picture_has_a_square_for_each_head() -> None:
    pytest.importorskip("matplotlib").use("agg")
    figure = explain.attention(model(), WORDS, queries="abcde").plot()
    shown = [ax for ax in figure.axes if ax.get_visible() and ax.images]
    assert [ax.get_title() for ax in shown] == [
        "look, head 0", "look, head 1", "look (2), head 0", "look (2), head 1", "plain",
    ]  # fmt: skip
    assert [label.get_text() for label in shown[0].get_yticklabels()] == list("abcde")


def test_a_model_that_does_not_look() -> None:
    plain = keras.Sequential([keras.Input((2,)), L.Dense(1)], name="blind")
    with pytest.raises(ValueError, match="'blind' has no layer that returns attention scores"):
        explain.attention(plain, np.ones((1, 2), "float32"))
