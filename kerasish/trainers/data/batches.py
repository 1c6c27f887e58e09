"""What the training loop asks of its data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from kerasish.backend import nest
from kerasish.backend.random import generator


class Batch:
    """One batch, which unpacks as `x, y, sample_weight`.

    Args:
        x, y, sample_weight: structures of arrays; y and sample_weight may be None.
        is_bare: whether a step of a user's own is handed x itself in place of `(x,)`.
    """

    __slots__ = ("_key", "_parts", "is_bare")

    def __init__(self, x: Any, y: Any = None, sample_weight: Any = None, is_bare: bool = False) -> None:
        self.is_bare = is_bare
        self._parts: Any = (x, y, sample_weight)
        self._key: Any = None

    @property
    def parts(self) -> tuple[Any, Any, Any]:
        """`x`, `y` and `sample_weight`."""
        return self._parts

    def __iter__(self) -> Iterator[Any]:
        return iter(self.parts)

    def __getitem__(self, place: int) -> Any:
        return self.parts[place]

    @property
    def key(self) -> Any:
        """What two batches have in common that one recorded step serves."""
        if self._key is None:
            self._key = key_of(self.parts)
        return self._key

    @property
    def size(self) -> int:
        """How many rows it has."""
        return len(next(nest.iterate(self.parts[0])))

    def part(self, start: int, stop: int) -> Batch:
        """The rows from one to another."""
        rows = slice(start, stop)
        x, y, weight = (nest.map_structure(lambda a: None if a is None else a[rows], part) for part in self.parts)
        return Batch(x, y, weight, self.is_bare)

    def load(self, arrays: list[np.ndarray]) -> None:
        """Copy the batch into arrays, one for each of its own."""
        leaves = [leaf for leaf in nest.iterate(self.parts) if leaf is not None]
        for array, leaf in zip(arrays, leaves, strict=True):
            np.copyto(array, leaf)


def key_of(parts: Any) -> Any:
    """The structure of a batch, and the shapes and types of its arrays."""
    found: list[Any] = []
    for part in parts:
        if isinstance(part, np.ndarray):
            found += (part.shape, part.dtype)
        elif part is None:
            found.append(None)
        else:
            leaves = nest.flatten_with_path(part)
            found.append(tuple((path, getattr(x, "shape", None), getattr(x, "dtype", None)) for path, x in leaves))
    return tuple(found)


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

    def first(self) -> Batch | None:
        """A batch to make weights from, before any epoch; None where that would take a pass of its own."""
        return None

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


def packed(x: Any, y: Any, sample_weight: Any, is_bare: bool) -> Any:
    """A batch as Keras hands it to `train_step`: without the parts that are missing at the end."""
    if sample_weight is not None:
        return x, y, sample_weight
    if y is not None:
        return x, y
    return x if is_bare else (x,)
