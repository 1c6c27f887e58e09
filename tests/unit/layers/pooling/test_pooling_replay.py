"""Pooling in a replayed step: the same training as on the tape."""

import numpy as np
import pytest

import kerasish as keras
from kerasish import layers
from kerasish.trainers.steps.training import LearningSteps

RNG = np.random.default_rng(0)
X = RNG.standard_normal((20, 60)).astype("float32")
Y = RNG.standard_normal((20, 2)).astype("float32")
FIRST = "channels_first"


def _train(middle, shape, eagerly, x=X, **options):
    keras.utils.set_random_seed(3)
    model = keras.Sequential(
        [keras.Input(x.shape[1:], dtype=x.dtype), layers.Dense(60, "relu"), layers.Reshape(shape), *middle(),
         layers.Flatten(), layers.Dense(2)]
    )  # fmt: skip
    model.compile("adam", "mse", run_eagerly=eagerly, **options)
    history = model.fit(x, Y, batch_size=8, epochs=2, verbose=0)
    return model, history.history["loss"]


@pytest.mark.parametrize(
    ("shape", "middle"),
    [
        ((12, 5), lambda: [layers.MaxPooling1D(3, 2, "same"), layers.AveragePooling1D(2, 1)]),
        ((12, 5), lambda: [layers.MaxPooling1D(3, 2, "same", FIRST), layers.AveragePooling1D(2, 3, data_format=FIRST)]),
        ((5, 6, 2), lambda: [layers.MaxPooling2D((2, 3), 1, "same"), layers.AveragePooling2D(2)]),
        ((2, 6, 5), lambda: [layers.AveragePooling2D(3, 2, "same", FIRST), layers.MaxPooling2D(data_format=FIRST)]),
        ((3, 4, 5, 1), lambda: [layers.MaxPooling3D(2, 1), layers.AveragePooling3D(2, padding="same")]),
        ((12, 5), lambda: [layers.GlobalMaxPooling1D()]),
        ((12, 5), lambda: [layers.GlobalAveragePooling1D(keepdims=True)]),
        ((2, 6, 5), lambda: [layers.GlobalAveragePooling2D(FIRST)]),
        ((5, 6, 2), lambda: [layers.GlobalMaxPooling2D(keepdims=True)]),
        ((3, 4, 5, 1), lambda: [layers.GlobalAveragePooling3D()]),
        ((1, 3, 4, 5), lambda: [layers.GlobalMaxPooling3D(FIRST)]),
        ((12, 5), lambda: [layers.AdaptiveAveragePooling1D(5), layers.AdaptiveMaxPooling1D(2, FIRST)]),
        ((5, 6, 2), lambda: [layers.AdaptiveMaxPooling2D((4, 3)), layers.AdaptiveAveragePooling2D((3, 2))]),
        ((3, 4, 5, 1), lambda: [layers.AdaptiveAveragePooling3D(3), layers.AdaptiveMaxPooling3D(2)]),
    ],
)
def test_both_ways_train_the_same(shape, middle, monkeypatch):
    steps = []
    conclude = LearningSteps.conclude
    monkeypatch.setattr(LearningSteps, "conclude", lambda self, step: steps.append(step) or conclude(self, step))
    replayed, losses = _train(middle, shape, eagerly=False)
    assert None not in steps
    assert len(set(map(id, steps))) == 2  # of whole batches, and of the last
    count = len(steps)
    taped, expected = _train(middle, shape, eagerly=True)
    assert len(steps) == count
    np.testing.assert_allclose(losses, expected, rtol=1e-4)
    for a, b in zip(replayed.variables, taped.variables, strict=True):
        np.testing.assert_allclose(np.asarray(a), np.asarray(b), rtol=1e-3, atol=1e-4)


def _train_on_words(eagerly, mask_zero):
    x = np.random.default_rng(1).integers(0, 5, (20, 6))
    x[:, 0] = 1  # no sample is nothing but padding
    keras.utils.set_random_seed(3)
    model = keras.Sequential([keras.Input((6,), dtype="int32"), layers.Embedding(5, 4, mask_zero=mask_zero),
                              layers.GlobalAveragePooling1D(), layers.Dense(2)])  # fmt: skip
    model.compile("adam", "mse", run_eagerly=eagerly)
    model.fit(x, Y, batch_size=8, epochs=3, verbose=0)
    return model.get_weights()


def test_masked_means_train_the_same():
    """The mask is that of each batch, not of the one that was recorded."""
    for a, b in zip(_train_on_words(False, True), _train_on_words(True, True), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5)
    assert not np.allclose(_train_on_words(False, True)[0], _train_on_words(False, False)[0])


def test_a_mask_that_is_an_input():
    inputs, mask = keras.Input((6, 3)), keras.Input((6,), dtype="bool")
    x, kept = RNG.standard_normal((20, 6, 3)).astype("float32"), RNG.random((20, 6)) < 0.7
    kept[:, 0] = True
    weights = []
    for eagerly in (False, True):
        keras.utils.set_random_seed(3)
        y = layers.Dense(2)(layers.GlobalAveragePooling1D()(inputs, mask=mask))
        model = keras.Model([inputs, mask], y)
        model.compile("sgd", "mse", run_eagerly=eagerly)
        model.fit([x, kept], Y, batch_size=8, epochs=2, verbose=0)
        weights.append(model.get_weights())
    for a, b in zip(*weights, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-6)
    expected = (x * kept[..., None]).sum(1) / kept.sum(1)[:, None] @ weights[0][0] + weights[0][1]
    np.testing.assert_allclose(model.predict([x, kept], verbose=0), expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("policy", ["mixed_float16", "float64"])
def test_other_dtypes_train_the_same(policy):
    def middle():
        return [
            layers.MaxPooling2D(2, 1, dtype=policy), layers.AveragePooling2D(2, dtype=policy),
            layers.AdaptiveAveragePooling2D(2, dtype=policy), layers.AdaptiveMaxPooling2D((2, 1), dtype=policy),
            layers.GlobalAveragePooling2D(dtype=policy),
        ]  # fmt: skip

    losses = [_train(middle, (5, 6, 2), eagerly)[1] for eagerly in (False, True)]
    np.testing.assert_allclose(*losses, rtol=2e-3)
