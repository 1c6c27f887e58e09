"""A pipeline of data: what can be iterated again and again, and cut, mixed and stacked on the way."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from kerasish.backend import nest
from kerasish.backend.random import generator


class Dataset:
    """Elements that are made anew in every iteration, with the methods of a `tf.data.Dataset` that scripts use most.

    An element is an array, or a tuple or dict of arrays. `fit`, `evaluate` and `predict` take a data set whose elements
    are batches: `dataset.batch(32)`.

    Args:
        make: called at the start of each iteration; returns the elements.
        length: the number of elements, or None where it is not known.

    Example:
        >>> from kerasish.utils.dataset import Dataset
        >>> numbers = Dataset(lambda: range(5), 5)
        >>> [batch.tolist() for batch in numbers.map(lambda n: 10 * n).batch(2)]
        [[0, 10], [20, 30], [40]]
    """

    _batch_size: int | None = None

    def __init__(self, make: Callable[[], Iterable[Any]], length: int | None = None) -> None:
        self._make = make
        self._length = length

    def __iter__(self) -> Iterator[Any]:
        return iter(self._make())

    def __len__(self) -> int:
        if self._length is None:
            raise TypeError("the number of elements is not known before they are made")
        return self._length

    def cardinality(self) -> int:
        """The number of elements, or -2 where it is not known."""
        return -2 if self._length is None else self._length

    def as_numpy_iterator(self) -> Iterator[Any]:
        """The elements; they are NumPy arrays anyway."""
        return iter(self)

    def batch(self, batch_size: int, drop_remainder: bool = False) -> Dataset:
        """Elements stacked along a new first axis, `batch_size` at a time.

        Args:
            batch_size: elements a batch.
            drop_remainder: whether the last batch is left out if it is smaller.

        Raises:
            ValueError: if `batch_size` is less than 1.
        """
        if batch_size < 1:
            raise ValueError(f"batch_size must be at least 1; received {batch_size}")

        def make() -> Iterator[Any]:
            elements = iter(self)
            while group := list(itertools.islice(elements, batch_size)):
                if len(group) == batch_size or not drop_remainder:
                    yield nest.map_structure(lambda *leaves: np.stack(leaves), *group)

        rounded = batch_size - 1 if not drop_remainder else 0
        batched = Dataset(make, None if self._length is None else (self._length + rounded) // batch_size)
        batched._batch_size = batch_size
        return batched

    def unbatch(self) -> Dataset:
        """The rows of each element as elements: the inverse of `batch`."""

        def make() -> Iterator[Any]:
            for element in self:
                for row in range(len(next(nest.iterate(element)))):
                    yield nest.map_structure(lambda leaf, row=row: leaf[row], element)

        return Dataset(make)

    def map(self, map_func: Callable[..., Any], num_parallel_calls: Any = None, deterministic: Any = None) -> Dataset:
        """`map_func` of every element; the parts of a tuple are its arguments.

        Args:
            map_func: makes the new element.
            num_parallel_calls, deterministic: accepted for compatibility.
        """

        def make() -> Iterator[Any]:
            for element in self:
                yield map_func(*element) if isinstance(element, tuple) else map_func(element)

        return Dataset(make, self._length)

    def shuffle(self, buffer_size: int, seed: int | None = None, reshuffle_each_iteration: bool = True) -> Dataset:
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

        shuffled = Dataset(make, self._length)
        shuffled._batch_size = self._batch_size
        return shuffled

    def take(self, count: int) -> Dataset:
        """The first `count` elements; all of them if it is negative."""
        if count < 0:
            return self
        length = None if self._length is None else min(count, self._length)
        return self._same_kind(lambda: itertools.islice(iter(self), count), length)

    def skip(self, count: int) -> Dataset:
        """All but the first `count` elements."""
        length = None if self._length is None else max(0, self._length - count)
        return self._same_kind(lambda: itertools.islice(iter(self), count, None), length)

    def repeat(self, count: int | None = None) -> Dataset:
        """The elements `count` times over; without end if it is None or negative."""
        if count is None or count < 0:
            return self._same_kind(lambda: itertools.chain.from_iterable(itertools.repeat(self)), None)
        length = None if self._length is None else count * self._length
        return self._same_kind(lambda: itertools.chain.from_iterable(itertools.repeat(self, count)), length)

    def prefetch(self, buffer_size: int) -> Dataset:
        """The data set itself: its elements are made when they are needed."""
        return self

    def cache(self, filename: str = "") -> Dataset:
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

        return self._same_kind(make, self._length)

    def _same_kind(self, make: Callable[[], Iterable[Any]], length: int | None) -> Dataset:
        made = Dataset(make, length)
        made._batch_size = self._batch_size
        return made


def _drawn(elements: Iterator[Any], size: int, random: np.random.Generator) -> Iterator[Any]:
    held = list(itertools.islice(elements, size))
    for element in elements:
        place = int(random.integers(len(held)))
        held[place], drawn = element, held[place]
        yield drawn
    for place in random.permutation(len(held)):
        yield held[place]
