"""A model's output for arrays, without what only a training needs."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np

from kerasish.backend.program import Program, Room, Tracing
from kerasish.backend.tape import GradientTape
from kerasish.backend.tensor import NotPlannable, Tensor, recording
from kerasish.layers.call_context import Structure, context
from kerasish.trainers.replay import is_pure

# A call on at most so many rows is remembered: there, Python costs as much as the matrix products.
FEW = 64
# Calls on one shape before the pass is recorded, and shapes that one model remembers.
_TRIALS = 3
_SHAPES = 4

# Rows a pass where the caller names no batch size: a matrix product of so many is as fast as it gets, and rows do not
# depend on each other. A pass whose arrays would leave the cache, as those of images do, has fewer.
ROWS, FEWER_ROWS, CACHE = 256, 32, 1 << 23


class Predictor:
    """A model's forward pass on batches of one shape, in fixed buffers.

    Args:
        model: a model of which `is_pure` holds.
        x: a batch.

    Raises:
        NotPlannable: if the pass cannot be replayed.
    """

    def __init__(self, model: Any, x: np.ndarray) -> None:
        self.x = np.array(x)
        batch = Tensor(self.x)
        with GradientTape() as tape, Tracing():
            y = model(batch, training=False)
        if not isinstance(y, Tensor) or y is batch:
            raise NotPlannable("the prediction is not one computed tensor")
        self.read = [(variable, variable._value) for variable, _ in tape._leaves.values()]
        arrays = {id(leaf): variable._value for variable, leaf in tape._leaves.values()}
        arrays[id(batch)] = self.x
        self._keep = (batch, y, [leaf for _, leaf in tape._leaves.values()])
        nodes, tape.nodes = tape.nodes, []
        self.program = Program(nodes, arrays, None, 1.0, {}, Room())
        self.y = self.program.array(y)
        self._busy = threading.Lock()
        self._put = self.x.__setitem__
        tape._release()

    def is_current(self) -> bool:
        """Whether the variables are still where they were."""
        return all(variable._value is array for variable, array in self.read)

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
    """The passes recorded of one model, as long as no layer anywhere has changed; a copy of it begins without them."""

    __slots__ = ("passes", "rows", "trials", "version")

    def __init__(self) -> None:
        self.version = Structure.version
        self.passes: dict[Any, Predictor | None] = {}
        self.trials: dict[Any, int] = {}
        self.rows: int | None = None  # of a pass over many, where the caller names no batch size

    def __reduce__(self) -> tuple[type[_Memory], tuple[()]]:
        return _Memory, ()


def _memory_of(model: Any) -> _Memory:
    """What was recorded of a model since a layer has changed for the last time."""
    memory = model.__dict__.get("_recorded_passes")
    if memory is None or memory.version != Structure.version:
        memory = model.__dict__["_recorded_passes"] = _Memory()
    return memory


def is_lone_call(x: np.ndarray) -> bool:
    """Whether a model is called from outside, on a few rows, with no tape that records."""
    return context.root is None and not recording.tapes and 0 < len(x) <= FEW if x.ndim else False


def recalled(model: Any, x: Any) -> np.ndarray | None:
    """What a pass that was recorded of a model makes of an array; None if there is none for such an array.

    It is asked before an array is checked or converted: what fits a recorded pass needs neither.
    """
    found = _memory_of(model).passes.get(x.shape)
    if found is None or found.x.dtype != x.dtype or not is_lone_call(x) or not found.is_current():
        return None
    return found(x)


def remembered(model: Any, x: np.ndarray) -> np.ndarray | None:
    """A model's output for a few rows, from a pass recorded in an earlier call; None if there is none."""
    memory = _memory_of(model)
    key = x.shape
    if key not in memory.passes:
        return _try(model, memory, key, x)
    found = memory.passes[key]
    if found is None:
        return None
    if not found.is_current():
        del memory.passes[key]
        return None
    return found(x)


def _try(model: Any, memory: _Memory, key: Any, x: np.ndarray) -> np.ndarray | None:
    """Count a call; record the pass when there were enough of them."""
    count = memory.trials[key] = memory.trials.get(key, 0) + 1
    if count >= _TRIALS and len(memory.passes) < _SHAPES:
        memory.passes[key] = None
        if is_pure(model):
            try:
                memory.passes[key] = Predictor(model, x)
            except NotPlannable:
                memory.passes[key] = None
    return None


def predict_rows(model: Any, x: np.ndarray, rows: int | None) -> np.ndarray | None:
    """The predictions for an array, `rows` at a time; None if the pass cannot be replayed."""
    if len(x) < 3 * (rows or FEWER_ROWS) or not is_pure(model):
        return None
    try:
        predictor = _predictor(model, x) if rows is None else Predictor(model, x[:rows])
    except NotPlannable:
        return None
    rows = len(predictor.x)
    out = np.empty((len(x), *predictor.y.shape[1:]), predictor.y.dtype)
    if predictor.y.shape[:1] != (rows,):
        return None
    whole = len(x) - len(x) % rows
    for start in range(0, whole, rows):
        np.copyto(predictor.x, x[start : start + rows])
        predictor.program.run()
        out[start : start + rows] = predictor.y
    if whole < len(x):
        out[whole:] = model(x[whole:], training=False)
    return out


def _predictor(model: Any, x: np.ndarray) -> Predictor:
    """A pass of as many rows as are fast, which is found out once."""
    memory = _memory_of(model)
    if memory.rows is None:
        few = Predictor(model, x[:FEWER_ROWS])
        is_large = few.program.room.nbytes * (ROWS // FEWER_ROWS) > CACHE
        memory.rows = FEWER_ROWS if is_large else ROWS
        if is_large or len(x) < 3 * ROWS:
            return few
    return Predictor(model, x[: memory.rows if len(x) >= 3 * memory.rows else FEWER_ROWS])
