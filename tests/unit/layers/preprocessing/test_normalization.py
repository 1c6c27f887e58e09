import numpy as np
import pytest

import kerasish
from kerasish import layers

DATA = np.array([[0.0, 10.0], [2.0, 30.0], [4.0, 20.0]], "float32")


def test_features_have_mean_0_and_deviation_1():
    layer = layers.Normalization()
    layer.adapt(DATA)
    y = layer(DATA)
    np.testing.assert_allclose(y.mean(0), 0, atol=1e-6)
    np.testing.assert_allclose(y.std(0), 1, rtol=1e-6)
    back = layers.Normalization(invert=True)
    back.adapt(DATA)
    np.testing.assert_allclose(back(y), DATA, atol=1e-5)


class Halves(kerasish.utils.PyDataset):
    def __len__(self):
        return 2

    def __getitem__(self, index):
        return DATA[:2] if index == 0 else DATA[2:], None


@pytest.mark.parametrize(
    "data",
    [
        [DATA[:1], DATA[1:]],
        (part for part in (DATA[:2], DATA[2:2], DATA[2:])),
        [(DATA[:1], 0), (DATA[1:], 0)],
        Halves(),
        DATA.astype("float64"),
        kerasish.Variable(DATA),
    ],
)
def test_batches_count_as_one(data):
    layer = layers.Normalization()
    layer.adapt(data)
    np.testing.assert_allclose(layer.mean, DATA.mean(0, keepdims=True), rtol=1e-6)
    np.testing.assert_allclose(layer.variance, DATA.var(0, keepdims=True), rtol=1e-6)


def test_large_means_lose_no_variance():
    data = (1e4 + np.random.default_rng(0).normal(size=(1000, 1))).astype("float32")
    layer = layers.Normalization()
    layer.adapt([data[i : i + 50] for i in range(0, 1000, 50)])
    np.testing.assert_allclose(layer.variance, data.astype("float64").var(0, keepdims=True), rtol=1e-5)


def test_weights_that_are_set_are_in_use():
    layer = layers.Normalization()
    layer.build((None, 2))
    assert layer(DATA).tolist() == DATA.tolist()
    layer.set_weights([np.array([1.0, 2.0]), np.array([4.0, 9.0]), 0])
    np.testing.assert_allclose(layer(DATA), (DATA - [1, 2]) / [2, 3], rtol=1e-6)


def test_a_feature_that_never_changes_does_no_harm():
    layer = layers.Normalization()
    layer.adapt(np.ones((4, 1), "float32"))
    assert layer(np.ones((1, 1), "float32")).tolist() == [[0]]


def test_a_model_is_replayed_with_it():
    layer = layers.Normalization()
    layer.adapt(DATA)
    model = kerasish.Sequential([kerasish.Input((2,)), layer, layers.Dense(1)])
    model.compile("sgd", "mse")
    model.fit(DATA, DATA[:, :1], epochs=2, verbose=0)
    np.testing.assert_allclose(model.predict(DATA, verbose=0), model(DATA), rtol=1e-6)
    layer.adapt(DATA * 2)
    np.testing.assert_allclose(model.predict(DATA, verbose=0), model(DATA), rtol=1e-6)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: layers.Normalization(mean=1.0), ValueError, "go together"),
        (lambda: layers.Normalization(mean=1.0, variance=[1.0]), ValueError, "must be equal"),
        (lambda: layers.Normalization(axis=None, mean=[1.0], variance=[1.0]), ValueError, "keeps 0 axes"),
        (lambda: layers.Normalization(mean=[1.0] * 3, variance=[1.0] * 3)(DATA), ValueError, "does not go with"),
        (lambda: layers.Normalization(mean=1.0, variance=1.0).adapt(DATA), ValueError, "does not adapt"),
        (lambda: layers.Normalization().adapt([]), ValueError, "no data"),
        (lambda: layers.Normalization().adapt([1.0, 2.0]), TypeError, "Wrap a list of numbers in np.array"),
        (lambda: layers.Normalization().adapt(3), TypeError, "received int"),
        (lambda: layers.Normalization().adapt([DATA, DATA[:, :1]]), ValueError, r"adapt received shape \(3, 1\)"),
    ],
)
def test_mistakes_are_told(call, error, message):
    with pytest.raises(error, match=message):
        call()


@pytest.mark.parametrize("as_batches", [False, True])
def test_adapting_to_nan_is_told(as_batches):
    data = np.ones((6, 3), "float32")
    data[2, 1] = np.nan
    layer = layers.Normalization()
    with pytest.warns(UserWarning, match=r"holds NaN, in the feature\(s\) 1: drop"):
        layer.adapt([data[:3], data[3:]] if as_batches else data)
