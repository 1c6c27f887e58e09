import numpy as np

from kerasish.layers.reshaping.interpolation import KERNELS, enlarging_matrix


def test_linear_weights():
    assert enlarging_matrix("bilinear", 2, 2, "float64").tolist() == [[1, 0], [0.75, 0.25], [0.25, 0.75], [0, 1]]


def test_kernels_are_one_at_home_and_zero_at_the_neighbours():
    for kernel in KERNELS.values():
        np.testing.assert_allclose(kernel(np.arange(7.0)), [1, 0, 0, 0, 0, 0, 0], atol=1e-12)


def test_a_parabola_is_kept_by_cubics():
    x = np.arange(20.0)
    y = enlarging_matrix("bicubic", 20, 3, "float64") @ (x * x)
    places = (np.arange(60) + 0.5) / 3 - 0.5
    np.testing.assert_allclose(y[9:-9], places[9:-9] ** 2)
