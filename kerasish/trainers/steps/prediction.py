"""A model's output for arrays, without what only a training needs: of single calls, and of `predict`."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import numpy as np

from kerasish.backend import nest
from kerasish.backend.array import eager
from kerasish.backend.room import Room
from kerasish.backend.tensor import NotPlannable, Tensor, recording
from kerasish.layers.base.call_context import context
from kerasish.trainers.data.batches import Batch
from kerasish.trainers.steps.recorded import RecordedStep, with_masks
from kerasish.trainers.steps.run import Run, Values, untraced
from kerasish.trainers.steps.steps import OFTEN, Steps

# At most so many rows are answered by a recorded pass: there, Python costs as much as the matrix products.
FEW = 64
# Rows a pass where the caller names no batch size: a matrix product of so many is as fast as it gets, and rows do not
# depend on each other. A pass whose arrays would leave the cache, as those of images do, has fewer.
ROWS, FEWER_ROWS, CACHE = 256, 32, 1 << 23


class Pass(RecordedStep):
    """A model's forward pass on batches of one shape, in fixed arrays of its own.

    Args:
        run: the pass on the tape that was written down.

    Raises:
        NotPlannable: if the pass cannot be recorded.
    """

    def __init__(self, run: Run) -> None:
        leaves = list(nest.iterate(run.results))
        given = {id(leaf) for leaf in nest.iterate(run.batch)}
        if run.effects or any(not isinstance(leaf, Tensor) or id(leaf) in given for leaf in leaves):
            raise NotPlannable("not every part of the prediction is computed from the data")
        super().__init__(run, Room(), results=with_masks(leaves))
        self.y = self.held(run.results)
        self._busy = threading.Lock()

    @property
    def outcome(self) -> list[Any]:
        """What the program comes to."""
        return nest.flatten(self.y)

    @staticmethod
    def outcome_of(run: Run) -> list[Any]:
        """What a run on the tape comes to."""
        return nest.flatten(untraced(run.results))

    def answer(self, load: Callable[..., None], *args: Any) -> Any:
        """The output for what a function brings into the arrays; None while another thread computes."""
        if not self._busy.acquire(blocking=False):
            return None
        try:
            load(*args)
            self.run()
            return self.copy_of(self.y)
        finally:
            self._busy.release()


class PredictingSteps(Steps):
    """The passes recorded of one model, as long as none of its layers has changed. Several threads may use it.

    Attributes:
        rows: how many rows a pass has where the caller names no batch size; None until that is found out.
    """

    at_once = 0

    def __init__(self, model: Any) -> None:
        super().__init__(model, Room())
        self.rows: int | None = None
        self._records = threading.Lock()

    def _excluded(self) -> str | None:
        return None

    def __call__(self, batch: Batch) -> Any:
        """The output for a batch."""
        step = self.ready(batch)
        if step is not None:
            try:
                found = step.answer(batch.load, step.flat)
            except IndexError:
                self.on_tape(*batch)  # the layer at fault says more
                raise
            return self.on_tape(*batch) if found is None else found
        return self.run(batch) if self._is_wanted(batch.key) else self.on_tape(*batch)

    def _is_wanted(self, key: Any) -> bool:
        """Whether it is time to record a pass, or to check one."""
        return self.reason is None and (key in self._steps or self._is_due(key))

    def run(self, batch: Batch) -> Any:
        """The output for a batch, by a pass that is recorded now, or checked, unless another thread does that."""
        if not self._records.acquire(blocking=False):
            return self.on_tape(*batch)
        try:
            return super().run(batch)
        except NotPlannable as failure:
            self.reason = str(failure)
            return self.on_tape(*batch)
        finally:
            self._records.release()

    def lone(self, x: np.ndarray, may_record: bool = True) -> Any:
        """The output for one array, where a pass gives it; None otherwise."""
        key = (x.shape, x.dtype, None, None)
        step = self._steps.get(key)
        if step is not None and step.is_checked and step.is_current():
            try:
                return step.answer(step.flat[0].__setitem__, ..., x)
            except IndexError:
                self.model(eager(x), training=False)  # which no pass answers, so that the layer at fault says more
                raise
        if not may_record or not self._is_wanted(key) or self._records.locked():
            return None
        return self.run(Batch(x))

    def rows_for(self, x: Any, count: int) -> int:
        """How many rows a pass should have: many, if the arrays of so many stay in cache, and there is no state."""
        if self.reason is not None or count < 3 * FEWER_ROWS:
            return FEWER_ROWS
        if self.rows is None:
            few = Batch(nest.map_structure(lambda leaf: eager(leaf[:FEWER_ROWS]), x))
            self._seen[few.key] = OFTEN  # more of them are sure to come
            step = self._tried(few)
            if step is None:
                return FEWER_ROWS
            is_large = step.program.room.nbytes * (ROWS // FEWER_ROWS) > CACHE
            self.rows = FEWER_ROWS if is_large or step.changes_state else ROWS
        return self.rows if count >= 3 * self.rows else FEWER_ROWS

    def _tried(self, few: Batch) -> Any:
        """The pass for a batch, recorded and checked now; the variables are afterwards what they were."""
        states: list[Values | None] = []
        for _ in range(2):
            self.before = None
            if self.ready(few) is None:
                self.run(few)
                states.append(self.before)
        if states and states[0] is not None:
            states[0].put_back()
        return self.ready(few)

    def body(self, x: Any, y: Any, sample_weight: Any) -> Any:
        outputs = self.model(x, training=False)
        if self.model._loss_owners:
            raise NotPlannable("layers add losses, which `model.losses` tells after the call")
        return outputs

    def made(self, run: Run) -> Any:
        return Pass(run)

    def conclude(self, step: Any) -> Any:
        return step.copy_of(step.y)

    def complete(self, run: Run) -> Any:
        return untraced(run.results)

    def on_tape(self, x: Any, y: Any, sample_weight: Any) -> Any:
        return self.model(x, training=False)


def is_lone_call(x: np.ndarray) -> bool:
    """Whether a model is called from outside, on a few rows, with no tape that records."""
    return context.root is None and not recording.tapes and 0 < len(x) <= FEW if x.ndim else False
