"""A callback made of functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kerasish.backend.callers import warn
from kerasish.callbacks.callback import Callback


class LambdaCallback(Callback):
    """A callback whose hooks are given as functions.

    Args:
        on_epoch_begin: called with `epoch, logs`.
        on_epoch_end: called with `epoch, logs`.
        on_train_begin: called with `logs`.
        on_train_end: called with `logs`.
        on_train_batch_begin: called with `batch` and, by name, `logs`.
        on_train_batch_end: called with `batch` and, by name, `logs`.
        kwargs: functions for the other hooks of `Callback`, by name.

    Example:
        >>> import kerasish as keras
        >>> import numpy as np
        >>> model = keras.Sequential([keras.layers.Dense(1)])
        >>> model.compile("sgd", "mse")
        >>> show = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: print(epoch, list(logs)))
        >>> _ = model.fit(np.ones((4, 2)), np.ones((4, 1)), epochs=2, verbose=0, callbacks=[show])
        0 ['loss']
        1 ['loss']
    """

    def __init__(
        self,
        on_epoch_begin: Callable[..., Any] | None = None,
        on_epoch_end: Callable[..., Any] | None = None,
        on_train_begin: Callable[..., Any] | None = None,
        on_train_end: Callable[..., Any] | None = None,
        on_train_batch_begin: Callable[..., Any] | None = None,
        on_train_batch_end: Callable[..., Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__()
        unknown = [name for name in kwargs if name.startswith("on_") and not hasattr(Callback, name)]
        if unknown:
            warn(f"LambdaCallback never calls {', '.join(unknown)}: there is no such hook")
        hooks = {
            "on_epoch_begin": on_epoch_begin,
            "on_epoch_end": on_epoch_end,
            "on_train_begin": on_train_begin,
            "on_train_end": on_train_end,
            "on_train_batch_begin": on_train_batch_begin,
            "on_train_batch_end": on_train_batch_end,
        }
        self.__dict__.update(kwargs)
        self.__dict__.update((name, hook) for name, hook in hooks.items() if hook is not None)
