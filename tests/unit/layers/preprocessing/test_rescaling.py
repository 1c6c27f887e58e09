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


def test_channels_first():
    images = np.arange(24, dtype="float32").reshape(1, 3, 2, 4)
    scale = np.array([1.0, 2.0, 3.0])
    kerasish.config.set_image_data_format("channels_first")
    try:
        y = layers.Rescaling(scale.tolist(), 1.0)(images)
    finally:
        kerasish.config.set_image_data_format("channels_last")
    np.testing.assert_array_equal(y, images * scale[:, None, None] + 1)


def test_an_array_goes_through_a_config():
    layer = layers.Rescaling(np.array([1.0, 2.0]), np.array([0.0, -1.0]))
    again = layers.Rescaling.from_config(layer.get_config())
    assert again(np.ones((1, 2))).tolist() == [[1, 1]]
