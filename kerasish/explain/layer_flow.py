"""How large activations and gradients are in each layer, and what that means for learning."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from kerasish.backend import nest
from kerasish.explain.probe import LayerCall, Recording, one_batch, preserved, record, slope
from kerasish.trainers.steps.run import untraced

if TYPE_CHECKING:
    from kerasish.backend.typing import Data, PerOutput
    from kerasish.models.model import Model

# A gradient this many times smaller (or larger) than the top layer's has vanished (or exploded).
FAR = 1e3
# A unit that is silent for fewer samples than this may well answer another.
FEW = 4
# A unit saturates where its slope is less than this share of the steepest that its activation has.
FLAT = 0.1
# From this share of dead or saturated units on, they are the layer's main trouble.
MANY = 0.5
# Saturation is trouble where the gradient has fallen to this share of the top layer's; sure answers saturate as well.
LOW = 0.3

# In the order in which one trouble hides the next.
ADVICE = {
    "exploding": "Try a smaller learning rate, clipnorm=1.0 in the optimizer, a smaller initial scale "
    '("glorot_uniform", "he_normal" for relu), or normalization layers.',
    "dead": 'Try a smaller learning rate, kernel_initializer="he_normal", or an activation that lets a little through '
    'below zero ("leaky_relu", "elu").',
    "vanishing": 'Try relu with kernel_initializer="he_normal" in place of sigmoid or tanh, BatchNormalization between '
    "the layers, residual connections (Add the input of a block to its output), or fewer layers.",
    "saturated": "Try inputs scaled to about -1 to 1, smaller initial weights, BatchNormalization before the "
    'activation, or an activation that is not flat on both sides ("relu").',
    "healthy": "Every layer gets a gradient of a size that it can learn from.",
}


@dataclass(frozen=True)
class LayerFlow:
    """What passes through one layer in one forward and backward pass.

    Attributes:
        name: the layer's name.
        kind: its class.
        activation: the name of its activation, or "" if it has none of its own.
        output: the root mean square of its outputs.
        gradient: the norm of the loss's derivative with respect to its weighted sums (to its outputs, where it has no
            activation); None if the loss does not depend on them through the tape.
        weight_gradient: the norm of the loss's derivative with respect to its weights; None if it trains none.
        weight: the norm of those weights.
        dead: the share of units whose slope is zero for every sample, so that they pass no gradient at all; None where
            the activation has no slope of its own, or there are too few samples to tell.
        saturated: the share of outputs on a flat end of an activation that is flat on both sides; None for others.
        verdict: "exploding", "vanishing", "dead", "saturated" or "healthy".
    """

    name: str
    kind: str
    activation: str
    output: float
    gradient: float | None
    weight_gradient: float | None
    weight: float | None
    dead: float | None
    saturated: float | None
    verdict: str = "healthy"


def measure_flow(
    model: Model, x: Data, y: Data | None = None, sample_weight: Data | None = None, loss: PerOutput = None
) -> list[LayerFlow]:
    """One entry for each layer, in the order in which they are called. The model stays as it was.

    Args:
        model: a model, compiled unless `loss` is given.
        x, y, sample_weight: the data, taken as one batch.
        loss: a name, function or object in place of the compiled loss.
    """
    one_batch(model, x, y, sample_weight)  # builds it, so that what the block keeps is there
    with preserved(model), np.errstate(over="ignore", invalid="ignore"):
        return flows_of(record(model, x, y, sample_weight, loss))


def flows_of(recording: Recording) -> list[LayerFlow]:
    """One entry for each layer call of a recording, each with its verdict."""
    calls = recording.calls
    places = [call.outputs if call.sums is None else call.sums for call in calls]
    tensors = [list(nest.iterate(place)) for place in places]
    found = iter(recording.gradients([tensor for group in tensors for tensor in group]))
    gradients = [[next(found) for _ in group] for group in tensors]
    weight_gradients = {id(v): g for v, g in recording.weight_gradients()}
    flows = [_flow(call, group, weight_gradients) for call, group in zip(calls, gradients, strict=True)]
    return judged(flows)


def _flow(call: LayerCall, gradients: list[np.ndarray | None], weight_gradients: dict[int, np.ndarray]) -> LayerFlow:
    layer = call.layer
    outputs = [np.asarray(untraced(leaf)) for leaf in nest.iterate(call.outputs)]
    floats = [output for output in outputs if output.dtype.kind == "f"]
    trained = [v for v in layer.trainable_variables if id(v) in weight_gradients]
    present = [g for g in gradients if g is not None]
    dead, saturated = _idle(call)
    return LayerFlow(
        name=call.name,
        kind=type(layer).__name__,
        activation="" if call.activation is None else activation_name(call),
        output=_rms(floats),
        gradient=_norm(present) if present else None,
        weight_gradient=_norm([weight_gradients[id(v)] for v in trained]) if trained else None,
        weight=_norm([v._value for v in trained]) if trained else None,
        dead=dead,
        saturated=saturated,
    )


def activation_name(call: LayerCall) -> str:
    """The name of the function that a layer call applied to its weighted sums, or "" for none."""
    if call.activation is None:
        return ""
    if getattr(call.activation, "__self__", None) is call.layer:
        return type(call.layer).__name__.lower()
    return getattr(call.activation, "__name__", type(call.activation).__name__)


def _norm(arrays: list[np.ndarray]) -> float:
    return float(np.sqrt(sum(float(np.vdot(a, a)) for a in (array.astype("float64") for array in arrays))))


def _rms(arrays: list[np.ndarray]) -> float:
    count = sum(array.size for array in arrays)
    return _norm(arrays) / float(np.sqrt(count)) if count else 0.0


def _idle(call: LayerCall) -> tuple[float | None, float | None]:
    """The share of dead units, and that of saturated outputs."""
    if call.activation is None:
        return None, None
    sums = np.asarray(untraced(call.sums))
    if sums.ndim < 2 or sums.dtype.kind != "f":
        return None, None
    slopes = slope(call.activation, sums)
    if slopes is None:
        return None, None
    axis = 1 if getattr(call.layer, "data_format", None) == "channels_first" else -1
    per_unit = np.moveaxis(slopes, axis, -1).reshape(-1, sums.shape[axis])
    dead = float((per_unit == 0).all(axis=0).mean()) if len(per_unit) >= FEW else None
    steepest = _steepest_if_bounded(call.activation, sums.dtype)
    return dead, None if steepest is None else float((np.abs(slopes) < FLAT * steepest).mean())


def _steepest_if_bounded(activation: Callable[..., Any], kind: np.dtype) -> float | None:
    """The largest slope of an activation that is flat far out on both sides; None for others."""
    try:
        slopes = slope(activation, np.array([[-50.0, *np.linspace(-6.0, 6.0, 121), 50.0]], kind))
    except ValueError:  # a layer whose weights fix the number of units (PReLU): it is not flat
        return None
    if slopes is None:
        return None
    ends, steepest = np.abs(slopes[0, [0, -1]]), float(np.abs(slopes).max())
    return steepest if steepest > 0 and (ends < 1e-2 * steepest).all() else None


def judged(flows: list[LayerFlow]) -> list[LayerFlow]:
    """The same entries, each compared with the topmost layer that trains weights."""
    trained = [flow for flow in flows if flow.weight_gradient is not None and flow.gradient is not None]
    top = trained[-1] if trained else None
    return [replace(flow, verdict=_verdict(flow, top)) for flow in flows]


def _verdict(flow: LayerFlow, top: LayerFlow | None) -> str:
    sizes = [s for s in (flow.output, flow.gradient, flow.weight_gradient) if s is not None]
    if not np.isfinite(sizes).all():
        return "exploding"
    if flow.weight and flow.weight_gradient is not None and flow.weight_gradient > FAR * flow.weight:
        return "exploding"
    if top is not None and top.gradient and flow.gradient is not None and flow.weight_gradient is not None:
        if flow.gradient > FAR * top.gradient:
            return "exploding"
        if flow.gradient * FAR < top.gradient and (flow.dead or 0.0) < MANY:
            return "vanishing"
    if flow.dead is not None and flow.dead >= MANY:
        return "dead"
    held_back = top is not None and flow.gradient is not None and flow.gradient < LOW * (top.gradient or 0.0)
    if held_back and flow.saturated is not None and flow.saturated >= MANY:
        return "saturated"
    return "healthy"


def overall(flows: list[LayerFlow]) -> str:
    """The verdict on the whole: the first of exploding, dead, vanishing, saturated that any layer has."""
    verdicts = {flow.verdict for flow in flows}
    return next((verdict for verdict in ADVICE if verdict in verdicts), "healthy")
