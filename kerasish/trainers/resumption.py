"""Where a fit that was interrupted goes on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kerasish.trainers.data.batches import Batch
from kerasish.trainers.data.epochs import Epochs


class Resumption:
    """The place in a fit at which another process had saved its state.

    A callback that finds such a state hands this to the model's engine in `on_train_begin`.

    Args:
        epoch: the number of the epoch, from 0.
        begun: how many of its steps were done.
        order, used: the position in the data, from `Epochs.position`.
        restore: sets the weights, the optimizer, the metrics and the sources of random numbers to what was saved.

    Attributes:
        last: the batch before the next one, if the epoch had begun.
    """

    def __init__(
        self, epoch: int, begun: int, order: dict[str, Any] | None, used: int, restore: Callable[[], None]
    ) -> None:
        self.epoch = epoch
        self.begun = begun
        self._order = order
        self._used = used
        self._restore = restore
        self.last: Batch | None = None

    def find(self, train: Epochs) -> int:
        """Go to the place in the data; returns the epoch."""
        last = train.resume(self._order, self._used, self.begun)
        self.last = last if self.begun else None
        self._restore()  # a generator that was wound forward may have drawn random numbers
        return self.epoch

    def enter(self) -> int:
        """Begin where the epoch was left, when the callbacks have seen its beginning; returns the steps done."""
        if self.begun:
            self._restore()  # a callback that changes something at the beginning of an epoch did so before
        return self.begun
