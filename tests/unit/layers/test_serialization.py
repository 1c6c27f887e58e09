import pytest

import kerasish as keras
from kerasish import layers


def test_there_and_back():
    layer = layers.deserialize(layers.serialize(layers.Dropout(0.3, seed=2, name="rest")))
    assert (type(layer), layer.name, layer.rate, layer.seed) == (layers.Dropout, "rest", 0.3, 2)


def test_an_unknown_layer_is_told_with_the_nearest():
    with pytest.raises(ValueError, match="'Dropout'"):
        layers.deserialize({"module": "keras.layers", "class_name": "Dropuot", "config": {}})


def test_every_public_name_is_there():
    for name in layers.__all__:
        assert getattr(layers, name).__module__.startswith("kerasish.layers"), name


def test_a_seed_generator_in_a_config():
    seeds = keras.random.SeedGenerator(3)
    config = keras.saving.serialize_keras_object(seeds)
    assert config["module"] == "keras.random"
    assert keras.saving.deserialize_keras_object(config).seed == 3
    initializer = keras.initializers.RandomNormal(seed=seeds)
    again = keras.initializers.deserialize(keras.initializers.serialize(initializer))
    assert again.seed.seed == 3


@pytest.mark.parametrize("arguments", [{"initializer": "ones"}, {"shape": (2, 2)}])
def test_add_weight_takes_the_shape_first(arguments):
    with pytest.raises(ValueError, match="name='w'"):
        layers.Layer().add_weight("w", **arguments)


class Scaled(keras.Operation):
    def __init__(self, factor, offset=1.0, name=None):
        super().__init__(name=name)
        self.factor, self.offset = factor, offset

    def call(self, x):
        return x * self.factor + self.offset


def test_operations_report_their_arguments():
    made = Scaled(3.0, name="scaled")
    assert made.get_config() == {"name": "scaled", "factor": 3.0, "offset": 1.0}
    assert Scaled.from_config(made.get_config()).factor == 3.0
    with pytest.raises(NotImplementedError, match="factor"):
        Scaled(object()).get_config()


class Doubled(layers.Layer):
    def __init__(self, units, activation="relu", **kwargs):
        super().__init__(**kwargs)


def test_layers_report_their_defaults_too():
    config = Doubled(3).get_config()
    assert (config["units"], config["activation"]) == (3, "relu")
