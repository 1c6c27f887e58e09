"""A data set that makes each batch when it is asked for, if need be in several workers."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Iterator
from typing import Any


class PyDataset:
    """A data set of batches by number: what does not fit into memory, or is augmented as it is read.

    A subclass defines `__getitem__`, the whole batch of a number, and `__len__` (or `num_batches`), the number of
    batches; None for a stream without end, with which `fit` needs `steps_per_epoch`. Every batch of an epoch is
    asked for exactly once, in its order or, if `fit` shuffles, in a random one.

    Args:
        workers: how many batches are made at a time, ahead of the training step; with 0 or 1 they are made in it.
        use_multiprocessing: whether the workers are processes, for work in Python itself, rather than threads, for
            reading and for NumPy. The data set is sent to them at the start of each epoch, so it must be picklable
            where processes are not forked.
        max_queue_size: how many batches may lie ready.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> class Squares(keras.utils.PyDataset):
        ...     def __len__(self):
        ...         return 3
        ...
        ...     def __getitem__(self, index):
        ...         x = np.random.default_rng(index).random((8, 1))
        ...         return x, x**2
        >>> model = keras.Sequential([keras.layers.Dense(1)])
        >>> model.compile("sgd", "mse")
        >>> history = model.fit(Squares(workers=2), epochs=2, verbose=0)
        >>> len(history.history["loss"])
        2
    """

    use_multiprocessing = False
    max_queue_size = 10
    _workers: int | None = None

    def __init__(self, workers: int = 1, use_multiprocessing: bool = False, max_queue_size: int = 10) -> None:
        self._workers = workers
        self.use_multiprocessing = use_multiprocessing
        self.max_queue_size = max_queue_size

    @property
    def workers(self) -> int:
        """How many batches are made at a time."""
        if self._workers is None:
            warnings.warn(
                f"{type(self).__name__}.__init__ should call super().__init__(**kwargs), with workers, "
                "use_multiprocessing and max_queue_size among the arguments; it works with their defaults now",
                stacklevel=2,
            )
            self._workers = 1
        return self._workers

    @workers.setter
    def workers(self, value: int) -> None:
        self._workers = value

    @property
    def num_batches(self) -> int | None:
        """The number of batches of an epoch, or None if there is no end to them."""
        length = getattr(type(self), "__len__", None)
        if length is None:
            raise NotImplementedError(
                f"{type(self).__name__} must define `__len__` or the property `num_batches`: the number of batches of "
                "an epoch, or None if there is no end to them"
            )
        return length(self)  # rather than len(), which does not take None

    def __getitem__(self, index: int) -> Any:
        raise NotImplementedError(f"{type(self).__name__} must define `__getitem__(index)`: the batch of a number")

    def __iter__(self) -> Iterator[Any]:
        count = self.num_batches
        return (self[index] for index in (itertools.count() if count is None else range(count)))

    def on_epoch_begin(self) -> None:
        """Called before each epoch; may be overridden."""

    def on_epoch_end(self) -> None:
        """Called after each epoch; may be overridden, for example to shuffle."""
