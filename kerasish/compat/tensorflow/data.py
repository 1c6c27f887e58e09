"""`tf.data`: pipelines that are made lazily, in one pass, element by element.

Elements are tensors, or tuples and dicts of tensors. What runs in parallel in TensorFlow runs in order here, so the
same seed gives the same order always.
"""

from __future__ import annotations

import builtins
import itertools
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Self

import numpy as np

from kerasish.backend import nest
from kerasish.backend.array import eager
from kerasish.backend.random import generator
from kerasish.compat.tensorflow.arrays import tensor
from kerasish.compat.tensorflow.padding import filled, flat_shapes, spread
from kerasish.compat.tensorflow.types import TensorSpec, string
from kerasish.utils import dataset as pipelines
from kerasish.utils.dataset import ENDLESS, UNKNOWN, called

AUTOTUNE = -1
INFINITE_CARDINALITY, UNKNOWN_CARDINALITY = ENDLESS, UNKNOWN


class Options:
    """Settings of how TensorFlow runs a pipeline; they have no effect here."""

    def __init__(self) -> None:
        self.autotune = self.threading = self.experimental_optimization = self.experimental_distribute = _Anything()
        self.deterministic = self.experimental_deterministic = True


class _Anything:
    """Takes any attribute."""


def _tensors(element: Any) -> Any:
    """An element with tensors as its leaves; lists count as tensors, as in TensorFlow."""
    if isinstance(element, dict):
        return {key: _tensors(part) for key, part in element.items()}
    if isinstance(element, tuple):
        parts = [_tensors(part) for part in element]
        return type(element)(*parts) if hasattr(element, "_fields") else tuple(parts)
    return element if isinstance(element, pipelines.Dataset) else tensor(element)


