"""A model's output for arrays, without what only a training needs."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np

from kerasish.backend import nest
from kerasish.backend.array import bare, eager
from kerasish.backend.masks import get_mask
from kerasish.backend.room import Room
from kerasish.backend.tensor import NotPlannable, Tensor, recording
from kerasish.layers.base.call_context import context
from kerasish.trainers.steps.guards import Stamp
from kerasish.trainers.steps.recorded import RecordedStep
from kerasish.trainers.steps.run import Run

# A call on at most so many rows is remembered: there, Python costs as much as the matrix products.
FEW = 64
# Calls on one shape before the pass is recorded, and shapes that one model remembers.
_TRIALS = 3
_SHAPES = 8

# Rows a pass where the caller names no batch size: a matrix product of so many is as fast as it gets, and rows do not
# depend on each other. A pass whose arrays would leave the cache, as those of images do, has fewer.
ROWS, FEWER_ROWS, CACHE = 256, 32, 1 << 23


class Pass(RecordedStep):
    """A model's forward pass on batches of one shape, in fixed arrays.

    Args:
        run: the pass on the tape that was written down.

    Raises:
        NotPlannable: if the pass cannot be recorded.
    """

    def __init__(self, run: Run) -> None:
        y = run.results
        if not isinstance(y, Tensor) or y is run.batch[0] or get_mask(y) is not None or run.effects:
            raise NotPlannable("the prediction is not one computed tensor")
        super().__init__(run, Room(), results=[y])
        self.x = self.batch[0]
        self.y = self.array(y)
        self._busy = threading.Lock()
        self._put = self.x.__setitem__

    def __call__(self, x: np.ndarray) -> np.ndarray | None:
        """The output for a batch; None while another thread computes."""
        if not self._busy.acquire(blocking=False):
            return None
        try:
            self._put(..., x)
            for call in self.program.calls:
                call()
            return self.y.copy()
        finally:
            self._busy.release()


class _Memory:
    """The passes recorded of one model, as long as none of its layers has changed; a copy of it begins without them."""

    __slots__ = ("passes", "reason", "rows", "stamp", "trials")

    def __init__(self, model: Any = None) -> None:
        self.stamp = None if model is None else Stamp(model)
        self.passes: dict[Any, Pass] = {}
        self.trials: dict[Any, int] = {}
        self.reason: str | None = None
        self.rows: int | None = None  # of a pass over many, where the caller names no batch size

    def __reduce__(self) -> tuple[type[_Memory], tuple[()]]:
        return _Memory, ()


def _memory_of(model: Any) -> _Memory:
    """What was recorded of a model since a layer of it has changed for the last time."""
    memory = model.__dict__.get("_recorded_passes")
    if memory is None or memory.stamp is None or not memory.stamp.is_current():
        memory = model.__dict__["_recorded_passes"] = _Memory(model)
    return memory


def is_lone_call(x: np.ndarray) -> bool:
    """Whether a model is called from outside, on a few rows, with no tape that records."""
    return context.root is None and not recording.tapes and 0 < len(x) <= FEW if x.ndim else False


def recalled(model: Any, x: Any) -> np.ndarray | None:
    """What a pass that was recorded of a model makes of an array; None if there is none for such an array.

    It is asked before an array is checked or converted: what fits a recorded pass needs neither.
    """
    found = _memory_of(model).passes.get(x.shape)
    if found is None or found.x.dtype != x.dtype or not found.is_checked or not is_lone_call(x):
        return None
    return found(x) if found.is_current() else None


def remembered(model: Any, x: np.ndarray) -> Any:
    """A model's output for a few rows, from a pass recorded in an earlier call; None if there is none."""
    memory = _memory_of(model)
    if memory.reason is not None:
        return None
    key = x.shape
    found = memory.passes.get(key)
    if found is None:
        count = memory.trials[key] = memory.trials.get(key, 0) + 1
        return _noted(model, memory, key, x) if count >= _TRIALS and len(memory.passes) < _SHAPES else None
    if not found.is_current():
        del memory.passes[key]
        return None
    return found(x) if found.is_checked else _checked(model, memory, found, x)


