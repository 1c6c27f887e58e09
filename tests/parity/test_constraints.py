"""Constrained weights against Keras's."""

import keras
import numpy as np
import pytest
from keras.src import constraints as keras_constraints

from kerasish import constraints
from kerasish.constraints.serialization import NAMES

pytestmark = pytest.mark.parity

CASES = [
    ("MaxNorm", {}),
    ("MaxNorm", {"max_value": 1.0, "axis": [0, 1, 2]}),
    ("MinMaxNorm", {}),
    ("MinMaxNorm", {"min_value": 1.5, "max_value": 2.0, "rate": 0.7, "axis": 1}),
    ("NonNeg", {}),
    ("UnitNorm", {}),
    ("UnitNorm", {"axis": [0, 1, 2]}),
]
W = np.random.default_rng(0).normal(size=(3, 3, 4, 5)).astype("float32")


def test_the_accepted_spellings():
    assert {key: cls.__name__ for key, cls in keras_constraints.ALL_OBJECTS_DICT.items()} == NAMES


@pytest.mark.parametrize(("name", "arguments"), CASES)
def test_values_and_configs(name, arguments):
    ours, theirs = (getattr(package, name)(**arguments) for package in (constraints, keras.constraints))
    assert np.allclose(ours(W), np.asarray(theirs(W)), rtol=1e-6, atol=1e-7)
    assert ours.get_config() == theirs.get_config()
    assert constraints.serialize(ours) == keras.constraints.serialize(theirs)
    assert type(keras.constraints.get(constraints.serialize(ours))) is type(theirs)