class Dataset(pipelines.Dataset):
    """Elements that are made anew in each iteration.

    `fit`, `evaluate` and `predict` take a data set whose elements are batches.
    """

    def __iter__(self) -> Iterator[Any]:
        return builtins.map(_tensors, self._make())

    # -- where elements come from --------------------------------------------------------------------------------

    @classmethod
    def from_tensor_slices(cls, tensors: Any, name: str | None = None) -> Self:
        """The rows of arrays."""
        arrays = nest.map_structure(np.asarray, _tensors(tensors))
        lengths = {len(leaf) for leaf in nest.iterate(arrays)}
        if len(lengths) != 1:
            raise ValueError(f"from_tensor_slices needs arrays of one length; received the lengths {sorted(lengths)}")
        (length,) = lengths

        def make() -> Iterator[Any]:
            for row in builtins.range(length):
                yield nest.map_structure(lambda leaf, row=row: leaf[row], arrays)

        return cls(make, length)

    @classmethod
    def from_tensors(cls, tensors: Any, name: str | None = None) -> Self:
        """A single element."""
        element = _tensors(tensors)
        return cls(lambda: [element], 1)

    @classmethod
    def from_generator(
        cls,
        generator: Callable[..., Iterable[Any]],
        output_types: Any = None,
        output_shapes: Any = None,
        args: Any = None,
        output_signature: Any = None,
        name: str | None = None,
    ) -> Self:
        """What a function yields, called at the start of each iteration.

        Args:
            generator: a function that returns an iterable.
            output_types: the dtypes of an element's parts.
            output_shapes: has no effect.
            args: what the function is called with, as arrays.
            output_signature: a `TensorSpec` for each part, in place of the two.
        """
        if not callable(generator):
            raise TypeError(f"from_generator takes a function that returns an iterable; received {generator!r}")
        kinds = output_types if output_signature is None else output_signature
        if kinds is None:
            raise TypeError("from_generator needs output_signature, or output_types")

        def make() -> Iterator[Any]:
            for element in generator(*[np.asarray(part) for part in args or ()]):
                yield _typed(element, kinds)

        return cls(make)

    @classmethod
    def range(cls, *args: Any, output_type: Any = "int64", name: str | None = None, **_: Any) -> Self:
        """Whole numbers, as of Python's `range`."""
        numbers = builtins.range(*[int(part) for part in args])
        return cls(lambda: (np.asarray(number, str(output_type)) for number in numbers), len(numbers))

    @classmethod
    def random(cls, seed: int | None = None, rerandomize_each_iteration: Any = None, name: str | None = None) -> Self:
        """Whole numbers by chance, without end."""

        def make() -> Iterator[Any]:
            source = generator(seed)
            while True:
                yield source.integers(0, 2**32, dtype=np.int64)

        return cls(make, ENDLESS)

    @classmethod
    def list_files(cls, file_pattern: Any, shuffle: Any = None, seed: Any = None, name: str | None = None) -> Self:
        """The files that a pattern stands for; in random order unless `shuffle` is False."""
        import glob

        patterns = [file_pattern] if isinstance(file_pattern, (str, bytes)) else list(file_pattern)
        found = sorted(path for pattern in patterns for path in glob.glob(_text(pattern)))
        if not found:
            raise ValueError(f"list_files: no file is like {file_pattern!r}")
        made = cls.from_tensor_slices(found)
        return made if shuffle is False else made.shuffle(len(found), seed)

    @staticmethod
    def zip(*args: Any, datasets: Any = None, name: str | None = None) -> Dataset:
        """Elements of several data sets side by side, as many as the shortest has."""
        structure = datasets if datasets is not None else args[0] if len(args) == 1 else args
        parts = list(nest.iterate(structure))
        counts = [int(part._count) for part in parts]
        known = [count for count in counts if count >= 0]
        length = UNKNOWN if UNKNOWN in counts else min(known, default=ENDLESS)
        return Dataset(
            lambda: (nest.pack_sequence_as(structure, list(row)) for row in builtins.zip(*parts, strict=False)), length
        )

    @staticmethod
    def sample_from_datasets(
        datasets: Any, weights: Any = None, seed: Any = None, stop_on_empty_dataset: bool = False, **_: Any
    ) -> Dataset:
        """Elements of several data sets, each drawn from one of them by chance."""
        shares = np.ones(len(datasets)) if weights is None else np.asarray(weights, float)

        def make() -> Iterator[Any]:
            source, left = generator(seed), shares.copy()
            running = [iter(part) for part in datasets]
            while left.sum():
                place = int(source.choice(len(running), p=left / left.sum()))
                try:
                    yield next(running[place])
                except StopIteration:
                    if stop_on_empty_dataset:
                        return
                    left[place] = 0

        return Dataset(make)

    @staticmethod
    def choose_from_datasets(datasets: Any, choice_dataset: Any, stop_on_empty_dataset: bool = True) -> Dataset:
        """Elements of several data sets, each from the one whose number another data set says."""

        def make() -> Iterator[Any]:
            running = [iter(part) for part in datasets]
            for choice in choice_dataset:
                found = list(itertools.islice(running[int(choice)], 1))
                if not found and stop_on_empty_dataset:
                    return
                yield from found

        return Dataset(make)

    @classmethod
    def counter(cls, start: int = 0, step: int = 1, dtype: Any = "int64", name: str | None = None) -> Self:
        """Whole numbers without end."""
        return cls(lambda: (np.asarray(n, str(dtype)) for n in itertools.count(int(start), int(step))), ENDLESS)

    # -- from elements to elements -------------------------------------------------------------------------------

    def batch(
        self,
        batch_size: Any,
        drop_remainder: bool = False,
        num_parallel_calls: Any = None,
        deterministic: Any = None,
        name: str | None = None,
    ) -> Self:
        return super().batch(int(batch_size), drop_remainder)

    def padded_batch(  # type: ignore[override]
        self,
        batch_size: Any,
        padded_shapes: Any = None,
        padding_values: Any = None,
        drop_remainder: bool = False,
        name: str | None = None,
    ) -> Self:
        """Elements stacked, filled up behind to the largest of the batch, or to `padded_shapes`."""

        def join(*rows: Any) -> Any:
            leaves = [list(nest.iterate(row)) for row in rows]
            shapes = [None] * len(leaves[0]) if padded_shapes is None else flat_shapes(padded_shapes, rows[0])
            values = spread(padding_values, rows[0])
            columns = builtins.zip(builtins.zip(*leaves, strict=True), shapes, values, strict=True)
            return nest.pack_sequence_as(rows[0], [filled(*column) for column in columns])

        return self._grouped(int(batch_size), drop_remainder, join)

    def bucket_by_sequence_length(
        self,
        element_length_func: Callable[..., Any],
        bucket_boundaries: Any,
        bucket_batch_sizes: Any,
        padded_shapes: Any = None,
        padding_values: Any = None,
        pad_to_bucket_boundary: bool = False,
        no_padding: bool = False,
        drop_remainder: bool = False,
        name: str | None = None,
    ) -> Self:
        """Padded batches of elements of like length; a boundary belongs to the bucket above it."""
        if pad_to_bucket_boundary:
            raise NotImplementedError("bucket_by_sequence_length pads to the longest of a batch, not to the boundary")

        def joined(group: list[Any]) -> Any:
            made = _of_leaves(group)
            size = len(group)
            return next(
                iter(made.batch(size) if no_padding else made.padded_batch(size, padded_shapes, padding_values))
            )

        def make() -> Iterator[Any]:
            held: list[list[Any]] = [[] for _ in bucket_batch_sizes]
            for element in self:
                place = int(np.searchsorted(bucket_boundaries, int(called(element_length_func, element)), "right"))
                held[place].append(element)
                if len(held[place]) == bucket_batch_sizes[place]:
                    yield joined(held[place])
                    held[place] = []
            if not drop_remainder:
                yield from (joined(group) for group in held if group)

        return type(self)(make)

    def map(
        self, map_func: Callable[..., Any], num_parallel_calls: Any = None, deterministic: Any = None, name: Any = None
    ) -> Self:
        return super().map(map_func)

    def filter(self, predicate: Callable[..., Any], name: str | None = None) -> Self:
        return super().filter(predicate)

    def flat_map(self, map_func: Callable[..., Any], name: str | None = None) -> Self:
        """The elements of the data set that `map_func` makes of each element, one data set after the other."""
        return type(self)(lambda: itertools.chain.from_iterable(called(map_func, element) for element in self))

    def interleave(
        self,
        map_func: Callable[..., Any],
        cycle_length: Any = None,
        block_length: int = 1,
        num_parallel_calls: Any = None,
        deterministic: Any = None,
        name: str | None = None,
    ) -> Self:
        """As `flat_map`, by turns: `cycle_length` data sets are open, and each gives `block_length` elements."""
        width = 10 if cycle_length in (None, AUTOTUNE) else int(cycle_length)

        def make() -> Iterator[Any]:
            inputs = iter(self)
            opened: list[Iterator[Any] | None] = [None] * width
            is_over = False
            for place in itertools.cycle(builtins.range(width)):
                if opened[place] is None and not is_over:
                    following = list(itertools.islice(inputs, 1))
                    is_over = not following
                    opened[place] = iter(called(map_func, following[0])) if following else None
                if is_over and not any(opened):
                    return
                if (current := opened[place]) is not None:
                    block = list(itertools.islice(current, block_length))
                    yield from block
                    opened[place] = current if len(block) == block_length else None

        return type(self)(make)

    def window(
        self, size: int, shift: int | None = None, stride: int = 1, drop_remainder: bool = False, name: Any = None
    ) -> Self:
        """Data sets of `size` elements that follow each other by `stride`, each `shift` after the one before."""
        step = size if shift is None else shift

        def make() -> Iterator[Any]:
            held: list[Any] = []
            elements = iter(self)
            while True:
                held += itertools.islice(elements, max(0, (size - 1) * stride + 1 - len(held)))
                inside = held[: (size - 1) * stride + 1 : stride]
                if not inside or (drop_remainder and len(inside) < size):
                    return
                yield nest.map_structure(lambda *leaves: _of_leaves(leaves), *inside)
                if step > len(held):
                    list(itertools.islice(elements, step - len(held)))
                held = held[step:]

        return type(self)(make)

    def unbatch(self, name: str | None = None) -> Self:
        return super().unbatch()

    def rebatch(self, batch_size: Any, drop_remainder: bool = False, name: str | None = None) -> Self:
        """The same rows in batches of another size."""
        return self.unbatch().batch(batch_size, drop_remainder)

    def shuffle(
        self, buffer_size: Any, seed: int | None = None, reshuffle_each_iteration: Any = None, name: Any = None
    ) -> Self:
        again = reshuffle_each_iteration is not False
        return super().shuffle(int(buffer_size), None if seed is None else int(seed), again)

    def repeat(self, count: Any = None, name: str | None = None) -> Self:
        return super().repeat(None if count is None else int(count))

    def take(self, count: Any, name: str | None = None) -> Self:
        return super().take(int(count))

    def skip(self, count: Any, name: str | None = None) -> Self:
        return super().skip(int(count))

    def shard(self, num_shards: Any, index: Any, name: str | None = None) -> Self:
        """Every `num_shards`th element, from the one at `index` on."""
        return type(self)(lambda: itertools.islice(iter(self), int(index), None, int(num_shards)))

    def enumerate(self, start: int = 0, name: str | None = None) -> Self:
        numbers = super().enumerate(int(start))
        return type(self)(lambda: ((np.asarray(n, "int64"), element) for n, element in numbers._make()), self._count)

    def take_while(self, predicate: Callable[..., Any], name: str | None = None) -> Self:
        """The elements before the first for which `predicate` is false."""
        return type(self)(lambda: itertools.takewhile(lambda element: bool(called(predicate, element)), self))

    def scan(self, initial_state: Any, scan_func: Callable[[Any, Any], Any], name: str | None = None) -> Self:
        """The second results of `state, made = scan_func(state, element)`."""

        def make() -> Iterator[Any]:
            state = _tensors(initial_state)
            for element in self:
                state, made = scan_func(state, element)
                yield made

        return type(self)(make, self._count)

    def unique(self, name: str | None = None) -> Self:
        """Each different element once."""

        def make() -> Iterator[Any]:
            seen: set[Any] = set()
            for element in self:
                known = (element.tobytes() if element.dtype != object else repr(element), element.dtype)
                if known not in seen:
                    seen.add(known)
                    yield element

        return type(self)(make)

    def prefetch(self, buffer_size: Any, name: str | None = None) -> Self:
        return self

    def cache(self, filename: str = "", name: str | None = None) -> Self:
        return super().cache(filename)

    def apply(self, transformation_func: Callable[[Any], Any]) -> Any:
        """What a function makes of the data set."""
        return transformation_func(self)

    def with_options(self, options: Options, name: str | None = None) -> Self:
        """The data set itself."""
        return self

    def options(self) -> Options:
        """Settings without effect."""
        return Options()

    # -- asking ------------------------------------------------------------------------------------------------------

    def reduce(self, initial_state: Any, reduce_func: Callable[[Any, Any], Any], name: str | None = None) -> Any:
        """The last of the states that `reduce_func(state, element)` makes, one after the other."""
        state = _tensors(initial_state)
        for element in self:
            state = _tensors(reduce_func(state, element))
        return state

    def as_numpy_iterator(self) -> Iterator[Any]:
        """The elements as plain arrays and numbers."""
        for element in self:
            yield nest.map_structure(_plain, element)

    def cardinality(self, name: str | None = None) -> Any:
        """The number of elements; -1 where there is no end, -2 where it is not known."""
        return eager(np.asarray(self._count, "int64"))

    def get_single_element(self, name: str | None = None) -> Any:
        """The only element."""
        first = list(itertools.islice(iter(self), 2))
        if len(first) != 1:
            raise ValueError(f"get_single_element: the data set has {'no element' if not first else 'more than one'}")
        return first[0]

    @property
    def element_spec(self) -> Any:
        """Shape and dtype of the first element's parts; it is made for the purpose."""
        return nest.map_structure(_spec, next(iter(self)))


