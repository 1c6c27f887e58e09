import numpy as np
import pytest

import kerasish
from kerasish import layers

DATA = np.arange(100, dtype="float32")


def test_bins_hold_about_equally_many():
    layer = layers.Discretization(num_bins=4)
    layer.adapt(np.random.default_rng(0).permutation(DATA))
    np.testing.assert_allclose(np.bincount(layer(DATA)), 25, atol=1)


@pytest.mark.parametrize("steps", [None, 3])
def test_batches_are_taken_one_by_one(steps):
    layer = layers.Discretization(num_bins=2)
    layer.adapt((DATA[i : i + 10] for i in range(0, 100, 10)), steps=steps)
    assert layer.bin_boundaries[0] == pytest.approx(49 if steps is None else 14, abs=1)


def test_adapting_again_begins_anew():
    layer = layers.Discretization(num_bins=2)
    layer.adapt(DATA + 1000)
    layer.adapt(DATA)
    assert layer.bin_boundaries[0] == pytest.approx(49, abs=1)


def test_whole_numbers_and_a_model():
    model = kerasish.Sequential([kerasish.Input((2,)), layers.Discretization([0, 5], output_mode="one_hot")])
    assert model.output_shape == (None, 2, 3)
    assert model(np.array([[-1, 7]])).tolist() == [[[1, 0, 0], [0, 0, 1]]]


def test_a_layer_comes_back_from_its_config_after_adapt():
    layer = layers.Discretization(num_bins=3)
    layer.adapt(DATA)
    again = layers.Discretization.from_config(layer.get_config())
    assert again.get_config() == layer.get_config()
    again.adapt(DATA * 2)
    assert again.bin_boundaries != layer.bin_boundaries


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (layers.Discretization, ValueError, "bin_boundaries, or num_bins"),
        (lambda: layers.Discretization([1.0]).adapt(DATA), ValueError, "does not adapt"),
        (lambda: layers.Discretization(num_bins=2).adapt([]), ValueError, "no data"),
        (lambda: layers.Discretization(num_bins=2)(DATA), ValueError, "no bins yet"),
        (lambda: layers.Discretization([1.0])(np.array(["a"])), ValueError, "computes with numbers"),
    ],
)
def test_mistakes_are_told(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_adapting_to_nan_is_told():
    with pytest.warns(UserWarning, match="adapted to data that holds NaN: drop"):
        layers.Discretization(num_bins=2).adapt(np.array([1.0, np.nan, 2.0, 3.0]))
