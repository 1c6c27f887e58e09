import numpy as np
import pytest

from kerasish.utils import normalize, to_categorical


@pytest.mark.parametrize("shape", [(4,), (2, 3), (2, 3, 1), (0,)])
def test_to_categorical_adds_an_axis(shape):
    labels = np.arange(np.prod(shape, dtype=int)).reshape(shape)
    made = to_categorical(labels, 6)
    flat = labels[..., 0] if shape[-1] == 1 else labels
    assert made.shape == (*flat.shape, 6) and made.dtype == "float64"
    assert np.array_equal(made.argmax(-1), flat) and np.array_equal(made.sum(-1), np.ones(flat.shape))


def test_to_categorical_infers_the_number_of_classes():
    assert np.array_equal(to_categorical([0, 2]), [[1, 0, 0], [0, 0, 1]])
    assert to_categorical(2).tolist() == [0, 0, 1]
    assert to_categorical([1.7], 0).tolist() == [[0, 1]]


@pytest.mark.parametrize("labels", [[3], [0, -4]])
def test_to_categorical_refuses_numbers_outside(labels):
    with pytest.raises(IndexError, match=r"from 0 to num_classes - 1 = 2; received numbers from"):
        to_categorical(labels, 3)


def test_to_categorical_of_nothing_needs_the_number_of_classes():
    with pytest.raises(ValueError, match="num_classes"):
        to_categorical([])


@pytest.mark.parametrize("axis", [-1, 0, 1])
@pytest.mark.parametrize("order", [1, 2, np.inf])
def test_normalize_gives_norm_one(axis, order):
    x = np.array([[3.0, -4.0, 1.0], [0.5, 2.0, 1.0]])
    assert np.linalg.norm(normalize(x, axis, order), order, axis) == pytest.approx(1)


def test_normalize_keeps_zeros_and_types():
    assert normalize(np.zeros((2, 2))).tolist() == [[0, 0], [0, 0]]
    assert normalize(np.ones((2, 2), "float32")).dtype == "float32"
    assert normalize(np.array([3, 4])).dtype == "float64"
    assert normalize([3, 4]).dtype == "float32"
