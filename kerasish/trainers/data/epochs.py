"""From batches to epochs: how many batches each has, and what happens when they run out."""

from __future__ import annotations

import itertools
import operator
from collections.abc import Iterator
from typing import Any

from kerasish.backend import config
from kerasish.backend.callers import warn
from kerasish.trainers.data.batches import Batch, Batches

# Keras looks at two batches of a generator before it starts, and begins every new pass with these two.
_KEPT = 2


class Epochs:
    """The batches of one epoch after another.

    With `steps`, an epoch goes on where the last one stopped. If the data ends before an epoch has all its steps, a
    warning is given and the epoch ends there; the next begins with the first batch. A generator cannot begin again: its
    first two batches are kept, and stand at the beginning of every new pass, as in Keras. When it has ended, they are
    all that the epochs to come have.

    Args:
        data: the batches.
        steps: batches an epoch, if not all of them; 0 counts as None.
        anew: whether each epoch starts with the first batch whatever the last one used, as in validation.

    Raises:
        TypeError: if `steps` is not a whole number.
        ValueError: if it is negative.
    """

    def __init__(self, data: Batches, steps: int | None = None, anew: bool = False) -> None:
        self.data = data
        self.steps = _limited(_checked(steps))
        self.anew = anew
        self._is_begun = False
        self._seen: int | None = None
        self._running: Iterator[Batch] | None = None
        self._stream: Iterator[Batch] | None = None
        self._first: list[Batch] = []
        self._rest: Iterator[Batch] | None = None
        self._begun = 0
        self._used = 0

    @property
    def num_batches(self) -> int | None:
        """The batches of an epoch, or None where that is not known until it ends."""
        if self.steps is not None:
            return self.steps
        return self._seen if self.data.num_batches is None else self.data.num_batches

    def __iter__(self) -> Iterator[Batch]:
        simple = self.steps is None and self.data.num_batches and not self.data.listens and not self.data.once
        if simple and not self._begun:
            return iter(self.data)
        return self._epoch()

    def first(self) -> Batch | None:
        """A batch to make weights from before the first epoch, which lacks none for it; None if there is no such."""
        if not self.data.once:
            return self.data.first()
        self._begin()
        return self._first[0] if self._first else None

    def _epoch(self) -> Iterator[Batch]:
        data, is_first = self.data, not self._is_begun
        self._is_begun = True
        taken = self._begun
        if not taken:
            data.on_epoch_begin()
        try:
            for batch in self._pass():
                taken += 1
                yield batch
            if not taken and self._running is not None:  # the last epoch had taken exactly all that there was
                self._running, self._used = None, self._used if data.once else 0
                for batch in self._pass():
                    taken += 1
                    yield batch
        finally:
            self._begun = 0
            data.on_epoch_end()
        self._seen = taken
        if not taken:
            raise ValueError(_NO_BATCH)
        only_kept = data.once and self.steps is None and not is_first
        if taken < (self.steps or 1) or only_kept:
            self._give_up(taken)
        self._used = self._used + taken if data.once or self._running is not None else 0

    def remember_order(self) -> None:
        """Keep from now on what `position` tells of the order of a pass under way."""
        self.data.remembers_order = True

    def position(self, begun: int) -> tuple[dict[str, Any] | None, int]:
        """Where the data is when `begun` batches of the present epoch were used, for `resume`.

        Args:
            begun: 0 stands for the time between two epochs.

        Returns:
            What the order of the pass under way, or of the next, is drawn from, and how many of its batches were used.
        """
        is_between = not begun and self._running is None and not self.data.once
        return (self.data.order_state(), 0) if is_between else (self.data.pass_order, self._used + begun)

    def resume(self, order: dict[str, Any] | None, used: int, begun: int) -> Batch | None:
        """Go on where another process was when it asked for the `position`.

        Batches that were used there are made once more and passed over; a generator must give the same again.

        Args:
            order, used: what `position` returned.
            begun: how many batches of the epoch were used.

        Returns:
            The last batch that was passed over, if any was.
        """
        self.data.set_order_state(order)
        self._begun, self._used = begun, used - begun
        if not used:
            return None
        self._is_begun = True
        if begun:
            self.data.on_epoch_begin()
        batches, last = self._pass_over(used)
        if self.steps is not None:
            self._running = batches
        elif begun:
            self._rest = batches
        return last

    def _pass_over(self, count: int) -> tuple[Iterator[Batch], Batch | None]:
        """The batches that come after `count` others, and the last of those."""
        batches, last = self._begin(), None
        while count:
            batch = next(batches, None)
            if batch is not None:
                last, count = batch, count - 1
                continue
            batches = self._begin()
            if not self._first:  # there are fewer batches than there were
                break
        return batches, last

    def _pass(self) -> Iterator[Batch]:
        """The batches of the coming epoch: a new pass over the data, or what is left of the last one."""
        if self._rest is not None:
            batches, self._rest = self._rest, None
        elif self.steps is None or self.anew:
            batches = self._begin()
        else:
            self._running = self._running or self._begin()
            batches = self._running
        return batches if self.steps is None else itertools.islice(batches, self.steps - self._begun)

    def _begin(self) -> Iterator[Batch]:
        """A new pass over the data."""
        if not self.data.once:
            return iter(self.data)
        if self._stream is None:
            self._stream = iter(self.data)
            self._first = list(itertools.islice(self._stream, _KEPT))
        return itertools.chain(self._first, self._stream)

    def _give_up(self, taken: int) -> None:
        self._running = None
        wanted = "" if self.steps is None else f" after {taken} of {self.steps} steps"
        then = (
            "; a generator is not begun again, but for the two batches that were kept of it" if self.data.once else ""
        )
        warn(
            f"the input ran out of data{wanted}: the epoch ends here{then}. It must yield at least steps_per_epoch * "
            "epochs batches; a generator that is to go on for ever needs a `while True:`.",
        )


_NO_BATCH = "the data is empty: it yielded no batch. A generator must yield at least one."


def _checked(steps: Any) -> int | None:
    if not steps:
        return None
    try:
        count = operator.index(steps)
    except TypeError as error:
        raise TypeError(f"the number of steps must be a whole number; received {steps!r}") from error
    if count < 0:
        raise ValueError(f"the number of steps must be at least 1, or None for all batches; received {steps!r}")
    return count


def _limited(steps: int | None) -> int | None:
    most = config.max_steps_per_epoch()
    if not most or (steps is not None and steps <= most):
        return steps
    warn(f"limited to {most} steps an epoch, by keras.config.set_max_steps_per_epoch")
    return most
