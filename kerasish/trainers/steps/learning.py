"""One training step: forward, loss, backward into the flat gradient buffer, update."""

from __future__ import annotations

import warnings
from contextlib import nullcontext
from typing import Any

import numpy as np

from kerasish.backend.tape import GradientTape, backpropagate_into
from kerasish.backend.tensor import Tensor, recording
from kerasish.backend.variable import Variable
from kerasish.optimizers.optimizer import Optimizer
from kerasish.trainers.compiling.compiled import Compiled
from kerasish.trainers.steps.run import untraced


def batch_size_of(x: Any) -> int:
    """The number of samples in a batch."""
    while isinstance(x, (dict, list, tuple)):
        x = next(iter(x.values())) if isinstance(x, dict) else x[0]
    return len(x)


def forward(model: Any, x: Any, y: Any, sample_weight: Any, training: bool) -> tuple[Any, Any]:
    """A batch forward through a model: the loss and the predictions."""
    y_pred = model(x, training=training)
    return model._loss_of(x, y, y_pred, sample_weight, training=training), y_pred


def update(optimizer: Any, trainable: list[Variable], only: list[Variable] | None) -> None:
    """Let the optimizer use the gradients that lie in its arrays, by way of what a subclass has put in between.

    Args:
        optimizer: an optimizer that is built.
        trainable: the variables to change.
        only: the same, if the optimizer knows more than these.
    """
    if optimizer.steps_directly:
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
    if recording.trace is not None:
        return _train_in_a_trace(model, x, y, sample_weight, trainable)
    # a scale of the loss is found by letting it overflow now and then
    with np.errstate(over="ignore", invalid="ignore") if optimizer.scale_changes else nullcontext():
        return _train_on(model, optimizer, x, y, sample_weight, trainable)


def _train_in_a_trace(model: Any, x: Any, y: Any, sample_weight: Any, trainable: list[Variable]) -> tuple[Any, Any]:
    """The same as part of a user's own step that is written down: by operations that have derivatives themselves."""
    with GradientTape() as tape:
        loss, y_pred = forward(model, x, y, sample_weight, training=True)
    model.optimizer.apply(tape.gradient(loss, trainable), trainable)
    return loss, y_pred


def descend(optimizer: Any, run: Any, trainable: list[Variable], only: list[Variable] | None) -> None:
    """Make the optimizer's step after a run on the tape that was to be written down."""
    loss = run.results[0]
    _check_loss(loss)
    leaves = {id(variable): leaf for variable, leaf in run.trace.leaves}
    wanted = [leaves[id(v)] for v in trainable if id(v) in leaves]
    found = run.gradients(loss, _seed(optimizer, loss), wanted)
    unreached = []
    for variable in trainable:
        gradient = found.get(id(leaves.get(id(variable))))
        if gradient is None:
            unreached.append(variable)
            optimizer.leave(variable)
        else:
            optimizer.gradient_of[id(variable)][...] = gradient
    tell_of_unreached(unreached)
    update(optimizer, trainable, only)


def learn(model: Any, x: Any, y: Any, sample_weight: Any, trainable: list[Variable]) -> dict[str, Any]:
    """A step on the tape; returns what `note` does."""
    if trainable:
        loss, y_pred = train_on(model, x, y, sample_weight, trainable)
    else:
        loss, y_pred = forward(model, x, y, sample_weight, training=True)
    return note(model, x, y, y_pred, sample_weight, loss)


def judge(model: Any, x: Any, y: Any, sample_weight: Any) -> dict[str, Any]:
    """The same without learning."""
    loss, y_pred = forward(model, x, y, sample_weight, training=False)
    return note(model, x, y, y_pred, sample_weight, loss)


def note(model: Any, x: Any, y: Any, y_pred: Any, sample_weight: Any, loss: Any) -> dict[str, Any]:
    """Take a batch into a model's metrics; returns what an overridden `compute_metrics` returned."""
    tracker, size = model._loss_tracker, batch_size_of(x)
    if recording.trace is None:
        tracker.total._value += untraced(loss) * size
        tracker.count._value += size
    else:
        tracker.update_state(loss, sample_weight=size)
    if type(model).compute_metrics is Compiled.compute_metrics:
        model._update_metrics(y, y_pred, sample_weight)
        return {}
    return model.compute_metrics(x, y, y_pred, sample_weight)


def _check_loss(loss: Any) -> None:
    if not isinstance(loss, Tensor):
        raise ValueError(
            "the loss does not depend on any trainable variable, so there is nothing to learn: the model has no "
            "trainable weights, or a layer computes outside of kerasish.ops, NumPy functions and operators"
        )
    if np.ndim(loss.value):
        raise ValueError(f"the loss must be one number; its shape is {np.shape(loss.value)}. Use a reduction.")


def _seed(optimizer: Any, loss: Tensor) -> Any:
    """The gradient of the loss by itself, times the factor by which the optimizer wants it larger."""
    return loss.value.dtype.type(optimizer.loss_scale_factor or 1.0)


def _train_on(
    model: Any, optimizer: Any, x: Any, y: Any, sample_weight: Any, trainable: list[Variable]
) -> tuple[Any, Any]:
    with GradientTape() as tape:
        loss, y_pred = forward(model, x, y, sample_weight, training=True)
    _check_loss(loss)
    buffers = {}
    gradient_of = optimizer.gradient_of
    leaves = tape._leaves
    for variable in trainable:
        held = leaves.get(id(variable))
        if held is not None:
            buffers[id(held[1])] = gradient_of[id(variable)]
    written = backpropagate_into(tape.nodes, loss, _seed(optimizer, loss), buffers)
    if len(written) < len(trainable):
        unreached = [v for v in trainable if id(v) not in leaves or id(leaves[id(v)][1]) not in written]
        for variable in unreached:
            optimizer.leave(variable)
        tell_of_unreached(unreached)
    tape._release()
    update(optimizer, trainable, optimizer.only(trainable))
    return loss.value, untraced(y_pred)
