"""`tf.lookup`: tables from keys to values that are filled once."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish.backend import dtypes
from kerasish.backend.array import eager
from kerasish.compat.tensorflow.arrays import tensor
from kerasish.compat.tensorflow.files import path_of
from kerasish.compat.tensorflow.strings import to_hash_bucket_fast
from kerasish.compat.tensorflow.types import DType, as_dtype


def _kind(array: np.ndarray) -> DType:
    return DType("string" if array.dtype == object else dtypes.standardize_dtype(array.dtype))


class KeyValueTensorInitializer:
    """Keys, and the value of each."""

    def __init__(
        self, keys: Any, values: Any, key_dtype: Any = None, value_dtype: Any = None, name: str | None = None
    ) -> None:
        self.keys = np.asarray(tensor(keys, None if key_dtype in (None, "string") else key_dtype))
        self.values = np.asarray(tensor(values, None if value_dtype in (None, "string") else value_dtype))
        if self.keys.shape != self.values.shape:
            raise ValueError(
                f"a table needs one value for each key; received shapes {self.keys.shape} and {self.values.shape}"
            )


class TextFileIndex:
    """What a line of a file gives: its number, the whole of it, or else the number of a column."""

    WHOLE_LINE, LINE_NUMBER = -2, -1


class TextFileInitializer(KeyValueTensorInitializer):
    """Keys and values that stand in the lines of a file."""

    def __init__(
        self,
        filename: Any,
        key_dtype: Any,
        key_index: int,
        value_dtype: Any,
        value_index: int,
        vocab_size: int | None = None,
        delimiter: str = "\t",
        name: str | None = None,
        value_index_offset: int = 0,
    ) -> None:
        with open(path_of(filename), encoding="utf-8") as file:
            lines = file.read().splitlines()[:vocab_size]

        def column(index: int, kind: Any, offset: int = 0) -> list[Any]:
            if index == TextFileIndex.LINE_NUMBER:
                return [number + offset for number in range(len(lines))]
            parts = lines if index == TextFileIndex.WHOLE_LINE else [line.split(delimiter)[index] for line in lines]
            return parts if kind == "string" else np.array(parts).astype(str(as_dtype(kind))).tolist()

        keys, values = column(key_index, key_dtype), column(value_index, value_dtype, value_index_offset)
        super().__init__(keys, values, key_dtype, value_dtype)


class StaticHashTable:
    """The value of a key, or a default.

    Raises:
        ValueError: if a key is there with two values.
    """

    def __init__(self, initializer: Any, default_value: Any, name: str | None = None, **_: Any) -> None:
        self._keys, self._values = _kind(initializer.keys), _kind(initializer.values)
        self._known: dict[Any, Any] = {}
        for key, value in zip(initializer.keys.ravel().tolist(), initializer.values.ravel().tolist(), strict=True):
            if self._known.setdefault(key, value) != value:
                raise ValueError(f"a table has one value for each key; {key!r} has {self._known[key]!r} and {value!r}")
        self._default = np.asarray(tensor(default_value)).item()

    @property
    def key_dtype(self) -> DType:
        """The dtype of keys."""
        return self._keys

    @property
    def value_dtype(self) -> DType:
        """The dtype of values."""
        return self._values

    def size(self, name: str | None = None) -> Any:
        """How many keys there are."""
        return tensor(len(self._known), "int64")

    def lookup(self, keys: Any, name: str | None = None) -> Any:
        """The values of keys."""
        given = np.asarray(tensor(keys))
        kind = object if self._values == "string" else str(self._values)
        found = np.empty(given.shape, kind)
        for place in np.ndindex(given.shape):
            found[place] = self._missing(given[place]) if (key := given[place]) not in self._known else self._known[key]
        return eager(found)

    __getitem__ = lookup

    def _missing(self, key: Any) -> Any:
        return self._default

    def export(self, name: str | None = None) -> tuple[Any, Any]:
        """All keys, and their values."""
        return tensor(list(self._known)), tensor(list(self._known.values()))


class StaticVocabularyTable(StaticHashTable):
    """The number of a word; of an unknown one, one of `num_oov_buckets` numbers behind the others."""

    def __init__(self, initializer: Any, num_oov_buckets: int, lookup_key_dtype: Any = None, **_: Any) -> None:
        super().__init__(initializer, -1)
        self._others = int(num_oov_buckets)

    def size(self, name: str | None = None) -> Any:
        """How many numbers there are, with those of unknown words."""
        return tensor(len(self._known) + self._others, "int64")

    def _missing(self, key: Any) -> Any:
        text = key if isinstance(key, bytes) else str(key).encode()
        return len(self._known) + int(to_hash_bucket_fast(text, self._others))
