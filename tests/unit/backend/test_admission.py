"""None, masked arrays, and objects with None among them: refused wherever values enter."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import kerasish as keras
from kerasish import layers, losses, metrics, ops
from kerasish.backend.admission import as_array

X = np.ones((3, 2), "float32")
HIDDEN = np.ma.masked_array(X, mask=np.eye(3, 2, dtype=bool))
OBJECTS = np.array([[1.0, None]] * 3, object)

# What each takes in place of the value that is tried.
_DOORS: dict[str, Callable[[Any], Any]] = {
    "convert_to_tensor": ops.convert_to_tensor,
    "convert_to_tensor with a dtype": lambda x: ops.convert_to_tensor(x, "float32"),
    "array": ops.array,
    "cast": lambda x: ops.cast(x, "int32"),
    "a list": lambda x: ops.convert_to_tensor([X, x]),
    "reshape": lambda x: ops.reshape(x, (-1,)),
    "sum": ops.sum,
    "argmax": ops.argmax,
    "mean": ops.mean,
    "add": lambda x: ops.add(X, x),
    "exp": ops.exp,
    "where": lambda x: ops.where(X > 0, X, [x, x]),
    "concatenate": lambda x: ops.concatenate([X, x]),
    "matmul": lambda x: ops.matmul(X, x),
    "equal": lambda x: ops.equal(X, x),
    "beside a variable": lambda x: ops.multiply(keras.Variable(X), x),
    "Variable": keras.Variable,
    "Variable in a list": lambda x: keras.Variable([x]),
    "assign": lambda x: keras.Variable(X).assign(x),
    "assign_add": lambda x: keras.Variable(X).assign_add(x),
    "loss function": lambda x: losses.mean_squared_error(x, X),
    "predictions": lambda x: losses.mean_squared_error(X, x),
    "loss": lambda x: losses.MeanSquaredError()(x, X),
    "sample_weight": lambda x: losses.MeanSquaredError()(X, X, sample_weight=[x, 1, 1]),
    "integer labels": lambda x: losses.SparseCategoricalCrossentropy()(x, X),
    "metric": lambda x: metrics.MeanSquaredError().update_state(x, X),
    "Mean": lambda x: metrics.Mean().update_state(x),
    "Precision": lambda x: metrics.Precision().update_state(x, X),
    "F1Score": lambda x: metrics.F1Score().update_state(x, X),
    "AUC": lambda x: metrics.AUC().update_state(x, X),
    "activation": keras.activations.relu,
    "layer": layers.Dense(1),
    "embedding": layers.Embedding(3, 2),
    "flatten": layers.Flatten(),
    "adapt": lambda x: layers.Normalization().adapt(x),
    "set_weights": lambda x: layers.Dense(1).set_weights([x]),
    "normalize": keras.utils.normalize,
}


@pytest.mark.parametrize("door", _DOORS)
def test_masked_arrays_are_refused_with_the_cure(door: str) -> None:
    with pytest.raises(ValueError, match=r"masked array.*\.filled\("):
        _DOORS[door](HIDDEN)


# A layer's input may be left out, and what is not an array is not what `adapt` takes.
@pytest.mark.parametrize("door", [door for door in _DOORS if door not in ("layer", "embedding", "flatten", "adapt")])
def test_none_is_refused(door: str) -> None:
    with pytest.raises(ValueError, match="None"):
        _DOORS[door](None)


@pytest.mark.parametrize("door", ["convert_to_tensor", "cast", "Variable", "assign", "loss", "loss function", "Mean"])
def test_objects_with_none_are_refused(door: str) -> None:
    with pytest.raises(ValueError, match="None among them"):
        _DOORS[door](OBJECTS)


@pytest.mark.parametrize("use", ["call", "predict", "predict_on_batch", "fit", "targets", "weights", "evaluate"])
def test_models_refuse_masked_arrays(use: str) -> None:
    model = keras.Sequential([keras.Input((2,)), layers.Dense(2)])
    model.compile("sgd", "mse")
    calls: dict[str, Callable[[], Any]] = {
        "call": lambda: model(HIDDEN),
        "predict": lambda: model.predict(HIDDEN, verbose=0),
        "predict_on_batch": lambda: model.predict_on_batch(HIDDEN),
        "fit": lambda: model.fit(HIDDEN, X, verbose=0),
        "targets": lambda: model.fit(X, HIDDEN, verbose=0),
        "weights": lambda: model.fit(X, X, sample_weight=HIDDEN[:, 0], verbose=0),
        "evaluate": lambda: model.evaluate(HIDDEN, X, verbose=0),
    }
    with pytest.raises(ValueError, match=r"\.filled\("):
        calls[use]()


def test_what_may_be_none_stays_so() -> None:
    np.testing.assert_array_equal(layers.Dense(1, use_bias=False, kernel_initializer="ones")(X), np.full((3, 1), 2.0))
    np.testing.assert_array_equal(ops.bincount([0, 1, 1], weights=None), [1, 2])
    assert layers.BatchNormalization(center=False, scale=False)(X, training=True).shape == (3, 2)


def test_clip_without_a_bound() -> None:
    x = np.array([-2.0, 0.5, 3.0], "float32")
    np.testing.assert_array_equal(ops.clip(x, None, 1), np.clip(x, None, 1))
    np.testing.assert_array_equal(ops.clip(x, 0, None), np.clip(x, 0, None))
    np.testing.assert_array_equal(ops.clip(x, None, None), x)
    whole = ops.clip(np.array([-5, 5], "int8"), None, 3)
    assert whole.dtype == "int8"
    np.testing.assert_array_equal(whole, [-5, 3])
    variable = keras.Variable(x)
    with keras.GradientTape() as tape:
        y = ops.sum(ops.clip(variable, None, 1))
    np.testing.assert_array_equal(tape.gradient(y, variable), [1, 1, 0])


def test_plain_arrays_are_not_copied() -> None:
    assert as_array(X) is X
