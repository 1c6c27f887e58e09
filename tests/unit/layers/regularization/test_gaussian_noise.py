import numpy as np
import pytest

from kerasish import layers

ZEROS = np.zeros((300, 300), "float32")


def test_mean_and_deviation():
    layer = layers.GaussianNoise(0.3, seed=1)
    y = layer(ZEROS, training=True)
    assert abs(y.mean()) < 0.01
    assert abs(y.std() - 0.3) < 0.01
    assert not np.array_equal(y, layer(ZEROS, training=True))


def test_half_and_double_precision():
    for dtype in ("float16", "float64"):
        y = layers.GaussianNoise(0.3, seed=1, dtype=dtype)(ZEROS, training=True)
        assert y.dtype == dtype
        assert abs(y.std() - 0.3) < 0.01


def test_inference_changes_nothing():
    assert np.shares_memory(layers.GaussianNoise(0.2)(ZEROS), ZEROS)
    assert np.shares_memory(layers.GaussianNoise(0)(ZEROS, training=True), ZEROS)


@pytest.mark.parametrize("stddev", [-0.1, 2, "a"])
def test_the_deviation_is_checked(stddev):
    with pytest.raises(ValueError, match="stddev"):
        layers.GaussianNoise(stddev)
