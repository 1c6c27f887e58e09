"""Steps that learn from a batch or judge it: on the tape at first, then recorded.

The first step on data of a shape is run on the tape and written down; what was written down becomes a program, and the
step is done by the program, unless that comes to something else. The second step runs on the tape once more, and counts
only if the program does not come to the same: then the step depends on something that is not recorded, and stays on the
tape for good. From the third on there is only the program.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from kerasish.backend import nest, threads
from kerasish.backend.array import eager
from kerasish.backend.masks import get_mask, with_mask
from kerasish.backend.room import Room
from kerasish.backend.tensor import NotPlannable, Tensor
from kerasish.backend.trace import Pending
from kerasish.backend.variable import Variable
from kerasish.metrics.recorded import Growth, growing, recorded_update
from kerasish.trainers.batches import packed
from kerasish.trainers.compiling import Compiled
from kerasish.trainers.steps.learning import (
    batch_size_of,
    descend,
    note,
    tell_of_unreached,
    train_on,
    untraced,
    update,
)
from kerasish.trainers.steps.recorded import RECORDINGS, SHAPES, RecordedStep, key_of
from kerasish.trainers.steps.run import Run


class JudgingStep(RecordedStep):
    """The loss and the predictions of a batch, without learning.

    Attributes:
        loss, y_pred: the arrays that hold the results after `run`.
    """

    def __init__(self, model: Any, run: Run, room: Room, **program: Any) -> None:
        loss, y_pred = run.results
        if not isinstance(loss, Tensor) or np.ndim(loss.value):
            raise NotPlannable("the loss is not one number that comes of the batch")
        super().__init__(run, room, **program)
        self.loss = self.array(loss)
        self.y_pred = nest.map_structure(self._predicted, y_pred)
        self.size = batch_size_of(self.batch[0])
        self._updates: list[Callable[[], Any]] | None = None
        self._tells_itself = type(model).compute_metrics is not Compiled.compute_metrics

    def _predicted(self, leaf: Any) -> Any:
        """The array of one output; its mask, which lies in an array too, goes with it."""
        if not isinstance(leaf, Tensor):
            return leaf
        mask = get_mask(leaf)
        return self.array(leaf) if mask is None else with_mask(self.array(leaf), self.array(mask))

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
            self._updates = self._metric_updates(model)
        for take_in in self._updates:
            take_in()
        if self._tells_itself:
            return model.compute_metrics(*nest.map_structure(_kept, (self.batch[0], self.batch[1], self.y_pred)),
                                         nest.map_structure(_kept, self.batch[2]))  # fmt: skip
        return {}

    def _metric_updates(self, model: Any) -> list[Callable[[], Any]]:
        growths = [Growth(model._loss_tracker, self.size, self._weighted_loss, self.loss.dtype)]
        updates: list[Callable[[], Any]] = []
        metrics = None if self._tells_itself else model._compile_metrics
        if metrics is not None:
            _, y, weight = self.batch
            if not metrics.built:
                metrics.build(y, self.y_pred)
            for metric, y_true, y_pred, *weights in metrics.matched(y, self.y_pred, weight):
                taken = self._taken(metric, y_true, y_pred, weights)
                if isinstance(taken, Growth):
                    growths.append(taken)
                else:
                    updates += taken
        calls, grown = growing(growths)
        self._read += [(variable, variable._value) for variable in grown]
        return calls + updates

    @staticmethod
    def _taken(metric: Any, y_true: Any, y_pred: Any, weights: list[Any]) -> Any:
        is_plain = isinstance(y_true, np.ndarray) and isinstance(y_pred, np.ndarray) and get_mask(y_pred) is None
        if is_plain and (not weights or weights[0] is None):
            return recorded_update(metric, y_true, y_pred)
        parts = (y_true, y_pred, *weights)
        return [lambda: metric.update_state(*nest.map_structure(_kept, parts))]

    def _weighted_loss(self, amount: np.ndarray) -> list[Any]:
        return [partial(np.multiply, self.loss, np.array(self.size, self.loss.dtype), amount)]

    def gather(self, data: Any, pick: Any) -> None:
        """Copy the rows of a batch in, from the arrays of all samples."""
        x, y, weight = self.batch
        if isinstance(pick, slice):
            self.put(data.x[pick], data.y[pick], None if weight is None else data.sample_weight[pick])
            return
        data.x.take(pick, 0, x, "clip")
        data.y.take(pick, 0, y, "clip")
        if weight is not None:
            data.sample_weight.take(pick, 0, weight, "clip")


def _kept(leaf: Any) -> Any:
    """A copy of an array, with a copy of its mask: whoever gets it may keep it."""
    if not isinstance(leaf, np.ndarray):
        return leaf
    mask = get_mask(leaf)
    copied = eager(np.array(leaf))
    return copied if mask is None else with_mask(copied, np.array(mask))


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
        blanks = [partial(optimizer.gradient_of[id(v)].fill, 0) for v in unreached]  # a step of another shape may write
        self.program.calls += tuple(blanks)
        tell_of_unreached(unreached)

    def is_current(self) -> bool:
        return self._optimizer.loss_scale_factor == self._scale and super().is_current()


class OwnStep(RecordedStep):
    """A `train_step` or `test_step` of a user's own, as a whole."""

    def __init__(self, model: Any, run: Run, room: Room) -> None:
        super().__init__(run, room)
        self._returned = run.results
        run.results = None  # its arrays can go
        tensors = [leaf for leaf in nest.iterate(self._returned) if isinstance(leaf, Tensor)]
        self.outcome: list[Any] = [self.array(tensor) for tensor in tensors]

    @staticmethod
    def outcome_of(run: Run) -> list[Any]:
        """What a run on the tape comes to."""
        return [untraced(leaf) for leaf in nest.iterate(run.results) if isinstance(leaf, Tensor)]

    def note(self, model: Any) -> Any:
        """What the step returns."""
        return nest.map_structure(self._told, self._returned)

    def _told(self, leaf: Any) -> Any:
        if isinstance(leaf, Pending):
            return leaf.resolve()
        return eager(self.array(leaf).copy()) if isinstance(leaf, Tensor) else leaf


