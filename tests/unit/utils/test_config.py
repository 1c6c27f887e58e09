"""Settings by name, and the configs of Keras 2."""

import copy
import pickle

import pytest

import kerasish as keras
from kerasish.utils import Config, legacy


def test_settings_are_attributes_and_items() -> None:
    settings = Config(rate=0.1)
    settings.steps = 3
    settings["name"] = "x"
    assert (settings.rate, settings["steps"], settings.get("none", 7), len(settings)) == (0.1, 3, 7, 3)
    assert "name" in settings and list(settings) == ["rate", "steps", "name"] and "steps" in dir(settings)
    assert settings.pop("name") == "x" and settings.as_dict() == {"rate": 0.1, "steps": 3}
    settings.update(rate=0.2)
    assert settings.to_json() == '{"rate": 0.2, "steps": 3}' and dict(settings.items()) == settings.as_dict()
    del settings.steps
    assert list(settings.keys()) == ["rate"] and list(settings.values()) == [0.2]
    with pytest.raises(AttributeError, match=r"no setting 'ratte'. Did you mean 'rate'"):
        settings.ratte  # noqa: B018
    with pytest.raises(AttributeError, match="is a method"):
        settings.items = 3  # type: ignore[method-assign, assignment]


def test_frozen_settings_stay() -> None:
    settings = Config(rate=0.1)
    settings.freeze()
    for change in (lambda: setattr(settings, "rate", 1), lambda: settings.pop("rate"), lambda: settings.update(a=1),
                   lambda: settings.__setitem__("a", 1), lambda: settings.__delitem__("rate")):  # fmt: skip
        with pytest.raises(ValueError, match="frozen"):
            change()
    for copied in (copy.deepcopy(settings), pickle.loads(pickle.dumps(settings))):
        assert copied.frozen and copied.rate == 0.1
    settings.unfreeze()
    settings.rate = 2
    assert settings.rate == 2


def test_configs_of_keras_2_go_both_ways() -> None:
    names = {"Dense": keras.layers.Dense, "relu": keras.activations.relu}
    config = legacy.serialize_keras_object(keras.layers.Dense(3, name="d"))
    assert config["class_name"] == "Dense" and config["config"]["units"] == 3
    assert legacy.deserialize_keras_object(config, names).units == 3
    assert legacy.deserialize_keras_object("relu", names) is keras.activations.relu
    assert legacy.serialize_keras_object(keras.activations.relu) == "relu"
    assert legacy.deserialize_keras_object(None) is None and legacy.serialize_keras_object(None) is None
    assert legacy.deserialize_keras_object(len) is len


def test_what_a_config_of_keras_2_may_not_name() -> None:
    with pytest.raises(ValueError, match=r"unknown layer 'Dens'. Did you mean 'Dense'"):
        legacy.deserialize_keras_object("Dens", {"Dense": keras.layers.Dense}, printable_module_name="layer")
    with pytest.raises(ValueError, match="unknown object 'system'"):
        legacy.deserialize_keras_object({"class_name": "system", "config": {}})
    with pytest.raises(ValueError, match="'class_name' and 'config'"):
        legacy.deserialize_keras_object({"class_name": "Dense"})
    with pytest.raises(ValueError, match="neither"):
        legacy.serialize_keras_object(3)