def _run(model: Any, x: np.ndarray) -> Run:
    """A pass on the tape, written down."""

    def body(tensor: Tensor) -> Any:
        outputs = model(tensor, training=False)
        if model._loss_owners:
            raise NotPlannable("layers add losses, which `model.losses` tells after the call")
        return outputs

    return Run(model, (x,), body, model.non_trainable_variables)


def _values(outputs: Any) -> Any:
    return nest.map_structure(lambda leaf: eager(leaf.value) if isinstance(leaf, Tensor) else leaf, outputs)


def _noted(model: Any, memory: _Memory, key: Any, x: np.ndarray) -> Any:
    """A call that is written down; its output is that of the tape."""
    try:
        run = _run(model, x)
    except NotPlannable as failure:
        memory.reason = str(failure)
        return None
    run.finish()
    outputs = _values(run.results)
    if get_mask(run.results) is not None:
        memory.reason = "the prediction has a mask"
        return None
    try:
        found = Pass(run)
    except NotPlannable as failure:
        memory.reason = str(failure)
    else:
        if not run.stamp.is_current() or memory is not model.__dict__.get("_recorded_passes"):
            return outputs
        memory.passes[key] = found
    return outputs


def _checked(model: Any, memory: _Memory, found: Pass, x: np.ndarray) -> Any:
    """A call on the tape and by the recorded pass, which is used from now on if they agree."""
    run = _run(model, x)
    run.finish()
    outputs = _values(run.results)
    if run.reason is None and isinstance(run.results, Tensor):
        run.undo()
        mine = found(x)
        found.is_checked = mine is not None and found.agrees(run, [mine], [outputs])
        if found.is_checked:
            return outputs
        run.redo()
        if mine is None:
            return outputs
    memory.reason = run.reason or "a second call on the tape came to something else"
    memory.passes.clear()
    return outputs


def predict_rows(model: Any, x: np.ndarray, rows: int | None) -> np.ndarray | None:
    """The predictions for an array, `rows` at a time; None if the pass is not recorded."""
    memory = _memory_of(model)
    if memory.reason is not None or len(x) < 3 * (rows or FEWER_ROWS):
        return None
    found = _pass_of(model, memory, x, rows)
    if found is None:
        return None
    rows = len(found.x)
    if found.y.shape[:1] != (rows,):
        return None
    whole = len(x) - len(x) % rows
    out = np.empty((len(x), *found.y.shape[1:]), found.y.dtype)
    for start in range(0, whole, rows):
        y = found(x[start : start + rows])
        out[start : start + rows] = bare(model(x[start : start + rows], training=False)) if y is None else y
    if whole < len(x):
        out[whole:] = bare(model(x[whole:], training=False))
    return out


def _pass_of(model: Any, memory: _Memory, x: np.ndarray, rows: int | None) -> Pass | None:
    """A pass over as many rows as are fast, or as the caller says."""
    if rows is not None:
        return _kept_pass(model, memory, x[:rows])
    if memory.rows is None:
        few = _kept_pass(model, memory, x[:FEWER_ROWS])
        if few is None:
            return None
        is_large = few.program.room.nbytes * (ROWS // FEWER_ROWS) > CACHE
        memory.rows = FEWER_ROWS if is_large else ROWS
    count = memory.rows if len(x) >= 3 * memory.rows else FEWER_ROWS
    return _kept_pass(model, memory, x[:count])


def _kept_pass(model: Any, memory: _Memory, x: np.ndarray) -> Pass | None:
    """The recorded pass for arrays of this shape, checked; recorded now if there is none."""
    for _ in range(2):
        found = memory.passes.get(x.shape)
        if found is not None and not found.is_current():
            del memory.passes[x.shape]
            found = None
        if found is None:
            _noted(model, memory, x.shape, x)
        elif not found.is_checked:
            _checked(model, memory, found, x)
    found = memory.passes.get(x.shape)
    return found if found is not None and found.is_checked else None
