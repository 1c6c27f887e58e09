import numpy as np

import kerasish
from kerasish import layers


def test_bytes_become_floats():
    y = layers.Rescaling(1 / 255)(np.array([[0, 51, 255]], "uint8"))
    assert y.dtype == np.float32
    np.testing.assert_allclose(y, [[0, 0.2, 1]], rtol=1e-6)


def test_a_scale_for_each_channel():
    y = layers.Rescaling([1.0, 2.0], offset=[0.0, -1.0])(np.ones((3, 2), "int32"))
    assert y.tolist() == [[1, 1]] * 3


def test_in_front_of_a_model():
    model = kerasish.Sequential([kerasish.Input((2,), dtype="uint8"), layers.Rescaling(0.5), layers.Dense(1)])
    assert model(np.ones((4, 2), "uint8")).shape == (4, 1)
