"""The arguments of `compile` in files of Keras 1 and 2, in today's spelling."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kerasish.saving import names
from kerasish.saving.legacy.objects import named, with_module
from kerasish.saving.legacy.origin import Config

_FORMER_METRICS = {
    "cosine": "cosine_similarity",
    "cosine_proximity": "cosine_similarity",
    "kld": "kl_divergence",
    "kullback_leibler_divergence": "kl_divergence",
    "logcosh": "log_cosh_error",
}


def compile_arguments(config: Config, outputs: Any) -> Config:
    """The arguments of `compile` that a `training_config` stands for, as configs in today's spelling.

    Args:
        config: the attribute `training_config` of an HDF5 file.
        outputs: the outputs of the model, a list where they may be several.
    """
    has_one = not isinstance(outputs, list) or len(outputs) == 1
    arguments = {
        "optimizer": modern_optimizer(config["optimizer_config"]),
        "loss": _each(config.get("loss"), _loss),
        "loss_weights": config.get("loss_weights"),
    }
    for key in ("metrics", "weighted_metrics"):
        found = _each(config.get(key), _metric)
        if has_one and isinstance(found, list) and len(found) == 1 and isinstance(found[0], list):
            found = found[0]  # tf.keras writes a list for each output, even for one
        arguments[key] = found or None
    return arguments


def modern_optimizer(config: Any) -> Any:
    """The config of an optimizer in today's spelling; its name stays as it is.

    Keras 2's `decay`, which divides the learning rate by `1 + decay * step`, becomes the schedule that does so.
    """
    if isinstance(config, str):
        return config
    made = named(config["class_name"], "keras.optimizers", registered=config.get("registered_name"))
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
    arguments["learning_rate"] = with_module(arguments.get("learning_rate", 0.001), "keras.optimizers.schedules")
    if decay:
        schedule = {"initial_learning_rate": arguments["learning_rate"], "decay_steps": 1, "decay_rate": decay}
        arguments["learning_rate"] = with_module(
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
    made = with_module(value, "keras.losses")
    if made["class_name"] == "LossFunctionWrapper":
        return _function(made["config"]["fn"])
    arguments = made["config"]
    if arguments.get("reduction") == "auto":
        arguments["reduction"] = "sum_over_batch_size"
    arguments.pop("fn", None)
    return made


def _metric(value: Any) -> Any:
    if not isinstance(value, dict):
        return _FORMER_METRICS.get(value, value) if isinstance(value, str) else value
    made = with_module(value, "keras.metrics")
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
