"""Backpropagation on the reader's own model: one step, taken from the tape."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from kerasish.backend import nest
from kerasish.backend.tensor import Tensor
from kerasish.explain.blackboard import BackpropStep, LayerStep, WeightStep
from kerasish.explain.layer_flow import activation_name
from kerasish.explain.probe import LayerCall, Recording, differentiate, loss_of, one_batch, preserved, record, slope
from kerasish.trainers.compiling.compile_loss import as_loss
from kerasish.trainers.steps.run import untraced

if TYPE_CHECKING:
    from kerasish.backend.typing import Data, PerOutput
    from kerasish.models.model import Model

# More numbers than this (weights times samples) are no longer read one by one.
_READABLE = 160
# And more than this nobody will: the text would fill the memory.
_LONGEST = 100_000


def backprop(
    model: Model,
    x: Data,
    y: Data | None = None,
    loss: PerOutput = None,
    learning_rate: float | None = None,
    sample_weight: Data | None = None,
    detail: bool | None = None,
    apply: bool = False,
    digits: int = 4,
) -> BackpropStep:
    """One step of gradient descent, as on a blackboard.

    Forward: each weighted sum `z` and activation `y`. Then the loss `J`. Backward: for each weight the derivatives
    that multiply to its gradient, `dJ/dw = dJ/dy x dy/dz x dz/dw`. Last the update `w - learning_rate x dJ/dw`, and
    the loss after it.

    Args:
        model: a model; compiled, unless `loss` is given.
        x, y, sample_weight: the data, taken as one batch.
        loss: a name, function or object in place of the compiled loss.
        learning_rate: the size of the step of plain gradient descent; by default that of the compiled optimizer, or
            0.1. (What else an optimizer does, such as momentum, is not part of this step.)
        detail: whether every number is shown, or norms and extremes; by default what can be read: everything for a
            small network of fully connected layers, and otherwise norms, with the reason.
        apply: whether the model keeps its new weights; otherwise it is left as it was.
        digits: how many digits the text shows after the point.

    Returns:
        A `BackpropStep`: print it, or look at its attributes, or `.plot()` it.

    Raises:
        TypeError: if `model` is no model.
        ValueError: if there is no loss, the data does not fit, nothing can be trained, or `detail=True` would write
            more than a hundred thousand products.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, use_bias=False)])
        >>> model.set_weights([np.array([[0.5], [-1.0]])])
        >>> step = keras.explain.backprop(model, [[1.0, 2.0]], [[0.5]], loss="mse", learning_rate=0.1)
        >>> step.weights[0].gradient.ravel()
        array([-4., -8.], dtype=float32)
        >>> step.loss, round(step.loss_after, 6)
        (4.0, 0.0)
    """
    one_batch(model, x, y, sample_weight)  # builds the model, so that the block below keeps its weights
    rate = _learning_rate(model, learning_rate)
    with preserved(model), np.errstate(over="ignore", invalid="ignore"):
        made = record(model, x, y, sample_weight, loss, watch_inputs=True)
        _check_there_is_a_gradient(made)
        weights = [
            WeightStep(v.path, v.numpy(), np.array(g), v._value - np.asarray(rate * g, v._value.dtype))
            for v, g in made.weight_gradients()
        ]
    layers = _layer_steps(made, loss)
    reason = _why_not_in_full(layers, weights) if detail is None else ""
    _check_length(layers, weights, detail)
    with preserved(model), np.errstate(over="ignore", invalid="ignore"):
        _assign(model, weights)
        after = record(model, x, y, sample_weight, loss)
        inputs = made.gradients([made.x])[0] if isinstance(made.x, Tensor) else None
    if apply:
        _assign(model, weights)
    return BackpropStep(
        model=model.name,
        loss_name=_loss_name(model, loss),
        learning_rate=rate,
        x=untraced(made.x),
        y=made.y,
        layers=layers,
        weights=weights,
        prediction=untraced(made.y_pred),
        prediction_after=untraced(after.y_pred),
        loss=float(made.loss),
        loss_after=float(after.loss),
        input_gradient=inputs,
        detail=not reason if detail is None else detail,
        reason=reason,
        digits=digits,
    )


def _check_there_is_a_gradient(made: Recording) -> None:
    name = made.model.name
    if not made.model.trainable_variables:
        raise ValueError(
            f"the model {name!r} has no trainable weights: set `trainable = True` for a layer that has some"
        )
    if made.loss is None:
        raise ValueError("there is nothing to compare the prediction with: the loss needs targets, give `y`")
    if not isinstance(made.loss, Tensor):
        raise ValueError(f"the loss does not depend on any trainable weight of the model {name!r}")


def _check_length(layers: list[LayerStep], weights: list[WeightStep], detail: bool | None) -> None:
    count = sum(step.before.size for step in weights) * len(layers[0].outputs)
    if detail and count > _LONGEST:
        raise ValueError(
            f"detail=True would write {count} products (weights times samples), more than {_LONGEST}; "
            "give fewer samples, or leave `detail` out for norms and extremes"
        )


def _learning_rate(model: Any, given: float | None) -> float:
    if given is not None:
        try:
            rate = float(np.asarray(given))
        except (TypeError, ValueError):  # a schedule, or a word
            rate = float("nan")
        if not np.isfinite(rate):
            raise ValueError(f"learning_rate must be a finite number, the size of this one step; received {given!r}")
        return rate
    return float(np.asarray(model.optimizer.learning_rate)) if model.compiled else 0.1


def _loss_name(model: Any, loss: Any) -> str:
    if loss is None:
        loss = model.loss
    if isinstance(loss, (dict, list)):
        return "the compiled losses"
    found = as_loss(loss)
    return getattr(found, "name", None) or type(found).__name__


def _assign(model: Any, weights: list[WeightStep]) -> None:
    for variable, step in zip(model.trainable_variables, weights, strict=True):
        variable.assign(step.after)


def _why_not_in_full(layers: list[LayerStep], weights: list[WeightStep]) -> str:
    """Why norms are shown in place of products; "" where every number can be read."""
    connected = [layer for layer in layers if layer.kernel is not None]
    explained = sum(1 + layer.trains_bias for layer in connected)
    if explained != len(weights):
        known = {layer.name for layer in connected}
        owners = dict.fromkeys(w.path.split("/")[-2:][0] for w in weights)
        others = [name for name in owners if name not in known] or list(owners)
        return (
            "Norms in place of products: these are written out for layers that are fully connected, called once, and "
            f"given rows; {', '.join(others[:3])}{' and others' if len(others) > 3 else ''} "
            f"{'is no such layer' if len(others) == 1 else 'are no such layers'}."
        )
    numbers, samples = sum(step.before.size for step in weights), len(layers[0].outputs)
    if numbers * samples > _READABLE:
        return (
            f"Norms in place of products: {numbers} weights times {samples} sample{'s' * (samples > 1)} are "
            f"{numbers * samples} products, and more than {_READABLE} nobody reads. "
            f"Give {'fewer samples' if numbers <= _READABLE else 'a smaller model'}"
            f"{', or detail=True' if numbers * samples <= _LONGEST else ''}."
        )
    return ""


@np.errstate(over="ignore", invalid="ignore")
def _layer_steps(made: Recording, loss: Any) -> list[LayerStep]:
    """The layers with one array of outputs, each with its share of the chain."""
    calls = [call for call in made.calls if not nest.is_nested(call.outputs)]
    asked = [tensor for call in calls for tensor in (call.outputs, _sums(call))]
    found = made.gradients(asked)
    weight_gradients = {id(v): g for v, g in made.weight_gradients()}
    steps = []
    for i, call in enumerate(calls):
        step = LayerStep(
            name=call.name,
            kind=type(call.layer).__name__,
            activation=activation_name(call),
            operations=_operations(call, made),
            outputs=np.array(untraced(call.outputs)),
            output_gradient=found[2 * i],
        )
        if step.output_gradient is None and call.outputs is made.y_pred:
            step.output_gradient = _gradient_of_prediction(made, loss)
        _add_chain(step, call, found[2 * i + 1], weight_gradients)
        steps.append(step)
    for i, call in enumerate(calls):
        readers = [j for j, other in enumerate(calls) if other.inputs is call.outputs]
        if len(readers) == 1 and _is_all_that_reads(steps[i], steps[readers[0]]):
            steps[i].feeds = readers[0]
    return steps


def _is_all_that_reads(lower: LayerStep, upper: LayerStep) -> bool:
    """Whether the gradient of a layer's outputs comes through this fully connected layer alone."""
    if upper.sum_gradient is None or upper.kernel is None or lower.output_gradient is None:
        return False
    return np.allclose(upper.sum_gradient @ upper.kernel.T, lower.output_gradient, rtol=1e-3, atol=1e-6)


