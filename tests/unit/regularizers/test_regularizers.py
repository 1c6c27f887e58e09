import numpy as np
import pytest

from kerasish.backend.tape import GradientTape
from kerasish.backend.variable import Variable
from kerasish.regularizers import L1, L1L2, L2, OrthogonalRegularizer, Regularizer

X = np.array([[1.0, -2.0], [0.5, 3.0], [-4.0, 0.25]], "float32")


@pytest.mark.parametrize(
    ("regularizer", "penalty"),
    [
        (L1(0.5), 0.5 * 10.75), (L2(0.5), 0.5 * 30.3125), (L1L2(0.5, 0.1), 5.375 + 3.03125), (L1L2(l1=0.5), 5.375),
        (L1L2(l2=0.5), 15.15625), (L1L2(), 0), (L1(None), 0.1075), (L2(None), 0.303125), (L1L2(None, None), 0),
    ],
)  # fmt: skip
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_penalties(regularizer, penalty, dtype):
    for x in (X.astype(dtype), Variable(X.astype(dtype))):
        made = regularizer(x)
        assert np.shape(made) == () and made.dtype == dtype and np.isclose(made, penalty, rtol=1e-6)


@pytest.mark.parametrize(
    ("regularizer", "gradient"),
    [(L1(0.5), 0.5 * np.sign(X)), (L2(0.5), X), (L1L2(0.5, 0.5), 0.5 * np.sign(X) + X)],
)
def test_gradients(regularizer, gradient):
    weight = Variable(X)
    with GradientTape() as tape:
        penalty = regularizer(weight)
    found = tape.gradient(penalty, weight)
    assert found.dtype == "float32" and np.allclose(found, gradient)


@pytest.mark.parametrize("mode", ["rows", "columns"])
def test_orthogonal_is_the_mean_cosine(mode):
    vectors = X if mode == "rows" else X.T
    lengths = np.linalg.norm(vectors, axis=1)
    pairs = [(i, j) for i in range(len(vectors)) for j in range(i)]
    cosines = [abs(vectors[i] @ vectors[j]) / lengths[i] / lengths[j] for i, j in pairs]
    assert np.isclose(OrthogonalRegularizer(0.5, mode)(X), 0.5 * np.mean(cosines))


def test_orthogonal_gradient_by_differences():
    regularizer, weight = OrthogonalRegularizer(0.5), Variable(X.astype("float64"))
    with GradientTape() as tape:
        penalty = regularizer(weight)
    found = tape.gradient(penalty, weight)
    for index in np.ndindex(X.shape):
        shift = np.zeros(X.shape)
        shift[index] = 1e-6
        slope = (regularizer(X + shift) - regularizer(X - shift)) / 2e-6
        assert np.isclose(found[index], slope, atol=1e-8)


def test_orthogonal_of_zeros_and_of_one_vector():
    weight = Variable(np.zeros((3, 2), "float32"))
    with GradientTape() as tape:
        penalty = OrthogonalRegularizer()(weight)
    assert penalty.numpy() == 0 and np.all(np.isfinite(tape.gradient(penalty, weight)))
    assert OrthogonalRegularizer()(X[:1]) == 0


def test_orthogonal_is_for_matrices():
    with pytest.raises(ValueError, match=r"\(3,\)"):
        OrthogonalRegularizer()(np.ones(3))
    with pytest.raises(ValueError, match="mode"):
        OrthogonalRegularizer(mode="diagonals")


@pytest.mark.parametrize("bad", [-1.0, float("nan"), float("inf"), "0.1", [0.1]])
@pytest.mark.parametrize(("cls", "name"), [(L1, "l1"), (L2, "l2"), (L1L2, "l2"), (OrthogonalRegularizer, "factor")])
def test_factors_are_checked(cls, name, bad):
    with pytest.raises(ValueError, match=f"{name} must be a finite number"):
        cls(**{name: bad})


def test_the_base():
    assert Regularizer()(X) == 0
    with pytest.raises(NotImplementedError, match="get_config"):
        Regularizer().get_config()
