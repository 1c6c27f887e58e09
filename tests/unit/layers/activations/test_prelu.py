import numpy as np
import pytest

import kerasish
from kerasish import layers


def test_slopes_are_learned():
    layer = layers.PReLU()
    x = np.array([[-2.0, 3.0]], "float32")
    with kerasish.GradientTape() as tape:
        loss = np.sum(layer(x))
    assert layer(x).tolist() == [[0.0, 3.0]]
    assert tape.gradient(loss, layer.alpha).tolist() == [-2.0, 0.0]


def test_shared_axes():
    layer = layers.PReLU(shared_axes=[1, 2])
    layer.build((None, None, None, 3))
    assert layer.alpha.shape == (1, 1, 3)
    assert layers.PReLU(shared_axes=1).shared_axes == [1]


@pytest.mark.parametrize("axes", [[0], [3], ["1"]])
def test_shared_axes_exist(axes):
    with pytest.raises(ValueError, match="shared_axes"):
        layers.PReLU(shared_axes=axes).build((None, 4, 5))


def test_the_number_of_slopes_is_known():
    with pytest.raises(ValueError, match="shared_axes"):
        layers.PReLU().build((None, None, 3))
