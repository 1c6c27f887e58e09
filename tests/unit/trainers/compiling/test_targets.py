"""Targets, losses and metrics of several outputs: missing ones, several for one output, structures of named tuples."""

from collections import namedtuple
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import kerasish as keras

Pair = namedtuple("Pair", "u v")

GENERATOR = np.random.default_rng(0)
X = GENERATOR.normal(size=(16, 3)).astype("float32")
A = GENERATOR.normal(size=(16, 1)).astype("float32")
B = GENERATOR.normal(size=(16, 1)).astype("float32")


def two_outputs(structure: Callable[[Any, Any], Any] = lambda a, b: [a, b]) -> Any:
    inputs = keras.Input((3,))
    outputs = structure(*(keras.layers.Dense(1, name=name)(inputs) for name in "ab"))
    return keras.Model(inputs, outputs)


def as_dict(a: Any, b: Any) -> dict[str, Any]:
    return {"a": a, "b": b}


class Batches(keras.utils.PyDataset):
    def __init__(self, y: Any) -> None:
        super().__init__()
        self.y = y

    def __len__(self) -> int:
        return 2

    def __getitem__(self, number: int) -> Any:
        return X, self.y


def endless(y: Any) -> Any:
    while True:
        yield X, y


USES = {
    "fit": lambda model, y: model.fit(X, y, verbose=0),
    "generator": lambda model, y: model.fit(endless(y), steps_per_epoch=2, verbose=0),
    "PyDataset": lambda model, y: model.fit(Batches(y), verbose=0),
    "validation": lambda model, y: model.fit(X, [A, B], validation_data=(X, y), verbose=0),
    "evaluate": lambda model, y: model.evaluate(X, y, verbose=0),
    "train_on_batch": lambda model, y: model.train_on_batch(X, y),
    "test_on_batch": lambda model, y: model.test_on_batch(X, y),
}


@pytest.mark.parametrize("use", USES)
def test_an_output_with_a_loss_and_without_targets_is_named(use: str) -> None:
    model = two_outputs()
    model.compile("sgd", ["mse", "mse"])
    before = model.get_weights()[2:]  # only a validation comes after a step
    with pytest.raises(ValueError, match=r"no targets for the output\(s\) \['b'\]"):
        USES[use](model, [A, None])
    assert all(np.isfinite(w).all() for w in model.get_weights())
    if use != "validation":
        assert all(map(np.array_equal, before, model.get_weights()[2:]))


@pytest.mark.parametrize("y", [{"a": A, "b": None}, {"a": A}])
def test_a_dict_that_lacks_a_target_is_told(y: dict[str, Any]) -> None:
    model = two_outputs(as_dict)
    model.compile("sgd", {"a": "mse", "b": "mae"})
    with pytest.raises(ValueError, match=r"\['b'\]"):
        model.fit(X, y, verbose=0)


def test_a_list_of_none_for_one_output_is_told() -> None:
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    with pytest.raises(ValueError, match="no targets"):
        model.fit(X, [None], verbose=0)


@pytest.mark.filterwarnings("ignore:the loss does not depend")
@pytest.mark.parametrize("use", [use for use in USES if use != "validation"])
def test_an_output_without_a_loss_needs_no_targets(use: str) -> None:
    model = two_outputs()
    model.compile(keras.optimizers.SGD(0.0), ["mse", None])
    expected = float(np.mean((model.predict(X, verbose=0)[0] - A) ** 2))
    found = USES[use](model, [A, None])
    loss = found.history["loss"][0] if hasattr(found, "history") else found
    np.testing.assert_allclose(loss, expected, rtol=1e-5)


@pytest.mark.filterwarnings("ignore:the loss does not depend")
@pytest.mark.parametrize(
    ("structure", "loss", "metrics", "y"),
    [
        (list, ["mse", None], None, [A]),
        (list, ["mse", None], [["mae"], None], A),
        (list, {"a": "mse"}, {"a": ["mae"]}, {"a": A}),
        (as_dict, {"a": "mse"}, {"a": ["mae"]}, {"a": A}),
        (as_dict, {"a": "mse", "b": None}, None, {"a": A, "b": None}),
    ],
)
def test_targets_may_be_given_for_the_outputs_that_have_a_loss(structure: Any, loss: Any, metrics: Any, y: Any) -> None:
    model = two_outputs(as_dict if structure is as_dict else lambda a, b: [a, b])
    model.compile(keras.optimizers.SGD(0.0), loss, metrics=metrics)
    found = model.fit(X, y, verbose=0, sample_weight=None).history
    prediction = model.predict(X, verbose=0)
    error = (prediction["a"] if structure is as_dict else prediction[0]) - A
    np.testing.assert_allclose(found["loss"], np.mean(error**2), rtol=1e-5)
    if metrics:
        np.testing.assert_allclose(found["a_mae"], np.mean(np.abs(error)), rtol=1e-5)


