"""Warnings of settings that cannot work, and the forms of `class_weight`."""

from typing import Any

import numpy as np
import pytest

import kerasish as keras
from kerasish import layers

X = np.random.default_rng(0).normal(size=(12, 3)).astype("float32")
LABELS = np.array([0, 1, 2, 2] * 3)
BINARY = LABELS % 2
NUMBERS = X[:, :1]


def model_of(*stack: Any, loss: Any = "mse", metrics: Any = None) -> Any:
    model = keras.Sequential([keras.Input((3,)), *stack])
    model.compile("sgd", loss, metrics=metrics)
    return model


def batches(y: Any) -> Any:
    for _ in range(2):
        yield X, y


USES = {
    "fit": lambda model, y: model.fit(X, y, epochs=2, verbose=0),
    "generator": lambda model, y: model.fit(batches(y), steps_per_epoch=1, epochs=2, verbose=0),
    "train_on_batch": lambda model, y: [model.train_on_batch(X, y) for _ in range(2)],
}


@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize(
    "last",
    [
        [layers.Dense(1, "softmax")],
        [layers.Dense(1), layers.Softmax()],
        [layers.Dense(1), layers.Activation("softmax")],
    ],
)
def test_a_softmax_over_one_number_is_told_once(use: str, last: Any) -> None:
    model = model_of(*[type(layer).from_config(layer.get_config()) for layer in last], loss="binary_crossentropy")
    with pytest.warns(UserWarning, match="softmax of a single number") as caught:
        USES[use](model, BINARY)
    assert len(caught) == 1


@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize("y", [LABELS, 2 * BINARY - 1, LABELS.astype("float32")[:, None]])
@pytest.mark.parametrize(
    "loss", ["binary_crossentropy", keras.losses.BinaryCrossentropy(), keras.losses.binary_crossentropy]
)
def test_labels_that_one_sigmoid_cannot_tell_are_told(use: str, y: Any, loss: Any) -> None:
    with pytest.warns(UserWarning, match=f"targets from 0 to 1; these run from {y.min():g} to {y.max():g}") as caught:
        USES[use](model_of(layers.Dense(1, "sigmoid"), loss=loss), y)
    assert len(caught) == 1


@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize("loss", ["mse", "mae", keras.losses.Huber()])
def test_accuracy_on_a_regression_is_told(use: str, loss: Any) -> None:
    with pytest.warns(UserWarning, match="says nothing of a regression"):
        USES[use](model_of(layers.Dense(1), loss=loss, metrics=["accuracy"]), NUMBERS)


def test_each_output_is_looked_at() -> None:
    inputs = keras.Input((3,))
    outputs = [layers.Dense(1, "sigmoid", name="a")(inputs), layers.Dense(1, name="b")(inputs)]
    model = keras.Model(inputs, outputs)
    model.compile("sgd", {"a": "binary_crossentropy", "b": "mse"}, metrics={"a": ["accuracy"], "b": ["mae"]})
    with pytest.warns(UserWarning, match="these run from 0 to 2") as caught:
        model.fit(X, {"a": LABELS[:, None], "b": NUMBERS}, verbose=0)
    assert len(caught) == 1


@pytest.mark.parametrize(
    ("last", "loss", "metrics", "y"),
    [
        (layers.Dense(1, "sigmoid"), "binary_crossentropy", ["accuracy"], BINARY),
        (layers.Dense(1, "sigmoid"), "binary_crossentropy", ["accuracy"], np.clip(NUMBERS, 0, 1)),
        (layers.Dense(1, "sigmoid"), "mse", ["accuracy"], BINARY),
        (layers.Dense(3, "softmax"), "mse", ["accuracy"], np.eye(3)[LABELS]),
        (layers.Dense(3, "softmax"), "sparse_categorical_crossentropy", ["accuracy"], LABELS),
        (layers.Dense(1), "mse", ["mae"], NUMBERS),
        (layers.Dense(1), keras.losses.Hinge(), ["accuracy"], 2 * BINARY - 1),
    ],
)
def test_sound_settings_are_silent(
    last: Any, loss: Any, metrics: Any, y: Any, recwarn: pytest.WarningsRecorder
) -> None:
    model_of(type(last).from_config(last.get_config()), loss=loss, metrics=metrics).fit(X, y, verbose=0)
    assert not recwarn.list