def _sums(call: LayerCall) -> Any:
    return call.outputs if call.sums is None else call.sums


def _operations(call: LayerCall, made: Recording) -> list[str]:
    """The names of the operations between a layer's inputs and its outputs."""
    ends = {id(leaf) for leaf in nest.iterate(call.inputs)}
    known = {id(node) for node in made.nodes}
    found: dict[int, Tensor] = {}
    waiting = [leaf for leaf in nest.iterate(call.outputs) if isinstance(leaf, Tensor)]
    while waiting:
        tensor = waiting.pop()
        if id(tensor) in ends or id(tensor) in found or id(tensor) not in known:
            continue
        found[id(tensor)] = tensor
        waiting += [x for x in tensor.inputs if isinstance(x, Tensor)]
    return [node.primitive.name for node in made.nodes if id(node) in found and node.primitive is not None]


def _gradient_of_prediction(made: Recording, loss: Any) -> np.ndarray | None:
    """dJ/dy where the loss reads the weighted sums of a sigmoid or softmax itself, which is stabler."""
    if nest.is_nested(made.y_pred):
        return None
    batch = (untraced(made.x), made.y, made.sample_weight)
    return differentiate(lambda p: loss_of(made.model, batch, p, loss, training=True), untraced(made.y_pred))[1]


