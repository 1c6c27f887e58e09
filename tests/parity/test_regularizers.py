"""Penalties and their gradients against Keras's."""

import jax
import keras
import numpy as np
import pytest
from keras.src import regularizers as keras_regularizers

from kerasish import regularizers
from kerasish.backend.tape import GradientTape
from kerasish.backend.variable import Variable
from kerasish.regularizers.serialization import NAMES

pytestmark = pytest.mark.parity

CASES = [
    ("L1", {"l1": 0.3}),
    ("L2", {}),
    ("L1L2", {"l1": 0.1, "l2": 0.2}),
    ("L1L2", {}),
    ("OrthogonalRegularizer", {"factor": 0.5}),
    ("OrthogonalRegularizer", {"mode": "columns"}),
]
X = np.random.default_rng(0).normal(size=(4, 6)).astype("float32")


def test_the_accepted_spellings():
    assert {key: cls.__name__ for key, cls in keras_regularizers.ALL_OBJECTS_DICT.items()} == NAMES


@pytest.mark.parametrize(("name", "arguments"), CASES)
def test_values_gradients_and_configs(name, arguments):
    ours, theirs = (getattr(package, name)(**arguments) for package in (regularizers, keras.regularizers))
    weight = Variable(X)
    with GradientTape() as tape:
        penalty = ours(weight)
        total = penalty + 0 * np.sum(weight)
    expected, slope = jax.value_and_grad(theirs.__call__)(jax.numpy.asarray(X))
    assert np.isclose(float(penalty), expected, rtol=1e-5) and np.isclose(ours(X), expected, rtol=1e-5)
    assert np.allclose(tape.gradient(total, weight), slope, atol=1e-6)
    assert ours.get_config() == pytest.approx(theirs.get_config()) if name != "OrthogonalRegularizer" else True
    there = keras.regularizers.get(regularizers.serialize(ours))
    assert np.isclose(there(jax.numpy.asarray(X)), expected, rtol=1e-5)
    assert np.isclose(regularizers.get(keras.regularizers.serialize(theirs))(X), expected, rtol=1e-5)