class Steps:
    """The steps of one kind that are recorded of a model, one for each structure, shape and dtype of its batches.

    Args:
        model: the model.
        room: where arrays come from.

    Attributes:
        reason: why the model's steps stay on the tape, as a sentence; None if they do not.
    """

    def __init__(self, model: Any, room: Room) -> None:
        self.model = model
        self.room = room
        self.reason = self._excluded()
        self._steps: dict[Any, Any] = {}
        self._recordings = 0

    def _excluded(self) -> str | None:
        model = self.model
        if model.run_eagerly:
            return "the model is compiled with run_eagerly=True"
        if model.jit_compile is False:
            return "the model is compiled with jit_compile=False"
        if getattr(model.optimizer, "_scale_changes", False):
            return "the optimizer looks for a scale of the loss, which changes while it learns"
        return None

    def ready(self, *batch: Any) -> Any:
        """The recorded step for a batch like this; None if the next one is to run on the tape."""
        step = self._steps.get(key_of(batch))
        if step is None or not step.is_checked or self.reason is not None:
            return None
        if step.is_current():
            return step
        del self._steps[key_of(batch)]
        return None

    def run(self, *batch: Any) -> Any:
        """Do a step for which none is ready; what `note` returned."""
        key = key_of(batch)
        step = self._steps.get(key)
        if self.reason is not None or (step is None and len(self._steps) >= SHAPES):
            return self.on_tape(*batch)
        run = Run(self.model, batch, self.body, self.variables())
        self.model._clear_losses()  # they have gone into the result, and are tensors of this run
        if step is not None and step.is_current():
            return self._check(step, run, batch)
        return self._record(key, run, batch)

    def _record(self, key: Any, run: Run, batch: tuple[Any, ...]) -> Any:
        self._recordings += 1
        try:
            if self._recordings > RECORDINGS:
                raise NotPlannable("what the step depends on changes again and again")
            step = self._steps[key] = self.made(run)
        except NotPlannable as failure:
            return self._stay(str(failure), run)
        run.undo()
        step.put(*batch)
        threads.use(step.threads)
        step.run()
        if not step.agrees(run, step.outcome, step.noted):
            run.forget()
            self._steps.clear()
            self.reason = "what was written down of the step came to something else than the step itself"
            return self.on_tape(*batch)
        step.noted = []
        return self.conclude(step)

    def _check(self, step: Any, run: Run, batch: tuple[Any, ...]) -> Any:
        """A step on the tape and by the program; the program's counts if they agree."""
        if run.reason is not None:
            return self._stay(run.reason, run)
        run.undo()
        step.put(*batch)
        threads.use(step.threads)
        step.run()
        if not step.agrees(run, step.outcome, step.outcome_of(run)):
            run.redo()
            return self._stay("a second run of the step on the tape came to something else: it depends on something "
                              "that is not recorded, such as random numbers of Python's own", run)  # fmt: skip
        step.is_checked = True
        return self.conclude(step)

    def replay(self, step: Any) -> Any:
        """Run a recorded step on the batch that lies in its arrays."""
        threads.use(step.threads)
        try:
            step.run()
        except IndexError:
            self.model(step.batch[0], training=False)  # the layer at fault says more
            raise
        return self.conclude(step)

    def _stay(self, reason: str, run: Run) -> Any:
        """Go on with the tape from here on, and let the run count that was meant to be recorded."""
        self.reason = reason
        self._steps.clear()
        run.finish()
        return self.complete(run)

    def variables(self) -> list[Variable]:
        """The variables that a run may change without assigning to them."""
        return self.model.non_trainable_variables

    # what the kinds differ in

    def body(self, x: Any, y: Any, sample_weight: Any) -> Any:
        """The Python code of the step."""
        raise NotImplementedError

    def made(self, run: Run) -> Any:
        """The recorded step."""
        raise NotImplementedError

    def conclude(self, step: Any) -> Any:
        """What comes after a run of the program."""
        return step.note(self.model)

    def complete(self, run: Run) -> Any:
        """What comes after a run on the tape."""
        raise NotImplementedError

    def on_tape(self, x: Any, y: Any, sample_weight: Any) -> Any:
        """A step that is not to be recorded."""
        raise NotImplementedError


