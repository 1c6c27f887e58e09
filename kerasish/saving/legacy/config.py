"""Configurations of Keras 1, Keras 2 and tf.keras, and of Keras 3's HDF5 files, in today's spelling."""

from __future__ import annotations

from typing import Any

from kerasish.saving import names
from kerasish.saving.legacy import branches, functions, operations, rules, training
from kerasish.saving.legacy.objects import named, with_module
from kerasish.saving.legacy.origin import Config

_MAX_DEPTH = 100

_MODELS = {"Sequential": "keras", "Functional": "keras.models", "Model": "keras.models"}
# Classes of operations that have the name of a layer's.
_LAYERS_AND_OPERATIONS = frozenset(
    ["Add", "Average", "Concatenate", "Dot", "Maximum", "Minimum", "Multiply", "Reshape", "Softmax", "Subtract"]
)
_SHORT_INITIALIZERS = {"normal": "random_normal", "uniform": "random_uniform", "one": "ones", "zero": "zeros"}
# What a first layer says of the data, whatever its class.
_OF_THE_INPUT = ("batch_input_shape", "input_dtype")
_DATA_FORMATS = {"th": "channels_first", "tf": "channels_last"}
# The regularizers and constraints of Keras 1, whose arguments lay beside their name.
_CLASSES_OF_KERAS_1 = {"WeightRegularizer": "L1L2", "ActivityRegularizer": "L1L2", "L1L2Regularizer": "L1L2"}
_ARGUMENTS_OF_KERAS_1 = {"m": "max_value", "low": "min_value", "high": "max_value"}


def modern_model(config: Any) -> Config:
    """The configuration of a model in today's spelling.

    Args:
        config: the attribute `model_config` of an HDF5 file.

    Raises:
        ValueError: if it is not that of a model.
    """
    if not isinstance(config, dict) or not isinstance(config.get("class_name"), str) or "config" not in config:
        raise ValueError("the configuration of a model has a `class_name` and a `config`")
    return _Translation(_data_format(config)).layer(config, 0)


def modern_archive(config: Any) -> Config:
    """The configuration in a `.keras` file of Keras 2 in today's spelling, the arguments of `compile` included.

    Raises:
        ValueError: if it is not that of a model.
    """
    made = modern_model(with_old_functions(config))
    compiling = config.get("compile_config")
    if isinstance(compiling, dict) and compiling.get("optimizer") is not None:
        given = {**compiling, "optimizer_config": compiling["optimizer"]}
        made["compile_config"] = training.compile_arguments(given, made["config"].get("output_layers"))
    return made


def with_old_functions(config: Any) -> Any:
    """A configuration of Keras 1 or 2 in which activations that have another formula today have another name."""
    if isinstance(config, list):
        return [with_old_functions(item) for item in config]
    if not isinstance(config, dict):
        return config
    return {
        key: functions.NAMES.get(value, value)
        if isinstance(value, str) and key.endswith("activation")
        else with_old_functions(value)
        for key, value in config.items()
    }


def _data_format(config: Any) -> str | None:
    """Where the layers of a model of Keras 1 have the channels, if they say so and agree."""
    found: set[Any] = set()

    def look(value: Any, depth: int) -> None:
        if depth <= 4 * _MAX_DEPTH and isinstance(value, (dict, list)):
            if isinstance(value, dict) and isinstance(value.get("dim_ordering"), str):
                found.add(value["dim_ordering"])
            for part in value.values() if isinstance(value, dict) else value:
                look(part, depth + 1)

    look(config, 0)
    return _DATA_FORMATS.get(found.pop()) if len(found) == 1 else None


