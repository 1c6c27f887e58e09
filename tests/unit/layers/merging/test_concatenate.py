import numpy as np
import pytest

from kerasish import layers


def test_along_an_axis():
    a, b = np.ones((2, 3, 4), "float32"), np.zeros((2, 1, 4), "float32")
    assert layers.concatenate([a, b], axis=1).shape == (2, 4, 4)
    assert layers.Concatenate(axis=1).compute_output_shape([(None, 3, 4), (None, None, 4)]) == (None, None, 4)


@pytest.mark.parametrize("other", [(2, 3), (2, 4, 3), (2, 3, 4, 1)])
def test_other_sizes_agree(other):
    with pytest.raises(ValueError, match="sizes agree but for axis -1"):
        layers.Concatenate()([np.ones((2, 3, 4), "float32"), np.ones(other, "float32")])


def test_the_axis_exists():
    with pytest.raises(ValueError, match="axis 3"):
        layers.Concatenate(axis=3)([np.ones((2, 3), "float32")] * 2)


def test_masks_are_joined_like_the_inputs():
    a, b = np.ones((1, 2, 3), "float32"), np.ones((1, 1, 3), "float32")
    layer = layers.Concatenate(axis=1)
    assert layer.compute_mask([a, b], [np.array([[True, False]]), None]).tolist() == [[True, False, True]]
    assert layer.compute_mask([a, b], [None, None]) is None
    with pytest.raises(ValueError, match="as many masks"):
        layer.compute_mask([a, b], [None])


def test_masks_joined_along_the_features_let_pass_what_any_lets_pass():
    a = np.ones((1, 2, 3), "float32")
    masks = [np.array([[True, False]]), np.array([[False, False]])]
    assert layers.Concatenate().compute_mask([a, a], masks).tolist() == [[True, False]]
    assert layers.Concatenate().compute_mask([a, a], [masks[0], None]).tolist() == [[True, True]]
