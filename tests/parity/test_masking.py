"""Masks beside Keras: where they go, and what they do to losses and metrics."""

import json

import keras
import numpy as np
import pytest

import kerasish

pytestmark = pytest.mark.parity

LIBRARIES = (keras, kerasish)
WORDS = np.array([[1, 2, 0, 0], [3, 0, 0, 0], [1, 1, 1, 1], [4, 2, 1, 0]])
STEPS = np.random.default_rng(3).standard_normal((4, 4, 3)).astype("float32") * (WORDS != 0)[..., None]


def words(lib):
    x = lib.Input((4,), dtype="int32", name="x")
    h = lib.layers.Embedding(5, 3, mask_zero=True)(x)
    h = lib.layers.Dropout(0.0)(lib.layers.Dense(4, "tanh")(h))
    return lib.Model(x, lib.layers.Dense(2)(h))


def steps(lib):
    x = lib.Input((4, 3), name="x")
    h = lib.layers.Masking()(x)
    h = lib.layers.Add()([lib.layers.Dense(3)(h), h])
    return lib.Model(x, lib.layers.Dense(2)(lib.layers.BatchNormalization()(h)))


def stack(lib):
    layers = [lib.Input((4,), dtype="int32"), lib.layers.Embedding(5, 3, mask_zero=True), lib.layers.Dense(2)]
    return lib.Sequential(layers)


def inner(lib):
    x = lib.Input((4,), dtype="int32", name="x")
    return lib.Model(x, lib.layers.Dense(2)(stack(lib)(x)))


def subclassed(lib):
    class Net(lib.Model):
        def __init__(self):
            super().__init__()
            self.embedding = lib.layers.Embedding(5, 3, mask_zero=True)
            self.top = lib.layers.Dense(2)

        def call(self, inputs):
            return self.top(self.embedding(inputs))

    net = Net()
    net(WORDS)
    return net


def takes_mask(lib):
    class Soft(lib.layers.Layer):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            self.supports_masking = True

        def call(self, inputs, mask=None):
            assert mask is not None
            kept = lib.ops.expand_dims(lib.ops.cast(mask, "float32"), -1)
            weights = lib.ops.exp(inputs) * kept
            return weights / (lib.ops.sum(weights, axis=1, keepdims=True) + 1e-6)

    x = lib.Input((4,), dtype="int32", name="x")
    h = lib.layers.Dense(2)(lib.layers.Embedding(5, 3, mask_zero=True)(x))
    return lib.Model(x, Soft()(h))


def pair(build, seed=0):
    rng = np.random.default_rng(seed)
    models = [build(lib) for lib in LIBRARIES]
    weights = [rng.random(w.shape).astype("float32") - 0.3 for w in models[0].get_weights()]
    for model, variables in zip(models, (models[0].weights, models[1].weights), strict=True):
        model.set_weights([np.abs(w) if "variance" in v.path else w for v, w in zip(variables, weights, strict=True)])
    return models


@pytest.mark.parametrize("build", [words, steps, stack, inner, subclassed, takes_mask], ids=lambda b: b.__name__)
def test_training_with_masks(build):
    theirs, ours = pair(build)
    x = STEPS if build is steps else WORDS
    y = np.random.default_rng(5).standard_normal((4, 4, 2)).astype("float32")
    weight = np.array([1.0, 2.0, 0.5, 1.5], "float32")[:, None] * np.ones((1, 4), "float32")
    np.testing.assert_allclose(ours(x), np.asarray(theirs(x)), rtol=1e-4, atol=1e-5)
    for sample_weight in (None, weight):
        losses = []
        for lib, model in zip(LIBRARIES, (theirs, ours), strict=True):
            model.compile(lib.optimizers.SGD(0.1), "mse", metrics=["mae"], weighted_metrics=["mae"])
            fitted = model.fit(x, y, batch_size=2, epochs=2, shuffle=False, verbose=0, sample_weight=sample_weight)
            losses.append(fitted.history["loss"])  # on JAX, Keras's metrics lose the mask in fit, not in evaluate
        np.testing.assert_allclose(losses[1], losses[0], rtol=1e-4)
        found, expected = (
            model.evaluate(x, y, batch_size=2, sample_weight=sample_weight, verbose=0, return_dict=True)
            for model in (ours, theirs)
        )
        assert list(found) == list(expected)
        np.testing.assert_allclose(list(found.values()), list(expected.values()), rtol=1e-4)
    for a, b in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("reduction", ["sum_over_batch_size", "sum", "mean_with_sample_weight", "none"])
def test_losses_called_on_masked_predictions(reduction):
    theirs, ours = pair(words)
    y = np.ones((4, 4, 2), "float32")
    found = kerasish.losses.MeanSquaredError(reduction=reduction)(y, ours(WORDS))
    expected = keras.losses.MeanSquaredError(reduction=reduction)(y, theirs(WORDS))
    np.testing.assert_allclose(found, np.asarray(expected), rtol=1e-5)


@pytest.mark.parametrize("build", [words, steps, inner], ids=lambda b: b.__name__)
def test_configs_with_masks_cross_over(build):
    theirs, ours = pair(build)
    x = STEPS if build is steps else WORDS
    y = np.ones((4, 4, 2), "float32")
    for source, lib in ((ours, keras), (theirs, kerasish)):
        made = lib.Model.from_config(json.loads(json.dumps(source.get_config())))
        made.set_weights(source.get_weights())
        made.compile("sgd", "mse")
        source.compile("sgd", "mse")
        np.testing.assert_allclose(made.evaluate(x, y, verbose=0), source.evaluate(x, y, verbose=0), rtol=1e-4)


def test_attention_that_returns_its_scores_passes_the_mask_of_its_query_on():
    masks = []
    for lib in LIBRARIES:
        h = lib.layers.Masking()(lib.ops.convert_to_tensor(STEPS))
        for layer, given in ((lib.layers.Attention(), ([h, h],)), (lib.layers.MultiHeadAttention(2, 3), (h, h))):
            outputs, _ = layer(*given, return_attention_scores=True)
            masks.append(np.asarray(outputs._keras_mask))
    np.testing.assert_array_equal(masks, [WORDS != 0] * 4)


def test_an_explicit_mask_argument_crosses_over():
    class Masked(keras.layers.Layer):
        def call(self, inputs, mask=None):
            return inputs * keras.ops.cast(mask, "float32")[..., None]

    class Ours(kerasish.layers.Layer):
        def call(self, inputs, mask=None):
            return inputs * mask.astype("float32")[..., None]

    x = keras.Input((4, 3), name="x")
    source = keras.Model(x, Masked(name="masked")(x, mask=keras.ops.any(keras.ops.not_equal(x, 0.0), axis=-1)))
    config = json.loads(json.dumps(source.get_config()))
    made = kerasish.Model.from_config(config, custom_objects={"Masked": Ours})
    np.testing.assert_allclose(made(STEPS), np.asarray(source(STEPS)))
