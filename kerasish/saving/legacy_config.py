"""Configurations of Keras 1, Keras 2 and tf.keras, and of Keras 3's HDF5 files, in today's spelling."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kerasish.saving import legacy_functions, legacy_operations, legacy_recurrent, names

Config = dict[str, Any]

_MAX_DEPTH = 100

# Arguments that have another name today, by class; "" is every layer.
_RENAMED = {
    "": {
        "W_regularizer": "kernel_regularizer",
        "b_regularizer": "bias_regularizer",
        "W_constraint": "kernel_constraint",
        "b_constraint": "bias_constraint",
        "init": "kernel_initializer",
        "bias": "use_bias",
        "output_dim": "units",
    },
    "BatchNormalization": {
        "beta_init": "beta_initializer",
        "gamma_init": "gamma_initializer",
    },
    "Dropout": {"p": "rate"},
    "Embedding": {"init": "embeddings_initializer", "W_regularizer": "embeddings_regularizer"},
    "InputLayer": {"batch_input_shape": "batch_shape", "input_dtype": "dtype"},
    "LeakyReLU": {"alpha": "negative_slope"},
    "ReLU": {"theta": "threshold"},
}
_KEPT = {"Embedding": ("input_dim", "output_dim")}
# What tf.keras writes of a plain convolution, also for layers that have no such argument.
_PLAIN = ("groups", "kernel_initializer", "kernel_regularizer", "kernel_constraint")
_DROPPED = {
    "": ("batch_input_shape", "input_dim", "input_dtype", "input_length", "ragged", "sparse", "quantization_mode"),
    "BatchNormalization": ("adjustment", "fused", "mode", "virtual_batch_size"),
    "Discretization": ("trainable",),
    "InputLayer": (),
    **{f"DepthwiseConv{rank}D": _PLAIN for rank in (1, 2)},
    **{f"SeparableConv{rank}D": _PLAIN for rank in (1, 2)},
    **{f"Conv{rank}DTranspose": ("groups",) for rank in (1, 2, 3)},
}
# Layers that another one does the work of today.
_CLASSES = {"ThresholdedReLU": "ReLU"}
_MODELS = {"Sequential": "keras", "Functional": "keras.models", "Model": "keras.models"}
# Classes of operations that have the name of a layer's.
_LAYERS_AND_OPERATIONS = frozenset(
    ["Add", "Average", "Concatenate", "Dot", "Maximum", "Minimum", "Multiply", "Reshape", "Softmax", "Subtract"]
)
OPERATION_HOME = legacy_operations.HOME
_SHORT_INITIALIZERS = {"normal": "random_normal", "uniform": "random_uniform", "one": "ones", "zero": "zeros"}


def modern_model(config: Any) -> Config:
    """The configuration of a model in today's spelling.

    Args:
        config: the attribute `model_config` of an HDF5 file.

    Raises:
        ValueError: if it is not that of a model.
    """
    if not isinstance(config, dict) or not isinstance(config.get("class_name"), str) or "config" not in config:
        raise ValueError("the configuration of a model has a `class_name` and a `config`")
    return _layer(config, 0)


def modern_archive(config: Any) -> Config:
    """The configuration in a `.keras` file of Keras 2 in today's spelling, the arguments of `compile` included.

    Raises:
        ValueError: if it is not that of a model.
    """
    made = modern_model(with_old_functions(config))
    compiling = config.get("compile_config")
    if isinstance(compiling, dict) and compiling.get("optimizer") is not None:
        outputs = made["config"].get("output_layers")
        given = {**compiling, "optimizer_config": compiling["optimizer"]}
        made["compile_config"] = compile_arguments(given, len(outputs) if isinstance(outputs, list) else 1)
    return made


def with_old_functions(config: Any) -> Any:
    """A configuration of Keras 1 or 2 in which activations that have another formula today have another name."""
    if isinstance(config, list):
        return [with_old_functions(item) for item in config]
    if not isinstance(config, dict):
        return config
    return {
        key: legacy_functions.NAMES.get(value, value)
        if isinstance(value, str) and key.endswith("activation")
        else with_old_functions(value)
        for key, value in config.items()
    }


def _layer(config: Any, depth: int) -> Config:
    if depth > _MAX_DEPTH:
        raise ValueError(f"the configuration is nested deeper than {_MAX_DEPTH} levels")
    if not isinstance(config, dict) or not isinstance(config.get("class_name"), str):
        raise ValueError(f"a layer is given by its `class_name` and `config`; found {config!r:.100}")
    if str(config.get("module")).startswith(OPERATION_HOME):
        return config
    name, inner = config["class_name"], config.get("config")
    if _is_plain_operation(config):
        return {**config, "module": f"{OPERATION_HOME}numpy", "registered_name": name}
    if isinstance(inner, list):  # Keras 1 and early Keras 2: a Sequential is the list of its layers
        inner = {"layers": inner}
    if not isinstance(inner, dict):
        raise ValueError(f"the config of {name} must be a dict; found {type(inner).__name__}")
    if name in legacy_operations.CLASSES:
        return legacy_operations.modern_operation(config, inner)
    if names.get_registered_object(name) is None:
        name, inner = legacy_recurrent.settled(name, inner)
    name = _CLASSES.get(name, name)
    if name == "Model" and "input_layers" in inner:
        name = "Functional"
    made = _named(name, "keras.layers", _MODELS)
    arguments = _renamed(made["class_name"], inner)
    if isinstance(arguments.get("layers"), list):
        arguments["layers"] = [_layer(layer, depth + 1) for layer in _with_input(name, arguments["layers"])]
    for key, value in arguments.items():
        arguments[key] = _argument(key, value, depth)
    kept = {key: config[key] for key in ("name", "inbound_nodes", "build_config", "shared_object_id") if key in config}
    return {**kept, **made, "config": arguments}


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


def _named(name: str, module: str, others: Config | None = None) -> Config:
    """The class of this name as a config says it: in a package of the library, or the caller's."""
    if names.get_registered_object(name) is not None:
        return {"module": None, "class_name": name, "registered_name": name}
    short = name.removeprefix("Custom>")
    for candidate in (short, short.removesuffix("V1"), short.removesuffix("V2")):
        home = (others or {}).get(candidate, module)
        if candidate in names.public_names(home):
            return {"module": home, "class_name": candidate, "registered_name": None}
    return {"module": module, "class_name": short, "registered_name": None}