def _add_chain(step: LayerStep, call: LayerCall, sum_gradient: Any, weight_gradients: dict[int, Any]) -> None:
    """The numbers of a fully connected layer: one whose kernel's gradient is x transposed times dJ/dz."""
    kernel, bias = getattr(call.layer, "kernel", None), getattr(call.layer, "bias", None)
    inputs, sums = untraced(call.inputs), np.array(untraced(_sums(call)))
    gradient = weight_gradients.get(id(kernel))
    if gradient is None or sum_gradient is None or nest.is_nested(inputs) or np.ndim(inputs) != 2 or gradient.ndim != 2:
        return
    expected = inputs.T @ sum_gradient
    if expected.shape != gradient.shape or not np.allclose(expected, gradient, rtol=1e-3, atol=1e-6):
        return
    step.inputs, step.sums, step.sum_gradient = np.array(inputs), sums, np.array(sum_gradient)
    assert kernel is not None
    step.kernel = kernel.numpy()
    step.bias = None if bias is None else bias.numpy()
    step.trains_bias = id(bias) in weight_gradients
    step.slopes = np.ones_like(sums) if call.activation is None else slope(call.activation, sums)
    if step.slopes is None and sums.size * sums.shape[1] <= _READABLE and call.activation is not None:
        step.jacobian = _jacobian(call.activation, sums)


def _jacobian(activation: Any, sums: np.ndarray) -> np.ndarray:
    """`jacobian[sample, k, j]`: the derivative of output k by sum j, a row for each pass backwards."""
    rows = []
    for k in range(sums.shape[1]):
        g = np.zeros_like(sums)
        g[:, k] = 1
        rows.append(differentiate(activation, sums, g)[1])
    return np.stack(rows, axis=1)
