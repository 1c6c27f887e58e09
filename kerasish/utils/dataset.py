"""A pipeline of data: what can be iterated again and again, and cut, mixed and stacked on the way."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Self

import numpy as np

from kerasish.backend import nest
from kerasish.backend.array import are_scalars_tensors, eager
from kerasish.backend.random import generator

# What `cardinality` says where there is no number.
ENDLESS, UNKNOWN = -1, -2


def called(function: Callable[..., Any], element: Any) -> Any:
    """What a function makes of an element; the parts of a tuple are its arguments."""
    return function(*element) if type(element) is tuple else function(element)


class Dataset:
    """Elements that are made anew in every iteration, with the methods of a `tf.data.Dataset` that scripts use most.

    An element is an array, or a tuple or dict of arrays. `fit`, `evaluate` and `predict` take a data set whose elements
    are batches: `dataset.batch(32)`.

    Args:
        make: called at the start of each iteration; returns the elements.
        length: the number of elements; None where it is not known, and -1 where there is no end.

    Example:
        >>> from kerasish.utils.dataset import Dataset
        >>> numbers = Dataset(lambda: range(5), 5)
        >>> [batch.tolist() for batch in numbers.map(lambda n: 10 * n).batch(2)]
        [[0, 10], [20, 30], [40]]
    """

    _batch_size: int | None = None

    def __init__(self, make: Callable[[], Iterable[Any]], length: int | None = None) -> None:
        self._make = make
        self._count = UNKNOWN if length is None else length

    def __iter__(self) -> Iterator[Any]:
        made = iter(self._make())
        return map(eager, made) if are_scalars_tensors() else made

    def __len__(self) -> int:
        if self._count < 0:
            why = "there is no end of elements" if self._count == ENDLESS else "it is not known before they are made"
            raise TypeError(f"a data set of this kind has no length: {why}")
        return self._count

    def cardinality(self) -> int:
        """The number of elements; -1 where there is no end, -2 where it is not known."""
        return eager(np.int64(self._count)) if are_scalars_tensors() else self._count

    def as_numpy_iterator(self) -> Iterator[Any]:
        """The elements; they are NumPy arrays anyway."""
        return iter(self)

    def batch(self, batch_size: int, drop_remainder: bool = False) -> Self:
        """Elements stacked along a new first axis, `batch_size` at a time.

        Args:
            batch_size: elements a batch.
            drop_remainder: whether the last batch is left out if it is smaller.

        Raises:
            ValueError: if `batch_size` is less than 1.
        """
        return self._grouped(batch_size, drop_remainder, _leaf_by_leaf(_stacked))

    def padded_batch(self, batch_size: int, padding_value: Any = 0, drop_remainder: bool = False) -> Self:
        """As `batch`, of elements whose sizes differ: they are filled up, behind, to the largest of the batch.

        Args:
            batch_size: elements a batch.
            padding_value: what they are filled up with.
            drop_remainder: whether the last batch is left out if it is smaller.

        Example:
            >>> words = Dataset(lambda: [np.array([1, 2, 3]), np.array([4])], 2)
            >>> next(iter(words.padded_batch(2)))
            array([[1, 2, 3],
                   [4, 0, 0]])
        """
        join = _leaf_by_leaf(lambda leaves: _stacked(_filled(leaves, padding_value)))
        return self._grouped(batch_size, drop_remainder, join)

    def ragged_batch(self, batch_size: int, drop_remainder: bool = False) -> Self:
        """As `batch`, of elements whose sizes differ and stay: each leaf becomes an array of arrays."""
        return self._grouped(batch_size, drop_remainder, _leaf_by_leaf(_collected))

    def _grouped(self, size: int, drop: bool, join: Callable[..., Any]) -> Self:
        if size < 1:
            raise ValueError(f"batch_size must be at least 1; received {size}")

        def make() -> Iterator[Any]:
            elements = iter(self)
            while group := list(itertools.islice(elements, size)):
                if len(group) == size or not drop:
                    yield join(*group)

        rounded = size - 1 if not drop else 0
        batched = type(self)(make, self._count if self._count < 0 else (self._count + rounded) // size)
        batched._batch_size = size
        return batched

    def unbatch(self) -> Self:
        """The rows of each element as elements: the inverse of `batch`."""

        def make() -> Iterator[Any]:
            for element in self:
                for row in range(len(next(nest.iterate(element)))):
                    yield nest.map_structure(lambda leaf, row=row: leaf[row], element)

        return type(self)(make)

    def map(self, map_func: Callable[..., Any], num_parallel_calls: Any = None, deterministic: Any = None) -> Self:
        """`map_func` of every element; the parts of a tuple are its arguments.

        Args:
            map_func: makes the new element.
            num_parallel_calls, deterministic: accepted for compatibility.
        """

        def make() -> Iterator[Any]:
            for element in self:
                yield called(map_func, element)

        return type(self)(make, self._count)

    def filter(self, predicate: Callable[..., Any]) -> Self:
        """The elements for which `predicate` is true; the parts of a tuple are its arguments."""

        def make() -> Iterator[Any]:
            for element in self:
                if called(predicate, element):
                    yield element

        return self._same_kind(make, ENDLESS if self._count == ENDLESS else None)

    def concatenate(self, dataset: Iterable[Any]) -> Self:
        """The elements, and then those of another data set."""
        counts = (self._count, dataset._count if isinstance(dataset, Dataset) else UNKNOWN)
        length = sum(counts) if min(counts) >= 0 else ENDLESS if ENDLESS in counts else UNKNOWN
        return self._same_kind(lambda: itertools.chain(self, dataset), length)

    def enumerate(self, start: int = 0) -> Self:
        """Pairs of a number, counted from `start`, and an element."""
        return self._same_kind(lambda: zip(itertools.count(start), self), self._count)

    def shuffle(self, buffer_size: int, seed: int | None = None, reshuffle_each_iteration: bool = True) -> Self:
        """The elements in random order: each is drawn from the `buffer_size` that come next.

        Args:
            buffer_size: how many elements are held to draw from.
            seed: makes the order repeatable.
            reshuffle_each_iteration: whether each iteration has an order of its own.
        """
        state: list[np.random.Generator] = []

        def make() -> Iterator[Any]:
            if not state or not reshuffle_each_iteration:
                state[:] = [generator(seed)]
            return _drawn(iter(self), max(1, buffer_size), state[0])

        return self._same_kind(make, self._count)

    def take(self, count: int) -> Self:
        """The first `count` elements; all of them if it is negative."""
        if count < 0:
            return self
        length = count if self._count == ENDLESS else min(count, self._count)
        return self._same_kind(lambda: itertools.islice(iter(self), count), length)

    def skip(self, count: int) -> Self:
        """All but the first `count` elements; none if it is negative."""
        if count < 0:
            return self._same_kind(list, 0)
        length = self._count if self._count < 0 else max(0, self._count - count)
        return self._same_kind(lambda: itertools.islice(iter(self), count, None), length)

    def repeat(self, count: int | None = None) -> Self:
        """The elements `count` times over; without end if it is None or negative."""
        if count is None or count < 0:
            return self._same_kind(lambda: itertools.chain.from_iterable(itertools.repeat(self)), ENDLESS)
        length = self._count if self._count < 0 else count * self._count
        return self._same_kind(lambda: itertools.chain.from_iterable(itertools.repeat(self, count)), length)

    def prefetch(self, buffer_size: int) -> Self:
        """The data set itself: its elements are made when they are needed."""
        return self

    def cache(self, filename: str = "") -> Self:
        """The elements, kept in memory from the first whole iteration on.

        Args:
            filename: must be empty; nothing is written to disk.
        """
        if filename:
            raise ValueError(f"the cache is in memory, it is not written to a file; received filename={filename!r}")
        kept: list[Any] = []

        def make() -> Iterator[Any]:
            if kept:
                yield from kept[0]
                return
            made = []
            for element in self:
                made.append(element)
                yield element
            kept[:] = [made]

        return self._same_kind(make, self._count)

    def _same_kind(self, make: Callable[[], Iterable[Any]], length: int | None) -> Self:
        made = type(self)(make, length)
        made._batch_size = self._batch_size
        return made


def _leaf_by_leaf(join: Callable[[Any], Any]) -> Callable[..., Any]:
    """What makes one element of several, whose leaves at the same place are joined."""
    return lambda *elements: nest.map_structure(lambda *leaves: join(leaves), *elements)


def _stacked(leaves: Any) -> np.ndarray:
    # an array of strings would take four bytes a letter of the longest, for each
    return _collected(leaves) if isinstance(leaves[0], (str, bytes)) else np.stack(leaves)


def _collected(leaves: Any) -> np.ndarray:
    made = np.empty(len(leaves), object)
    for place, leaf in enumerate(leaves):
        made[place] = leaf
    return made


def _filled(leaves: Any, value: Any) -> list[Any]:
    arrays = [np.asarray(leaf) for leaf in leaves]
    sizes = np.max([x.shape for x in arrays], axis=0, initial=0)
    around = [[(0, int(size) - n) for size, n in zip(sizes, x.shape, strict=True)] for x in arrays]
    return [np.pad(x, sides, constant_values=value) if sides else x for x, sides in zip(arrays, around, strict=True)]


def _drawn(elements: Iterator[Any], size: int, random: np.random.Generator) -> Iterator[Any]:
    held = list(itertools.islice(elements, size))
    for element in elements:
        place = int(random.integers(len(held)))
        held[place], drawn = element, held[place]
        yield drawn
    for place in random.permutation(len(held)):
        yield held[place]