def _renamed(name: str, config: Config) -> Config:
    kept = _KEPT.get(name, ())
    table = {**_RENAMED[""], **_RENAMED.get(name, {})}
    dropped = (*_DROPPED[""], *_DROPPED.get(name, ())) if name != "InputLayer" else ()
    if "batch_shape" in config:
        dropped = (*dropped, "batch_input_shape")
    arguments = {}
    for key, value in config.items():
        if key not in dropped or key in kept:
            arguments[key if key in kept else table.get(key, key)] = value
    if name == "Discretization" and arguments.get("dtype") in ("int32", "int64"):
        del arguments["dtype"]  # which tf.keras meant for what comes out alone
    if name == "BatchNormalization" and isinstance(arguments.get("axis"), list):
        arguments["axis"] = arguments["axis"][0]
    return arguments


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


def _argument(key: str, value: Any, depth: int) -> Any:
    if key in ("layer", "forward_layer", "backward_layer", "cell") and isinstance(value, dict):
        return _layer(value, depth + 1)
    if key == "cells" and isinstance(value, list):
        return [_layer(cell, depth + 1) for cell in value]
    if key.endswith("_initializer"):
        value = _SHORT_INITIALIZERS.get(value, value) if isinstance(value, str) else value
        return _object(value, "keras.initializers")
    if key.endswith("_regularizer"):
        if isinstance(value, dict) and "class_name" not in value and {"l1", "l2"} & set(value):  # Keras 1
            value = {"class_name": "L1L2", "config": {k: value[k] for k in ("l1", "l2") if k in value}}
        return _object(value, "keras.regularizers")
    if key.endswith("_constraint"):
        return _object(value, "keras.constraints")
    if key == "dtype" and isinstance(value, dict):
        return _object(value, "keras", {"Policy": "DTypePolicy"})
    return value


