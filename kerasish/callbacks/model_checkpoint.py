"""Files of the model, or of its best state, while it is trained."""

from __future__ import annotations

import os
from typing import ClassVar

import numpy as np

from kerasish.backend.callers import warn
from kerasish.callbacks.logs import Logs
from kerasish.callbacks.monitor_callback import MonitorCallback
from kerasish.trainers.replicas import as_first, is_first
from kerasish.utils.progbar import print_line


class ModelCheckpoint(MonitorCallback):
    """Save the model, or its weights, at the end of every epoch or every so many batches.

    Args:
        filepath: where to; `{epoch}`, `{batch}` (both from 1) and the names in the logs are filled in, as in
            `"{epoch:02d}-{val_loss:.2f}.keras"`. Ends in `.keras` or `.h5`, for weights in `.weights.h5`.
        monitor: the metric that tells what is best.
        verbose: 1 says when it saves.
        save_best_only: whether to save only what is better than all before.
        save_weights_only: whether to save the weights without the model.
        mode: `"min"` if less is better, `"max"` if more is, `"auto"` to tell by the metric.
        save_freq: `"epoch"`, or after how many batches to save.
        initial_value_threshold: a value of the metric that must be beaten for the first save.

    Raises:
        ValueError: if `save_freq` or the file's ending cannot be used.
        KeyError: when saving, if `filepath` has a name that is not in the logs.
        OSError: when saving, if `filepath` is a directory.

    Example:
        >>> import kerasish as keras
        >>> import numpy as np
        >>> import os, tempfile
        >>> folder = tempfile.mkdtemp()
        >>> model = keras.Sequential([keras.layers.Dense(1)])
        >>> model.compile("sgd", "mse")
        >>> save = keras.callbacks.ModelCheckpoint(os.path.join(folder, "{epoch:02d}.keras"))
        >>> _ = model.fit(np.ones((4, 2)), np.ones((4, 1)), epochs=2, verbose=0, callbacks=[save])
        >>> sorted(os.listdir(folder))
        ['01.keras', '02.keras']
    """

    _reads_logs_rarely: ClassVar[bool] = True
    only_in_first_process: ClassVar[bool] = True
    saves_the_model: ClassVar[bool] = True

    def __init__(
        self,
        filepath: str | os.PathLike[str],
        monitor: str = "val_loss",
        verbose: int = 0,
        save_best_only: bool = False,
        save_weights_only: bool = False,
        mode: str = "auto",
        save_freq: str | int = "epoch",
        initial_value_threshold: float | None = None,
    ) -> None:
        super().__init__(monitor, mode, initial_value_threshold)
        self.filepath = os.fspath(filepath)
        self.verbose = verbose
        self.save_best_only = save_best_only
        self.save_weights_only = save_weights_only
        self.save_freq = save_freq
        self._current_epoch = 0
        self._last_batch_seen: int | None = None
        self._batches_since_save = 0
        if save_freq != "epoch" and not isinstance(save_freq, int):
            raise ValueError(
                f"ModelCheckpoint saves every 'epoch' or every so many batches; received save_freq={save_freq!r}"
            )
        endings = (".weights.h5",) if save_weights_only else (".keras", ".h5")
        if not self.filepath.endswith(endings):
            raise ValueError(
                f"ModelCheckpoint with save_weights_only={save_weights_only} needs a filepath that ends in "
                f"{' or '.join(endings)}; received filepath={self.filepath!r}"
            )

    def _listens(self, hook: str) -> bool:
        if hook == "on_train_batch_end" and self.save_freq == "epoch" and type(self) is ModelCheckpoint:
            return False
        return super()._listens(hook)

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        self._current_epoch = epoch

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        if self._is_batch_due(batch):
            self._save(self._current_epoch, batch, logs)

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        if self.save_freq == "epoch":
            self._save(epoch, None, logs)

    def _is_batch_due(self, batch: int) -> bool:
        if not isinstance(self.save_freq, int):
            return False
        # the number goes up by more than one where the trainer runs several batches at once
        new_epoch = self._last_batch_seen is None or batch <= self._last_batch_seen
        self._batches_since_save += batch + 1 if new_epoch else batch - (self._last_batch_seen or 0)
        self._last_batch_seen = batch
        if self._batches_since_save < self.save_freq:
            return False
        self._batches_since_save = 0
        return True

    def _save(self, epoch: int, batch: int | None, logs: Logs | None) -> None:
        logs = {} if logs is None else logs
        path = self._path(epoch, batch, logs)
        if not as_first(self._should_save(epoch, logs, path)):
            return
        folder = os.path.dirname(path)
        if folder:
            os.makedirs(folder, exist_ok=True)
        if os.path.isdir(path):
            raise OSError(f"ModelCheckpoint needs the path of a file; filepath={path!r} is a directory")
        save = self.model.save_weights if self.save_weights_only else self.model.save
        save(path, overwrite=True)
        self._say(f"Epoch {epoch + 1}: finished saving model to {path}")

    def _path(self, epoch: int, batch: int | None, logs: Logs) -> str:
        numbers = {"epoch": epoch + 1} if batch is None else {"epoch": epoch + 1, "batch": batch + 1}
        try:
            return self.filepath.format(**{**numbers, **logs})
        except KeyError as error:
            raise KeyError(
                f"ModelCheckpoint cannot fill in {error} in filepath={self.filepath!r}; there are "
                f"{', '.join([*numbers, *logs])}"
            ) from error

    def _should_save(self, epoch: int, logs: Logs, path: str) -> bool:
        if not self.save_best_only:
            self._say(f"Epoch {epoch + 1}: saving model to {path}")
            return True
        current = logs.get(self.monitor)
        if current is None or np.ndim(current) > 0:
            warn(
                f"ModelCheckpoint with save_best_only=True needs a number as {self.monitor!r} in the logs; received "
                f"{current!r} (there are {', '.join(logs)}). The model is saved as if it were the best.",
            )
            return True
        best = "None" if self.best is None else f"{self.best:.5f}"
        if not self._is_improvement(current, self.best):
            self._say(f"Epoch {epoch + 1}: {self.monitor} did not improve from {best}")
            return False
        self._say(f"Epoch {epoch + 1}: {self.monitor} improved from {best} to {current:.5f}, saving model to {path}")
        self.best = current
        return True

    def _say(self, message: str) -> None:
        if self.verbose > 0 and is_first():
            print_line(message)
