"""Arrays cut into batches."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from kerasish.backend import nest
from kerasish.backend.array import eager
from kerasish.trainers.data.arrays import batch_arrays, common_length
from kerasish.trainers.data.batches import Batch, Batches, key_of
from kerasish.trainers.data.class_weights import checked_class_weight, weights_for


class ArrayData(Batches):
    """Arrays that are cut into batches, in a new random order each epoch.

    Args:
        x, y, sample_weight: structures of arrays with one length; y and sample_weight may be None.
        batch_size: samples a batch.
        shuffle: True for a random order of samples, `"batch"` for one of batches, False for neither.
        class_weight: for each label, the weight of its samples.

    Attributes:
        x, y, sample_weight: structures of NumPy arrays, or of `LazyRows` where those would not fit into memory.
        size: the number of samples.
        is_bare: whether a step of a user's own is handed x itself in place of `(x,)`, as by Keras where x is no list.

    Raises:
        ValueError: if the lengths differ or there are no samples.
        TypeError: if `batch_size` is no whole number.
    """

    def __init__(
        self,
        x: Any,
        y: Any = None,
        sample_weight: Any = None,
        batch_size: int | None = None,
        shuffle: Any = False,
        class_weight: Any = None,
    ) -> None:
        self.is_bare = not isinstance(x, (tuple, list))
        self.x, self.y, self.sample_weight = batch_arrays(x, y, sample_weight)
        if batch_size is not None and not hasattr(batch_size, "__index__"):
            raise TypeError(f"batch_size is a whole number; received {batch_size!r} ({type(batch_size).__name__})")
        self.batch_size = 32 if batch_size is None else int(batch_size)
        if self.batch_size < 1:
            raise ValueError(f"batch_size must be at least 1; received {batch_size}")
        self.size = common_length(self.x, self.y, self.sample_weight)
        self.sample_weight = weights_for(self.y, self.sample_weight, checked_class_weight(class_weight))
        self.shuffle = shuffle
        self.num_batches = -(-self.size // self.batch_size)
        self._takers = [_taker(part) for part in (self.x, self.y, self.sample_weight)]
        self.leaves = [leaf for leaf in nest.iterate((self.x, self.y, self.sample_weight)) if leaf is not None]
        self.keys: dict[int, Any] = {}

    def _order(self) -> np.ndarray | None:
        """The samples' numbers in the order of the next epoch; None if they keep their order."""
        if not self.shuffle:
            return None
        if self.shuffle == "batch":
            starts = self._permutation(self.size // self.batch_size) * self.batch_size
            whole = (starts[:, None] + np.arange(self.batch_size)).ravel()
            return np.concatenate([whole, np.arange(len(whole), self.size)])
        return self._permutation(self.size)

    def __iter__(self) -> Iterator[Batch]:
        """The batches of one epoch."""
        order, size, batch = self._order(), self.size, self.batch_size
        for start in range(0, size, batch):
            stop = min(start + batch, size)
            yield Picked(self, slice(start, stop) if order is None else order[start:stop], stop - start)

    def first(self) -> Batch:
        """The first samples, which draws no order."""
        stop = min(self.batch_size, self.size)
        return Picked(self, slice(0, stop), stop)

    def rows(self, pick: slice | np.ndarray) -> tuple[Any, Any, Any]:
        """The picked samples."""
        x, y, sample_weight = self._takers
        return eager(x(pick)), eager(y(pick)), eager(sample_weight(pick))


class Picked(Batch):
    """Samples of arrays, which are taken where they are needed: right into the arrays of a recorded step.

    Args:
        data: the arrays.
        pick: the numbers of the samples.
        size: how many there are.
    """

    __slots__ = ("_data", "_pick", "_size")

    def __init__(self, data: ArrayData, pick: slice | np.ndarray, size: int) -> None:
        self.is_bare = data.is_bare
        self._data = data
        self._pick = pick
        self._size = size
        self._parts = None
        self._key = data.keys.get(size)

    @property
    def parts(self) -> tuple[Any, Any, Any]:
        """The samples."""
        if self._parts is None:
            self._parts = self._data.rows(self._pick)
        return self._parts

    @property
    def size(self) -> int:
        """How many rows it has."""
        return self._size

    def part(self, start: int, stop: int) -> Batch:
        """The rows from one to another, of which none is taken yet."""
        pick = self._pick
        rows = slice(pick.start + start, pick.start + stop) if type(pick) is slice else pick[start:stop]
        return Picked(self._data, rows, stop - start)

    @property
    def key(self) -> Any:
        """The same object for batches of one size."""
        if self._key is None:
            self._key = self._data.keys[self._size] = key_of(self.parts)
        return self._key

    def load(self, arrays: list[np.ndarray]) -> None:
        """Take the samples into the arrays."""
        pick = self._pick
        if type(pick) is slice:
            for array, leaf in zip(arrays, self._data.leaves, strict=True):
                array[...] = leaf[pick]
            return
        for array, leaf in zip(arrays, self._data.leaves, strict=True):
            leaf.take(pick, 0, array, "clip")


def _taker(structure: Any) -> Callable[[Any], Any]:
    """What takes the picked rows of every array of a structure; the structure is walked once, not for each batch."""
    if structure is None:
        return _nothing
    if type(structure) is dict:
        named = [(key, _taker(value)) for key, value in structure.items()]
        return lambda pick: {key: take(pick) for key, take in named}
    if nest.is_nested(structure):
        takers = [_taker(part) for part in nest.children(structure)]
        return lambda pick: nest.rebuild(structure, [take(pick) for take in takers])
    return lambda pick: structure[pick] if type(pick) is slice else structure.take(pick, 0)


def _nothing(pick: Any) -> None:
    return None
