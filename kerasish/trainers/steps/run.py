"""One run of a step's Python code, written down."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from kerasish.backend import nest
from kerasish.backend.array import bare, eager
from kerasish.backend.masks import with_mask
from kerasish.backend.tape import backpropagate
from kerasish.backend.tensor import Tensor
from kerasish.backend.trace import Effect, Trace
from kerasish.backend.variable import Variable
from kerasish.layers.base.call_context import Structure
from kerasish.trainers.steps.guards import Guards, Stamp, code_of


def untraced(structure: Any) -> Any:
    """Predictions as arrays, cut from the tape, with their masks."""
    if type(structure) is Tensor:
        mask = structure._keras_mask
        return eager(structure.value) if mask is None else with_mask(structure.value, untraced(mask))
    if nest.is_nested(structure):
        return nest.rebuild(structure, [untraced(child) for child in nest.children(structure)])
    return structure


class Values:
    """What variables hold at one moment."""

    def __init__(self, variables: list[Variable]) -> None:
        self.held = {id(v): (v, v._value.copy()) for v in variables}

    def add(self, variable: Variable, value: np.ndarray) -> None:
        """Note what a variable held, if it is not among them."""
        self.held.setdefault(id(variable), (variable, value))

    def put_back(self) -> None:
        """Let the variables hold it again."""
        for variable, value in self.held.values():
            variable._value[...] = value

    def now(self) -> Values:
        """What the same variables hold now."""
        return Values([variable for variable, _ in self.held.values()])


class Run:
    """A step that Python has run on the tape, with ordinary results, and what is needed to run it again.

    Args:
        model: the model.
        batch: structures of arrays.
        body: the step, called with the batch as tensors.
        variables: those that the step may change without assigning to them.

    Attributes:
        batch: the batch as tensors.
        results: what the step returned.
        reason: why it cannot be run again without Python; None if it can.
        before: what the variables held that it has changed.
        has_built: whether a layer got its weights in it, as no later run will do.
    """

    def __init__(self, model: Any, batch: tuple[Any, ...], body: Callable[..., Any], variables: list[Variable]) -> None:
        self.batch = nest.map_structure(lambda a: None if a is None else Tensor(bare(a)), batch)
        self.stamp = Stamp(model)
        functions, owners = code_of(model)
        self.guards = Guards(functions, owners)
        self.before = Values(variables)
        without_weights = [layer for layer in model._flatten_layers() if not layer.built]
        with Trace() as self.trace:
            self.results = body(*self.batch)
        for variable, value in self.trace.before.values():
            self.before.add(variable, value)
        self._told = Values([v for effect in self.effects for v in getattr(effect.args[0], "variables", ())])
        self.has_built = any(layer.built for layer in without_weights)
        self.reason = self.trace.reason or self.guards.difference_after_a_run() or self._attributes()

    def _attributes(self) -> str | None:
        if self.stamp.is_current():
            return None
        layer, name = Structure.last
        return f"the layer {layer!r} sets its attribute {name!r} while it computes"

    @property
    def names(self) -> list[str]:
        """What was noted, by name."""
        return [str(note.primitive) if isinstance(note, Tensor) else "effect" for note in self.trace.notes]

    @property
    def tensors(self) -> list[Tensor]:
        """The operations that were noted."""
        return [note for note in self.trace.notes if isinstance(note, Tensor)]

    @property
    def effects(self) -> list[Effect]:
        """The effects that were noted."""
        return [note for note in self.trace.notes if isinstance(note, Effect)]

    def undo(self) -> None:
        """Let the variables hold what they held before; what they hold now can be put back by `redo`."""
        self.after = self.before.now()
        self.before.put_back()

    def redo(self) -> None:
        """Let the run count after all; the metrics, which a run only notes, forget what else they were told."""
        self.after.put_back()
        self._told.put_back()

    def forget(self) -> None:
        """Let variables and metrics be as if the step had not run at all."""
        self.before.put_back()
        self._told.put_back()

    def finish(self) -> None:
        """Let the effects take place that were only noted."""
        self.trace.flush()

    def gradients(self, loss: Tensor, seed: Any, leaves: list[Tensor]) -> dict[int, Any]:
        """For the id of each leaf that the loss depends on, its gradient."""
        return backpropagate(self.tensors, [(loss, seed)], leaves)
