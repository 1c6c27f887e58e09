import numpy as np
import pytest

from kerasish import layers

X = np.random.default_rng(0).normal(size=(400, 400)).astype("float32")


@pytest.mark.parametrize("rate", [0.1, 0.5])
def test_mean_and_variance_stay(rate):
    y = layers.AlphaDropout(rate, seed=1)(X, training=True)
    assert abs(y.mean()) < 0.02
    assert abs(y.std() - 1) < 0.02
    lowest, count = np.unique(y, return_counts=True)
    assert abs(count.max() / y.size - rate) < 0.01  # all that was dropped has one value
    assert lowest[count.argmax()] < -0.5


def test_noise_shape_and_inference():
    y = layers.AlphaDropout(0.5, noise_shape=(None, 1), seed=1)(np.ones((50, 4), "float32"), training=True)
    assert np.array_equal(y, np.broadcast_to(y[:, :1], y.shape))
    assert np.shares_memory(layers.AlphaDropout(0.5)(X), X)


def test_the_rate():
    with pytest.raises(ValueError, match="rate=-1"):
        layers.AlphaDropout(-1)
    with pytest.raises(ValueError, match="less than 1"):
        layers.AlphaDropout(1)(X, training=True)