class _Translation:
    """The layers of one model in today's spelling.

    Args:
        data_format: where the model's layers have the channels, if that is known.
    """

    def __init__(self, data_format: str | None) -> None:
        self._format = data_format

    def layer(self, config: Any, depth: int) -> Config:
        """The configuration of a layer, or of a model, which is one."""
        if depth > _MAX_DEPTH:
            raise ValueError(f"the configuration is nested deeper than {_MAX_DEPTH} levels")
        if not isinstance(config, dict) or not isinstance(config.get("class_name"), str):
            raise ValueError(f"a layer is given by its `class_name` and `config`; found {config!r:.100}")
        if str(config.get("module")).startswith(operations.HOME):
            return config
        name, inner = config["class_name"], config.get("config")
        if _is_plain_operation(config):
            return {**config, "module": f"{operations.HOME}numpy", "registered_name": name}
        if isinstance(inner, list):  # Keras 1 and early Keras 2: a Sequential is the list of its layers
            inner = {"layers": inner}
        if not isinstance(inner, dict):
            raise ValueError(f"the config of {name} must be a dict; found {type(inner).__name__}")
        if name in operations.CLASSES:
            return operations.modern_operation(config, inner)
        if name == "Sequential" and branches.begins_with_merge(inner.get("layers")):
            name, inner = "Functional", branches.as_graph(inner)
        if name == "Model" and "input_layers" in inner:
            name = "Functional"
        made, arguments = self._settled(name, inner, config.get("registered_name"))
        if isinstance(arguments.get("layers"), list):
            layers = _with_input(name, arguments["layers"])
            arguments["layers"] = [self.layer(layer, depth + 1) for layer in layers]
        for key, value in arguments.items():
            arguments[key] = self._argument(key, value, depth)
        kept = ("name", "inbound_nodes", "build_config", "shared_object_id")
        return {**{key: config[key] for key in kept if key in config}, **made, "config": arguments}

    def _settled(self, name: str, config: Config, registered: Any) -> tuple[Config, Config]:
        """The class of a layer, and its arguments under the names that they have today."""
        is_of_the_caller = names.get_registered_object(name) is not None
        now = name if is_of_the_caller else rules.name_of_today(name)
        made = named(now, "keras.layers", _MODELS, registered)
        if made["registered_name"] is not None:  # the caller's own class, whose arguments are the caller's too
            return made, {key: value for key, value in config.items() if key not in _OF_THE_INPUT}
        rule = rules.rule_for(made["class_name"])
        arguments = _renamed(rule, config, made["class_name"] == "InputLayer")
        if rule.data_format and arguments.get("data_format") is None:
            wanted = self._format if rule.data_format == "model" else rule.data_format
            arguments |= {"data_format": wanted} if wanted else {}
        if rule.settle is not None:
            settled, arguments = rule.settle(made["class_name"], arguments)
            made = made if settled == made["class_name"] else named(settled, "keras.layers")
        return made, arguments

    def _argument(self, key: str, value: Any, depth: int) -> Any:
        if key in ("layer", "forward_layer", "backward_layer", "cell") and isinstance(value, dict):
            return self.layer(value, depth + 1)
        if key == "cells" and isinstance(value, list):
            return [self.layer(cell, depth + 1) for cell in value]
        if key.endswith("_initializer"):
            value = _SHORT_INITIALIZERS.get(value, value) if isinstance(value, str) else value
            return with_module(value, "keras.initializers")
        if key.endswith("_regularizer"):
            return with_module(_in_two_parts(value), "keras.regularizers")
        if key.endswith("_constraint"):
            return with_module(_in_two_parts(value), "keras.constraints")
        if key == "dtype" and isinstance(value, dict):
            return with_module(value, "keras", {"Policy": "DTypePolicy"})
        return value


def _renamed(rule: rules.Rule, config: Config, is_input: bool) -> Config:
    table = {**rules.COMMON.renamed, **rule.renamed}
    dropped = {*(() if is_input else rules.COMMON.dropped), *rule.dropped} - set(rule.kept)
    if "batch_shape" in config:
        dropped.add("batch_input_shape")
    arguments = {}
    for key, value in config.items():
        new = key if key in rule.kept else table.get(key, key)
        if key not in dropped and new not in rule.dropped:
            arguments[new] = value
    if arguments.get("data_format") in (*_DATA_FORMATS, "default"):
        arguments["data_format"] = _DATA_FORMATS.get(arguments["data_format"])
    return arguments


def _in_two_parts(value: Any) -> Any:
    """A regularizer or constraint of Keras 1 as a class and its arguments."""
    if not isinstance(value, dict) or "class_name" in value or not isinstance(value.get("name", ""), str):
        return value
    name = value.get("name", "L1L2")
    inner = {_ARGUMENTS_OF_KERAS_1.get(key, key): part for key, part in value.items() if key != "name"}
    return {"class_name": _CLASSES_OF_KERAS_1.get(name, name), "config": inner}


def _is_plain_operation(config: Config) -> bool:
    """Whether Keras 3 wrote this for an operation between layers, of which an HDF5 file only says the class.

    A layer of the same class, such as `Add`, has a `trainable` among its settings.
    """
    inner, nodes = config.get("config"), config.get("inbound_nodes")
    is_node = isinstance(nodes, list) and len(nodes) > 0 and isinstance(nodes[0], dict) and "args" in nodes[0]
    if not is_node or not isinstance(inner, dict) or {"trainable", "layers"} & set(inner):
        return False
    name = config["class_name"]
    is_layer = name in names.public_names("keras.layers") and name not in _LAYERS_AND_OPERATIONS
    return not is_layer and names.get_registered_object(name) is None


def _with_input(name: str, layers: list[Any]) -> list[Any]:
    """A Sequential's layers, with an input layer in front where the first one carries the shape of the data."""
    first = layers[0] if layers else None
    if name != "Sequential" or not isinstance(first, dict) or first.get("class_name") == "InputLayer":
        return layers
    config = first.get("config")
    if not isinstance(config, dict) or config.get("batch_input_shape") is None:
        return layers
    entrance = {"batch_shape": config["batch_input_shape"], "name": f"{config.get('name', 'sequential')}_input"}
    return [{"class_name": "InputLayer", "config": entrance}, *layers]
