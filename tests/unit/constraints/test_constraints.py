import numpy as np
import pytest

from kerasish.backend.variable import Variable
from kerasish.constraints import Constraint, MaxNorm, MinMaxNorm, NonNeg, UnitNorm

W = np.array([[3.0, 0.3, -1.0], [4.0, -0.4, 0.0]], "float32")
LENGTHS = np.array([5.0, 0.5, 1.0])


@pytest.mark.parametrize(
    ("constraint", "lengths"),
    [
        (MaxNorm(), [2, 0.5, 1]), (MaxNorm(0.7), [0.7, 0.5, 0.7]), (UnitNorm(), [1, 1, 1]),
        (MinMaxNorm(), [1, 0.5, 1]), (MinMaxNorm(0.8, 2.0), [2, 0.8, 1]),
        (MinMaxNorm(0.8, 2.0, rate=0.5), [3.5, 0.65, 1]),
    ],
)  # fmt: skip
def test_lengths(constraint, lengths):
    for w in (W, Variable(W)):
        made = constraint(w)
        assert isinstance(made, np.ndarray) and made.dtype == "float32"
        assert np.allclose(np.linalg.norm(made, axis=0), lengths, atol=1e-5)
        assert np.allclose(made / lengths, W / LENGTHS, atol=1e-5)


@pytest.mark.parametrize("cls", [MaxNorm, UnitNorm, MinMaxNorm])
def test_axes(cls):
    w = np.random.default_rng(0).normal(size=(3, 3, 4, 5)).astype("float32") * 3
    made = cls(axis=[0, 1, 2])(w)
    expected = 2 if cls is MaxNorm else 1
    assert np.allclose(np.sqrt(np.sum(made**2, axis=(0, 1, 2))), expected, atol=1e-5)
    assert np.allclose(np.linalg.norm(cls(axis=-1)(w), axis=-1).max(), expected, atol=1e-5)


@pytest.mark.parametrize("cls", [MaxNorm, UnitNorm, MinMaxNorm])
def test_zeros_stay_finite(cls):
    assert np.all(cls()(np.zeros((2, 2), "float32")) == 0)


def test_non_neg():
    assert NonNeg()(W).tolist() == np.where(W < 0, 0, W).tolist()


def test_the_base_allows_everything():
    assert Constraint()(W) is W and Constraint().get_config() == {}
