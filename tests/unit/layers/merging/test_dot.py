import numpy as np
import pytest

from kerasish import layers

A = np.random.default_rng(0).normal(size=(2, 4, 3)).astype("float32")
B = np.random.default_rng(1).normal(size=(2, 5, 3)).astype("float32")


def test_all_products_of_two_sequences():
    np.testing.assert_allclose(layers.Dot(2)([A, B]), np.einsum("bin,bjn->bij", A, B), rtol=1e-5)
    np.testing.assert_allclose(layers.dot([A[:, 0], B], axes=(1, 2)), np.einsum("bn,bjn->bj", A[:, 0], B), rtol=1e-5)


def test_cosines_are_at_most_one():
    y = layers.Dot(-1, normalize=True)([A[:, 0], A[:, 0]])
    np.testing.assert_allclose(y, np.ones((2, 1)), rtol=1e-6)


@pytest.mark.parametrize(
    ("axes", "error"), [("a", TypeError), (1.0, TypeError), ((1, 2, 3), ValueError), ((1.0, 2), ValueError)]
)
def test_axes_are_whole_numbers(axes, error):
    with pytest.raises(error, match="axes"):
        layers.Dot(axes)


def test_inputs_that_do_not_fit():
    with pytest.raises(ValueError, match=r"size 4 along axis 1 .* and size 5"):
        layers.Dot(1)([A, B])
    with pytest.raises(ValueError, match="after the batch"):
        layers.Dot(0)([A, B])
    with pytest.raises(ValueError, match="after the batch"):
        layers.Dot(3)([A, B])
    with pytest.raises(ValueError, match="two tensors"):
        layers.Dot(1)([A])


def test_a_product_has_no_mask():
    assert layers.Dot(2).compute_mask([A, B], [np.ones((2, 4), bool), None]) is None
