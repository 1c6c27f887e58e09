import numpy as np
import pytest

import kerasish
from kerasish import layers

ELEMENTWISE = [layers.Add, layers.Multiply, layers.Average, layers.Maximum, layers.Minimum]
A, B = np.array([[1.0, 4.0]], "float32"), np.array([[3.0, 2.0]], "float32")


@pytest.mark.parametrize(
    ("kind", "expected"), list(zip(ELEMENTWISE, ([5, 8], [3, 16], [5 / 3, 8 / 3], [3, 4], [1, 2]), strict=True))
)
def test_three_inputs(kind, expected):
    np.testing.assert_allclose(kind()([A, B, np.array([[1.0, 2.0]], "float32")]), [expected], rtol=1e-6)


@pytest.mark.parametrize("kind", ELEMENTWISE)
def test_shapes_that_do_not_go_together(kind):
    with pytest.raises(ValueError, match=r"shapes \[\(1, 2\), \(1, 3\)\]"):
        kind()([A, np.ones((1, 3), "float32")])
    with pytest.raises(ValueError, match="as many samples"):
        kind()([A, np.ones((4, 2), "float32")])
    with pytest.raises(ValueError, match="list of tensors"):
        kind()(A)
    with pytest.raises(ValueError, match="list of tensors"):
        kind()([])


def test_lower_ranks_meet_at_the_batch():
    sequence, vector = np.ones((2, 3, 4), "float32"), np.arange(8.0, dtype="float32").reshape(2, 4)
    assert np.array_equal(layers.Add()([vector, sequence]), sequence + vector[:, None])


def test_unknown_sizes():
    assert layers.Add()([kerasish.Input((None, 4)), kerasish.Input((3, 1))]).shape == (None, 3, 4)


def test_masks_are_joined_by_or():
    masks = [np.array([[True, False]]), np.array([[False, False]])]
    assert layers.Add().compute_mask([A, B], masks).tolist() == [[True, False]]
    assert layers.Add().compute_mask([A, B], [None, masks[0]]) is None
    with pytest.raises(ValueError, match="as many masks"):
        layers.Add().compute_mask([A, B], masks[:1])


def test_gradients_reach_every_input():
    with kerasish.GradientTape() as tape:
        inputs = [tape.watch(A), tape.watch(B)]
        loss = np.sum(layers.Multiply()(inputs))
    assert [g.tolist() for g in tape.gradient(loss, inputs)] == [B.tolist(), A.tolist()]
