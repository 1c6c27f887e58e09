"""Data as batches: arrays, and anything that yields batches."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from kerasish.backend import config, nest
from kerasish.backend.random import generator
from kerasish.backend.tensor import Tensor
from kerasish.backend.variable import Variable

Batch = tuple[Any, Any, Any]


def unpack_x_y_sample_weight(data: Any) -> Batch:
    """A batch as inputs, targets and sample weights, with None for what is missing.

    Raises:
        ValueError: if there are more than three parts.
    """
    if not isinstance(data, (tuple, list)) or hasattr(data, "_fields"):
        return data, None, None
    if isinstance(data, list):
        return data, None, None
    if not 1 <= len(data) <= 3:
        raise ValueError(f"a batch is (x,), (x, y) or (x, y, sample_weight); received {len(data)} parts")
    return (*data, None, None)[:3]  # type: ignore[return-value]


def to_array(value: Any, name: str) -> np.ndarray:
    """One input as an array, its floats of the default float type.

    Raises:
        ValueError: if it holds strings or objects, or has no axis of samples.
    """
    if isinstance(value, (Tensor, Variable)):
        value = value.numpy()
    if isinstance(value, np.ndarray):
        array = value
    elif hasattr(value, "to_numpy"):  # pandas, polars
        array = value.to_numpy()
    else:
        try:
            array = np.asarray(value)
        except ValueError as error:
            raise ValueError(f"{name} is not rectangular: its rows have different lengths ({error})") from error
    if array.dtype.kind == "O":
        array = _objects(array, name)
    if array.dtype.kind in "USMmV":
        raise ValueError(
            f"{name} holds {array.dtype} values; a network computes with numbers. Encode text as numbers first, for "
            "example with layers.StringLookup or layers.TextVectorization."
        )
    if array.ndim == 0:
        raise ValueError(f"{name} is a single number; expected an array whose first axis counts the samples")
    if array.dtype.kind == "f" and array.dtype.name != config.floatx():
        array = array.astype(config.floatx())
    return array


def _objects(array: np.ndarray, name: str) -> np.ndarray:
    odd = next((item for item in array.flat if not isinstance(item, (bool, int, float, np.number))), None)
    what = f", among them {odd!r} ({type(odd).__name__})" if odd is not None else ""
    raise ValueError(
        f"{name} has dtype object{what}; expected numbers. If every entry is a number, convert with "
        f"`{name}.astype('float32')`."
    )


class ArrayData:
    """Arrays that are cut into batches, in a new random order each epoch.

    Args:
        x, y, sample_weight: structures of arrays with one length; y and sample_weight may be None.
        batch_size: samples a batch.
        shuffle: True for a random order of samples, `"batch"` for one of batches, False for neither.
        class_weight: for each label, the weight of its samples.

    Raises:
        ValueError: if the lengths differ or there are no samples.
    """

    def __init__(
        self,
        x: Any,
        y: Any = None,
        sample_weight: Any = None,
        batch_size: int | None = None,
        shuffle: Any = False,
        class_weight: dict[int, float] | None = None,
    ) -> None:
        names = (("x", x), ("y", y), ("sample_weight", sample_weight))
        self.x, self.y, self.sample_weight = (_to_arrays(value, name) for name, value in names)
        self.batch_size = 32 if batch_size is None else int(batch_size)
        if self.batch_size < 1:
            raise ValueError(f"batch_size must be at least 1; received {batch_size}")
        self.size = _common_length(self.x, self.y, self.sample_weight)
        if class_weight is not None:
            if sample_weight is not None:
                raise ValueError("class_weight and sample_weight cannot both be given: multiply them into one")
            self.sample_weight = class_weights_of(self.y, class_weight)
        self.shuffle = shuffle
        self.num_batches: int | None = -(-self.size // self.batch_size)
        self._generator: np.random.Generator | None = None

    def _order(self) -> np.ndarray | None:
        if not self.shuffle:
            return None
        if self._generator is None:
            self._generator = generator()
        if self.shuffle == "batch":
            starts = self._generator.permutation(self.size // self.batch_size) * self.batch_size
            whole = (starts[:, None] + np.arange(self.batch_size)).ravel()
            return np.concatenate([whole, np.arange(len(whole), self.size)])
        return self._generator.permutation(self.size)

    def __iter__(self) -> Iterator[Batch]:
        """The batches of one epoch."""
        order = self._order()
        parts = (self.x, self.y, self.sample_weight)
        single = all(part is None or isinstance(part, np.ndarray) for part in parts)
        for start in range(0, self.size, self.batch_size):
            stop = min(start + self.batch_size, self.size)
            pick = slice(start, stop) if order is None else order[start:stop]
            if single:
                yield tuple(_rows(part, pick) for part in parts)  # type: ignore[misc]
            else:
                yield tuple(nest.map_structure(lambda a, p=pick: _rows(a, p), part) for part in parts)  # type: ignore[misc]


def _rows(array: Any, pick: Any) -> Any:
    if array is None:
        return None
    return array[pick] if isinstance(pick, slice) else array.take(pick, axis=0)


def _to_arrays(structure: Any, name: str) -> Any:
    """Every array of a structure, converted; a list of numbers is one array, not a structure."""
    if structure is None:
        return None
    if isinstance(structure, (list, tuple)) and not any(hasattr(item, "shape") for item in structure):
        return to_array(structure, name)
    return nest.map_structure(lambda leaf: None if leaf is None else to_array(leaf, name), structure)


def _common_length(x: Any, y: Any, sample_weight: Any) -> int:
    lengths = {}
    for name, part in (("x", x), ("y", y), ("sample_weight", sample_weight)):
        found = [len(leaf) for leaf in nest.iterate(part) if leaf is not None]
        if found:
            lengths[name] = found
    distinct = {n for found in lengths.values() for n in found}
    if len(distinct) > 1:
        parts = ", ".join(f"{name} has {' and '.join(map(str, found))}" for name, found in lengths.items())
        raise ValueError(f"the numbers of samples differ: {parts}. Every array needs one row for each sample.")
    if not distinct:
        raise ValueError("there is no data: x is None")
    size = distinct.pop()
    if size == 0:
        raise ValueError("the data is empty: x has 0 samples")
    return size


def class_weights_of(y: Any, class_weight: dict[int, float]) -> np.ndarray:
    """The weight of each sample, from its label.

    Args:
        y: labels, of shape `(n,)` or `(n, 1)`, or one-hot rows.
        class_weight: the weight of each label; labels that are missing weigh 1.

    Raises:
        ValueError: if y is not one array of labels.
    """
    if not isinstance(y, np.ndarray):
        raise ValueError("class_weight works with one array of labels as y")
    labels = y.reshape(len(y), -1)
    labels = np.argmax(labels, axis=1) if labels.shape[1] > 1 else labels[:, 0]
    weights = np.ones(len(y), config.floatx())
    for label, weight in class_weight.items():
        weights[np.round(labels) == label] = weight
    return weights


class IterableData:
    """Anything that yields batches: a generator, a data loader, a `PyDataset`.

    Args:
        source: yields `x`, `(x, y)` or `(x, y, sample_weight)`; one that can be iterated again starts anew each
            epoch, a generator goes on where it stopped.
        class_weight: for each label, the weight of its samples.
    """

    def __init__(self, source: Iterable[Any], class_weight: dict[int, float] | None = None) -> None:
        self.source = source
        self.class_weight = class_weight
        self.num_batches: int | None = None
        if hasattr(source, "__len__"):
            try:
                self.num_batches = len(source)
            except TypeError:
                self.num_batches = None
        self.once = iter(source) is source if not hasattr(source, "__getitem__") else False

    def __iter__(self) -> Iterator[Batch]:
        if hasattr(self.source, "__iter__"):
            batches: Any = iter(self.source)
        else:
            batches = (self.source[i] for i in range(self.num_batches or 0))  # type: ignore[index]
        for data in batches:
            yield self._standardize(data)

    def _standardize(self, data: Any) -> Batch:
        if isinstance(data, list) and len(data) in (2, 3):
            data = tuple(data)  # what a PyTorch loader yields
        x, y, weight = unpack_x_y_sample_weight(data)
        x, y, weight = _to_arrays(x, "x"), _to_arrays(y, "y"), _to_arrays(weight, "sample_weight")
        _common_length(x, y, weight)
        if self.class_weight is not None:
            weight = class_weights_of(y, self.class_weight)
        return x, y, weight


Data = ArrayData | IterableData


def make_data(
    x: Any,
    y: Any = None,
    sample_weight: Any = None,
    batch_size: int | None = None,
    shuffle: Any = False,
    class_weight: dict[int, float] | None = None,
) -> Data:
    """The batches that `fit`, `evaluate` or `predict` was given as arrays or as something that yields batches.

    Raises:
        ValueError: if the parts do not go together.
    """
    if x is None:
        raise ValueError("x is None: expected arrays, or something that yields batches")
    if isinstance(x, (str, bytes)):
        raise ValueError(f"x is the text {x[:40]!r}; expected arrays of numbers, or something that yields batches")
    if _yields_batches(x):
        if y is not None or sample_weight is not None:
            raise ValueError(
                f"x yields batches ({type(x).__name__}), so y and sample_weight must come with them, not as arguments"
            )
        return IterableData(x, class_weight)
    return ArrayData(x, y, sample_weight, batch_size, shuffle, class_weight)


def _yields_batches(x: Any) -> bool:
    array_like = (np.ndarray, list, tuple, dict, Tensor, Variable)
    if isinstance(x, array_like) or hasattr(x, "__array__") or hasattr(x, "to_numpy"):
        return False
    return hasattr(x, "__iter__") or (hasattr(x, "__getitem__") and hasattr(x, "__len__"))


def split_validation(x: Any, y: Any, sample_weight: Any, fraction: float) -> tuple[Batch, Batch]:
    """The first part of the arrays to train with, and the last `fraction` of them to validate with.

    Raises:
        ValueError: if the data is not arrays, or a part would be empty.
    """
    if _yields_batches(x):
        raise ValueError("validation_split needs arrays; give validation_data where x yields batches")
    parts = tuple(_to_arrays(part, name) for name, part in (("x", x), ("y", y), ("sample_weight", sample_weight)))
    size = _common_length(*parts)
    cut = int(np.floor(size * (1.0 - fraction)))
    if not 0 < cut < size:
        raise ValueError(f"validation_split={fraction} of {size} samples leaves one part empty")
    train = tuple(nest.map_structure(lambda a: a if a is None else a[:cut], part) for part in parts)
    valid = tuple(nest.map_structure(lambda a: a if a is None else a[cut:], part) for part in parts)
    return train, valid  # type: ignore[return-value]


class Epochs:
    """The batches of one epoch after another.

    Args:
        data: the batches.
        steps: batches an epoch, if not all of them; the next epoch goes on where the last stopped.
    """

    def __init__(self, data: Data, steps: int | None = None) -> None:
        if steps is not None and (not isinstance(steps, int) or steps < 1):
            raise ValueError(f"the number of steps must be a whole number above 0; received {steps!r}")
        self.data = data
        self.steps = steps
        self.num_batches = steps if steps is not None else data.num_batches
        self.exhausted = False
        self._running: Iterator[Batch] | None = None

    def __iter__(self) -> Iterator[Batch]:
        if self.steps is None:
            return self._whole()
        return self._some()

    def _whole(self) -> Iterator[Batch]:
        count = 0
        for batch in self.data:
            count += 1
            yield batch
        self.num_batches = count
        if count == 0:
            if isinstance(self.data, IterableData) and self.data.once:
                warnings.warn("the generator has no batches left: training ends here", stacklevel=3)
                self.exhausted = True
                return
            raise ValueError("the data is empty: it yielded no batch")

    def _some(self) -> Iterator[Batch]:
        assert self.steps is not None
        done = 0
        while done < self.steps:
            if self._running is None:
                self._running = iter(self.data)
            taken = 0
            for batch in itertools.islice(self._running, self.steps - done):
                taken += 1
                yield batch
            done += taken
            if done == self.steps:
                return
            self._running = None
            if isinstance(self.data, IterableData) and (self.data.once or taken == 0):
                warnings.warn(
                    f"the data ended after {done} of {self.steps} steps: training ends here. It must yield at least "
                    "steps_per_epoch * epochs batches.",
                    stacklevel=3,
                )
                self.exhausted = True
                return
