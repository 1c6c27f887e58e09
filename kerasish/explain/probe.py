"""One forward pass with its tape kept, and notes of which layer computed what: the material of every explanation.

Nothing is computed a second time here: values, gradients and slopes are read from the tape that training itself uses.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from kerasish.backend import nest
from kerasish.backend.admission import of_another_keras
from kerasish.backend.tape import GradientTape, backpropagate
from kerasish.backend.tensor import Tensor
from kerasish.trainers.compiling.compile_loss import as_loss
from kerasish.trainers.steps.run import untraced


@dataclass(eq=False)
class LayerCall:
    """One call of one layer.

    Attributes:
        layer: the layer.
        name: its name; a layer that is called again gets a number.
        inputs: what it was called with, tensors where they depend on something watched.
        outputs: what it returned.
        activation: the function that turned weighted sums into outputs; None where there is no single one.
        sums: what that function was called with.
    """

    layer: Any
    name: str
    inputs: Any
    outputs: Any = None
    activation: Callable[..., Any] | None = None
    sums: Any = None
    _seen: list[tuple[Any, Any, Any]] = field(default_factory=list)

    def close(self, outputs: Any) -> None:
        """Note what came out."""
        self.outputs = outputs
        if len(self._seen) == 1 and self._seen[0][2] is outputs:
            self.activation, self.sums, _ = self._seen[0]
        elif type(self.layer).__module__.startswith("kerasish.layers.activations."):
            self.activation, self.sums = type(self.layer).call.__get__(self.layer), self.inputs


@dataclass(eq=False)
class Recording:
    """What one forward pass left on the tape.

    Attributes:
        model: the model.
        x, y, sample_weight: the batch.
        calls: the calls of its layers, in order.
        y_pred: the prediction.
        loss: the number to minimize; None if there was nothing to minimize.
        nodes: every operation, in order.
        leaves: for the id of a variable, the tensor that stood for it.
    """

    model: Any
    x: Any
    y: Any
    sample_weight: Any
    calls: list[LayerCall]
    y_pred: Any
    loss: Any
    nodes: list[Tensor]
    leaves: dict[int, Tensor]

    def gradients(self, tensors: list[Any]) -> list[np.ndarray | None]:
        """The derivative of the loss with respect to each of these, None where it does not depend on one."""
        wanted = [tensor for tensor in tensors if isinstance(tensor, Tensor)]
        if not isinstance(self.loss, Tensor):
            return [None] * len(tensors)
        seed = np.ones((), self.loss.value.dtype)
        found = backpropagate(self.nodes, [(self.loss, seed)], wanted)
        return [found.get(id(tensor)) if isinstance(tensor, Tensor) else None for tensor in tensors]

    def weight_gradients(self) -> list[tuple[Any, np.ndarray]]:
        """Each trainable variable with its gradient; zeros where the loss does not depend on it."""
        variables = self.model.trainable_variables
        found = self.gradients([self.leaves.get(id(v)) for v in variables])
        return [(v, np.zeros_like(v._value) if g is None else g) for v, g in zip(variables, found, strict=True)]


class _Listener:
    """An activation function that tells the layer call at work what it was given and what it made of it."""

    def __init__(self, function: Callable[..., Any], open_calls: list[LayerCall]) -> None:
        self.function = function
        self.open_calls = open_calls
        self.__name__ = getattr(function, "__name__", type(function).__name__)
        self.__module__ = getattr(function, "__module__", None) or type(function).__module__  # whose code it is

    def __call__(self, x: Any, *args: Any, **kwargs: Any) -> Any:
        y = self.function(x, *args, **kwargs)
        if self.open_calls:
            self.open_calls[-1]._seen.append((self.function, x, y))
        return y


def _heard_layers(model: Any) -> list[Any]:
    """The layers that compute: models inside the model are opened, other layers are taken whole."""
    found: list[Any] = []

    def visit(layer: Any) -> None:
        for child in layer._tracker.layers():
            if hasattr(child, "train_step"):
                visit(child)
            elif all(child is not other for other in found) and not hasattr(child, "batch_shape"):
                found.append(child)

    visit(model)
    return found or [model]


@contextmanager
def listening(model: Any) -> Iterator[list[LayerCall]]:
    """A block in which every call of a layer is noted, and activations are computed apart from weighted sums."""
    calls: list[LayerCall] = []
    open_calls: list[LayerCall] = []
    undo: list[tuple[Any, dict[str, Any]]] = []
    counts: dict[str, int] = {}

    def heard(layer: Any, call: Callable[..., Any]) -> Callable[..., Any]:
        def hearing(*args: Any, **kwargs: Any) -> Any:
            if open_calls:
                return call(*args, **kwargs)
            counts[layer.name] = counts.get(layer.name, 0) + 1
            name = layer.name if counts[layer.name] == 1 else f"{layer.name} ({counts[layer.name]})"
            note = LayerCall(layer, name, args[0] if len(args) == 1 else args)
            open_calls.append(note)
            try:
                outputs = call(*args, **kwargs)
            finally:
                open_calls.pop()
            note.close(outputs)
            calls.append(note)
            return outputs

        return hearing

    for layer in _heard_layers(model):
        changed: dict[str, Any] = {"call": heard(layer, layer.call)}
        function = layer.__dict__.get("activation")
        if callable(function) and not hasattr(function, "_tracker"):
            changed["activation"] = _Listener(function, open_calls)
            if "_fused" in layer.__dict__ and "_after" in layer.__dict__:
                is_linear = layer._fused is None and layer._after is None
                changed.update(_fused=None, _after=None if is_linear else changed["activation"])
        undo.append((layer, {key: layer.__dict__.get(key, _ABSENT) for key in changed}))
        layer.__dict__.update(changed)
    try:
        yield calls
    finally:
        for layer, before in undo:
            for key, value in before.items():
                if value is _ABSENT:
                    del layer.__dict__[key]
                else:
                    layer.__dict__[key] = value


_ABSENT = object()


@contextmanager
def preserved(model: Any) -> Iterator[None]:
    """A block after which weights, random states and metrics are as before."""
    metrics = getattr(model, "metrics_variables", [])
    saved = [(v, v._value.copy()) for v in {id(v): v for v in (*model.variables, *metrics)}.values()]
    try:
        yield
    finally:
        for variable, value in saved:
            variable.assign(value)
        model._clear_losses()


def check_model(model: Any) -> None:
    """Raise TypeError unless it is a model, which can be trained: a layer alone cannot."""
    elsewhere = of_another_keras(model)
    if elsewhere or not hasattr(type(model), "train_step"):
        kind = type(model).__name__
        raise TypeError(f"model must be a Sequential, functional or subclassed Model; received {kind}{elsewhere}")


def one_batch(model: Any, x: Any, y: Any = None, sample_weight: Any = None) -> tuple[Any, Any, Any]:
    """The data as one batch of arrays, and the model built for it.

    Raises:
        TypeError: if it is no model.
    """
    check_model(model)
    batch = model._one_batch(x, y, sample_weight)
    model._ensure_ready(batch, train=False)
    return batch.parts


def loss_of(model: Any, batch: tuple[Any, Any, Any], y_pred: Any, loss: Any = None, training: bool = False) -> Any:
    """The number to minimize for a batch: with the loss that is given, or the one that the model was compiled with.

    Raises:
        ValueError: if there is neither.
    """
    x, y, sample_weight = batch
    if loss is None:
        if not model.compiled:
            raise ValueError(
                f"there is no loss: the model {model.name!r} is not compiled. Give `loss=`, such as 'mse', or call "
                "model.compile(optimizer=..., loss=...) first"
            )
        return model.compute_loss(x=x, y=y, y_pred=y_pred, sample_weight=sample_weight, training=training)
    total = as_loss(loss)(y, y_pred, sample_weight)  # type: ignore[misc]
    for extra in model.losses:
        total = total + np.sum(extra)
    return total


def record(
    model: Any,
    x: Any,
    y: Any = None,
    sample_weight: Any = None,
    loss: Any = None,
    training: bool = True,
    watch_inputs: bool = False,
) -> Recording:
    """Run the model forward once, and keep the tape.

    Random states and other variables that a call changes are changed: wrap it in `preserved` where they must not be.

    Args:
        model: a model, compiled unless `loss` is given.
        x, y, sample_weight: the data, taken as one batch.
        loss: a name, function or object in place of the compiled loss.
        training: whether the layers behave as in training.
        watch_inputs: whether the gradient of the data itself can be asked for.
    """
    batch = one_batch(model, x, y, sample_weight)
    inputs = batch[0]
    with listening(model) as calls, GradientTape() as tape:
        if watch_inputs:
            inputs = nest.map_structure(lambda a: tape.watch(a) if a.dtype.kind == "f" else a, inputs)
        y_pred = model(inputs, training=training)
        has_target = batch[1] is not None or loss is None
        total = loss_of(model, batch, y_pred, loss, training) if has_target else None
    leaves = {}
    for variable, leaf in tape._leaves.values():
        leaf.value = leaf.value.copy()  # the variable's own array changes in place when it is trained
        leaves[id(variable)] = leaf
    nodes = tape.nodes
    tape._release()
    return Recording(model, inputs, batch[1], batch[2], calls, y_pred, total, nodes, leaves)


def outputs_of_layers(model: Any, x: Any) -> list[tuple[str, np.ndarray]]:
    """What each layer with a single array of output makes of the data, as in prediction."""
    batch = one_batch(model, x)
    # Under a tape, so that the layers are called and not the pass that a model remembers.
    with preserved(model), listening(model) as calls, GradientTape() as tape:
        model(batch[0], training=False)
    tape._release()
    pairs = ((call.name, untraced(call.outputs)) for call in calls)
    return [(name, np.array(output)) for name, output in pairs if isinstance(output, np.ndarray)]


def differentiate(function: Callable[..., Any], z: np.ndarray, g: Any = None) -> tuple[np.ndarray, np.ndarray]:
    """A function's value at `z`, and the gradient with respect to `z` of the sum of that value times `g` (or ones)."""
    with GradientTape() as tape:
        watched = tape.watch(np.array(z))
        y = function(watched)
    if not isinstance(y, Tensor):  # a constant, or the value of a function that nothing can differentiate
        return np.asarray(y), np.zeros_like(z)
    if y is watched:
        return y.value, np.ones_like(z) if g is None else np.array(g)
    gradient = tape.gradient(y, watched, g)
    return y.value, np.zeros_like(z) if gradient is None else gradient


def slope(function: Callable[..., Any], z: np.ndarray) -> np.ndarray | None:
    """The derivative of an activation at each weighted sum; None if a unit's output depends on other units, too.

    For a function that works unit by unit, and only for one, the Jacobian is diagonal: its product with any vector
    `v` is `v` times its product with ones.
    """
    value, ones = differentiate(function, z)
    if value.shape != z.shape:
        return None
    v = np.random.default_rng(0).uniform(0.5, 1.5, z.shape).astype(z.dtype)
    _, other = differentiate(function, z, v)
    scale = np.abs(other).max(initial=0.0)
    return ones if np.allclose(other, v * ones, rtol=1e-4, atol=1e-6 * scale) else None