class JudgingSteps(Steps):
    """The steps of `evaluate`."""

    def body(self, x: Any, y: Any, sample_weight: Any) -> Any:
        y_pred = self.model(x, training=False)
        return self.model._loss_of(x, y, y_pred, sample_weight, training=False), y_pred

    def made(self, run: Run) -> Any:
        return JudgingStep(self.model, run, self.room)

    def complete(self, run: Run) -> Any:
        loss, y_pred = run.results
        x, y, weight = nest.map_structure(untraced, run.batch)
        return note(self.model, x, y, untraced(y_pred), weight, untraced(loss))

    def on_tape(self, x: Any, y: Any, sample_weight: Any) -> Any:
        loss, y_pred = self.body(x, y, sample_weight)
        return note(self.model, x, y, y_pred, sample_weight, loss)


class LearningSteps(JudgingSteps):
    """The steps of `fit`.

    Args:
        model: a compiled, built model.
        room: where arrays come from.
        trainable: the variables that are trained.
    """

    def __init__(self, model: Any, room: Room, trainable: list[Variable]) -> None:
        super().__init__(model, room)
        self._train(trainable)

    def _train(self, trainable: list[Variable]) -> None:
        self.trainable = trainable
        self.only = None if len(trainable) == len(self.model.optimizer._trainable_variables) else trainable
        self._freezes = Variable.freezes

    def run(self, *batch: Any) -> Any:
        if self._freezes != Variable.freezes:  # a callback may have frozen a layer
            self._train(self.model._prepare_optimizer())
        return super().run(*batch) if self.trainable else super().on_tape(*batch)

    def body(self, x: Any, y: Any, sample_weight: Any) -> Any:
        y_pred = self.model(x, training=True)
        return self.model._loss_of(x, y, y_pred, sample_weight, training=True), y_pred

    def made(self, run: Run) -> Any:
        return LearningStep(self.model, run, self.room, self.trainable)

    def conclude(self, step: Any) -> Any:
        update(self.model.optimizer, self.trainable, self.only)
        return step.note(self.model)

    def complete(self, run: Run) -> Any:
        descend(self.model.optimizer, run, self.trainable, self.only)
        return super().complete(run)

    def on_tape(self, x: Any, y: Any, sample_weight: Any) -> Any:
        loss, y_pred = train_on(self.model, x, y, sample_weight, self.trainable)
        return note(self.model, x, y, y_pred, sample_weight, loss)


class OwnSteps(Steps):
    """The steps of a model that has a `train_step` or `test_step` of its own.

    Args:
        model: the model.
        room: where arrays come from.
        step: the method.
    """

    def __init__(self, model: Any, room: Room, step: Callable[[Any], Any]) -> None:
        super().__init__(model, room)
        self.step = step

    def body(self, x: Any, y: Any, sample_weight: Any) -> Any:
        return self.step(packed(x, y, sample_weight))

    def made(self, run: Run) -> Any:
        return OwnStep(self.model, run, self.room)

    def variables(self) -> list[Variable]:
        metrics = {id(v) for v in self.model.metrics_variables}
        return [v for v in self.model.variables if id(v) not in metrics]

    def complete(self, run: Run) -> Any:
        return nest.map_structure(lambda x: x.resolve() if isinstance(x, Pending) else untraced(x), run.results)

    def on_tape(self, x: Any, y: Any, sample_weight: Any) -> Any:
        return self.body(x, y, sample_weight)
