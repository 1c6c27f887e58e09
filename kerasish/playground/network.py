"""The Keras model that settings mean, compiled, and what is drawn of it."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish import layers, optimizers, regularizers
from kerasish.backend.random import process_state, set_process_state, set_random_seed
from kerasish.layers.core.input_layer import Input
from kerasish.models.sequential import Sequential
from kerasish.playground import catalogue
from kerasish.playground.messages import LayerInfo, LayerSettings, Settings
from kerasish.playground.settings import optimizer_kwargs
from kerasish.utils.numerical_utils import to_categorical


def output_count(settings: Settings) -> int:
    """How many outputs the network has: one for each class of three or more."""
    return settings["classes"] if settings["problem"] == "classification" and settings["classes"] > 2 else 1


def loss_name(settings: Settings) -> str:
    """The loss, or what "auto" stands for."""
    if settings["loss"] != "auto":
        return settings["loss"]
    if settings["problem"] == "regression":
        return "mean_squared_error"
    return "binary_crossentropy" if output_count(settings) == 1 else "sparse_categorical_crossentropy"


def output_activation(settings: Settings) -> str:
    """The activation of the outputs, or what "auto" stands for."""
    if settings["output_activation"] != "auto":
        return settings["output_activation"]
    if settings["problem"] == "regression":
        return "linear"
    if output_count(settings) > 1:
        return "softmax"
    return "tanh" if loss_name(settings) in catalogue.HINGES else "sigmoid"


def threshold(settings: Settings) -> float:
    """The output above which a point counts as of class 1, and where the colours of a map change."""
    if settings["problem"] == "regression":
        return 0.0
    return 0.0 if loss_name(settings) in catalogue.HINGES else 0.5


def needs_rows(settings: Settings) -> bool:
    """Whether the loss compares with rows of zeros and a one, in place of labels."""
    return output_count(settings) > 1 and not loss_name(settings).startswith("sparse_")


def targets(y: np.ndarray, settings: Settings) -> np.ndarray:
    """Labels or values as the loss reads them."""
    return to_categorical(y, output_count(settings)) if needs_rows(settings) else y


def build(settings: Settings) -> Any:
    """The model of these settings, compiled, with its first weights; the seeds of the process stay as they were."""
    state = process_state()
    try:
        set_random_seed(settings["seed"])
        model = Sequential([Input((len(settings["features"]),)), *_hidden(settings), _output(settings)])
    finally:
        set_process_state(state)
    kind = getattr(optimizers, catalogue.OPTIMIZERS[settings["optimizer"]])
    model.compile(optimizer=kind(**optimizer_kwargs(settings)), loss=loss_name(settings))
    return model


def _hidden(settings: Settings) -> list[Any]:
    made: list[Any] = []
    for number, layer in enumerate(settings["layers"], 1):
        name = f"{layer['kind']}_{number}"
        if layer["kind"] == "dropout":
            made.append(layers.Dropout(layer["rate"], name=name))
        elif layer["kind"] == "batch_normalization":
            made.append(layers.BatchNormalization(name=name))
        else:
            made.append(_dense(settings, layer["units"], layer["activation"], name))
    return made


def _output(settings: Settings) -> Any:
    return _dense(settings, output_count(settings), output_activation(settings), "output")


def _dense(settings: Settings, units: int, activation: str, name: str) -> Any:
    written = catalogue.REGULARIZATIONS[settings["regularization"]]
    rate = settings["regularization_rate"]
    penalties = {"L1": {"l1": rate}, "L2": {"l2": rate}, "L1L2": {"l1": rate, "l2": rate}}
    return layers.Dense(
        units,
        activation=activation,
        kernel_initializer=settings["initializer"],
        kernel_regularizer=getattr(regularizers, written)(**penalties[written]) if written else None,
        name=name,
    )


def weights_of(layer: Any) -> list[Any]:
    """The arrays of a layer that are numbers to be drawn or edited: no states of random numbers."""
    return [variable for variable in layer.weights if np.dtype(variable.dtype).kind == "f"]


def describe(model: Any, settings: Settings | None) -> list[LayerInfo]:
    """The layers as they are drawn.

    Args:
        model: the model.
        settings: what it was made of; None for a model that was made elsewhere.
    """
    parts = drawn_layers(model)
    return [_info(i, layer, i == len(parts) - 1, settings) for i, layer in enumerate(parts)]


def drawn_layers(model: Any) -> list[Any]:
    """The layers of a model in order, without its inputs."""
    return [layer for layer in model.layers if not hasattr(layer, "batch_shape")]


def _info(index: int, layer: Any, is_output: bool, settings: Settings | None) -> LayerInfo:
    activation = getattr(getattr(layer, "activation", None), "__name__", "")
    kind = type(layer).__name__
    known = {"Dense": "dense", "Dropout": "dropout", "BatchNormalization": "batch_normalization"}
    weights = weights_of(layer)
    return {
        "index": index,
        "name": layer.name,
        "kind": known.get(kind, kind),
        "units": units_of(layer),
        "activation": activation,
        "is_output": is_output,
        "setting": None if settings is None or is_output else index,
        "weights": [
            {"name": v.name, "shape": [int(n) for n in v.shape], "trainable": bool(v.trainable)} for v in weights
        ],
    }


def units_of(layer: Any) -> int:
    """How many numbers a layer makes of each point; 0 where that is no row of numbers, or not known."""
    shape: tuple[int | None, ...] = getattr(getattr(layer, "output", None), "shape", ())
    return (shape[1] or 0) if len(shape) == 2 else 0


def essential(settings: Settings) -> dict[str, Any]:
    """The settings that have an effect, with what "auto" stands for: what a script of them says."""
    found: dict[str, Any] = dict(settings)
    found["loss"], found["output_activation"] = loss_name(settings), output_activation(settings)
    found["optimizer_options"] = {k: v for k, v in optimizer_kwargs(settings).items() if k != "learning_rate"}
    unused = ["momentum"]  # it is one of these options where the optimizer has it
    unused += ["samples", "noise"] if settings["data"] == "own" else ["points"]
    unused += ["classes"] if settings["problem"] == "regression" else []
    unused += ["regularization_rate"] if settings["regularization"] == "none" else []
    return {name: value for name, value in found.items() if name not in unused}


def weight_shapes(settings: Settings) -> list[tuple[int, ...]]:
    """The shapes of the arrays of weights, in the order of `get_weights`."""
    shapes: list[tuple[int, ...]] = []
    width = len(settings["features"])
    output: LayerSettings = {"kind": "dense", "units": output_count(settings)}
    for layer in [*settings["layers"], output]:
        if layer["kind"] == "dense":
            shapes += [(width, layer["units"]), (layer["units"],)]
            width = layer["units"]
        elif layer["kind"] == "batch_normalization":
            shapes += [(width,)] * 4
    return shapes
