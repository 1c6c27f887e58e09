import numpy as np
import pytest

from kerasish import losses
from kerasish.backend.tape import GradientTape
from kerasish.backend.variable import Variable


@pytest.mark.parametrize("label", [-1, 3])
@pytest.mark.parametrize("name", ["sparse_categorical_crossentropy", "categorical_generalized_cross_entropy"])
def test_a_label_out_of_range(name, label):
    arguments = {"q": 0.5} if "generalized" in name else {}
    with pytest.raises(ValueError, match="3 classes"):
        getattr(losses, name)([0, label], np.full((2, 3), 1 / 3), **arguments)


def test_labels_with_an_axis_of_one_number_at_the_end():
    labels, p = np.array([[0, 1, 2], [2, 1, 0]]), np.full((2, 3, 3), 1 / 3, "float32")
    found = losses.categorical_generalized_cross_entropy(labels[..., None], p, q=0.5)
    np.testing.assert_array_equal(found, losses.categorical_generalized_cross_entropy(labels, p, q=0.5))
    assert found.shape == (2, 3)


def test_an_ignored_label_may_be_out_of_range():
    found = losses.sparse_categorical_crossentropy([0, -1], np.full((2, 3), 1 / 3, "float32"), ignore_class=-1)
    np.testing.assert_allclose(found, [np.log(3), 0], rtol=1e-6)


def test_sparse_labels_for_a_dense_loss_are_answered_with_the_sparse_one():
    with pytest.raises(ValueError, match="sparse_categorical_crossentropy"):
        losses.CategoricalCrossentropy()(np.array([0, 1, 2]), np.full((3, 3), 1 / 3))


def test_a_single_class_is_warned_of():
    with pytest.warns(SyntaxWarning, match="binary_crossentropy"):
        losses.categorical_crossentropy(np.ones((2, 1)), np.ones((2, 1)))


@pytest.mark.parametrize("name", ["categorical_crossentropy", "categorical_focal_crossentropy"])
def test_an_axis_that_is_no_number(name):
    with pytest.raises(ValueError, match="axis"):
        getattr(losses, name)(np.eye(2), np.eye(2), axis=True)


def test_certain_and_right_is_free_and_certain_and_wrong_is_finite():
    y_true = np.array([[1.0, 0.0]], "float32")
    for name in ("binary_crossentropy", "categorical_crossentropy"):
        right, wrong = (float(getattr(losses, name)(y_true, p)[0]) for p in (y_true, 1 - y_true))
        assert right < 1e-6 and 15 < wrong < 17


@pytest.mark.parametrize("q", [0, 1, -0.1, 2])
def test_q_is_between_zero_and_one(q):
    with pytest.raises(ValueError, match="q must be between 0 and 1"):
        losses.CategoricalGeneralizedCrossEntropy(q=q)


def test_logits_of_any_size_are_stable():
    logits = np.array([[1000.0, -1000.0], [-1000.0, 1000.0]], "float32")
    found = losses.categorical_focal_crossentropy(np.eye(2), logits, from_logits=True)
    assert np.isfinite(found).all()


@pytest.mark.parametrize("scale", [1e4, 1e6])
def test_large_logits_keep_the_digits_of_the_loss(scale):
    z = np.array([[scale, scale, -scale], [-scale, -scale, -scale]], "float32")
    expected = [np.log(2), np.log(3)]
    np.testing.assert_allclose(losses.sparse_categorical_crossentropy([0, 2], z, from_logits=True), expected, rtol=1e-6)
    one_hot = np.array([[0.5, 0.5, 0.0], [0.0, 0.0, 1.0]], "float32")
    np.testing.assert_allclose(losses.categorical_crossentropy(one_hot, z, from_logits=True), expected, rtol=1e-6)
    v = Variable(z)
    with GradientTape() as tape:
        loss = losses.sparse_categorical_crossentropy([0, 2], v, from_logits=True)
    slope = [[-0.5, 0.5, 0], [1 / 3, 1 / 3, -2 / 3]]
    np.testing.assert_allclose(tape.gradient(loss, v), slope, rtol=1e-6)


def test_negative_labels_are_answered_with_ignore_class():
    with pytest.raises(ValueError, match=r"from -1 to 1.*from 0 to 2\. Count labels from 0.*ignore_class"):
        losses.sparse_categorical_crossentropy([0, -1, 1], np.full((3, 3), 1 / 3, "float32"))
