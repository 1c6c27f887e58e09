import numpy as np

from kerasish import layers


def test_rows():
    x = np.arange(12).reshape(2, 3, 2)
    assert layers.Flatten()(x).tolist() == x.reshape(2, 6).tolist()
    assert layers.Flatten()(np.ones(3, "float32")).shape == (3, 1)
    assert layers.Flatten()(np.ones((0, 2, 3), "float32")).shape == (0, 6)


def test_channels_first_gives_the_order_of_channels_last():
    x = np.arange(2 * 3 * 4 * 5).reshape(2, 3, 4, 5)
    first = layers.Flatten("channels_first")(np.moveaxis(x, -1, 1))
    assert np.array_equal(first, layers.Flatten("channels_last")(x))


def test_unknown_sizes_stay_unknown():
    assert layers.Flatten().compute_output_shape((None, 2, 3)) == (None, 6)
    assert layers.Flatten().compute_output_shape((None, None, 3)) == (None, None)
