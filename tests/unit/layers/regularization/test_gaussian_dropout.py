import numpy as np
import pytest

from kerasish import layers

ONES = np.ones((300, 300), "float32")


def test_mean_and_deviation():
    y = layers.GaussianDropout(0.2, seed=1)(ONES, training=True)
    assert abs(y.mean() - 1) < 0.01
    assert abs(y.std() - 0.5) < 0.01
    assert y.dtype == np.float32


def test_inference_changes_nothing():
    assert np.shares_memory(layers.GaussianDropout(0.2)(ONES), ONES)
    assert np.shares_memory(layers.GaussianDropout(0)(ONES, training=True), ONES)


def test_what_draws_nothing_has_no_seed_to_save():
    assert layers.GaussianDropout(0).variables == [] and len(layers.GaussianDropout(0.2).variables) == 1


def test_the_rate():
    with pytest.raises(ValueError, match=r"rate=1\.5"):
        layers.GaussianDropout(1.5)
    with pytest.raises(ValueError, match="less than 1"):
        layers.GaussianDropout(1)(ONES, training=True)
