import numpy as np
import pytest

from kerasish import layers


def test_elements_are_repeated():
    x = np.array([[1, 2], [3, 4]])
    y = layers.UpSampling2D((1, 2))(x.reshape(1, 2, 2, 1))
    assert y[0, ..., 0].tolist() == [[1, 1, 2, 2], [3, 3, 4, 4]]
    assert layers.UpSampling1D(2)(x.reshape(1, 2, 2)).tolist() == [[[1, 2], [1, 2], [3, 4], [3, 4]]]


@pytest.mark.parametrize("size", [0, -1, (2, 0)])
def test_elements_are_there_at_least_once(size):
    with pytest.raises(ValueError, match="size"):
        layers.UpSampling2D(size)


def test_an_unknown_interpolation():
    with pytest.raises(ValueError, match="interpolation='cubic'"):
        layers.UpSampling2D(2, interpolation="cubic")


@pytest.mark.parametrize("method", ["bilinear", "bicubic", "lanczos3", "lanczos5"])
def test_a_constant_image_stays_constant(method):
    y = layers.UpSampling2D((2, 3), interpolation=method)(np.full((1, 4, 5, 2), 7.0, "float32"))
    np.testing.assert_allclose(y, 7.0, rtol=1e-5)
