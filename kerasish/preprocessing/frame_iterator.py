"""Batches of the pictures that a data frame names; see `ImageDataGenerator.flow_from_dataframe`."""

from __future__ import annotations

import os
import warnings
from collections.abc import Sequence
from typing import Any, Self

import numpy as np

from kerasish.preprocessing.image_iterators import DirectoryIterator, Iterator, Saving
from kerasish.utils.progbar import print_line

_MODES = ("categorical", "binary", "sparse", "input", "raw", "multi_output", None)
_OF_CLASSES = ("categorical", "binary", "sparse")


class DataFrameIterator(DirectoryIterator):
    """Batches of pictures and of what the columns of a data frame say of them.

    Args:
        dataframe: a row for each picture.
        image_data_generator: changes the pictures.
        directory: where the files are; None if the frame has whole paths.
        columns: the columns of files, labels (one, or several) and weights (or None).
        class_mode: the form of the labels.
        classes: the classes, in the order wanted.
        saving: where changed pictures are written.

    Raises:
        ValueError: if `class_mode` is none of those there are, or a column is missing.
    """

    def __init__(
        self,
        dataframe: Any,
        image_data_generator: Any,
        directory: Any,
        columns: tuple[str, str | Sequence[str], str | None],
        class_mode: str | None,
        classes: Sequence[str] | None,
        saving: Saving,
    ) -> None:
        if class_mode not in _MODES:
            raise ValueError(f"class_mode is one of {_MODES}; received {class_mode!r}")
        x_col, y_col, weight_col = columns
        self._y_columns = [y_col] if isinstance(y_col, str) else list(y_col)
        wanted = [
            x_col,
            *(self._y_columns if class_mode not in ("input", None) else ()),
            *([weight_col] * bool(weight_col)),
        ]
        if missing := [column for column in wanted if column not in dataframe.columns]:
            raise ValueError(f"the data frame has no column {missing}; it has {list(dataframe.columns)}")
        self.dataframe, self.image_data_generator, self.directory = dataframe, image_data_generator, directory
        self.class_mode, self.saving, self._classes = class_mode, saving, classes
        self._x_column, self._weight_column = x_col, weight_col

    def pictures_as(self, target_size: Sequence[int], color_mode: str, interpolation: str, keep_ratio: bool) -> None:
        """How pictures are read."""
        self.target_size, self.color_mode = tuple(target_size), color_mode
        self.interpolation, self.keep_aspect_ratio = interpolation, keep_ratio

    def start(self, batch_size: int, shuffle: bool, seed: int | None, subset: str | None, validate: bool) -> Self:
        """Find the files and their labels."""
        frame = self.dataframe
        paths = [os.path.join(self.directory or "", str(name)) for name in frame[self._x_column]]
        there = [os.path.isfile(path) if validate else True for path in paths]
        if not all(there):
            warnings.warn(
                f"left out: {there.count(False)} of {len(paths)} files are not there", UserWarning, stacklevel=3
            )
        rows = np.flatnonzero(there)
        if self.class_mode in _OF_CLASSES:
            rows = self._find_classes(rows)
        rows = self._share(rows, subset)
        self.filepaths = [paths[row] for row in rows]
        self.filenames = [str(frame[self._x_column].iloc[row]) for row in rows]
        self.samples = len(rows)
        self._columns = [np.asarray(frame[column])[rows] for column in self._y_columns if column in frame.columns]
        self.sample_weight = None if not self._weight_column else np.asarray(frame[self._weight_column])[rows]
        if self.class_mode in _OF_CLASSES:
            self.labels = self.classes = np.array([self.class_indices[name] for name in self._columns[0]], int)
        told = f" belonging to {self.num_classes} classes" if self.class_mode in _OF_CLASSES else ""
        print_line(f"Found {self.samples} validated image filenames{told}.")
        Iterator.__init__(self, self.samples, batch_size, shuffle, seed)
        return self

    def _find_classes(self, rows: np.ndarray) -> np.ndarray:
        """Number the classes; the rows of these."""
        labels = np.asarray(self.dataframe[self._y_columns[0]])[rows]
        names = sorted(set(labels.tolist())) if self._classes is None else list(self._classes)
        if any(not isinstance(name, str) for name in names):
            raise TypeError(
                f"class_mode={self.class_mode!r} needs names of classes, as text, in {self._y_columns[0]!r}; received "
                f"{names[:3]}. Numbers are taken as they are by class_mode='raw'."
            )
        if self.class_mode == "binary" and len(names) != 2:
            raise ValueError(f"class_mode='binary' needs two classes; there are {len(names)}")
        self.class_indices = {name: number for number, name in enumerate(names)}
        self.num_classes = len(names)
        return rows[np.isin(labels, names)]

    def _with_labels(self, batch: np.ndarray, places: np.ndarray) -> Any:
        if self.class_mode == "raw":
            table = np.stack([column[places] for column in self._columns], -1)
            made: Any = (batch, table if len(self._columns) > 1 else table[:, 0])
        elif self.class_mode == "multi_output":
            made = (batch, tuple(column[places] for column in self._columns))
        else:
            made = super()._with_labels(batch, places)
        if self.sample_weight is None or self.class_mode is None:
            return made
        return (*made, self.sample_weight[places])
