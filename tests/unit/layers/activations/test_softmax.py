import numpy as np
import pytest

from kerasish import layers


def test_masked_places_have_probability_zero():
    x = np.array([[1.0, 2.0, 3.0]], "float32")
    y = layers.Softmax()(x, mask=np.array([[True, False, True]]))
    np.testing.assert_allclose(y, [[1 / (1 + np.e**2), 0, 1 / (1 + np.e**-2)]], rtol=1e-6)


def test_nothing_but_masked_places():
    assert layers.Softmax()(np.ones((1, 2), "float32"), mask=np.zeros((1, 2))).tolist() == [[0.0, 0.0]]


def test_a_mask_of_another_shape():
    with pytest.raises(ValueError, match=r"\(2, 3\); received a mask of shape \(4,\)"):
        layers.Softmax()(np.ones((2, 3), "float32"), mask=np.ones(4, bool))
