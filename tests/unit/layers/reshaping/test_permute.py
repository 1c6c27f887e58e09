import numpy as np
import pytest

from kerasish import layers


def test_axes_change_places():
    x = np.arange(24).reshape(2, 3, 4)
    assert np.array_equal(layers.Permute((2, 1))(x), x.transpose(0, 2, 1))


@pytest.mark.parametrize("dims", [(1, 3), (0, 1), (1, 1)])
def test_each_axis_is_named_once(dims):
    with pytest.raises(ValueError, match="dims"):
        layers.Permute(dims)


def test_the_rank_is_checked():
    with pytest.raises(ValueError, match="rank 3"):
        layers.Permute((2, 1))(np.ones((2, 3), "float32"))
