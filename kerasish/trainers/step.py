"""One training step: forward, loss, backward into the flat gradient buffer, update."""

from __future__ import annotations

import warnings
from contextlib import nullcontext
from typing import Any

import numpy as np

from kerasish.backend.array import eager
from kerasish.backend.masks import with_mask
from kerasish.backend.tape import GradientTape, backpropagate_into
from kerasish.backend.tensor import Tensor
from kerasish.backend.variable import Variable
from kerasish.optimizers.optimizer import Optimizer


def untraced(structure: Any) -> Any:
    """Predictions as arrays, cut from the tape, with their masks."""
    if type(structure) is Tensor:
        mask = structure._keras_mask
        return eager(structure.value) if mask is None else with_mask(structure.value, untraced(mask))
    if isinstance(structure, dict):
        return {key: untraced(value) for key, value in structure.items()}
    if isinstance(structure, (list, tuple)) and not hasattr(structure, "_fields"):
        return type(structure)(untraced(value) for value in structure)
    return structure


def batch_size_of(x: Any) -> int:
    """The number of samples in a batch."""
    while isinstance(x, (dict, list, tuple)):
        x = next(iter(x.values())) if isinstance(x, dict) else x[0]
    return len(x)


def update(optimizer: Any, trainable: list[Variable], only: list[Variable] | None) -> None:
    """Let the optimizer use the gradients that lie in its arrays, by way of what a subclass has put in between.

    Args:
        optimizer: an optimizer that is built.
        trainable: the variables to change.
        only: the same, if the optimizer knows more than these.
    """
    if optimizer._steps_directly:
        optimizer.step(only)
        return
    gradients = [optimizer.gradient_of[id(variable)].copy() for variable in trainable]
    if type(optimizer).apply_gradients is Optimizer.apply_gradients:
        optimizer.apply(gradients, trainable)
    else:
        optimizer.apply_gradients(zip(gradients, trainable, strict=True))


def tell_of_unreached(variables: list[Variable]) -> None:
    """Warn of variables that training leaves as they are."""
    if variables:
        names = ", ".join(repr(v.path) for v in variables[:5]) + (", ..." if len(variables) > 5 else "")
        warnings.warn(
            f"the loss does not depend on the trainable variable(s) {names}: they get no gradient, and do not learn. A "
            "layer whose output is not used, an operation without a derivative or ops.stop_gradient may stand between.",
            stacklevel=2,
        )


def train_on(model: Any, x: Any, y: Any, sample_weight: Any, trainable: list[Variable]) -> tuple[Any, Any]:
    """Change the model's variables by one step.

    Args:
        model: a compiled, built model.
        x, y, sample_weight: a batch.
        trainable: the variables to change.

    Returns:
        The loss and the predictions, as arrays.

    Raises:
        ValueError: if the loss does not depend on any of the variables.
    """
    optimizer = model.optimizer
    # a scale of the loss is found by letting it overflow now and then
    with np.errstate(over="ignore", invalid="ignore") if optimizer._scale_changes else nullcontext():
        return _train_on(model, optimizer, x, y, sample_weight, trainable)


def _train_on(
    model: Any, optimizer: Any, x: Any, y: Any, sample_weight: Any, trainable: list[Variable]
) -> tuple[Any, Any]:
    with GradientTape() as tape:
        y_pred = model(x, training=True)
        loss = model._loss_of(x, y, y_pred, sample_weight, training=True)
    if not isinstance(loss, Tensor):
        raise ValueError(
            "the loss does not depend on any trainable variable, so there is nothing to learn: the model has no "
            "trainable weights, or a layer computes outside of kerasish.ops, NumPy functions and operators"
        )
    if np.ndim(loss.value):
        raise ValueError(f"the loss must be one number; its shape is {np.shape(loss.value)}. Use a reduction.")
    buffers = {}
    gradient_of = optimizer.gradient_of
    leaves = tape._leaves
    for variable in trainable:
        held = leaves.get(id(variable))
        if held is not None:
            buffers[id(held[1])] = gradient_of[id(variable)]
    seed = np.ones((), loss.value.dtype) * (optimizer.loss_scale_factor or 1.0)
    written = backpropagate_into(tape.nodes, loss, seed.astype(loss.value.dtype), buffers)
    if len(written) < len(trainable):
        unreached = [v for v in trainable if id(v) not in leaves or id(leaves[id(v)][1]) not in written]
        for variable in unreached:
            gradient_of[id(variable)].fill(0)
        tell_of_unreached(unreached)
    tape._release()
    update(optimizer, trainable, None if len(trainable) == len(optimizer._trainable_variables) else trainable)
    return loss.value, untraced(y_pred)
