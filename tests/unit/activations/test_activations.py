import numpy as np
import pytest

from kerasish import activations
from kerasish.backend.symbolic import KerasTensor
from kerasish.backend.tape import GradientTape
from kerasish.backend.variable import Variable

X = np.array([-7.0, -2.0, -0.25, 0.0, 0.25, 2.0, 7.0], "float32")
EXTRA = {"threshold": (0.5, 9.0)}
FUNCTIONS = [name for name in activations.__all__ if name not in ("get", "serialize", "deserialize")]


def relu_in_full(x, negative_slope, max_value, threshold):
    below = negative_slope * (x - threshold)
    return np.where(x <= threshold, below, x if max_value is None else np.minimum(x, max_value))


@pytest.mark.parametrize("negative_slope", [0.0, 0.3])
@pytest.mark.parametrize("max_value", [None, 1.0, 6.0])
@pytest.mark.parametrize("threshold", [0.0, 0.5])
def test_relu(negative_slope, max_value, threshold):
    made = activations.relu(X, negative_slope, max_value, threshold)
    assert made.dtype == "float32"
    assert np.allclose(made, relu_in_full(X, negative_slope, max_value, threshold), atol=1e-6)


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_dtype_and_shape_stay(name, dtype):
    x = np.zeros((3, 4), dtype)
    made = getattr(activations, name)(x, *EXTRA.get(name, ()))
    assert isinstance(made, np.ndarray) and made.dtype == dtype
    assert made.shape == ((3, 2) if name == "glu" else (3, 4))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_symbolic_tensors_keep_their_shape(name):
    made = getattr(activations, name)(KerasTensor((None, 4)), *EXTRA.get(name, ()))
    assert made.shape == ((None, 2) if name == "glu" else (None, 4)) and made.dtype == "float32"


def test_relu_in_full_on_symbolic_tensors():
    assert activations.relu(KerasTensor((None, 4)), 0.1, 6.0, 0.5).shape == (None, 4)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_gradients_by_differences(name):
    function, extra = getattr(activations, name), EXTRA.get(name, ())
    x = np.random.default_rng(0).normal(size=(3, 4)) * 2
    weights = np.random.default_rng(1).normal(size=function(x, *extra).shape)
    variable = Variable(x)
    with GradientTape() as tape:
        total = np.sum(function(variable, *extra) * weights)
    found = tape.gradient(total, variable)
    for index in np.ndindex(x.shape):
        shift = np.zeros(x.shape)
        shift[index] = 1e-6
        slope = np.sum((function(x + shift, *extra) - function(x - shift, *extra)) * weights) / 2e-6
        assert np.isclose(found[index], slope, atol=1e-6)


def test_linear_is_the_input_itself():
    assert activations.linear(X) is X


def test_probabilities_sum_to_one():
    logits = np.random.default_rng(0).normal(size=(3, 4)).astype("float32") * 50
    for function in (activations.softmax, activations.sparsemax):
        for axis in (0, -1):
            assert np.allclose(function(logits, axis=axis).sum(axis), 1, atol=1e-5)
    assert np.allclose(activations.softmax(logits, axis=(0, 1)).sum(), 1, atol=1e-5)


@pytest.mark.parametrize("axis", [0, -1])
def test_sparsemax_is_the_nearest_distribution(axis):
    logits = np.random.default_rng(0).normal(size=(4, 5)) * 2
    made = np.moveaxis(activations.sparsemax(logits, axis), axis, -1)
    rows = np.moveaxis(logits, axis, -1)
    for p, x in zip(made, rows, strict=True):
        shift = (x - p)[p > 0]  # the same for all that are not cut off
        assert np.allclose(shift, shift[0]) and np.all(x[p == 0] <= shift[0]) and np.isclose(p.sum(), 1)


def test_mish():
    assert np.allclose(activations.mish(X), X * np.tanh(np.log1p(np.exp(X))), atol=1e-6)
    assert activations.mish([1.0, 2.0]).shape == (2,)
