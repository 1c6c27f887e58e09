"""What chance does to pictures is done anew in every recorded step, as it is on the tape."""

from typing import Any

import numpy as np
import pytest

import kerasish as keras
from kerasish import layers, ops

X = np.random.default_rng(0).random((48, 8, 8, 3)).astype("float32")
Y = np.random.default_rng(1).random((48, 1)).astype("float32")


def fitted(change: list[Any], eagerly: bool) -> tuple[Any, list[float]]:
    keras.utils.set_random_seed(3)
    model = keras.Sequential([keras.Input((8, 8, 3)), *change, layers.Conv2D(4, 3), layers.Flatten(), layers.Dense(1)])
    model.compile("sgd", "mse", run_eagerly=eagerly)
    return model, model.fit(X, Y, batch_size=16, epochs=3, verbose=0).history["loss"]


@pytest.mark.parametrize(
    "made",
    [
        lambda: [layers.RandomFlip("horizontal", seed=1), layers.RandomContrast(0.2, seed=2)],
        lambda: [layers.RandomRotation(0.1, seed=1), layers.RandomCrop(7, 6, seed=2)],
        lambda: [layers.RandomErasing(seed=1), layers.RandomHue(0.2, value_range=(0, 1), seed=2)],
    ],
)
def test_recorded_steps_draw_what_those_of_the_tape_draw(made: Any) -> None:
    model, found = fitted(made(), False)
    twin, expected = fitted(made(), True)
    assert model.why_not_recorded() is None
    np.testing.assert_allclose(found, expected, rtol=1e-5)
    for a, b in zip(model.get_weights(), twin.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("eagerly", [False, True])
def test_gradients_reach_pictures_that_a_tape_watches(eagerly: bool) -> None:
    class Attacked(keras.Sequential):
        def train_step(self, data: Any) -> Any:
            with keras.GradientTape() as tape:
                x = tape.watch(data[0])
                loss = ops.mean(ops.square(self(x, training=True)))
            return {"size": ops.max(ops.abs(tape.gradient(loss, x)))}

    model = Attacked([keras.Input((8, 8, 3)), layers.RandomContrast(0.2, seed=1), layers.Flatten(), layers.Dense(1)])
    model.compile("sgd", run_eagerly=eagerly)
    assert model.fit(X, Y, epochs=3, verbose=0).history["size"][-1] > 0


@pytest.mark.parametrize("eagerly", [False, True])
def test_gradients_reach_weights_before_the_change(eagerly: bool) -> None:
    change = layers.RandomContrast(0.2, seed=1)
    model = keras.Sequential([keras.Input((8, 8, 3)), layers.Conv2D(3, 1), change, layers.Flatten(), layers.Dense(1)])
    model.compile("sgd", "mse", run_eagerly=eagerly)
    before = model.get_weights()[0]
    model.fit(X, Y, verbose=0)
    assert not np.array_equal(before, model.get_weights()[0])


@pytest.mark.parametrize(
    "made",
    [
        *[lambda mode=mode: layers.CategoryEncoding(3, output_mode=mode) for mode in ("one_hot", "multi_hot", "count")],
        lambda: layers.Discretization([0.5, 1.5]),
        lambda: layers.Discretization([0.5, 1.5], output_mode="one_hot"),
        lambda: layers.IntegerLookup(vocabulary=[2, 0], output_mode="multi_hot"),
        lambda: layers.IntegerLookup(vocabulary=[2, 0], mask_token=1),
        lambda: layers.Hashing(5, output_mode="one_hot"),
    ],
)
def test_encodings_inside_a_model_are_recorded(made: Any) -> None:
    """With a batch of the program's own, on which the numbers are others than on those it was written down on."""
    x = np.random.default_rng(2).integers(0, 3, (64, 1)).astype("float32")
    found = []
    for eagerly in (False, True):
        keras.utils.set_random_seed(3)
        model = keras.Sequential([keras.Input((1,)), made(), layers.Dense(1)])
        model.compile("sgd", "mse", run_eagerly=eagerly)
        found.append(model.fit(x, x, batch_size=8, epochs=2, verbose=0).history["loss"])
        assert eagerly or model.why_not_recorded() is None
    np.testing.assert_allclose(*found, rtol=1e-5)


def test_a_recorded_encoding_refuses_what_is_no_category() -> None:
    model = keras.Sequential([keras.Input((1,)), layers.CategoryEncoding(3, output_mode="one_hot"), layers.Dense(1)])
    model.compile("sgd", "mse")
    x = np.ones((8, 1))
    model.fit(x, x, epochs=3, verbose=0)
    with pytest.raises(TypeError, match="works with whole numbers"):
        model.fit(x / 2, x, verbose=0)