# -- class weights -------------------------------------------------------------------------------------------------


def loss_with(class_weight: Any, y: Any = LABELS) -> float:
    loss = "categorical_crossentropy" if np.ndim(y) == 2 and np.shape(y)[1] == 3 else "sparse_categorical_crossentropy"
    model = keras.Sequential([keras.Input((3,)), layers.Dense(3, "softmax", kernel_initializer="ones")])
    model.layers[0].bias.assign([0.0, 1.0, 2.0])
    model.compile(keras.optimizers.SGD(0.0), loss)
    return model.fit(X, y, class_weight=class_weight, shuffle=False, verbose=0).history["loss"][0]


@pytest.mark.parametrize("weights", [[1.0, 2.0, 3.0], (1.0, 2.0, 3.0), np.array([1, 2, 3])])
@pytest.mark.parametrize("y", [LABELS, LABELS[:, None], np.eye(3)[LABELS]])
def test_class_weights_may_stand_in_a_row(weights: Any, y: Any) -> None:
    assert loss_with(weights, y) == loss_with({0: 1.0, 1: 2.0, 2: 3.0}, y)


def test_balanced_classes_have_the_same_sum_of_weights() -> None:
    # 12 samples of 3 classes, of which 3, 3 and 6
    assert loss_with("balanced") == loss_with({0: 12 / 9, 1: 12 / 9, 2: 12 / 18})


@pytest.mark.parametrize(
    ("weights", "says"),
    [
        ([1.0, 2.0], "2 numbers, for the labels 0 to 1; the labels run from 0 to 2"),
        ("inverse", "received 'inverse'"),
        (3.0, "received 3.0"),
        ({"0": 1.0}, "labels, which are numbers; received '0'"),
    ],
)
def test_other_class_weights_are_refused(weights: Any, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        loss_with(weights)


def test_batches_cannot_be_balanced_and_take_a_row() -> None:
    model = model_of(layers.Dense(3, "softmax"), loss="sparse_categorical_crossentropy")
    with pytest.raises(ValueError, match="needs all labels at once"):
        model.fit(batches(LABELS), class_weight="balanced", verbose=0)
    model.fit(batches(LABELS), class_weight=[1.0, 2.0, 3.0], steps_per_epoch=1, verbose=0)


def stacked(last: Any, loss: Any, kind: str) -> Any:
    if kind == "functional":
        x = keras.Input((3,))
        model = keras.Model(x, last(x))
    else:
        model = keras.Sequential([keras.Input((3,)), last] if kind == "sequential" else [last])
    model.compile("sgd", loss)
    return model


@pytest.mark.parametrize("kind", ["sequential", "without shape", "functional"])
def test_scores_where_probabilities_are_read_and_the_reverse(kind: str, recwarn: Any) -> None:
    sparse = keras.losses.SparseCategoricalCrossentropy
    stacked(layers.Dense(3, "softmax"), sparse(), kind).fit(X, LABELS, verbose=0)
    stacked(layers.Dense(3), sparse(from_logits=True), kind).fit(X, LABELS, verbose=0)
    stacked(layers.Dense(1), "mse", kind).fit(X, NUMBERS, verbose=0)
    assert not recwarn
    with pytest.warns(UserWarning, match="'dense.*' has no activation.*softmax, or the loss from_logits"):
        stacked(layers.Dense(3), "sparse_categorical_crossentropy", kind).fit(X, LABELS, verbose=0)
    with pytest.warns(UserWarning, match="has the activation 'relu'.*a sigmoid"):
        stacked(layers.Dense(1, "relu"), "binary_crossentropy", kind).fit(X, BINARY, verbose=0)
    with pytest.warns(UserWarning, match="made them already, by a softmax"):
        stacked(layers.Dense(3, "softmax"), sparse(from_logits=True), kind).fit(X, LABELS, verbose=0)


def test_class_numbers_that_are_not_whole() -> None:
    with pytest.warns(UserWarning, match="not all whole numbers"):
        model_of(layers.Dense(3, "softmax"), loss="sparse_categorical_crossentropy").fit(X, LABELS / 2, verbose=0)
