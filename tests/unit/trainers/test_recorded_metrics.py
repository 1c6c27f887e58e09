"""Metrics of recorded steps, whose sums lie in one array, against the same training on the tape."""

import copy

import numpy as np
import pytest

import kerasish as keras
from kerasish.trainers.data.batches import Batch

RNG = np.random.default_rng(0)
X = RNG.standard_normal((50, 6)).astype("float32")
Y = RNG.integers(0, 3, 50)


def make_model(metrics, eagerly=False, **dense):
    keras.utils.set_random_seed(5)
    model = keras.Sequential([keras.Input((6,)), keras.layers.Dense(3, "softmax", **dense)])
    model.compile("sgd", "sparse_categorical_crossentropy", metrics=metrics, run_eagerly=eagerly)
    return model


def fit(model, epochs=3):
    return model.fit(X, Y, batch_size=16, epochs=epochs, verbose=0, shuffle=False).history


@pytest.mark.parametrize("dtype", ["float32", "float64", "bfloat16"])
def test_accuracy_in_other_dtypes(dtype):
    replayed, on_tape = (fit(make_model(["accuracy"], eagerly, dtype=dtype)) for eagerly in (False, True))
    for name, values in on_tape.items():
        np.testing.assert_allclose(replayed[name], values, rtol=1e-2 if dtype == "bfloat16" else 1e-6)


def test_metric_named_twice():
    """Added to twice a batch, so that its mean is that of one."""
    metric = keras.metrics.SparseCategoricalAccuracy()
    twice = fit(make_model([metric, metric]))
    once = fit(make_model(["accuracy"]))
    assert twice["sparse_categorical_accuracy"] == once["accuracy"]
    assert twice["loss"] == once["loss"]


def test_metric_of_two_models():
    """The other model's fit takes the sums into its own array, and back."""
    shared = keras.metrics.SparseCategoricalAccuracy(name="accuracy")
    first, second = make_model([shared]), make_model([shared])
    alone = make_model(["accuracy"])
    expected = [fit(alone, 1) for _ in range(3)]
    for want in expected:
        assert fit(first, 1) == want
        assert fit(second, 1) == want


def test_copies_and_outside_updates():
    model = make_model(["accuracy"])
    fit(model)
    twin = copy.deepcopy(model)
    assert fit(twin) == fit(model)
    metric = next(m for m in model.metrics if m.name == "compile_metrics").metrics[0]
    metric.reset_state()
    metric.update_state([0, 1, 2, 1], np.eye(3)[[0, 1, 2, 0]])
    assert float(metric.result()) == 0.75
    assert 0 < model.evaluate(X, Y, verbose=0, return_dict=True)["accuracy"] < 1
    assert fit(twin) == fit(model)


def test_one_addition_for_all():
    """The number of calls, so that one more is noticed: the loss, three of the accuracy, its count, and one sum."""
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, "sigmoid")])
    model.compile("sgd", "binary_crossentropy", metrics=["accuracy"])
    x, y = np.ones((4, 2), "float32"), np.ones((4, 1), "float32")
    model.fit(x, y, epochs=2, verbose=0)
    step = model._engine.kept(model).steps.ready(Batch(x, y))
    assert len(step._updates) <= 6
