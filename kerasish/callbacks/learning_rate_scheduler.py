"""The learning rate as a function of the epoch."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np

from kerasish.callbacks.callback import Callback
from kerasish.callbacks.learning_rates import log_learning_rates, optimizers_of, read_learning_rate
from kerasish.callbacks.logs import Logs
from kerasish.utils.progbar import print_line


class LearningRateScheduler(Callback):
    """Set the learning rate before every epoch.

    Args:
        schedule: a function of the epoch's number (from 0) and the present learning rate, or of the number alone,
            that gives the new learning rate.
        verbose: 1 prints it.

    Raises:
        ValueError: at an epoch's begin, if the optimizer has no learning rate or `schedule` gives no float.

    Example:
        >>> import kerasish as keras
        >>> import numpy as np
        >>> model = keras.Sequential([keras.layers.Dense(1)])
        >>> model.compile(keras.optimizers.SGD(0.5), "mse")
        >>> halve = keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate / 2)
        >>> history = model.fit(np.ones((4, 2)), np.ones((4, 1)), epochs=3, verbose=0, callbacks=[halve])
        >>> history.history["learning_rate"]
        [0.25, 0.125, 0.0625]
    """

    _begins_without_weights: ClassVar[bool] = True

    def __init__(self, schedule: Callable[..., Any], verbose: int = 0) -> None:
        super().__init__()
        self.schedule = schedule
        self.verbose = verbose
        self._takes_rate = _takes_two(schedule)

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        for name, optimizer in optimizers_of(self.model).items():
            rate = self._scheduled(optimizer, epoch)
            optimizer.learning_rate = rate
            if self.verbose > 0:
                which = f"{name} learning rate" if name else "learning rate"
                print_line(f"Epoch {epoch + 1}: LearningRateScheduler setting {which} to {rate}.")

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        if logs is not None:
            log_learning_rates(self.model, logs)

    def _scheduled(self, optimizer: Any, epoch: int) -> float:
        if not hasattr(optimizer, "learning_rate"):
            raise ValueError(f"LearningRateScheduler needs an optimizer with a `learning_rate`; {optimizer!r} has none")
        rate = self.schedule(epoch, read_learning_rate(optimizer)) if self._takes_rate else self.schedule(epoch)
        if not isinstance(rate, float) and not _is_float_scalar(rate):
            raise ValueError(
                f"LearningRateScheduler needs a float from its `schedule`; for epoch {epoch} it gave {rate!r} "
                f"({type(rate).__name__})"
            )
        return float(rate)


def _is_float_scalar(value: Any) -> bool:
    return isinstance(value, (np.floating, np.ndarray)) and value.ndim == 0 and value.dtype.kind == "f"


def _takes_two(function: Callable[..., Any]) -> bool:
    try:
        inspect.signature(function).bind(0, 0.0)
    except TypeError:
        return False
    except ValueError:  # a builtin that does not tell its signature
        return True
    return True