@pytest.mark.filterwarnings("ignore:the loss does not depend")
def test_a_short_list_belongs_to_the_outputs_with_a_loss_not_to_those_with_metrics() -> None:
    model = two_outputs()
    model.compile("sgd", ["mse", None], metrics=[None, ["mae"]])
    with pytest.raises(ValueError, match=r"no targets for the output\(s\) \['b'\], which have metrics"):
        model.fit(X, [A], verbose=0)


def test_a_metric_without_targets_is_told() -> None:
    class AddsLoss(keras.layers.Layer):
        def call(self, inputs: Any) -> Any:
            self.add_loss(keras.ops.mean(inputs**2))
            return inputs

    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1), AddsLoss()])
    model.compile("sgd", metrics=["mae"])
    with pytest.raises(ValueError, match="which have metrics"):
        model.fit(X, verbose=0)


@pytest.mark.parametrize(
    ("loss", "weights"),
    [
        ({"a": ["mse"], "b": ["mae"]}, {"a": [0.5], "b": [2.0]}),
        ([["mse"], ["mae"]], [0.5, 2.0]),
        (Pair("mse", "mae"), Pair(0.5, 2.0)),
    ],
)
@pytest.mark.parametrize("structure", [lambda a, b: [a, b], as_dict, Pair])
def test_losses_may_be_nested_for_each_output(structure: Any, loss: Any, weights: Any) -> None:
    if structure is as_dict and not isinstance(loss, dict):
        pytest.skip("outputs in a dict take settings in a dict")
    model = two_outputs(structure)
    model.compile(keras.optimizers.SGD(0.0), loss, loss_weights=weights)
    found = model.fit(X, structure(A, B), verbose=0).history
    prediction = model.predict(X, verbose=0)
    a, b = prediction.values() if structure is as_dict else prediction
    first, second = np.mean((a - A) ** 2), np.mean(np.abs(b - B))
    np.testing.assert_allclose(found["a_loss"], first, rtol=1e-5)
    np.testing.assert_allclose(found["b_loss"], second, rtol=1e-5)
    np.testing.assert_allclose(found["loss"], 0.5 * first + 2 * second, rtol=1e-5)


def test_an_output_may_have_several_losses() -> None:
    model = two_outputs()
    model.compile(
        keras.optimizers.SGD(0.0), {"a": ["mse", "mae"], "b": "mse"}, loss_weights={"a": [1.0, 3.0], "b": 2.0}
    )
    found = model.fit(X, [A, B], verbose=0).history
    a, b = model.predict(X, verbose=0)
    squares, distances, other = np.mean((a - A) ** 2), np.mean(np.abs(a - A)), np.mean((b - B) ** 2)
    np.testing.assert_allclose(found["a_loss"], squares + distances, rtol=1e-5)
    np.testing.assert_allclose(found["loss"], squares + 3 * distances + 2 * other, rtol=1e-5)


def test_several_losses_of_a_single_output_are_told_by_their_names() -> None:
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(0.0), ["mse", "mae"])
    found = model.fit(X, A, verbose=0).history
    error = model.predict(X, verbose=0) - A
    np.testing.assert_allclose(found["mse_loss"], np.mean(error**2), rtol=1e-5)
    np.testing.assert_allclose(found["mae_loss"], np.mean(np.abs(error)), rtol=1e-5)
    np.testing.assert_allclose(found["loss"], np.mean(error**2) + np.mean(np.abs(error)), rtol=1e-5)


def test_weights_that_do_not_fit_the_losses_of_an_output_are_told() -> None:
    model = two_outputs()
    model.compile("sgd", {"a": ["mse", "mae"], "b": "mse"}, loss_weights={"a": [1.0, 2.0, 3.0]})
    with pytest.raises(ValueError, match="2 losses, but loss_weights has 3"):
        model.fit(X, [A, B], verbose=0)


def test_named_tuples_serve_as_data_of_every_kind() -> None:
    inputs = Pair(keras.Input((3,)), keras.Input((3,)))
    hidden = keras.layers.Concatenate()(list(inputs))
    outputs = Pair(keras.layers.Dense(1, name="a")(hidden), keras.layers.Dense(1, name="b")(hidden))
    model = keras.Model(inputs, outputs)
    weight = np.linspace(0, 2, 16, dtype="float32")
    model.compile(keras.optimizers.SGD(0.0), Pair("mse", "mae"), weighted_metrics=Pair(["mae"], None))
    found = model.fit(Pair(X, X), Pair(A, B), sample_weight=Pair(weight, None), verbose=0).history
    prediction = model.predict(Pair(X, X), verbose=0)
    assert type(prediction) is Pair
    error = (prediction.u - A)[:, 0]
    np.testing.assert_allclose(found["a_loss"], np.mean(weight * error**2), rtol=1e-5)
    np.testing.assert_allclose(found["a_mae"], np.sum(weight * np.abs(error)) / weight.sum(), rtol=1e-5)
    np.testing.assert_allclose(found["b_loss"], np.mean(np.abs(prediction.v - B)), rtol=1e-5)
