import pytest

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
