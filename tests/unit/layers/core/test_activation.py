import numpy as np
import pytest

from kerasish import activations, layers


def test_a_name_or_a_function():
    x = np.array([-1.0, 2.0], "float32")
    for activation in ("relu", activations.relu, lambda v: np.maximum(v, 0)):
        assert layers.Activation(activation)(x).tolist() == [0.0, 2.0]


def test_none_is_linear():
    assert layers.Activation(None).get_config()["activation"] == "linear"


def test_an_unknown_name_is_told_with_the_nearest():
    with pytest.raises(ValueError, match="'sigmoid'"):
        layers.Activation("sigmoidal")
