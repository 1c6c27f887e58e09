import numpy as np

import kerasish
from kerasish import layers


def test_the_input_itself():
    x = np.ones((2, 3), "float32")
    y = layers.Identity()(x)
    assert np.shares_memory(y, x) and layers.Identity()(y) is y


def test_structures_pass():
    symbols = {"a": kerasish.Input((2,)), "b": kerasish.Input((3,), dtype="int32")}
    out = layers.Identity()(symbols)
    assert out["a"].shape == (None, 2)
    assert out["b"].dtype == "int32"
