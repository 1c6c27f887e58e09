import numpy as np
import pytest

from kerasish import layers


def test_a_size_is_found():
    assert layers.Reshape((-1, 2))(np.ones((3, 8), "float32")).shape == (3, 4, 2)
    assert layers.Reshape([2, 3])(np.ones((0, 6), "int32")).shape == (0, 2, 3)
    assert layers.Reshape((3, -1)).compute_output_shape((None, None, 3)) == (None, 3, None)
    assert layers.Reshape(())(np.ones((4, 1), "float32")).shape == (4,)


@pytest.mark.parametrize("target", [(-1, -1), (-2, 3), ("a", 2), (2.0, 3)])
def test_the_target_is_of_sizes(target):
    with pytest.raises(ValueError, match="target_shape"):
        layers.Reshape(target)


@pytest.mark.parametrize("target", [(5,), (-1, 5), (0, 8), (-1, 0)])
def test_numbers_that_do_not_fit(target):
    with pytest.raises(ValueError, match=r"samples of shape \(4, 6\), 24 numbers each"):
        layers.Reshape(target)(np.ones((2, 4, 6), "float32"))
