"""What the training loop asks of its data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Batch = tuple[Any, Any, Any]


class Batches:
    """Batches `(x, y, sample_weight)`, all of an epoch each time that it is iterated.

    Attributes:
        num_batches: how many there are in an epoch, or None where that is not known.
        once: whether it can be iterated only once, and the second time goes on where the first stopped.
        listens: whether it wants to be told of the beginning and end of an epoch.
    """

    num_batches: int | None = None
    once = False
    listens = False

    def __iter__(self) -> Iterator[Batch]:
        raise NotImplementedError(f"{type(self).__name__} does not define `__iter__`")

    def on_epoch_begin(self) -> None:
        """Called before the first batch of an epoch."""

    def on_epoch_end(self) -> None:
        """Called after the last batch of an epoch."""
