"""Values and gradients of activations against Keras's on JAX."""

import jax
import keras
import numpy as np
import pytest
from keras.src import activations as keras_activations

from kerasish import activations
from kerasish.activations.serialization import NAMES
from kerasish.backend.tape import GradientTape
from kerasish.backend.variable import Variable

pytestmark = pytest.mark.parity

CASES = [
    *((name, {}) for name in sorted(set(NAMES) - {"threshold", "sparsemax"})),
    ("celu", {"alpha": 0.5}),
    ("elu", {"alpha": 0.5}),
    ("gelu", {"approximate": True}),
    ("glu", {"axis": 0}),
    ("hard_shrink", {"threshold": 1.0}),
    ("leaky_relu", {"negative_slope": 0.1}),
    ("log_softmax", {"axis": 0}),
    ("relu", {"negative_slope": 0.1}),
    ("relu", {"max_value": 1.0}),
    ("relu", {"max_value": 6.0}),
    ("relu", {"threshold": 0.5}),
    ("relu", {"threshold": -0.5, "max_value": 2.0}),
    ("relu", {"negative_slope": 0.1, "max_value": 1.0, "threshold": 0.5}),
    ("soft_shrink", {"threshold": 1.0}),
    ("softmax", {"axis": 0}),
    ("softmax", {"axis": (0, 1)}),
    ("squareplus", {"b": 1.0}),
    ("threshold", {"threshold": 0.5, "default_value": 9.0}),
]
# Not compared: sparsemax, which in Keras 3.15.1 gives rows that do not sum to 1.
RANDOM = np.random.default_rng(0).normal(size=(6, 8)).astype("float32") * 3
# On either side of where pieces meet, and far out.
WIDE = np.array([[-100, -6.1, -3.1, -1.1, -0.6, -0.4], [-2.9, -0.9, 0.4, 0.6, 0.9, 1.1], [2.9, 3.1, 5.9, 6.1, 50, 80]])


@pytest.mark.parametrize(("name", "arguments"), CASES)
def test_values_and_gradients(name, arguments):
    ours, theirs = getattr(activations, name), getattr(keras.activations, name)
    for x in (RANDOM, WIDE.T[:, :2].astype("float32"), WIDE.T[:, 1:].astype("float32")):
        expected = np.asarray(theirs(jax.numpy.asarray(x), **arguments))
        found = ours(x, **arguments)
        assert found.dtype == expected.dtype and np.allclose(found, expected, rtol=2e-5, atol=2e-6)
        weights = np.random.default_rng(1).normal(size=expected.shape).astype("float32")
        slope = jax.grad(lambda v, w=weights: (theirs(v, **arguments) * w).sum())(jax.numpy.asarray(x))
        variable = Variable(x)
        with GradientTape() as tape:
            total = np.sum(ours(variable, **arguments) * weights)
        assert np.allclose(tape.gradient(total, variable), slope, rtol=2e-5, atol=5e-6)


@pytest.mark.parametrize("name", ["elu", "hard_sigmoid", "hard_silu", "relu", "relu6", "selu", "silu", "softplus"])
def test_slopes_at_zero(name):
    variable = Variable(np.zeros(1, "float32"))
    with GradientTape() as tape:
        total = np.sum(getattr(activations, name)(variable))
    slope = jax.grad(lambda x: getattr(keras.activations, name)(x).sum())(jax.numpy.zeros(1))
    assert np.allclose(tape.gradient(total, variable), slope)


def test_the_accepted_spellings():
    assert {key: function.__name__ for key, function in keras_activations.ALL_OBJECTS_DICT.items()} == NAMES


@pytest.mark.parametrize("name", sorted(NAMES))
def test_names_are_read_by_both(name):
    ours, theirs = getattr(activations, name), getattr(keras.activations, name)
    assert activations.serialize(ours) == keras.activations.serialize(theirs)
    assert activations.get(keras.saving.serialize_keras_object(theirs)) is ours


def test_a_custom_function_is_written_alike():
    def double(x):
        return 2 * x

    with keras.saving.custom_object_scope({"double": double}):
        assert keras.activations.get(activations.serialize(double)) is double
    assert activations.deserialize(keras.activations.serialize(double), {"double": double}) is double
