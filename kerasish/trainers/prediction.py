"""`predict` on arrays, without what only a training needs."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish.backend.program import NotPlannable, Program, Room, Tracing
from kerasish.backend.tape import GradientTape
from kerasish.backend.tensor import Tensor
from kerasish.trainers.replay import is_pure

# Rows a pass where the caller names no batch size: a matrix product of so many is as fast as it gets, and rows do not
# depend on each other.
ROWS = 256


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
        arrays = {id(leaf): variable._value for variable, leaf in tape._leaves.values()}
        arrays[id(batch)] = self.x
        self._keep = (batch, y, [leaf for _, leaf in tape._leaves.values()])
        nodes, tape.nodes = tape.nodes, []
        self.program = Program(nodes, arrays, None, 1.0, {}, Room())
        self.y = self.program.array(y)
        tape._release()


def predict_rows(model: Any, x: np.ndarray, rows: int) -> np.ndarray | None:
    """The predictions for an array, `rows` at a time; None if the pass cannot be replayed."""
    if len(x) < 3 * rows or not is_pure(model):
        return None
    try:
        predictor = Predictor(model, x[:rows])
    except NotPlannable:
        return None
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
