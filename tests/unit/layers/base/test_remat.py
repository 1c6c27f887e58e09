"""Blocks computed again on the way back: the same numbers, less memory, and nothing done twice."""

from __future__ import annotations

import tracemalloc
from typing import Any

import numpy as np
import pytest

import kerasish as keras
from kerasish import ops
from kerasish.backend.tape import GradientTape

RNG = np.random.default_rng(0)
X = RNG.normal(size=(8, 5)).astype("float32")


def _gradients(function: Any, variables: list[Any], x: np.ndarray = X) -> list[np.ndarray]:
    with GradientTape() as tape:
        watched = tape.watch(x)
        loss = ops.mean(ops.square(function(watched)))
    return [loss.value, *tape.gradient(loss, [watched, *variables])]


def _same(found: list[np.ndarray], expected: list[np.ndarray]) -> None:
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-7)  # shares are added up in another order


def test_arguments_variables_and_what_a_function_closes_over_get_their_gradients() -> None:
    kernel, bias = keras.Variable(RNG.normal(size=(5, 5))), keras.Variable(np.ones(5))

    def chain(wrap: Any) -> Any:
        def function(x: Any) -> Any:
            outer = ops.tanh(x * bias)
            pair = wrap(lambda a, flip: (ops.matmul(a, kernel) + outer, a * 2))(x, flip=True)
            return ops.sin(pair[0]) * pair[1] + x

        return function

    _same(_gradients(chain(keras.remat), [kernel, bias]), _gradients(chain(lambda f: f), [kernel, bias]))


def test_it_is_differentiated_again() -> None:
    v = keras.Variable(2.0)
    cube = keras.remat(lambda x: x * x * x)
    with GradientTape() as outer:
        with GradientTape() as inner:
            y = cube(v)
        slope = inner.gradient(y, v)
    assert float(slope.value) == 12.0 and float(outer.gradient(slope, v)) == 12.0


def test_draws_and_states_are_those_of_the_first_time() -> None:
    """Dropout drops the same numbers on the way back, and moving means move once."""

    def made() -> tuple[Any, list[Any]]:
        keras.utils.set_random_seed(3)
        parts = [keras.layers.Dense(5), keras.layers.BatchNormalization(), keras.layers.Dropout(0.5, seed=1)]
        model = keras.Sequential([keras.Input((5,)), *parts])
        return model, model.trainable_variables

    (plain, own), (again, others) = made(), made()
    for _ in range(2):
        expected = _gradients(lambda x: plain(x, training=True), own)
        found = _gradients(keras.remat(lambda x: again(x, training=True)), others)
        _same(found, expected)
    _same([v.numpy() for v in again.variables], [v.numpy() for v in plain.variables])


class Penalized(keras.layers.Layer):
    """Two layers and a loss of their output; what it does in training is not what it does else."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.inner = keras.layers.Dense(4, activation="tanh")
        self.drop = keras.layers.Dropout(0.3, seed=5)

    def call(self, x: Any) -> Any:
        y = self.drop(self.inner(x))
        self.add_loss(0.1 * ops.mean(ops.square(y)))
        return y


def _trained(mode: Any, **options: Any) -> tuple[list[float], Any]:
    keras.utils.set_random_seed(4)
    with keras.RematScope(mode, **options):
        layers = [Penalized(name="a"), Penalized(name="b"), keras.layers.Dense(1, name="c")]
    model = keras.Sequential([keras.Input((5,)), *layers])
    model.compile(keras.optimizers.SGD(0.1), "mse")
    return model.fit(X, X[:, :1], epochs=3, batch_size=4, verbose=0).history["loss"], model


def test_layers_of_a_scope_train_alike() -> None:
    expected, plain = _trained(None)
    assert plain.why_not_recorded() is None
    for mode, options in (
        ("full", {}), ("activations", {}), ("larger_than", {"output_size_threshold": 8}),
        ("list_of_layers", {"layer_names": ["b"]}),
    ):  # fmt: skip
        found, model = _trained(mode, **options)
        np.testing.assert_allclose(found, expected, rtol=1e-5)
        assert "remat" in model.why_not_recorded()
    found, model = _trained("larger_than", output_size_threshold=1000)
    assert model.why_not_recorded() is None


def test_memory_falls() -> None:
    """Of eight blocks with four large arrays each, one block's are there at a time."""
    x = np.ones((64, 2048), "float32")  # half a megabyte

    def peak(wrap: Any) -> int:
        block = wrap(lambda a: ops.sin(ops.tanh(ops.sin(ops.tanh(a)))))
        tracemalloc.start()
        with GradientTape() as tape:
            y = watched = tape.watch(x)
            for _ in range(8):
                y = block(y)
            loss = ops.sum(y)
        tape.gradient(loss, watched)
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    assert peak(keras.remat) < 0.5 * peak(lambda f: f)


def test_without_a_tape_it_is_the_function() -> None:
    double = keras.remat(lambda x: {"y": x * 2})
    assert double(3.0)["y"] == 6.0
    assert double(keras.Input((2,)))["y"].shape == (None, 2)
    with pytest.raises(ValueError, match="received mode='some'"):
        keras.RematScope("some")
