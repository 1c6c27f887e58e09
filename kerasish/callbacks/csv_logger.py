"""The metrics of every epoch in a file of comma-separated values."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable
from typing import Any, ClassVar, Literal, TextIO

import numpy as np

from kerasish.callbacks.callback import Callback
from kerasish.callbacks.logs import Logs


class CSVLogger(Callback):
    r"""Write a line for each epoch, with the metrics in columns; every line is on disk when its epoch ends.

    The columns are those of the first epoch, and a `val_` column for each if it had none; what a later epoch lacks
    is written as `NA`.

    Args:
        filename: the file's path.
        separator: what stands between two columns.
        append: whether to go on with a file that exists instead of writing it anew.

    Example:
        >>> import kerasish as keras
        >>> import numpy as np
        >>> import os, tempfile
        >>> path = os.path.join(tempfile.mkdtemp(), "log.csv")
        >>> model = keras.Sequential([keras.layers.Dense(1)])
        >>> model.compile("sgd", "mse")
        >>> log = keras.callbacks.CSVLogger(path)
        >>> _ = model.fit(np.ones((4, 2)), np.ones((4, 1)), epochs=2, verbose=0, callbacks=[log])
        >>> with open(path) as file:
        ...     file.readline()
        'epoch,loss,val_loss\n'
    """

    only_in_first_process: ClassVar[bool] = True
    _begins_without_weights: ClassVar[bool] = True

    def __init__(self, filename: str | os.PathLike[str], separator: str = ",", append: bool = False) -> None:
        super().__init__()
        self.filename = os.fspath(filename)
        self.sep = separator
        self.append = append
        self.append_header = True
        self.keys: list[str] | None = None
        self.writer: csv.DictWriter[str] | None = None
        self.csv_file: TextIO | None = None

    def on_train_begin(self, logs: Logs | None = None) -> None:
        self._close()
        if self.append and os.path.exists(self.filename):
            self.append_header = os.path.getsize(self.filename) == 0
        mode: Literal["a", "w"] = "a" if self.append else "w"
        self.csv_file = open(self.filename, mode, newline="", encoding="utf-8")  # noqa: SIM115 - until on_train_end
        self.keys = None

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        logs = logs or {}
        if self.csv_file is None:
            raise RuntimeError("CSVLogger.on_epoch_end was called before on_train_begin, which opens the file")
        if self.writer is None or self.keys is None:
            self.keys = _columns(logs)
            self.writer = csv.DictWriter(self.csv_file, ["epoch", *self.keys], delimiter=self.sep)
            if self.append_header:
                self.writer.writeheader()
        self.writer.writerow({"epoch": epoch, **{key: _cell(logs.get(key, "NA")) for key in self.keys}})
        self.csv_file.flush()

    def on_train_end(self, logs: Logs | None = None) -> None:
        self._close()

    def _close(self) -> None:
        if self.csv_file is not None:
            self.csv_file.close()
        self.csv_file = None
        self.writer = None


def _columns(logs: Logs) -> list[str]:
    keys = sorted(logs)
    if any(key.startswith("val_") for key in keys):
        return keys
    return keys + [f"val_{key}" for key in keys]


def _cell(value: Any) -> Any:
    if isinstance(value, str) or not isinstance(value, Iterable) or (isinstance(value, np.ndarray) and not value.ndim):
        return value
    return f'"[{", ".join(map(str, value))}]"'
