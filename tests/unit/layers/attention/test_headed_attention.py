"""Layers with several heads: what is recorded, dropout, memory, files of former versions."""

from typing import Any

import numpy as np
import pytest

import kerasish as keras
from kerasish import layers
from kerasish.backend.masks import get_mask
from kerasish.saving.legacy import config as legacy_config

RNG = np.random.default_rng(0)
X = RNG.standard_normal((20, 6, 8)).astype("float32")
Y = RNG.standard_normal((20, 8)).astype("float32")


def _train(attend: Any, eagerly: bool) -> tuple[keras.Model, list[float]]:
    keras.utils.set_random_seed(3)
    x = keras.Input((6, 8))
    made = layers.LayerNormalization()(x + attend()(x))
    model = keras.Model(x, layers.GlobalAveragePooling1D()(layers.Dense(8, "gelu")(made)))
    model.compile("adam", "mse", run_eagerly=eagerly)
    history = model.fit(X, Y, batch_size=8, epochs=3, verbose=0)
    return model, history.history["loss"]


@pytest.mark.parametrize(
    "attend",
    [
        lambda: lambda x: layers.MultiHeadAttention(2, 4)(x, x),
        lambda: lambda x: layers.MultiHeadAttention(2, 4, value_dim=3, use_gate=True)(x, x, use_causal_mask=True),
        lambda: lambda x: layers.MultiHeadAttention(2, 4, dropout=0.3, seed=4)(x, x),
        lambda: lambda x: layers.MultiHeadAttention(2, 4, dropout=0.3)(x, x, return_attention_scores=True)[0],
        lambda: lambda x: layers.GroupQueryAttention(4, 4, 2, sliding_window=3)(x, x),
        lambda: lambda x: layers.Attention(use_scale=True, dropout=0.2, seed=5)([x, x]),
        lambda: lambda x: layers.AdditiveAttention(dropout=0.2, seed=5)([x, x], use_causal_mask=True),
    ],
)
def test_recorded_and_on_the_tape_they_train_the_same(attend):
    recorded, losses = _train(attend, eagerly=False)
    taped, expected = _train(attend, eagerly=True)
    assert recorded.why_not_recorded() is None
    np.testing.assert_allclose(losses, expected, rtol=1e-4)
    for a, b in zip(recorded.get_weights(), taped.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize(
    "make",
    [
        lambda rate: layers.MultiHeadAttention(2, 4, dropout=rate, seed=1),
        lambda rate: layers.GroupQueryAttention(4, 2, 1, dropout=rate, seed=1),
    ],
)
def test_dropout_is_for_training_alone_and_draws_anew(make):
    layer = make(0.5)
    at_rest = layer(X, X)
    np.testing.assert_array_equal(layer(X, X), at_rest)
    first, second = layer(X, X, training=True), layer(X, X, training=True)
    assert np.abs(first - second).max() > 0.01
    assert np.abs(first - at_rest).max() > 0.01
    many = np.mean([layer(X, X, training=True) for _ in range(200)], axis=0)
    np.testing.assert_allclose(many, at_rest, atol=0.25 * np.abs(at_rest).max())
    without = make(0.0)
    without(X, X)
    without.set_weights(layer.get_weights())
    np.testing.assert_allclose(without(X, X), at_rest, rtol=1e-5, atol=1e-6)


def test_a_query_that_sees_nothing():
    """The mean of all values; with dropout, or where scores are returned, 0, as in Keras."""
    nothing = np.zeros((20, 6, 6), bool)
    for rate, openly, expected in [(0.0, False, "mean"), (0.2, False, "zero"), (0.0, True, "zero")]:
        layer = layers.MultiHeadAttention(2, 4, dropout=rate)
        y = layer(X, X, attention_mask=nothing, return_attention_scores=openly)
        y = y[0] if openly else y
        values = np.mean(layer.value_dense(X), axis=1, keepdims=True) if expected == "mean" else np.zeros((20, 1, 2, 4))
        np.testing.assert_allclose(y, np.broadcast_to(layer.output_dense(values), y.shape), rtol=1e-4, atol=1e-5)


def test_the_mask_of_the_query_is_taken_and_passed_on():
    words = np.array([[1, 2, 0]])
    embedded = layers.Embedding(3, 8, mask_zero=True)(words)
    layer = layers.MultiHeadAttention(2, 4)
    y = layer(embedded, embedded)
    mask = np.array([[True, True, False]])
    np.testing.assert_array_equal(get_mask(y), mask)


def test_configurations_of_tf_keras():
    config = {
        "name": "own", "trainable": True, "dtype": "float32", "num_heads": 2, "key_dim": 3, "value_dim": 3,
        "dropout": 0.1, "use_bias": True, "output_shape": None, "attention_axes": [1], "query_shape": [None, 6, 8],
        "key_shape": [None, 6, 8], "value_shape": [None, 6, 8],
        "kernel_initializer": {"class_name": "GlorotUniform", "config": {"seed": None}},
    }  # fmt: skip
    modern = legacy_config.modern_model({"class_name": "MultiHeadAttention", "config": config})
    layer = layers.deserialize(modern)
    assert (layer.num_heads, layer.key_dim, layer.attention_axes) == (2, 3, (1,))
    old = {"name": "a", "trainable": True, "dtype": "float32", "causal": False, "dropout": 0.0, "use_scale": True}
    modern = legacy_config.modern_model({"class_name": "Attention", "config": old})
    assert layers.deserialize(modern).use_scale
