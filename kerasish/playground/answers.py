"""What the page asks beyond frames: one point's backpropagation, the loss as a landscape, and the model as a file."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from typing import Any

import numpy as np

from kerasish.explain.blackboard import BackpropStep, LayerStep
from kerasish.explain.step import backprop
from kerasish.explain.surface import loss_surface
from kerasish.playground.messages import Backprop, BackpropLayer, Binary, finite
from kerasish.playground.network import drawn_layers


def backprop_answer(model: Any, x: np.ndarray, y: np.ndarray, point: list[float], label: float) -> Backprop:
    """One step of gradient descent on one point: forward and back, layer by layer.

    Args:
        model: the network; it stays as it was.
        x, y: the point's features and target, as a batch of one.
        point, label: as the page gave them.
    """
    step = backprop(model, x, y)
    places = {layer.name: i for i, layer in enumerate(drawn_layers(model))}
    made: Backprop = {
        "type": "backprop",
        "point": point,
        "label": label,
        "features": x[0].tolist(),
        "layers": [_layer(step, layer, places.get(layer.name)) for layer in step.layers],
        "prediction": np.ravel(step.prediction).tolist(),
        "loss_name": step.loss_name,
        "loss": step.loss,
        "loss_after": step.loss_after,
        "learning_rate": step.learning_rate,
        "text": str(step),
    }
    return made


def _layer(step: BackpropStep, layer: LayerStep, place: int | None) -> BackpropLayer:
    weights = {weight.path.rpartition("/")[2]: weight for weight in step.weights if f"{layer.name}/" in weight.path}
    kernel, bias = weights.get("kernel"), weights.get("bias")
    return {
        "layer": place,
        "name": layer.name,
        "kind": layer.kind,
        "activation": layer.activation,
        "inputs": _row(layer.inputs),
        "sums": _row(layer.sums),
        "outputs": _row(layer.outputs) or [],
        "slopes": _row(layer.slopes),
        "output_gradient": _row(layer.output_gradient),
        "sum_gradient": _row(layer.sum_gradient),
        "kernel": None if kernel is None else kernel.before.tolist(),
        "bias": None if bias is None else bias.before.tolist(),
        "kernel_gradient": None if kernel is None else kernel.gradient.tolist(),
        "bias_gradient": None if bias is None else bias.gradient.tolist(),
        "kernel_after": None if kernel is None else kernel.after.tolist(),
        "bias_after": None if bias is None else bias.after.tolist(),
    }


def _row(values: np.ndarray | None) -> list[float | None] | None:
    """The numbers of the only sample."""
    return None if values is None else np.ravel(values[0]).tolist()


def surface_answer(model: Any, x: np.ndarray, y: np.ndarray, options: Mapping[str, Any]) -> Binary:
    """The loss around the present weights, with the path that the optimizer would take from here."""
    found = loss_surface(model, x, y, optimizers=True, **options)
    (path,) = found.paths.values()
    losses = found.losses[np.isfinite(found.losses)]
    header = {
        "type": "surface",
        "labels": list(found.labels),
        "low": float(losses.min()) if losses.size else None,
        "high": float(losses.max()) if losses.size else None,
        "share": finite(found.share),
    }
    arrays = {"a": found.a, "b": found.b, "losses": found.losses, "path": path.places, "path_losses": path.losses}
    return Binary(header, arrays)


def keras_file(model: Any) -> Binary:
    """The model in Keras's own format, with its optimizer: what `keras.saving.load_model` reads."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "playground.keras")
        model.save(path)
        with open(path, "rb") as file:
            content = file.read()
    return file_answer("playground.keras", "application/octet-stream", content)


def file_answer(name: str, mime: str, content: bytes) -> Binary:
    """A file to be downloaded."""
    return Binary({"type": "file", "name": name, "mime": mime}, {"bytes": np.frombuffer(content, "uint8")})