def _plain(leaf: Any) -> Any:
    value = leaf.numpy() if hasattr(leaf, "numpy") else leaf
    return value[()] if isinstance(value, np.ndarray) else value


def _spec(leaf: Any) -> Any:
    return TensorSpec(leaf.shape, string if leaf.dtype == object else leaf.dtype)


def _typed(element: Any, kinds: Any) -> Any:
    if isinstance(kinds, dict):
        return {key: _typed(element[key], kind) for key, kind in kinds.items()}
    if isinstance(kinds, (list, tuple)):
        return tuple(_typed(part, kind) for part, kind in builtins.zip(element, kinds, strict=True))
    kind = getattr(kinds, "dtype", kinds)
    return tensor(element) if kind == "string" else tensor(np.asarray(element).astype(str(kind)))


def _of_leaves(leaves: Any) -> Dataset:
    kept = list(leaves)
    return Dataset(lambda: kept, len(kept))


def _text(pattern: Any) -> str:
    return pattern.decode() if isinstance(pattern, bytes) else str(pattern)


def _of_a_pipeline(self: Any, name: str) -> Any:
    """What data sets of keras.utils have not by themselves: where a script says tf.data, they are such ones too."""
    if name.startswith("_") or type(self) is Dataset or name not in vars(Dataset):
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}", name=name, obj=self)
    made = Dataset(self._make, self._count)
    made._batch_size = self._batch_size
    return getattr(made, name)


setattr(pipelines.Dataset, "__getattr__", _of_a_pipeline)  # noqa: B010 (a type checker need not know it)
