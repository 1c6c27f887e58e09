"""Several steps that callbacks hear of as one: `steps_per_execution`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from kerasish.backend import nest
from kerasish.callbacks.callback_list import CallbackList


class Executions:
    """Callbacks that are told of the first and the last of every so many steps, as Keras tells them.

    The number at the end is counted from that at the beginning, even where the data ended before: 8 steps in executions
    of 3 begin with 0, 3 and 6 and end with 2, 5 and 8. Everything but the batch hooks goes to the callbacks as it is.

    Args:
        hooks: the callbacks.
        size: the steps of an execution.
    """

    def __init__(self, hooks: CallbackList, size: int) -> None:
        self._hooks = hooks
        self._size = size
        self._first: int | None = None
        self._finish: Callable[[], None] | None = None
        self._outputs: list[Any] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._hooks, name)

    def _begin(self, tell: Callable[[int], None], step: int) -> None:
        if self._first is None:
            self._first = step
            tell(step)

    def _end(self, step: int, finish: Callable[[int], None]) -> None:
        assert self._first is not None
        last = self._first + self._size - 1
        self._finish = lambda: finish(last)
        if step >= last:
            self.finish()

    def finish(self) -> None:
        """End an execution that has not all its steps, because the data or the epoch has no more."""
        tell, self._finish, self._first = self._finish, None, None
        if tell is not None:
            tell()

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        self._begin(self._hooks.on_train_batch_begin, batch)

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self._end(batch, lambda last: self._hooks.on_train_batch_end(last, logs))

    def on_test_batch_begin(self, batch: int, logs: Any = None) -> None:
        self._begin(self._hooks.on_test_batch_begin, batch)

    def on_test_batch_end(self, batch: int, logs: Any = None) -> None:
        self._end(batch, lambda last: self._hooks.on_test_batch_end(last, logs))

    def on_predict_batch_begin(self, batch: int, logs: Any = None) -> None:
        self._begin(self._hooks.on_predict_batch_begin, batch)

    def on_predict_batch_end(self, batch: int, logs: Any) -> None:
        self._outputs.append(logs["outputs"])
        self._end(batch, self._tell_outputs)

    def _tell_outputs(self, last: int) -> None:
        parts, self._outputs = self._outputs, []
        outputs = nest.map_structure(lambda *leaves: np.concatenate(leaves), *parts)
        self._hooks.on_predict_batch_end(last, {"outputs": outputs})
