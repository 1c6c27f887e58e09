"""`.h5`: a whole model in one HDF5 file, the format of Keras 1 and 2, as Keras 3 still writes it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from kerasish.backend import budget, first_values
from kerasish.backend.callers import warn
from kerasish.backend.variable import Variable
from kerasish.saving import assets, atomic, names
from kerasish.saving.errors import reading
from kerasish.saving.guards import safe_h5, safe_json
from kerasish.saving.keras_archive import KERAS_VERSION
from kerasish.saving.legacy import config as legacy_config
from kerasish.saving.legacy import operations, weights
from kerasish.saving.legacy import training as legacy_training
from kerasish.saving.legacy.origin import Origin, origin_of
from kerasish.saving.legacy.rules import IN_HDF5
from kerasish.saving.loading import Assignment, assign_all, own_variables, value_for
from kerasish.saving.serialization import deserialize_keras_object, serialize_keras_object
from kerasish.saving.weights_store import write_dataset

# The most bytes that HDF5 keeps in an attribute.
_ATTRIBUTE_LIMIT = 64512

# Keras cannot read these losses' short names in its own HDF5 files, only the full ones.
_FULL_NAMES = {
    "bce": "binary_crossentropy",
    "kld": "kl_divergence",
    "mae": "mean_absolute_error",
    "mape": "mean_absolute_percentage_error",
    "mse": "mean_squared_error",
    "msle": "mean_squared_logarithmic_error",
}


# -- writing -------------------------------------------------------------------------------------------------


def save(model: Any, path: str, include_optimizer: bool = True) -> None:
    """Write a model, and if it is compiled the state of its training."""
    directory = os.path.dirname(path)
    if directory:
        os.makedirs(directory, exist_ok=True)
    assets.warn_of_loss(model, path)
    config = serialize_keras_object(model)
    attributes = {"model_config": _legacy(config)}
    with_optimizer = include_optimizer and getattr(model, "optimizer", None) is not None
    if with_optimizer and model.compiled:
        attributes["training_config"] = _training_config(config["compile_config"])
    with atomic.replacing(path) as temporary, safe_h5.creating(temporary) as file:
        _write_origin(file)
        for name, value in attributes.items():
            file.attrs[name] = json.dumps(value).encode("utf-8")
        _write_layers(file.create_group("model_weights"), model)
        if with_optimizer:
            _write_variables(file.create_group("optimizer_weights"), model.optimizer.variables)


def _write_origin(group: Any) -> None:
    group.attrs["backend"] = "numpy"
    group.attrs["keras_version"] = KERAS_VERSION


def _legacy(config: Any) -> Any:
    """The configuration of a model or layer in the older spelling, without modules."""
    if str(config.get("module")).startswith(operations.HOME):
        return config
    inner = dict(config["config"])
    of_model = str(config.get("module")) != "keras.layers"  # a layer made of layers has them told as Keras 3 does
    if of_model and isinstance(inner.get("layers"), list):
        inner["layers"] = [_legacy(layer) for layer in inner["layers"]]
    kept = {key: config[key] for key in ("name", "inbound_nodes") if key in config}
    name = config["registered_name"] or IN_HDF5.get(config["class_name"], config["class_name"])
    return {**kept, "class_name": name, "config": inner}


def _training_config(config: dict[str, Any]) -> dict[str, Any]:
    rest = {key: _without_modules(value) for key, value in config.items() if key != "optimizer"}
    rest["loss"] = _with_full_names(rest.get("loss"))
    return {**rest, "optimizer_config": _without_modules(config["optimizer"])}


def _with_full_names(loss: Any) -> Any:
    if isinstance(loss, list):
        return [_with_full_names(item) for item in loss]
    if isinstance(loss, dict) and "class_name" not in loss:
        return {key: _with_full_names(item) for key, item in loss.items()}
    return _FULL_NAMES.get(loss.lower(), loss) if isinstance(loss, str) else loss


def _without_modules(value: Any) -> Any:
    """Losses and metrics by class and config, functions by name."""
    if isinstance(value, (list, tuple)):
        return [_without_modules(item) for item in value]
    if not isinstance(value, dict):
        return value
    if value.get("class_name") == "function":
        return value["config"]
    if "class_name" in value:
        return {"class_name": value.get("registered_name") or value["class_name"], "config": value["config"]}
    return {key: _without_modules(item) for key, item in value.items()}


def _write_layers(group: Any, model: Any) -> None:
    layers = model.layers
    _write_names(group, "layer_names", [layer.name for layer in layers])
    _write_origin(group)
    for layer in sorted(layers, key=lambda layer: layer.name):
        _write_variables(group.create_group(layer.name), weights.weights_of(layer))
    _write_variables(group.create_group("top_level_model_weights"), own_variables(model))


def _write_variables(group: Any, variables: list[Variable]) -> None:
    labels: list[str] = []
    for variable in variables:
        path = variable.path if variable.path not in labels else f"{variable.path}_{len(labels)}"
        labels.append(path)
        parent, _, name = path.rpartition("/")
        write_dataset(group.require_group(parent) if parent else group, name, variable.numpy())
    _write_names(group, "weight_names", labels)


def _write_names(group: Any, name: str, values: list[str]) -> None:
    """Write a list of names, in several attributes where it is too long for one."""
    encoded = [value.encode("utf-8") for value in values]
    parts = 1
    while max((part.nbytes for part in np.array_split(np.asarray(encoded), parts)), default=0) > _ATTRIBUTE_LIMIT:
        parts += 1
    if parts == 1:
        group.attrs[name] = encoded
        return
    for i, part in enumerate(np.array_split(np.asarray(encoded), parts)):
        group.attrs[f"{name}{i}"] = part


# -- reading -------------------------------------------------------------------------------------------------


def load(path: str, custom_objects: dict[str, Any] | None, compile: bool) -> Any:
    """The model of an HDF5 file.

    Raises:
        ValueError: if the file is damaged or names what is not known here.
    """
    with (
        reading(path, "HDF5"),
        safe_h5.open_file(path) as file,
        names.CustomObjectScope(custom_objects),
        budget.limited(safe_h5.allowance(file)),
        first_values.later(),
    ):
        return _load(path, file, compile)


def _load(path: str, file: Any, compile: bool) -> Any:
    with reading(path, "model_config"):
        if "model_config" not in file.attrs:
            hint = " (it holds weights only: make the model and call load_weights)" if _holds_weights(file) else ""
            raise ValueError(f"the file has no attribute model_config, so it describes no model{hint}")
        config = safe_json.loads_dict(safe_h5.text_attribute(file, "model_config", ""))
        if not safe_h5.text_attribute(file, "keras_version", "").startswith("3."):
            config = legacy_config.with_old_functions(config)
        model = deserialize_keras_object(legacy_config.modern_model(config))
    with reading(path, "model_weights"):
        group = safe_h5.group_at(file, "model_weights")
        origin = origin_of(file, group)
        assign_all(_plan(group, model, origin))
    if compile and "training_config" in file.attrs:
        with reading(path, "training_config"):
            training = safe_json.loads_dict(safe_h5.text_attribute(file, "training_config", ""))
            _compile(model, training)
        with reading(path, "optimizer_weights"):
            _load_optimizer(file, model, origin)
    return model


def _holds_weights(file: Any) -> bool:
    return "layer_names" in file.attrs or safe_h5.has(file, "layers") or safe_h5.has(file, "vars")


def load_weights(model: Any, path: str, by_name: bool = False, skip_mismatch: bool = False) -> None:
    """Read the weights of an HDF5 file of a whole model, or of weights in the older format.

    Args:
        model: a built model.
        path: the file.
        by_name: match layers by their names in place of their order; those without a match stay as they are.
        skip_mismatch: whether a layer that does not fit is left as it is, with a warning.

    Raises:
        ValueError: if they do not fit; nothing is changed then.
    """
    with reading(path, "weights"), safe_h5.open_file(path) as file:
        group = file
        if "layer_names" not in file.attrs and "layer_names0" not in file.attrs:
            group = safe_h5.group_at(file, "model_weights")
        plan = _plan_by_name if by_name else _plan_in_order
        assign_all(plan(group, model, origin_of(file, group), skip_mismatch))


def _plan(group: Any, model: Any, origin: Origin) -> list[Assignment]:
    """The values of a model that was made from the same file: by the names of layers where they tell enough."""
    stored = [name for name in safe_h5.text_list(group, "layer_names") if _holds_any(group, name)]
    ours = [layer.name for layer in model.layers if layer.weights]
    are_alike = len(set(stored)) == len(stored) and sorted(stored) == sorted(ours)
    return (_plan_by_name if are_alike else _plan_in_order)(group, model, origin, False)


def _holds_any(group: Any, name: str) -> bool:
    return bool(safe_h5.text_list(safe_h5.group_at(group, name), "weight_names"))


def _plan_in_order(group: Any, model: Any, origin: Origin, skip_mismatch: bool) -> list[Assignment]:
    """The values of the layers that have weights, matched by their order."""
    layers = [layer for layer in model.layers if layer.weights]
    stored = [name for name in safe_h5.text_list(group, "layer_names") if _holds_any(group, name)]
    if len(stored) != len(layers):
        hint = "" if layers or model.built else "; the model has not been built, so call it on data first"
        raise ValueError(f"the file holds {len(stored)} layers with weights; the model has {len(layers)}{hint}")
    plan: list[Assignment] = []
    for name, layer in zip(stored, layers, strict=True):
        label = f"the layer {layer.name!r} ({name!r} in the file)"
        with _told(label, skip_mismatch):
            plan += weights.planned(layer, safe_h5.group_at(group, name), origin)
    return plan + _plan_own(group, model, skip_mismatch)


def _plan_by_name(group: Any, model: Any, origin: Origin, skip_mismatch: bool) -> list[Assignment]:
    """The values of the layers whose names the file knows."""
    named: dict[str, list[Any]] = {}
    for layer in model.layers:
        named.setdefault(layer.name, []).append(layer)
    plan: list[Assignment] = []
    for name in safe_h5.text_list(group, "layer_names"):
        for layer in named.get(name, ()):
            with _told(f"the layer {name!r}", skip_mismatch):
                plan += weights.planned(layer, safe_h5.group_at(group, name), origin)
    return plan + _plan_own(group, model, skip_mismatch)


def _plan_own(group: Any, model: Any, skip_mismatch: bool) -> list[Assignment]:
    if not safe_h5.has(group, "top_level_model_weights"):
        return []
    part = safe_h5.group_at(group, "top_level_model_weights")
    plan: list[Assignment] = []
    with _told(f"the model {model.name!r} itself", skip_mismatch):
        datasets = [safe_h5.dataset_at(part, name) for name in safe_h5.text_list(part, "weight_names")]
        plan = weights.in_order(own_variables(model), datasets)
    return plan


@contextmanager
def _told(label: str, skip_mismatch: bool) -> Iterator[None]:
    """A block whose errors tell which layer it was, or become warnings."""
    try:
        yield
    except ValueError as error:
        if not skip_mismatch:
            raise ValueError(f"{label}: {error}") from error
        warn(f"{label} is left as it is: {error}")


def _compile(model: Any, training: dict[str, Any]) -> None:
    arguments = legacy_training.compile_arguments(training, getattr(model, "outputs", None))
    model.compile(**{key: deserialize_keras_object(value) for key, value in arguments.items()})


def _load_optimizer(file: Any, model: Any, origin: Origin) -> None:
    """Set the optimizer's state, or warn that it starts anew because the file's is of another make."""
    optimizer = model.optimizer
    if not model.trainable_variables:
        return
    optimizer.build(model.trainable_variables)
    group = safe_h5.find_group(file, "optimizer_weights")
    labels = [] if group is None else safe_h5.text_list(group, "weight_names")
    if not labels:
        return
    if weights.are_rearranged(model, origin):
        message = f"the state of the optimizer {optimizer.name!r} goes with kernels in another order; it starts anew"
        warn(message)
        return
    datasets = [safe_h5.dataset_at(group, label) for label in labels]
    if len(optimizer.variables) == 2 and datasets[0].shape == ():
        datasets = datasets[:1]  # SGD of tf.keras keeps momenta that are zero; the count of steps is all that matters
    for variables in _orders(optimizer, len(datasets), labels[0].startswith("iteration")):
        if all(v.shape == tuple(d.shape) for v, d in zip(variables, datasets, strict=True)):
            assign_all([(v, value_for(v, d)) for v, d in zip(variables, datasets, strict=True)])
            return
    if datasets[0].shape == () and not safe_h5.read(datasets[0]):
        return  # saved before its first step: there is nothing to take over
    warn(
        f"the state of the optimizer {optimizer.name!r} does not fit: it has {len(optimizer.variables)} variables, the "
        f"file holds {len(datasets)}; it starts anew",
    )


def _orders(optimizer: Any, count: int, from_weight_to_weight: bool) -> list[list[Variable]]:
    """The orders in which Keras has kept an optimizer's variables, those that have `count` of them.

    Keras 3 goes from weight to weight, and so does tf.keras from 2.11 on; before, Keras 2 had all first moments before
    all second ones, after the count of steps if there was one. Neither kept the learning rate.
    """
    now = optimizer.variables
    slots = [v for made in getattr(optimizer, "_slots", {}).values() for v in made]
    without_rate = [now[0], *now[2:]]
    orders = (now, without_rate) if from_weight_to_weight else (now, [now[0], *slots], slots)
    return [order for order in orders if len(order) == count]
