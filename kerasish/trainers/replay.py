"""The first step of a fit is recorded; the later ones replay it.

Only what is known to be a pure sequence of primitives is replayed: the library's own layers that say so
(`Layer.replayable`), its activations, losses and regularizers, in models whose `call`, `train_step` and `compute_loss`
are the library's. Everything else, and `compile(run_eagerly=True)`, runs on the tape in every step.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from kerasish.backend.program import Program, Room, Tracing
from kerasish.backend.tape import GradientTape
from kerasish.backend.tensor import NotPlannable, Tensor
from kerasish.backend.variable import Variable
from kerasish.layers.masking import makes_masks
from kerasish.losses.loss import LossFunctionWrapper
from kerasish.metrics.recorded import Growth, growing, keeps_nothing, recorded_update
from kerasish.ops import plans as _plans  # noqa: F401  (tells the primitives how they are computed in place)
from kerasish.ops import softmax_plans as _softmax_plans  # noqa: F401  (the same)
from kerasish.trainers.compiling import Compiled
from kerasish.trainers.step import tell_of_unreached

# Sizes of batches whose steps are recorded: data that comes in ever new ones is no use to record.
SHAPES = 8


def _is_ours(value: Any) -> bool:
    home = getattr(value, "__module__", None) or type(value).__module__
    return home.startswith("kerasish.")


def is_pure(model: Any) -> bool:
    """Whether a model's call is nothing but the library's own operations."""
    for layer in (model, *model._flatten_layers()):
        functions = (layer, getattr(layer, "activation", None) or layer, layer.activity_regularizer or layer)
        if not layer.replayable or makes_masks(layer) or not all(_is_ours(function) for function in functions):
            return False
    return True


def is_replayable(model: Any) -> bool:
    """Whether a model's training step may be recorded and replayed."""
    if model.run_eagerly or model.jit_compile is False or type(model).compute_loss is not Compiled.compute_loss:
        return False
    if getattr(model.optimizer, "_scale_changes", False):
        return False
    if type(model).compute_metrics is not Compiled.compute_metrics:
        return False
    loss = model._compile_loss
    if loss is None or (loss.built and loss.single is None):
        return False
    if not isinstance(loss.user_loss, (str, LossFunctionWrapper)) and not _is_ours(loss.user_loss):
        return False
    penalties = [v.regularizer for v in model.trainable_weights if v.regularizer is not None]
    return all(_is_ours(penalty) for penalty in penalties) and is_pure(model)


class Replay:
    """The training step of one model as programs, one for each size of batch.

    Args:
        model: a model of which `is_replayable` holds.
        trainable: the variables that are trained.
    """

    def __init__(self, model: Any, trainable: list[Variable]) -> None:
        self.model = model
        self.trainable = trainable
        self.room = Room()
        self.steps: dict[Any, Step] = {}

    def step_for(self, x: Any, y: Any, sample_weight: Any) -> Step | None:
        """The step for batches of this shape, recorded on it if it is the first; None if it is not replayed."""
        if not isinstance(x, np.ndarray) or not isinstance(y, np.ndarray):
            return None
        if sample_weight is not None and not isinstance(sample_weight, np.ndarray):
            return None
        weight_key = None if sample_weight is None else (sample_weight.shape, sample_weight.dtype)
        key = (x.shape, x.dtype, y.shape, y.dtype, weight_key)
        found = self.steps.get(key)
        if found is None and len(self.steps) >= SHAPES:
            return None
        if found is None or not found.is_current():
            found = self.steps[key] = Step(self, x, y, sample_weight)
        return found