def _object(value: Any, module: str, renamed: dict[str, str] | None = None) -> Any:
    """The config of an initializer, loss, ... with the module that it had no need of."""
    if not isinstance(value, dict) or "class_name" not in value or value.get("module") is not None:
        return value
    name = str(value["class_name"])
    inner = value.get("config")
    return {**_named((renamed or {}).get(name, name), module), "config": dict(inner) if isinstance(inner, dict) else {}}


def compile_arguments(config: Config, outputs: int) -> Config:
    """The arguments of `compile` that a `training_config` stands for, as configs in today's spelling.

    Args:
        config: the attribute `training_config` of an HDF5 file.
        outputs: how many outputs the model has.
    """
    arguments = {
        "optimizer": modern_optimizer(config["optimizer_config"]),
        "loss": _each(config.get("loss"), _loss),
        "loss_weights": config.get("loss_weights"),
    }
    for key in ("metrics", "weighted_metrics"):
        found = _each(config.get(key), _metric)
        if outputs == 1 and isinstance(found, list) and len(found) == 1 and isinstance(found[0], list):
            found = found[0]  # tf.keras writes a list for each output, even for one
        arguments[key] = found or None
    return arguments


def modern_optimizer(config: Any) -> Any:
    """The config of an optimizer in today's spelling; its name stays as it is.

    Keras 2's `decay`, which divides the learning rate by `1 + decay * step`, becomes the schedule that does so.
    """
    if isinstance(config, str):
        return config
    made = _named(config["class_name"], "keras.optimizers")
    arguments = dict(config["config"])
    if "lr" in arguments:
        arguments["learning_rate"] = arguments.pop("lr")
    decay = arguments.pop("decay", 0.0)
    for key in ("is_legacy_optimizer", "jit_compile", "schedule_decay"):
        arguments.pop(key, None)
    if arguments.get("epsilon", 0.0) is None:
        del arguments["epsilon"]
    if arguments.get("weight_decay") is False:
        del arguments["weight_decay"]
    arguments["learning_rate"] = _object(arguments.get("learning_rate", 0.001), "keras.optimizers.schedules")
    if decay:
        schedule = {"initial_learning_rate": arguments["learning_rate"], "decay_steps": 1, "decay_rate": decay}
        arguments["learning_rate"] = _object(
            {"class_name": "InverseTimeDecay", "config": schedule}, "keras.optimizers.schedules"
        )
    return {**made, "config": arguments}


def _each(value: Any, translate: Callable[[Any], Any]) -> Any:
    """A structure of losses or metrics, each translated."""
    if isinstance(value, list):
        return [_each(item, translate) for item in value]
    if isinstance(value, dict) and "class_name" not in value:
        return {key: _each(item, translate) for key, item in value.items()}
    if isinstance(value, str) and names.get_registered_object(value) is not None:
        return _function(value)
    return translate(value)


def _loss(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    made = _object(value, "keras.losses")
    if made["class_name"] == "LossFunctionWrapper":
        return _function(made["config"]["fn"])
    arguments = made["config"]
    if arguments.get("reduction") == "auto":
        arguments["reduction"] = "sum_over_batch_size"
    arguments.pop("fn", None)
    return made


def _metric(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    made = _object(value, "keras.metrics")
    arguments = made["config"]
    if made["class_name"] == "MeanMetricWrapper":
        arguments["fn"] = _function(arguments["fn"])
    else:
        arguments.pop("fn", None)
    return made


def _function(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    return {"module": "builtins", "class_name": "function", "config": value, "registered_name": "function"}
