"""What the training loop asks of its data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from kerasish.backend.random import generator

Batch = tuple[Any, Any, Any]


class Batches:
    """Batches `(x, y, sample_weight)`, all of an epoch each time that it is iterated.

    Attributes:
        num_batches: how many there are in an epoch, or None where that is not known.
        once: whether it can be iterated only once, and the second time goes on where the first stopped.
        listens: whether it wants to be told of the beginning and end of an epoch.
        pass_order: what `order_state` was when the last pass over the data began, for those that
        remembers_order: whether to keep it; it costs microseconds an epoch.
    """

    num_batches: int | None = None
    once = False
    listens = False
    pass_order: dict[str, Any] | None = None
    remembers_order = False
    _generator: np.random.Generator | None = None

    def __iter__(self) -> Iterator[Batch]:
        raise NotImplementedError(f"{type(self).__name__} does not define `__iter__`")

    def on_epoch_begin(self) -> None:
        """Called before the first batch of an epoch."""

    def on_epoch_end(self) -> None:
        """Called after the last batch of an epoch."""

    def order_state(self) -> dict[str, Any] | None:
        """What the order of the next pass will be drawn from; None if no order was drawn yet."""
        return None if self._generator is None else dict(self._generator.bit_generator.state)

    def set_order_state(self, state: dict[str, Any] | None) -> None:
        """Let the next pass have the order that it had when `order_state` returned this."""
        self._generator = None
        if state is not None:
            self._generator = generator(0)
            self._generator.bit_generator.state = state

    def _permutation(self, size: int) -> np.ndarray:
        """The numbers below `size` in the order of the pass that begins."""
        if self._generator is None:
            self._generator = generator()
        if self.remembers_order:
            self.pass_order = self.order_state()
        return self._generator.permutation(size)


def packed(x: Any, y: Any, sample_weight: Any) -> tuple[Any, ...]:
    """A batch as Keras hands it to `train_step`: without the parts that are missing at the end."""
    if sample_weight is not None:
        return x, y, sample_weight
    return (x,) if y is None else (x, y)
