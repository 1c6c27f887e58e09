"""A training that was interrupted goes on where it was."""

from __future__ import annotations

import json
import os
import shutil
from contextlib import suppress
from typing import Any, ClassVar

import numpy as np

from kerasish.backend import random
from kerasish.backend.pieces import gathered
from kerasish.backend.variable import Variable
from kerasish.callbacks.callback import Callback
from kerasish.callbacks.logs import Logs
from kerasish.saving import atomic, weights_h5
from kerasish.saving.errors import as_path, reading
from kerasish.saving.guards import safe_h5, safe_json
from kerasish.saving.weights_store import StoreReader, StoreWriter
from kerasish.trainers.replicas import begins_sums, is_first, totals
from kerasish.trainers.resumption import Resumption

_NAME = "latest.weights.h5"
_FIT = "fit"


class BackupAndRestore(Callback):
    """Back up the state of a training, and go on from it when the same `fit` is started again.

    However the process ended, be it by a power cut in the middle of a backup, the weights at the end are bit for bit
    those of a training that was not interrupted. Backed up are the weights, the optimizer, the metrics, the place in
    the data and its random order, the random states of layers, of the library, of Python and of NumPy. What other
    callbacks remember (such as the patience of `EarlyStopping`) and what a data set of your own remembers starts anew,
    as in Keras; a generator is wound forward to its place.

    The model must be built before `fit` where only a pass over the data would show its shape, as with `tf.data`. With
    an interruption inside an epoch, `on_epoch_begin` is called for it again.

    Args:
        backup_dir: a directory for the backup, that of no other training.
        save_freq: `"epoch"`, or after how many batches to back up.
        double_checkpoint: whether to keep the backup before the last one, which is used if that cannot be read.
        delete_checkpoint: whether the backup is deleted when the training is done.

    Raises:
        ValueError: if an argument cannot be used; in `fit`, if the model is not built or the backup is another's.

    Example:
        >>> import kerasish as keras
        >>> import numpy as np
        >>> import os, tempfile
        >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
        >>> model.compile("adam", "mse")
        >>> class PowerCut(keras.callbacks.Callback):
        ...     def on_epoch_begin(self, epoch, logs=None):
        ...         if epoch == 3:
        ...             raise KeyboardInterrupt
        >>> backup = keras.callbacks.BackupAndRestore(os.path.join(tempfile.mkdtemp(), "backup"))
        >>> x, y = np.ones((4, 2)), np.ones((4, 1))
        >>> try:
        ...     model.fit(x, y, epochs=5, verbose=0, callbacks=[backup, PowerCut()])
        ... except KeyboardInterrupt:
        ...     model.fit(x, y, epochs=5, verbose=0, callbacks=[backup]).epoch
        [3, 4]
    """

    _reads_logs_rarely: ClassVar[bool] = True

    def __init__(
        self,
        backup_dir: str | os.PathLike[str],
        save_freq: str | int = "epoch",
        double_checkpoint: bool = False,
        delete_checkpoint: bool = True,
    ) -> None:
        super().__init__()
        if not backup_dir:
            raise ValueError(f"BackupAndRestore needs a directory; received backup_dir={backup_dir!r}")
        counts = isinstance(save_freq, int) and not isinstance(save_freq, bool) and save_freq > 0
        if save_freq != "epoch" and not counts:
            raise ValueError(
                f"BackupAndRestore saves every 'epoch' or every so many batches; received save_freq={save_freq!r}"
            )
        self.backup_dir = as_path(backup_dir)
        self.save_freq = save_freq
        self.double_checkpoint = double_checkpoint
        self.delete_checkpoint = delete_checkpoint
        self._path = os.path.join(self.backup_dir, _NAME)
        self._previous = f"{self._path}.bkp"
        self._epoch = 0
        self._since_last = 0

    def _listens(self, hook: str) -> bool:
        if hook == "on_train_batch_end" and self.save_freq == "epoch" and type(self) is BackupAndRestore:
            return False
        return super()._listens(hook)

    # -- backing up ------------------------------------------------------------------------------------------

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        self._epoch = epoch

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        if self.save_freq == "epoch":
            return
        self._since_last += 1
        if self._since_last >= self.save_freq:  # type: ignore[operator]
            self._save(self._epoch, batch + 1)

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        if self.save_freq == "epoch":
            self._save(epoch + 1, 0)

    def _save(self, epoch: int, begun: int) -> None:
        self._since_last = 0
        metrics = totals([variable._value for variable in self._metric_variables()])
        optimizer = self.model.optimizer
        with gathered([*self.model.variables, *([] if optimizer is None else optimizer.variables)]):
            if is_first():
                self._write(epoch, begun, metrics)

    def _write(self, epoch: int, begun: int, metrics: list[np.ndarray]) -> None:
        os.makedirs(self.backup_dir, exist_ok=True)
        if self.double_checkpoint and os.path.exists(self._path):
            with atomic.replacing(self._previous) as temporary:
                shutil.copyfile(self._path, temporary)
        order, used = self.model._engine.position(begun)
        place = {
            "epoch": epoch,
            "batch": begun,
            "order": random.plain_state(order),
            "used": used,
            "random": random.process_state(),
            "shapes": self._shapes(),
        }
        with atomic.replacing(self._path) as temporary, safe_h5.open_file(temporary, "w") as file:
            weights_h5.write_state(self.model, StoreWriter(file), random_state=True)
            group = file.create_group(_FIT)
            group.attrs["place"] = json.dumps(place)
            for i, value in enumerate(metrics):
                group.create_dataset(f"metric_{i}", data=value)

    def _shapes(self) -> list[list[int]]:
        """The shapes of all that a backup sets, by which it is known to be of this model."""
        optimizer = self.model.optimizer
        state = [] if optimizer is None else optimizer.variables
        return [list(variable.shape) for variable in (*self.model.variables, *state)]

    def _metric_variables(self) -> list[Variable]:
        return [variable for metric in self.model.metrics for variable in metric.variables]

    # -- going on --------------------------------------------------------------------------------------------

    def on_train_begin(self, logs: Logs | None = None) -> None:
        self._since_last = 0
        self.model._engine.remember_order()
        if not all(layer.built for layer in (self.model, *self.model._flatten_layers())):
            raise ValueError(
                "BackupAndRestore needs a model that is built before `fit`: begin it with keras.Input(...), or call it "
                "on a batch of data"
            )
        self._sweep()
        found = [path for path in (self._path, self._previous) if os.path.exists(path)]
        if not found:
            return
        optimizer = self.model.optimizer
        if optimizer is not None and not optimizer.built:
            optimizer.build(self.model.trainable_variables)
        try:
            self._go_on_from(found[0])
        except (OSError, ValueError):
            if len(found) == 1:
                raise
            self._go_on_from(found[1])

    def _go_on_from(self, path: str) -> None:
        with reading(path, "the place in the training"), safe_h5.open_file(path) as file:
            place = safe_json.loads_dict(safe_h5.text_attribute(safe_h5.group_at(file, _FIT), "place", "{}"))
            if place["shapes"] != self._shapes():
                raise ValueError(
                    "it was made in the training of another model, or with another optimizer. Delete the directory to "
                    "begin anew, or give this training a directory of its own."
                )
            where = (int(place["epoch"]), int(place["batch"]), place["order"], int(place["used"]))
        self._restore(path, place["random"])
        self.model._engine.resume(Resumption(*where, lambda: self._restore(path, place["random"])))

    def _restore(self, path: str, random_state: dict[str, Any]) -> None:
        with reading(path, "weights"), safe_h5.open_file(path) as file:
            weights_h5.read_state(self.model, StoreReader(file), random_state=True)
            self._restore_metrics(safe_h5.group_at(file, _FIT))
        random.set_process_state(random_state)

    def _restore_metrics(self, group: Any) -> None:
        variables = self._metric_variables()
        if len(group) != len(variables):
            return  # those of `compile` are not there before the first batch
        values = [safe_h5.read(safe_h5.dataset_at(group, f"metric_{i}")) for i in range(len(variables))]
        for variable, value in zip(variables, values, strict=True):
            if np.shape(value) == variable.shape:
                variable.assign(value if begins_sums() else np.zeros_like(value))  # which holds the sums of all

    def on_train_end(self, logs: Logs | None = None) -> None:
        if self.delete_checkpoint and is_first():
            self._sweep()
            for path in (self._previous, self._path):
                with suppress(FileNotFoundError):
                    os.unlink(path)
            with suppress(OSError):  # something else is in it, or it was never made
                os.rmdir(self.backup_dir)

    def _sweep(self) -> None:
        """Remove what a process has left that was killed while it wrote."""
        if is_first() and os.path.isdir(self.backup_dir):
            for name in os.listdir(self.backup_dir):
                if name.startswith(f".{_NAME}") and name.endswith(".tmp"):
                    os.unlink(os.path.join(self.backup_dir, name))
