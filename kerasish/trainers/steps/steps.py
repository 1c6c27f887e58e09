"""Steps that learn from a batch or judge it: on the tape at first, then recorded.

The first step on data of a shape is run on the tape and written down; what was written down becomes a program, and the
step is done by the program, unless that comes to something else. The second step runs on the tape once more, and counts
only if the program does not come to the same: then the step depends on something that is not recorded, and stays on the
tape for good. From the third on there is only the program.
"""

from __future__ import annotations

from typing import Any

from kerasish.backend import threads
from kerasish.backend.ranks import active
from kerasish.backend.room import Room
from kerasish.backend.tensor import NotPlannable
from kerasish.backend.variable import Variable
from kerasish.trainers.data.batches import Batch
from kerasish.trainers.steps.run import Run, Values

# A step is recorded with the first batch of each of so many shapes, and with the third of each of so many more.
AT_ONCE, OFTEN, SHAPES = 8, 3, 64
# Of how many shapes it is known how often they came.
KNOWN = 1024
# How often steps are recorded anew, because something has changed that they depend on, before they stay on the tape.
CHANGES = 16


class Steps:
    """The steps of one kind of a model: one is recorded for each structure, shape and dtype of its batches.

    Args:
        model: the model.
        room: where arrays come from.

    Attributes:
        reason: why the model's steps stay on the tape, as a sentence; None if they do not.
        before: what the variables held before the last run on the tape that it has changed.
        at_once: for how many shapes a step is recorded with the first batch; beyond, once there have been a few.
    """

    at_once = AT_ONCE

    def __init__(self, model: Any, room: Room) -> None:
        self.model = model
        self.room = room
        self.reason = self._excluded()
        self._steps: dict[Any, Any] = {}
        self._last: tuple[Any, Any] = (None, None)
        self._seen: dict[Any, int] = {}
        self._passed_over = 0
        self._changes = 0
        self.before: Values | None = None

    @property
    def why_not_recorded(self) -> str | None:
        """The reason, or that some batches were of shapes that came too seldom."""
        if self.reason is None and self._passed_over:
            return (
                f"{self._passed_over} batches had shapes that came too seldom: beyond the first {self.at_once} shapes "
                f"a step is recorded once a shape has come {OFTEN} times, and for {SHAPES} shapes at most. Pad to "
                "fewer lengths to have all of them recorded"
            )
        return self.reason

    def _is_due(self, key: Any) -> bool:
        """Whether to record a step for batches of another shape: ever new ones are no use to record."""
        if len(self._steps) < self.at_once:
            return True
        if len(self._seen) >= KNOWN:
            self._seen.clear()
        count = self._seen[key] = self._seen.get(key, 0) + 1
        return count >= OFTEN and len(self._steps) < SHAPES

    def _excluded(self) -> str | None:
        model = self.model
        if model.run_eagerly:
            return "the model is compiled with run_eagerly=True"
        if model.jit_compile is False:
            return "the model is compiled with jit_compile=False"
        if getattr(model.optimizer, "scale_changes", False):
            return "the optimizer looks for a scale of the loss, which changes while it learns"
        if active() is not None and any(layer.synchronized for layer in model._flatten_layers()):
            return "a layer has synchronized=True, and to record a step runs it more than once, in some processes only"
        return None

    def __call__(self, batch: Batch) -> Any:
        """Do a step, by the recorded one if there is one for such a batch; returns what `conclude` does."""
        key, step = self._last
        if batch.key is not key or not step.is_current():
            step = self.ready(batch)
            if step is None:
                return self.run(batch)
        batch.load(step.flat)
        return self.replay(step)

    def ready(self, batch: Batch) -> Any:
        """The recorded step for a batch like this; None if the next one is to run on the tape."""
        step = self._steps.get(batch.key)
        if step is None or not step.is_checked:
            return None
        if step.is_current():
            self._last = batch.key, step
            return step
        self._forget(batch.key)
        return None

    def _forget(self, key: Any) -> None:
        """Let go of a recorded step, because something has changed that it depends on."""
        self._last = None, None
        self._steps.pop(key, None)
        self._changes += 1

    def run(self, batch: Batch) -> Any:
        """Do a step for which none is ready, and record it."""
        step = self._steps.get(batch.key)
        if self.reason is not None:
            return self.on_tape(*batch)
        if step is None and not self._is_due(batch.key):
            self._passed_over += 1
            return self.on_tape(*batch)
        run = Run(self.model, batch.parts, self.body, self.variables())
        self.before = run.before
        self.model._clear_losses()  # they have gone into the result, and are tensors of this run
        if step is not None and step.is_current():
            return self._check(step, run, batch)
        if step is not None:
            self._forget(batch.key)
        return self._record(run, batch)

    def _record(self, run: Run, batch: Batch) -> Any:
        try:
            if self._changes >= CHANGES:
                raise NotPlannable("what the step depends on changes again and again")
            step = self._steps[batch.key] = self.made(run)
        except NotPlannable as failure:
            return self._stay(str(failure), run)
        run.undo()
        self._run(step, batch)
        if not step.agrees(run, step.outcome, step.noted):
            run.forget()
            self._stop("what was written down of the step came to something else than the step itself")
            return self.on_tape(*batch)
        step.noted = []
        return self.conclude(step)

    def _check(self, step: Any, run: Run, batch: Batch) -> Any:
        """A step on the tape and by the program; the program's counts if they agree."""
        if run.reason is not None:
            return self._stay(run.reason, run)
        run.undo()
        self._run(step, batch)
        if not step.agrees(run, step.outcome, step.outcome_of(run)):
            run.redo()
            return self._stay("a second run of the step on the tape came to something else: it depends on something "
                              "that is not recorded, such as random numbers of Python's own", run)  # fmt: skip
        step.is_checked = True
        return self.conclude(step)

    @staticmethod
    def _run(step: Any, batch: Batch) -> None:
        batch.load(step.flat)
        threads.use(1)
        step.run()

    def replay(self, step: Any) -> Any:
        """Run a recorded step on the batch that lies in its arrays."""
        threads.use(1)
        try:
            step.run()
        except IndexError:
            self.model(step.batch[0], training=False)  # the layer at fault says more
            raise
        return self.conclude(step)

    def _stay(self, reason: str, run: Run) -> Any:
        """Go on with the tape from here on, and let the run count that was meant to be recorded.

        After a run in which layers were built, the next is another one, and is recorded if it can be.
        """
        if run.has_built and self._changes < CHANGES:
            self._last = None, None
            self._steps.clear()
            self._changes += 1
        else:
            self._stop(reason)
        run.finish()
        return self.complete(run)

    def _stop(self, reason: str) -> None:
        self.reason = reason
        self._last = None, None
        self._steps.clear()

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
