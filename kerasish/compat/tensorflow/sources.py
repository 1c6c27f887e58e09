"""Where `tf.data` reads from: lines of text and tables; and the functions that were methods' forerunners."""

from __future__ import annotations

import csv
import glob
import gzip
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from kerasish.backend.array import eager
from kerasish.compat.tensorflow.arrays import tensor
from kerasish.compat.tensorflow.data import Dataset
from kerasish.compat.tensorflow.files import path_of

sample_from_datasets = Dataset.sample_from_datasets
choose_from_datasets = Dataset.choose_from_datasets


def paths(names: Any) -> list[str]:
    """One path or several, from whatever holds them."""
    if isinstance(names, (str, bytes)) or (isinstance(names, np.ndarray) and not names.ndim):
        return [path_of(names)]
    return [path_of(name) for name in names]


def TextLineDataset(
    filenames: Any,
    compression_type: str | None = None,
    buffer_size: int | None = None,
    num_parallel_reads: int | None = None,
    name: str | None = None,
) -> Dataset:
    """The lines of text files, without their ends."""
    opened = opener(compression_type)

    def make() -> Iterator[Any]:
        for path in paths(filenames):
            with opened(path, "rb") as file:
                for line in file:
                    yield np.array(line.rstrip(b"\r\n"), object)

    return Dataset(make)


def opener(compression: Any) -> Callable[..., Any]:
    kind = str(compression or "").upper()
    if kind not in ("", "GZIP"):
        raise NotImplementedError(f"files are read as they are, or with compression_type='GZIP'; received {kind!r}")
    return gzip.open if kind else open


def cardinality(dataset: Any) -> Any:
    return dataset.cardinality()


def assert_cardinality(expected_cardinality: Any) -> Callable[[Any], Any]:
    """For `dataset.apply`: the data set with the number of its elements said."""

    def applied(dataset: Any) -> Any:
        return Dataset(lambda: iter(dataset), int(expected_cardinality))

    return applied


def get_single_element(dataset: Any, name: str | None = None) -> Any:
    return dataset.get_single_element()


def same(*_: Any, **__: Any) -> Callable[[Any], Any]:
    """For `dataset.apply`: the data set itself."""
    return lambda dataset: dataset


def decode_csv(
    records: Any,
    record_defaults: Any,
    field_delim: str = ",",
    use_quote_delim: bool = True,
    na_value: str = "",
    select_cols: Any = None,
    name: str | None = None,
) -> list[Any]:
    """The columns of lines of text, each in its default's dtype; the default stands where there is nothing."""
    given = np.asarray(tensor(records), object)
    lines = [text.decode() for text in given.ravel().tolist()]
    rows = list(
        csv.reader(lines, delimiter=field_delim)
        if use_quote_delim
        else csv.reader(lines, delimiter=field_delim, quoting=csv.QUOTE_NONE)
    )
    made = []
    for place, default in enumerate(record_defaults):
        where = place if select_cols is None else int(select_cols[place])
        made.append(_column([row[where] for row in rows], default, na_value).reshape(given.shape))
    return [eager(column) for column in made]


def _column(fields: list[str], default: Any, nothing: str) -> np.ndarray:
    is_kind = isinstance(default, str) and hasattr(default, "as_numpy_dtype")
    first = None if is_kind else np.ravel(np.asarray(tensor(default)))
    kind = str(default) if is_kind else "string" if first is not None and first.dtype == object else str(first.dtype)  # type: ignore[union-attr]
    filled = []
    for field in fields:
        if field != nothing:
            filled.append(field)
        elif first is None or not first.size:
            raise ValueError("decode_csv: a field is empty that has no default; give one in record_defaults")
        else:
            filled.append(first[0].decode() if kind == "string" else first[0])
    if kind == "string":
        made = np.empty(len(filled), object)
        made[:] = [str(field).encode() for field in filled]
        return made
    return np.array(filled).astype("float64" if kind.startswith("float") else "int64").astype(kind)


def make_csv_dataset(
    file_pattern: Any,
    batch_size: int,
    column_names: Any = None,
    column_defaults: Any = None,
    label_name: str | None = None,
    select_columns: Any = None,
    field_delim: str = ",",
    use_quote_delim: bool = True,
    na_value: str = "",
    header: bool = True,
    num_epochs: int | None = None,
    shuffle: bool = True,
    shuffle_buffer_size: int = 10000,
    shuffle_seed: int | None = None,
    *_: Any,
    ignore_errors: bool = False,
    **__: Any,
) -> Dataset:
    """Batches of tables: a dict from a column's name to its values, and the label's column where one is named.

    A column's dtype is that of its default, or the first of int32, int64, float32 and text in which all of it can be
    read.
    """
    patterns = [file_pattern] if isinstance(file_pattern, (str, bytes)) else list(file_pattern)
    files = sorted(path for pattern in patterns for path in glob.glob(path_of(pattern)))
    if not files:
        raise ValueError(f"make_csv_dataset: no file is like {file_pattern!r}")
    rows: list[list[str]] = []
    names = list(column_names or ())
    for path in files:
        with open(path, newline="", encoding="utf-8") as file:
            read = list(csv.reader(file, delimiter=field_delim))
        names = names or read[0]
        rows += read[1:] if header else read
    chosen = list(names) if select_columns is None else [n if isinstance(n, str) else names[n] for n in select_columns]
    if label_name is not None and label_name not in chosen:
        raise ValueError(f"make_csv_dataset: the label {label_name!r} is no column; there are {chosen}")
    columns = {}
    for place, name in enumerate(chosen):
        fields = [row[names.index(name)] for row in rows]
        columns[name] = _column(
            fields, _guess(fields, na_value) if column_defaults is None else column_defaults[place], na_value
        )
    made: Any = Dataset.from_tensor_slices(columns)
    if shuffle:
        made = made.shuffle(shuffle_buffer_size, shuffle_seed)
    made = made.repeat(num_epochs).batch(batch_size, drop_remainder=num_epochs is None)
    if label_name is None:
        return made
    return made.map(lambda row: ({k: v for k, v in row.items() if k != label_name}, row[label_name]))


def _guess(fields: list[str], nothing: str) -> Any:
    """A default of the narrowest dtype in which all fields can be read."""
    known = [field for field in fields if field != nothing]
    for kind, read in (("int32", int), ("int64", int), ("float32", float)):
        try:
            if kind != "int32" or all(abs(int(field)) < 2**31 for field in known):
                np.array([read(field) for field in known], kind)
                return np.zeros(1, kind)
        except (ValueError, OverflowError):
            continue
    return [""]
