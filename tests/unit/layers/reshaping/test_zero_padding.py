import numpy as np

import kerasish
from kerasish import layers


def test_zeros_around():
    x = np.ones((1, 2, 2, 1), "float32")
    y = layers.ZeroPadding2D(((1, 0), (0, 2)))(x)
    assert y[0, ..., 0].tolist() == [[0, 0, 0, 0], [1, 1, 0, 0], [1, 1, 0, 0]]
    assert layers.ZeroPadding1D((1, 2), data_format="channels_first")(x[0]).shape == (2, 2, 4)
    assert layers.ZeroPadding3D(1, data_format="channels_first")(np.ones((1, 2, 3, 4, 5), "int32")).dtype == np.int32


def test_the_gradient_of_what_is_inside():
    layer = layers.ZeroPadding1D(1)
    with kerasish.GradientTape() as tape:
        x = tape.watch(np.ones((1, 2, 1), "float32"))
        loss = np.sum(layer(x) * np.arange(4, dtype="float32").reshape(1, 4, 1))
    assert tape.gradient(loss, x).ravel().tolist() == [1, 2]
