"""Steps of a user's own: a `train_step` or `test_step` as a whole."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kerasish.backend import nest
from kerasish.backend.array import eager
from kerasish.backend.ranks import active
from kerasish.backend.room import Room
from kerasish.backend.tensor import Tensor
from kerasish.backend.trace import Pending
from kerasish.backend.variable import Variable
from kerasish.trainers.data.batches import Batch, packed
from kerasish.trainers.steps.recorded import RecordedStep
from kerasish.trainers.steps.run import Run, untraced
from kerasish.trainers.steps.steps import Steps


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
        self._is_bare = False
        if active() is not None:
            self.reason = "several processes share the training, and a step of one's own must sum once in each of them"

    def body(self, x: Any, y: Any, sample_weight: Any) -> Any:
        return self.step(packed(x, y, sample_weight, self._is_bare))

    def ready(self, batch: Batch) -> Any:
        """The recorded step for such a batch, if the step was handed x in the same way when it was recorded."""
        if batch.is_bare is not self._is_bare:
            self._is_bare = batch.is_bare
            self._last = None, None
            self._steps.clear()
        return super().ready(batch)

    def made(self, run: Run) -> Any:
        return OwnStep(self.model, run, self.room)

    def variables(self) -> list[Variable]:
        metrics = {id(v) for v in self.model.metrics_variables}
        return [v for v in self.model.variables if id(v) not in metrics]

    def complete(self, run: Run) -> Any:
        return nest.map_structure(lambda x: x.resolve() if isinstance(x, Pending) else untraced(x), run.results)

    def on_tape(self, x: Any, y: Any, sample_weight: Any) -> Any:
        return self.body(x, y, sample_weight)
