import numpy as np

from kerasish.ops.resampling import KERNELS, resizing_weights


def test_linear_weights():
    assert resizing_weights("bilinear", 2, 4, False).matrix.tolist() == [[1, 0], [0.75, 0.25], [0.25, 0.75], [0, 1]]


def test_kernels_are_one_at_home_and_zero_at_the_neighbours():
    for kernel in KERNELS.values():
        np.testing.assert_allclose(kernel(np.arange(7.0)), [1, 0, 0, 0, 0, 0, 0], atol=1e-12)


def test_a_parabola_is_kept_by_cubics():
    x = np.arange(20.0)
    y = resizing_weights("bicubic", 20, 60, False).matrix @ (x * x)
    places = (np.arange(60) + 0.5) / 3 - 0.5
    np.testing.assert_allclose(y[9:-9], places[9:-9] ** 2)
