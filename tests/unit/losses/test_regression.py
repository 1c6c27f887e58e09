import numpy as np
import pytest

from kerasish import losses
from kerasish.backend.tape import GradientTape


def test_zero_vectors_have_a_finite_cosine_and_gradient():
    zero = np.zeros((2, 3), "float32")
    with GradientTape() as tape:
        watched = tape.watch(zero)
        result = losses.cosine_similarity(np.ones((2, 3)), watched)
    assert (result.value == 0).all() and np.isfinite(tape.gradient(result, watched)).all()


def test_log_cosh_of_large_errors_is_finite():
    found = losses.log_cosh(np.zeros((1, 1)), np.full((1, 1), 1e4))
    np.testing.assert_allclose(found, 1e4 - np.log(2), rtol=1e-6)


@pytest.mark.parametrize("name", ["mean_squared_error", "mean_absolute_error", "huber", "log_cosh"])
def test_float64_stays(name):
    assert getattr(losses, name)(np.ones((2, 2)), np.zeros((2, 2))).dtype == "float64"


@pytest.mark.parametrize("name", ["MeanSquaredError", "MeanAbsoluteError", "Huber", "Poisson", "Dice"])
def test_targets_that_would_broadcast_are_refused(name):
    with pytest.raises(ValueError, match=r"\(3, 1\).*\(3, 2\)"):
        getattr(losses, name)()(np.ones((3, 1)), np.ones((3, 2)))
