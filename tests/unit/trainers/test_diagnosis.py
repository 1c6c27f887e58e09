"""The warning at the first loss that is NaN, and what it names."""

import warnings
from typing import Any

import numpy as np
import pytest

import kerasish as keras

X = np.random.default_rng(0).normal(size=(16, 3)).astype("float32")
Y = X[:, :1] * 2


def linear(rate: float = 0.01) -> Any:
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1, name="dense")], name="net")
    model.compile(keras.optimizers.SGD(rate), "mse")
    return model


def spoilt(array: np.ndarray, *place: int) -> np.ndarray:
    array = array.copy()
    array[place] = np.nan
    return array


class Batches(keras.utils.PyDataset):
    def __init__(self, *batches: Any) -> None:
        super().__init__()
        self.batches = batches

    def __len__(self) -> int:
        return len(self.batches)

    def __getitem__(self, number: int) -> Any:
        return self.batches[number]


def told(use: Any) -> str:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        use()
    (found,) = [str(w.message) for w in caught if "the loss is NaN" in str(w.message)]
    return found


FITS = {
    "x": (lambda: linear().fit(spoilt(X, 3, 1), Y, epochs=3, verbose=0), "x (column 1, from sample 3 on)"),
    "y": (lambda: linear().fit(X, spoilt(Y, 2), epochs=3, verbose=0), "y (from sample 2 on)"),
    "weights of samples": (
        lambda: linear().fit(X, Y, sample_weight=spoilt(np.ones(16), 5), epochs=2, verbose=0),
        "sample_weight (from sample 5 on)",
    ),
    "PyDataset": (
        lambda: linear().fit(Batches((X, Y), (spoilt(X, 0, 2), Y)), epochs=2, verbose=0),
        "x of batch 1 (column 2, from sample 0 on)",
    ),
    "validation": (
        lambda: linear().fit(X, Y, validation_data=(spoilt(X, 1, 0), Y), epochs=2, verbose=0),
        "x (column 0, from sample 1 on)",
    ),
    "evaluate": (lambda: linear().evaluate(X, spoilt(Y, 2), verbose=0), "y (from sample 2 on)"),
    "every column": (lambda: linear().fit(spoilt(X, 4), Y, verbose=0), "x (every column, from sample 4 on)"),
    "sequence": (
        lambda: linear().fit(spoilt(X.reshape(8, 2, 3), 4, 1, 2), Y.reshape(8, 2, 1), verbose=0),
        "x (column 2, from sample 4 on)",
    ),
    "train_on_batch": (lambda: [linear().train_on_batch(spoilt(X, 3, 1), Y)], "x (column 1, from sample 3 on)"),
}


@pytest.mark.parametrize("use", FITS)
def test_what_holds_nan_is_named(use: str) -> None:
    run, named = FITS[use]
    assert f"NaN is in {named}." in told(run)


def test_parts_of_nested_data_are_named() -> None:
    a, b = keras.Input((3,), name="a"), keras.Input((3,), name="b")
    model = keras.Model({"a": a, "b": b}, keras.layers.Dense(1)(keras.layers.Concatenate()([a, b])))
    model.compile("sgd", "mse")
    found = told(lambda: model.fit({"a": X, "b": spoilt(X, 0, 1)}, spoilt(Y, 7), verbose=0))
    assert "NaN is in x['b'] (column 1, from sample 0 on) and in y (from sample 7 on)." in found


@pytest.mark.parametrize("trainable", [True, False])
def test_a_weight_that_held_nan_before_is_named(trainable: bool) -> None:
    model = keras.Sequential(
        [keras.Input((3,)), keras.layers.Dense(2, trainable=trainable, name="first"), keras.layers.Dense(1)], name="net"
    )
    model.compile("sgd", "mse")
    kernel = model.layers[0].kernel
    kernel.assign(spoilt(kernel.numpy(), 0, 0))
    found = told(lambda: model.fit(X, Y, epochs=2, verbose=0))
    assert "NaN is in the weights 'net/first/kernel'." in found or "NaN is in the weights 'first/kernel'." in found


def test_a_weight_set_to_nan_between_two_fits_is_named() -> None:
    model = linear()
    model.fit(X, Y, verbose=0)
    model.set_weights([spoilt(model.get_weights()[0], 1), model.get_weights()[1]])
    assert "dense/kernel'" in told(lambda: model.fit(X, Y, verbose=0))


def test_numbers_that_grew_out_of_range_are_told_apart() -> None:
    with np.errstate(all="ignore"):
        found = told(lambda: linear(1e6).fit(X, Y, epochs=40, verbose=0))
    assert "lower the learning rate" in found
    assert "neither the data nor the weights" in found


def test_of_a_generator_it_says_that_batches_are_gone() -> None:
    found = told(lambda: linear().fit(((spoilt(X, 0, 0), Y) for _ in range(3)), verbose=0))
    assert "check them with np.isnan where they are made" in found


def test_single_batches_warn_once() -> None:
    model = linear()

    def three_steps() -> None:
        for _ in range(3):
            model.train_on_batch(spoilt(X, 3, 1), Y)

    assert "x (column 1, from sample 3 on)" in told(three_steps)


def test_sound_training_is_silent(recwarn: pytest.WarningsRecorder) -> None:
    model = linear()
    model.fit(X, Y, validation_data=(X, Y), verbose=0)
    model.evaluate(X, Y, verbose=0)
    model.train_on_batch(X, Y)
    assert not recwarn.list
