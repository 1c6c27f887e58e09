"""Smaller steps where the training gets stuck."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish.backend.callers import warn
from kerasish.callbacks.learning_rates import log_learning_rates, optimizers_of, read_learning_rate
from kerasish.callbacks.logs import Logs
from kerasish.callbacks.monitor_callback import MonitorCallback
from kerasish.utils.progbar import print_line


class ReduceLROnPlateau(MonitorCallback):
    """Multiply the learning rate by `factor` when a metric has not improved for `patience` epochs.

    Args:
        monitor: the metric's name in the logs.
        factor: the new learning rate is `max(factor * learning_rate, min_lr)`; below 1.
        patience: how many epochs without improvement are waited for.
        verbose: 1 prints each new learning rate.
        mode: `"min"` if less is better, `"max"` if more is, `"auto"` to tell by the metric.
        min_delta: a smaller change than this is no improvement.
        cooldown: how many epochs after a reduction are not counted.
        min_lr: the least learning rate.

    Raises:
        ValueError: if `factor` is not below 1; at the first epoch's end, if `mode="auto"` and the metric does not
            tell its direction.

    Example:
        >>> import kerasish as keras
        >>> import numpy as np
        >>> model = keras.Sequential([keras.layers.Dense(1)])
        >>> model.compile(keras.optimizers.SGD(0.5), "mse")
        >>> reduce = keras.callbacks.ReduceLROnPlateau("loss", factor=0.5, patience=1, min_delta=10.0)
        >>> history = model.fit(np.ones((4, 2)), np.ones((4, 1)), epochs=3, verbose=0, callbacks=[reduce])
        >>> history.history["learning_rate"]
        [0.5, 0.5, 0.25]
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        factor: float = 0.1,
        patience: int = 10,
        verbose: int = 0,
        mode: str = "auto",
        min_delta: float = 1e-4,
        cooldown: int = 0,
        min_lr: float = 0.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(monitor, mode, min_delta=min_delta)
        if factor >= 1.0:
            raise ValueError(f"ReduceLROnPlateau needs a factor below 1, to reduce; received factor={factor}")
        if kwargs:
            warn(f"ReduceLROnPlateau ignores the argument(s) {sorted(kwargs)}")
        self.factor = factor
        self.min_lr = min_lr
        self.patience = patience
        self.verbose = verbose
        self.cooldown = cooldown
        self._reset()

    def _reset(self) -> None:
        self.best = None
        self.cooldown_counter = 0
        self.wait = 0

    def on_train_begin(self, logs: Logs | None = None) -> None:
        self._reset()

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        if self.monitor_op is None:
            self._set_monitor_op()
        logs = {} if logs is None else logs
        log_learning_rates(self.model, logs)
        current = logs.get(self.monitor)
        if current is None:
            warn(
                f"ReduceLROnPlateau watches {self.monitor!r}, which is not in the logs ({', '.join(logs)}): it cannot "
                "reduce the learning rate. A name that begins with 'val_' needs validation data.",
            )
            return
        if self.in_cooldown():
            self.cooldown_counter -= 1
            self.wait = 0
        if self._is_improvement(current, self.best):
            self.best = current
            self.wait = 0
        elif not self.in_cooldown():
            self.wait += 1
            if self.wait >= self.patience and self._reduce(epoch):
                self.cooldown_counter = self.cooldown
                self.wait = 0

    def in_cooldown(self) -> bool:
        """Whether the last reduction is so recent that epochs are not counted yet."""
        return self.cooldown_counter > 0

    def _reduce(self, epoch: int) -> bool:
        """Reduce every learning rate that is not the least yet; whether there was one."""
        reduced = False
        for name, optimizer in optimizers_of(self.model).items():
            old = read_learning_rate(optimizer)
            # an optimizer keeps float32, in which the least rate may be a little more than itself
            if old <= np.float32(self.min_lr):
                continue
            new = max(old * self.factor, self.min_lr)
            optimizer.learning_rate = new
            reduced = True
            if self.verbose > 0:
                which = f"{name} learning rate" if name else "learning rate"
                print_line(f"Epoch {epoch + 1}: ReduceLROnPlateau reducing {which} to {new}.")
        return reduced
