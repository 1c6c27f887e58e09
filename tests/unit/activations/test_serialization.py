import numpy as np
import pytest

from kerasish import activations
from kerasish.ops import nn
from kerasish.saving import CustomObjectScope, register_keras_serializable
from kerasish.saving.serialization import serialize_keras_object


def test_names():
    assert activations.get("relu") is activations.relu and activations.get("swish") is activations.silu
    assert activations.get("hard_swish") is activations.hard_silu is activations.hard_swish
    assert activations.get(None) is activations.linear


def test_every_name_goes_round():
    from kerasish.activations.serialization import NAMES

    for spelling, name in NAMES.items():
        function = activations.get(spelling)
        assert function.__name__ == name == activations.serialize(function)
        assert activations.deserialize(name) is function
        assert activations.deserialize(serialize_keras_object(function)) is function


def test_every_public_function_has_its_name():
    from kerasish.activations.serialization import NAMES

    assert set(NAMES) == set(activations.__all__) - {"get", "serialize", "deserialize"}


def test_a_callable_stays():
    assert activations.get(np.tanh) is np.tanh


def test_operations_are_saved_as_the_activation_they_are():
    assert activations.serialize(nn.relu) == "relu" and activations.serialize(nn.leaky_relu) == "leaky_relu"
    assert activations.serialize(nn.gelu) != "gelu"  # it approximates, activations.gelu does not


def test_custom_functions():
    @register_keras_serializable("test_activations")
    def double(x):
        return 2 * x

    def relu(x):
        return 3 * x

    assert activations.get("test_activations>double") is double
    config = activations.serialize(double)
    assert config["class_name"] == "function" and config["config"] == "test_activations>double"
    assert activations.deserialize(config) is double and activations.get(config) is double
    assert isinstance(activations.serialize(relu), dict)
    assert activations.deserialize(activations.serialize(relu), {"relu": relu}) is relu
    with CustomObjectScope({"relu": relu}):
        assert activations.get("relu") is relu


def test_a_lambda_cannot_be_saved():
    with pytest.raises(ValueError, match="lambda"):
        activations.serialize(lambda x: x)


def test_a_misspelled_name_brings_the_nearest():
    with pytest.raises(ValueError, match=r"unknown activation 'rulu'.*'relu'"):
        activations.get("rulu")
    for bad in (5, ["relu"], {"class_name": "function", "config": "rulu"}):
        with pytest.raises(ValueError, match="activation"):
            activations.get(bad)
