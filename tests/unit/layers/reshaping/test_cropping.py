import numpy as np
import pytest

import kerasish
from kerasish import layers


def test_margins_are_cut_off():
    x = np.arange(2 * 4 * 5 * 3).reshape(2, 4, 5, 3)
    assert np.array_equal(layers.Cropping2D(((1, 0), (2, 1)))(x), x[:, 1:, 2:-1])
    assert np.array_equal(layers.Cropping2D(1, data_format="channels_first")(x), x[:, :, 1:-1, 1:-1])
    assert np.array_equal(layers.Cropping1D((0, 2))(x[:, 0]), x[:, 0, :-2])


def test_integers_stay_integers():
    assert layers.Cropping1D(1)(np.ones((2, 5, 3), "uint8")).dtype == np.uint8
    assert layers.Cropping1D(1)(kerasish.Input((5, 3), dtype="uint8")).dtype == "uint8"


def test_the_gradient_of_what_was_cut_off_is_zero():
    layer = layers.Cropping1D((1, 0))
    with kerasish.GradientTape() as tape:
        x = tape.watch(np.ones((1, 3, 1), "float32"))
        y = layer(x)
    assert tape.gradient(y, x).ravel().tolist() == [0, 1, 1]


@pytest.mark.parametrize(
    ("kind", "cropping", "shape"),
    [
        (layers.Cropping1D, 2, (2, 4, 3)),
        (layers.Cropping2D, ((2, 2), (0, 0)), (2, 4, 4, 3)),
        (layers.Cropping3D, ((0, 0), (0, 0), (3, 2)), (2, 4, 4, 4, 3)),
    ],
)
def test_something_is_left(kind, cropping, shape):
    with pytest.raises(ValueError, match="nothing would be left"):
        kind(cropping)(np.ones(shape, "float32"))
