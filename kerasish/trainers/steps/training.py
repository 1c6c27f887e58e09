"""Steps that learn from a batch, or judge it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from kerasish.backend import nest
from kerasish.backend.masks import get_mask
from kerasish.backend.room import Room
from kerasish.backend.tensor import NotPlannable, Tensor
from kerasish.backend.variable import Variable
from kerasish.metrics.recorded import Growth, growing, recorded_update
from kerasish.trainers.compiling.compiled import Compiled
from kerasish.trainers.compiling.outputs import named
from kerasish.trainers.data.batches import Batch
from kerasish.trainers.steps import learning
from kerasish.trainers.steps.recorded import RecordedStep, with_masks
from kerasish.trainers.steps.run import Run, untraced
from kerasish.trainers.steps.steps import Steps


class JudgingStep(RecordedStep):
    """The loss and the predictions of a batch, without learning.

    Attributes:
        loss, y_pred: the arrays that hold the results after `run`.
    """

    def __init__(self, model: Any, run: Run, room: Room, **program: Any) -> None:
        loss, y_pred = run.results
        if not isinstance(loss, Tensor) or np.ndim(loss.value):
            raise NotPlannable("the loss is not one number that comes of the batch")
        if "target" not in program:
            program["results"] = with_masks([loss, *nest.iterate(y_pred)])
        super().__init__(run, room, **program)
        self.loss = self.array(loss)
        self.y_pred = self.held(y_pred)
        self.size = learning.batch_size_of(self.batch[0])
        self._updates: list[Callable[[], Any]] | None = None
        self._tells_itself = type(model).compute_metrics is not Compiled.compute_metrics

    @property
    def outcome(self) -> list[Any]:
        """What the program comes to."""
        return [self.loss, *nest.flatten(self.y_pred)]

    @staticmethod
    def outcome_of(run: Run) -> list[Any]:
        """What a run on the tape comes to."""
        loss, y_pred = run.results
        return [untraced(loss), *nest.flatten(untraced(y_pred))]

    def note(self, model: Any) -> dict[str, Any]:
        """Take the last run into the model's metrics; returns what an overridden `compute_metrics` returned."""
        if self._updates is None:
            self._updates, owners = self._metric_updates(model)
            for take_in, owner in zip(self._updates, owners, strict=True):
                with named("metric", owner):  # data that a metric cannot take fails in the first step
                    take_in()
        else:
            for take_in in self._updates:
                take_in()
        if self._tells_itself:
            x, y, weight = self.batch
            return model.compute_metrics(*(self.copy_of(part) for part in (x, y, self.y_pred, weight)))
        return {}

    def _metric_updates(self, model: Any) -> tuple[list[Callable[[], Any]], list[str]]:
        """What takes a run into the metrics, and the names of those that each is for."""
        growths = [Growth(model._loss_tracker, self.size, self._weighted_loss, self.loss.dtype)]
        updates: list[Callable[[], Any]] = []
        owners: list[str] = []
        metrics = None if self._tells_itself else model._compile_metrics
        if metrics is not None:
            _, y, weight = self.batch
            if not metrics.built:
                metrics.build(y, self.y_pred)
            for metric, y_true, y_pred, *weights in metrics.matched(y, self.y_pred, weight):
                with named("metric", metric.name):
                    taken = self._taken(metric, y_true, y_pred, weights)
                if isinstance(taken, Growth):
                    growths.append(taken)
                else:
                    updates += taken
                    owners += [metric.name] * len(taken)
        calls, grown = growing(growths)
        self._read += [(variable, variable._value) for variable in grown]
        return calls + updates, ["loss"] * len(calls) + owners

    def _taken(self, metric: Any, y_true: Any, y_pred: Any, weights: list[Any]) -> Any:
        is_plain = isinstance(y_true, np.ndarray) and isinstance(y_pred, np.ndarray) and get_mask(y_pred) is None
        if is_plain and (not weights or weights[0] is None):
            return recorded_update(metric, y_true, y_pred)
        parts = (y_true, y_pred, *weights)
        return [lambda: metric.update_state(*self.copy_of(parts))]

    def _weighted_loss(self, amount: np.ndarray) -> list[Any]:
        return [partial(np.multiply, self.loss, np.array(self.size, self.loss.dtype), amount)]


class LearningStep(JudgingStep):
    """The same, and the gradients of the loss in the optimizer's arrays."""

    def __init__(self, model: Any, run: Run, room: Room, trainable: list[Variable]) -> None:
        optimizer = model.optimizer
        for group in optimizer._groups:
            group.claim()  # where the update will put them: another optimizer may have moved them since
        trained = {id(v) for v in trainable}
        leaves = run.trace.leaves
        gradients = {id(leaf): optimizer.gradient_of[id(v)] for v, leaf in leaves if id(v) in trained}
        self._optimizer, self._scale = optimizer, optimizer.loss_scale_factor
        loss = run.results[0]
        super().__init__(model, run, room, target=loss, seed=float(self._scale or 1.0), gradients=gradients)
        reached = {id(v) for v, leaf in leaves if id(leaf) in self.program.written}
        unreached = [v for v in trainable if id(v) not in reached]
        blanks = [partial(optimizer.leave, v) for v in unreached]  # a step of another shape may write
        self.program.calls += tuple(blanks)
        learning.tell_of_unreached(unreached)

    def is_current(self) -> bool:
        return self._optimizer.loss_scale_factor == self._scale and super().is_current()


class JudgingSteps(Steps):
    """The steps of `evaluate`."""

    is_training = False

    def body(self, x: Any, y: Any, sample_weight: Any) -> Any:
        return learning.forward(self.model, x, y, sample_weight, self.is_training)

    def made(self, run: Run) -> Any:
        return JudgingStep(self.model, run, self.room)

    def complete(self, run: Run) -> Any:
        loss, y_pred = run.results
        x, y, weight = nest.map_structure(untraced, run.batch)
        return learning.note(self.model, x, y, untraced(y_pred), weight, untraced(loss))

    def on_tape(self, x: Any, y: Any, sample_weight: Any) -> Any:
        return learning.judge(self.model, x, y, sample_weight)


class LearningSteps(JudgingSteps):
    """The steps of `fit`.

    Args:
        model: a compiled, built model.
        room: where arrays come from.
        trainable: the variables that are trained.
    """

    is_training = True

    def __init__(self, model: Any, room: Room, trainable: list[Variable]) -> None:
        super().__init__(model, room)
        self._train(trainable)

    def _train(self, trainable: list[Variable]) -> None:
        self.trainable = trainable
        self.only = self.model.optimizer.only(trainable)
        self._freezes = Variable.freezes

    def run(self, batch: Batch) -> Any:
        if self._freezes != Variable.freezes:  # a callback may have frozen a layer
            self._train(self.model._prepare_optimizer())
        return super().run(batch) if self.trainable else self.on_tape(*batch)

    def made(self, run: Run) -> Any:
        return LearningStep(self.model, run, self.room, self.trainable)

    def conclude(self, step: Any) -> Any:
        learning.update(self.model.optimizer, self.trainable, self.only)
        return step.note(self.model)

    def complete(self, run: Run) -> Any:
        learning.descend(self.model.optimizer, run, self.trainable, self.only)
        return super().complete(run)

    def on_tape(self, x: Any, y: Any, sample_weight: Any) -> Any:
        return learning.learn(self.model, x, y, sample_weight, self.trainable)
