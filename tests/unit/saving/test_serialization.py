from typing import Any

import numpy as np
import pytest

import kerasish as keras
from kerasish.saving.serialization import UnknownNameError, deserialize_keras_object, serialize_keras_object, sharing


@pytest.mark.parametrize("value", [None, True, 3, 2.5, "text", [1, [2, None]], {"a": 1, "b": [2]}])
def test_plain_values_stay(value: object) -> None:
    assert serialize_keras_object(value) == value == deserialize_keras_object(value)


@pytest.mark.parametrize(
    "value", [np.arange(6.0).reshape(2, 3), b"bytes", slice(1, None, 2), Ellipsis, {"deep": [np.ones(2, "int8")]}]
)
def test_values_that_json_has_no_spelling_for_come_back(value: object) -> None:
    again = deserialize_keras_object(serialize_keras_object(value))
    assert str(again) == str(value) and type(again) is type(value)


def test_numbers_of_numpy_and_variables_become_plain() -> None:
    assert serialize_keras_object(np.float32(2)) == 2.0 and serialize_keras_object(np.array(3)) == 3
    assert serialize_keras_object(np.dtype("float32")) == "float32"
    assert serialize_keras_object(keras.Variable([1.0]))["config"] == {"value": [1.0], "dtype": "float32"}


def test_an_instance_names_its_public_module() -> None:
    config = serialize_keras_object(keras.regularizers.L2(0.5))
    assert config == {
        "module": "keras.regularizers",
        "class_name": "L2",
        "config": {"l2": 0.5},
        "registered_name": None,
    }
    assert deserialize_keras_object(config).l2 == 0.5


def test_a_built_layer_is_built_again() -> None:
    layer = keras.layers.Dense(3)
    layer.build((None, 2))
    config = serialize_keras_object(layer)
    assert config["build_config"] == {"input_shape": (None, 2)}
    assert deserialize_keras_object(config).kernel.shape == (2, 3)


def test_functions_go_by_name() -> None:
    config = serialize_keras_object(keras.losses.mean_squared_error)
    assert config == {
        "module": "builtins",
        "class_name": "function",
        "config": "mean_squared_error",
        "registered_name": "function",
    }
    assert deserialize_keras_object(config) is keras.losses.mean_squared_error

    @keras.saving.register_keras_serializable("unit")
    def mine(x: object) -> object:
        return x

    config = serialize_keras_object(mine)
    assert config["config"] == "unit>mine" and deserialize_keras_object(config) is mine
    assert deserialize_keras_object({**config, "config": "mine"}) is mine  # as Keras 3.6 wrote it


def test_what_has_no_name_or_config_is_told() -> None:
    with pytest.raises(ValueError, match="a lambda cannot be saved"):
        serialize_keras_object(lambda x: x)
    with pytest.raises(ValueError, match="no `get_config`"):
        serialize_keras_object(object())


def test_unknown_names_tell_the_nearest() -> None:
    config = {"module": "keras.layers", "class_name": "Dence", "config": {}, "registered_name": None}
    for kind in (ValueError, TypeError, UnknownNameError):
        with pytest.raises(kind, match="Did you mean 'Dense'"):
            deserialize_keras_object(config)


def test_files_with_unknown_names_raise_as_in_keras(tmp_path) -> None:
    class Mine(keras.layers.Layer):
        def call(self, x: Any) -> Any:
            return x

    def mine(x: Any) -> Any:
        return x

    for unknown in (Mine(), keras.layers.Dense(2, mine)):
        keras.Sequential([keras.Input((3,)), unknown]).save(tmp_path / "model.keras")
        for kind in (ValueError, TypeError):
            with pytest.raises(kind, match=r"(?s)model.keras: config.json: (?i:.*unknown .*mine)"):
                keras.models.load_model(tmp_path / "model.keras")


def test_a_class_of_the_callers_own() -> None:
    class Mine(keras.layers.Layer):
        pass

    config = serialize_keras_object(Mine(name="mine"))
    assert config["registered_name"] == "Mine" and config["module"] == __name__
    with pytest.raises(ValueError, match="unknown class 'Mine'"):
        deserialize_keras_object(config)
    assert type(deserialize_keras_object(config, custom_objects={"Mine": Mine})) is Mine
    with keras.saving.custom_object_scope({"Mine": Mine}):
        assert type(deserialize_keras_object(config)) is Mine


def test_a_registered_name_does_not_hide_the_librarys_own() -> None:
    class Dense(keras.layers.Layer):
        pass

    config = serialize_keras_object(keras.layers.Dense(2))
    assert type(deserialize_keras_object(config, custom_objects={"Dense": Dense})) is keras.layers.Dense


def test_a_config_that_does_not_fit_names_the_class() -> None:
    config = serialize_keras_object(keras.regularizers.L2(0.5))
    with pytest.raises(ValueError, match=r"config of L2 does not fit.*l3"):
        deserialize_keras_object({**config, "config": {"l3": 1}})
    with pytest.raises(ValueError, match="must be a dict"):
        deserialize_keras_object({**config, "config": 3})
    with pytest.raises(ValueError, match="must be a string"):
        deserialize_keras_object({**config, "class_name": 3})


def test_too_deep() -> None:
    config: list[object] = []
    for _ in range(300):
        config = [config]
    with pytest.raises(ValueError, match="nested deeper"):
        deserialize_keras_object(config)


def test_what_a_file_shares_is_shared() -> None:
    config = {**serialize_keras_object(keras.regularizers.L2(0.5)), "shared_object_id": 7}
    with sharing:
        a, b = deserialize_keras_object([config, config])
        with sharing:
            assert deserialize_keras_object(config) is not a
        assert a is b is deserialize_keras_object(config)
    assert deserialize_keras_object(config) is not deserialize_keras_object(config)