class Step:
    """One training step in fixed buffers.

    Attributes:
        x, y, sample_weight: the arrays to put a batch into.
        loss, y_pred: the arrays that hold the results after `run`.
    """

    def __init__(self, replay: Replay, x: np.ndarray, y: np.ndarray, sample_weight: np.ndarray | None) -> None:
        model = replay.model
        for group in model.optimizer._groups:
            group.claim()  # where the update will put them: another optimizer may have moved them since
        self.x, self.y = np.array(x), np.array(y)
        self.sample_weight = None if sample_weight is None else np.array(sample_weight)
        batch = [Tensor(array) for array in (self.x, self.y, self.sample_weight) if array is not None]
        with GradientTape() as tape, Tracing(), _Undisturbed(model):
            y_pred = model(batch[0], training=True)
            weight = None if sample_weight is None else batch[2]
            loss = model.compute_loss(x=batch[0], y=batch[1], y_pred=y_pred, sample_weight=weight, training=True)
        if not isinstance(loss, Tensor) or not isinstance(y_pred, Tensor) or np.ndim(loss.value):
            raise NotPlannable("the loss or the prediction is not one tensor")
        arrays = {id(t): t.value for t in batch}
        gradients = {}
        optimizer = model.optimizer
        trained = {id(v) for v in replay.trainable}
        for variable, leaf in tape._leaves.values():
            arrays[id(leaf)] = variable._value
            if id(variable) in trained:
                gradients[id(leaf)] = optimizer.gradient_of[id(variable)]
        self._moves = Variable.moves
        self._read = [(variable, variable._value) for variable, _ in tape._leaves.values()]
        nodes, tape.nodes = tape.nodes, []
        self._keep = (batch, [leaf for _, leaf in tape._leaves.values()])
        self._optimizer, self._scale = optimizer, optimizer.loss_scale_factor
        seed = float(self._scale or 1.0)
        self.program = Program(nodes, arrays, loss, seed, gradients, replay.room)
        self.loss = self.program.array(loss)
        self.y_pred = self.program.array(y_pred)
        reached = {id(v) for v, leaf in tape._leaves.values() if id(leaf) in self.program.written}
        unreached = [v for v in replay.trainable if id(v) not in reached]
        for variable in unreached:
            optimizer.gradient_of[id(variable)].fill(0)  # once: nobody writes there
        tell_of_unreached(unreached)
        tape._release()
        self.run = self.program.run
        self.size = len(self.x)
        self._updates: list[Any] | None = None

    def is_current(self) -> bool:
        """Whether the variables are still where they were; training another model may move those that both share."""
        if self._optimizer.loss_scale_factor != self._scale:
            return False
        if self._moves == Variable.moves:
            return True
        moved = any(variable._value is not array for variable, array in self._read)
        if not moved:
            self._moves = Variable.moves
        return not moved

    def note(self, model: Any) -> None:
        """Take the loss and the predictions of the last run into the model's metrics."""
        if self._updates is None:
            self._updates = self._metric_updates(model)
        for update in self._updates:
            update()

    def _metric_updates(self, model: Any) -> list[Any]:
        tracker, metrics = model._loss_tracker, model._compile_metrics
        growths = [Growth(tracker, self.size, self._weighted_loss, self.loss.dtype)]
        updates: list[Any] = []
        if metrics is not None and not metrics.built:
            metrics.build(self.y, self.y_pred)
        for _, metric, weighted in () if metrics is None else metrics.flat:
            if weighted and self.sample_weight is not None:
                updates.append(self._weighted_update(metric, self.sample_weight))
                continue
            update = recorded_update(metric, self.y, self.y_pred)
            if isinstance(update, Growth):
                growths.append(update)
            else:
                updates += update
        calls, grown = growing(growths)
        self._read += [(variable, variable._value) for variable in grown]
        return calls + updates

    def _weighted_loss(self, amount: np.ndarray) -> list[Any]:
        return [partial(np.multiply, self.loss, np.array(self.size, self.loss.dtype), amount)]

    def _weighted_update(self, metric: Any, weight: np.ndarray) -> Any:
        y, y_pred = self.y, self.y_pred
        if keeps_nothing(metric):
            return lambda: metric.update_state(y, y_pred, weight)
        return lambda: metric.update_state(y.copy(), y_pred.copy(), weight.copy())

    def put(self, x: np.ndarray, y: np.ndarray, sample_weight: np.ndarray | None) -> None:
        """Copy a batch in."""
        np.copyto(self.x, x)
        np.copyto(self.y, y)
        if sample_weight is not None:
            np.copyto(self.sample_weight, sample_weight)  # type: ignore[arg-type]

    def gather(self, data: Any, pick: Any) -> None:
        """Copy the rows of a batch in, from the arrays of all samples."""
        if isinstance(pick, slice):
            weight = None if data.sample_weight is None else data.sample_weight[pick]
            self.put(data.x[pick], data.y[pick], weight)
            return
        data.x.take(pick, 0, self.x, "clip")
        data.y.take(pick, 0, self.y, "clip")
        if data.sample_weight is not None:
            data.sample_weight.take(pick, 0, self.sample_weight, "clip")


class _Undisturbed:
    """A block that leaves random states and other untrained variables as they were: recording is not a step."""

    def __init__(self, model: Any) -> None:
        self.model = model

    def __enter__(self) -> None:
        self.saved = [(v, v._value.copy()) for v in self.model.non_trainable_variables]

    def __exit__(self, *exception: object) -> None:
        for variable, value in self.saved:
            variable._value[...] = value


__all__ = ["NotPlannable", "Replay", "Step", "is_replayable"]
