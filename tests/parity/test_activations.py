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
    *((name, {}) for name in sorted(set(NAMES) - {"threshold"})),
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
    ("sparsemax", {"axis": 0}),
    ("squareplus", {"b": 1.0}),
    ("threshold", {"threshold": 0.5, "default_value": 9.0}),
]
RANDOM = np.random.default_rng(0).normal(size=(6, 8)).astype("float32") * 3
# Where pieces meet, and far out.
CORNERS = np.array([[-100, -6, -3, -1, -0.5, -0.2], [0, 0.2, 0.5, 1, 3, 6], [100, 50, 9, -9, -50, 2]], "float32").T


@pytest.mark.parametrize(("name", "arguments"), CASES)
def test_values_and_gradients(name, arguments):
    ours, theirs = getattr(activations, name), getattr(keras.activations, name)
    for x in (RANDOM, CORNERS if name != "glu" else CORNERS[:, :2]):
        expected = np.asarray(theirs(jax.numpy.asarray(x), **arguments))
        found = ours(x, **arguments)
        assert found.dtype == expected.dtype and np.allclose(found, expected, rtol=2e-5, atol=2e-6)
        weights = np.random.default_rng(1).normal(size=expected.shape).astype("float32")
        slope = jax.grad(lambda v, w=weights: (theirs(v, **arguments) * w).sum())(jax.numpy.asarray(x))
        variable = Variable(x)
        with GradientTape() as tape:
            total = np.sum(ours(variable, **arguments) * weights)
        assert np.allclose(tape.gradient(total, variable), slope, rtol=2e-5, atol=5e-6)


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
