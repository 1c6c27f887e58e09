"""Stop when it gets no better."""

from __future__ import annotations

from typing import Any

from kerasish.backend.callers import warn
from kerasish.callbacks.logs import Logs
from kerasish.callbacks.monitor_callback import MonitorCallback
from kerasish.utils.progbar import print_line


class EarlyStopping(MonitorCallback):
    """End the training when a metric has not improved for `patience` epochs.

    Args:
        monitor: the metric's name in the logs.
        min_delta: a smaller change than this is no improvement.
        patience: how many epochs without improvement are waited for.
        verbose: 1 says when it stops.
        mode: `"min"` if less is better, `"max"` if more is, `"auto"` to tell by the metric.
        baseline: a value that must be beaten as well for the waiting to start anew.
        restore_best_weights: whether the model ends with the weights of its best epoch instead of the last.
        start_from_epoch: how many epochs pass before watching begins.

    Raises:
        ValueError: at the first epoch's end, if `mode="auto"` and the metric does not tell its direction.

    Source:
        Prechelt, "Early Stopping - But When?" (1998), https://doi.org/10.1007/3-540-49430-8_3

    Example:
        >>> import kerasish as keras
        >>> import numpy as np
        >>> model = keras.Sequential([keras.layers.Dense(1)])
        >>> model.compile("sgd", "mse")
        >>> stop = keras.callbacks.EarlyStopping(monitor="loss", patience=2, min_delta=10.0)
        >>> history = model.fit(np.ones((4, 2)), np.ones((4, 1)), epochs=9, verbose=0, callbacks=[stop])
        >>> len(history.epoch)
        3
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        min_delta: float = 0,
        patience: int = 0,
        verbose: int = 0,
        mode: str = "auto",
        baseline: float | None = None,
        restore_best_weights: bool = False,
        start_from_epoch: int = 0,
    ) -> None:
        super().__init__(monitor, mode, min_delta=min_delta)
        self.patience = patience
        self.verbose = verbose
        self.baseline = baseline
        self.restore_best_weights = restore_best_weights
        self.start_from_epoch = start_from_epoch
        self._reset()

    def _reset(self) -> None:
        self.wait = 0
        self.stopped_epoch = 0
        self.best = None
        self.best_epoch = 0
        self.best_weights: Any = None

    def on_train_begin(self, logs: Logs | None = None) -> None:
        self._reset()

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        if self.monitor_op is None:
            self._set_monitor_op()
        current = self.get_monitor_value(logs)
        if current is None or epoch < self.start_from_epoch:
            return
        self.wait += 1
        if self._is_improvement(current, self.best):
            self._keep(epoch, current)
            if self.baseline is None or self._is_improvement(current, self.baseline):
                self.wait = 0
        elif self.wait >= self.patience and epoch > 0:
            self.stopped_epoch = epoch
            self.model.stop_training = True

    def _keep(self, epoch: int, current: Any) -> None:
        self.best = current
        self.best_epoch = epoch
        if self.restore_best_weights:
            self.best_weights = self.model.get_weights()

    def on_train_end(self, logs: Logs | None = None) -> None:
        if self.stopped_epoch > 0 and self.verbose > 0:
            print_line(f"Epoch {self.stopped_epoch + 1}: early stopping")
        if self.best_weights is not None:
            if self.verbose > 0:
                print_line(f"Restoring model weights from the end of the best epoch: {self.best_epoch + 1}.")
            self.model.set_weights(self.best_weights)

    def get_monitor_value(self, logs: Logs | None) -> Any:
        """The watched metric's value in the logs, or None, with a warning, if it is not among them."""
        logs = logs or {}
        value = logs.get(self.monitor)
        if value is None:
            warn(
                f"EarlyStopping watches {self.monitor!r}, which is not in the logs ({', '.join(logs)}): it cannot "
                "stop the training. A name that begins with 'val_' needs validation data.",
            )
        return value
