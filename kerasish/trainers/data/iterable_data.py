"""Batches that somebody else makes: generators, data loaders, and data sets with workers."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from kerasish.backend.array import eager
from kerasish.trainers.data.arrays import batch_arrays, common_length
from kerasish.trainers.data.batches import Batch, Batches
from kerasish.trainers.data.class_weights import BALANCED, checked_class_weight, weights_for
from kerasish.utils.data_utils import unpack_x_y_sample_weight

if TYPE_CHECKING:
    from concurrent.futures import Executor, Future


class IterableData(Batches):
    """Anything that yields batches: a generator, a PyTorch `DataLoader`, a `tf.data` pipeline.

    Args:
        source: yields `x`, `(x, y)` or `(x, y, sample_weight)`; one that can be iterated again starts anew each
            epoch, a generator goes on where it stopped.
        class_weight: for each label, the weight of its samples.
    """

    def __init__(self, source: Iterable[Any], class_weight: Any = None) -> None:
        self.source = source
        self.class_weight = _for_batches(class_weight)
        self.num_batches = _length(source)
        self.once = hasattr(source, "__next__")

    def __iter__(self) -> Iterator[Batch]:
        for data in self._raw():
            yield self._standardize(data)

    def _raw(self) -> Iterable[Any]:
        return self.source

    def _standardize(self, data: Any) -> Batch:
        x, y, weight = map(eager, batch_arrays(*unpack_x_y_sample_weight(data)))
        common_length(x, y, weight)
        weight = weight if self.class_weight is None else weights_for(y, weight, self.class_weight)
        return Batch(x, y, weight, self._is_bare(data))

    def _is_bare(self, data: Any) -> bool:
        """Whether a step of a user's own is handed what was yielded without a tuple around it."""
        return not isinstance(data, (tuple, list))


def _for_batches(class_weight: Any) -> Any:
    found = checked_class_weight(class_weight)
    if isinstance(found, str):
        raise ValueError(
            f"class_weight={BALANCED!r} needs all labels at once, as an array y; for batches, give a dict of weights"
        )
    return found


def _length(source: Any) -> int | None:
    if not hasattr(source, "__len__"):
        return None
    try:
        return len(source)
    except TypeError:  # how a stream says that it does not know
        return None


class IndexedData(IterableData):
    """Batches that are asked for by number: a `PyDataset`, or what has `__getitem__` and `__len__` like one.

    Args:
        source: gives the batch of a number; may have `workers`, `use_multiprocessing`, `max_queue_size`,
            `on_epoch_begin` and `on_epoch_end`.
        class_weight: for each label, the weight of its samples.
        shuffle: whether the batches come in a new order each epoch.
    """

    listens = True

    def __init__(self, source: Any, class_weight: Any = None, shuffle: Any = False) -> None:
        self.source = source
        self.class_weight = _for_batches(class_weight)
        self.shuffle = shuffle
        self.num_batches = self._count()

    def _count(self) -> int | None:
        if hasattr(self.source, "num_batches"):
            return self.source.num_batches
        return len(self.source)  # type: ignore[arg-type]

    def first(self) -> Batch | None:
        """The batch of number 0, which is asked for once more in the first epoch."""
        return self._standardize(self.source[0]) if self.num_batches != 0 else None  # type: ignore[index]

    def on_epoch_begin(self) -> None:
        getattr(self.source, "on_epoch_begin", _nothing)()

    def on_epoch_end(self) -> None:
        getattr(self.source, "on_epoch_end", _nothing)()
        self.num_batches = self._count()  # the data set may have changed itself

    def _raw(self) -> Iterable[Any]:
        source: Any = self.source
        workers = getattr(source, "workers", 1)
        in_processes = getattr(source, "use_multiprocessing", False)
        if workers > 1 or (workers and in_processes):
            return _ahead(source, self._numbers(), workers, in_processes, getattr(source, "max_queue_size", 10))
        return (source[number] for number in self._numbers())

    def _is_bare(self, data: Any) -> bool:
        return isinstance(data, dict)  # Keras puts an array into a tuple here

    def _numbers(self) -> Iterable[int]:
        if self.num_batches is None:
            return itertools.count()
        if not self.shuffle:
            return range(self.num_batches)
        return self._permutation(self.num_batches).tolist()


def _nothing() -> None:
    return None


def _ahead(source: Any, numbers: Iterable[int], workers: int, in_processes: bool, most: int) -> Iterator[Any]:
    """The batches of these numbers in their order, while workers make up to `most` of the next ones."""
    pool, fetch = _pool(source, workers, in_processes)
    waiting: deque[Future[Any]] = deque()
    try:
        for number in numbers:
            waiting.append(pool.submit(fetch, number))
            if len(waiting) > max(most, 1):
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


def _pool(source: Any, workers: int, in_processes: bool) -> tuple[Executor, Callable[[int], Any]]:
    if in_processes:
        # A new pool each epoch, so that its processes have the data set as it is now.
        from concurrent.futures import ProcessPoolExecutor

        return ProcessPoolExecutor(workers, initializer=_hold, initargs=(source,)), _fetch_held
    from concurrent.futures import ThreadPoolExecutor  # imported by few who train

    return ThreadPoolExecutor(workers, thread_name_prefix="batches"), source.__getitem__


_held: Any = None


def _hold(source: Any) -> None:
    """Keep the data set in this process, so that it is sent once and not with every number."""
    global _held
    _held = source


def _fetch_held(number: int) -> Any:
    return _held[number]
