import numpy as np
import pytest

from kerasish import layers

X = np.random.default_rng(0).normal(3.0, 2.0, (4, 5, 6)).astype("float32")


def test_groups_have_mean_zero_and_variance_one():
    y = layers.GroupNormalization(2, epsilon=0.0)(X).reshape(4, 5, 2, 3)
    np.testing.assert_allclose(y.mean((1, 3)), 0, atol=1e-5)
    np.testing.assert_allclose(y.std((1, 3)), 1, rtol=1e-5)


def test_one_group_is_the_whole_sample_and_minus_one_the_instance():
    one = layers.GroupNormalization(1, epsilon=0.0)(X)
    np.testing.assert_allclose(one, (X - X.mean((1, 2), keepdims=True)) / X.std((1, 2), keepdims=True), rtol=1e-4)
    each = layers.GroupNormalization(-1, epsilon=0.0)(X)
    np.testing.assert_allclose(each.mean(1), 0, atol=1e-5)


def test_another_axis():
    first = layers.GroupNormalization(3, axis=1)(np.moveaxis(X, -1, 1))
    np.testing.assert_allclose(np.moveaxis(first, 1, -1), layers.GroupNormalization(3)(X), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("groups", [4, 7, 0, -2])
def test_groups_of_equal_size(groups):
    with pytest.raises(ValueError, match=f"groups={groups}"):
        layers.GroupNormalization(groups)(X)
