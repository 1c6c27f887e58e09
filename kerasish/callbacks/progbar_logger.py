"""The progress that `fit`, `evaluate` and `predict` print."""

from __future__ import annotations

from typing import Any, ClassVar

from kerasish.callbacks.callback import Callback
from kerasish.callbacks.logs import Logs, plain_logs
from kerasish.utils.progbar import Progbar, print_line


class ProgbarLogger(Callback):
    """A progress bar with the metrics so far, for each epoch; `verbose` chooses its form.

    `fit`, `evaluate` and `predict` add one unless `verbose=0`. With `verbose=2` an epoch is one line, printed at its
    end; with 1 (or `"auto"`) it is a bar that moves.

    Example:
        >>> import kerasish as keras
        >>> import numpy as np
        >>> model = keras.Sequential([keras.layers.Dense(1)])
        >>> model.compile("sgd", "mse")
        >>> _ = model.fit(np.ones((4, 2)), np.ones((4, 1)), verbose=2)  # doctest: +ELLIPSIS
        1/1 - 0s - ...
    """

    _reads_logs_rarely: ClassVar[bool] = True
    only_in_first_process: ClassVar[bool] = True
    _begins_without_weights: ClassVar[bool] = True

    def __init__(self) -> None:
        super().__init__()
        self.seen = 0
        self.progbar: Progbar | None = None
        self.target: int | None = None
        self.verbose = 1
        self.epochs = 1
        self._called_in_fit = False

    def set_params(self, params: dict[str, Any]) -> None:
        super().set_params(params)
        verbose = params.get("verbose", 1)
        self.verbose = 1 if verbose == "auto" else int(verbose)
        self.epochs = params.get("epochs", 1)
        self.target = params.get("steps")

    def _listens(self, hook: str) -> bool:
        if type(self) is ProgbarLogger:
            if hook == "on_test_batch_end" and self._called_in_fit:
                return False
            if hook.endswith("_batch_end") and self.verbose != 1 and self.target is not None:
                return False
        return super()._listens(hook)

    def on_train_begin(self, logs: Logs | None = None) -> None:
        self._called_in_fit = True

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        self._start()
        if self.verbose and self.epochs > 1:
            print_line(f"Epoch {epoch + 1}/{self.epochs}")

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        self._update(batch, logs)

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        self._finish(logs)

    def on_test_begin(self, logs: Logs | None = None) -> None:
        if not self._called_in_fit:
            self._start()

    def on_test_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        if not self._called_in_fit:
            self._update(batch, logs)

    def on_test_end(self, logs: Logs | None = None) -> None:
        if not self._called_in_fit:
            self._finish(logs)

    def on_predict_begin(self, logs: Logs | None = None) -> None:
        self._start()

    def on_predict_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        self._update(batch, None)

    def on_predict_end(self, logs: Logs | None = None) -> None:
        self._finish(logs)

    def leave(self) -> None:
        """Give up the bar, where a run ends by an exception."""
        if self.progbar is not None:
            self.progbar.leave()

    def _start(self) -> Progbar:
        self.seen = 0
        self.progbar = Progbar(self.target, verbose=self.verbose, stateless_metrics=())
        return self.progbar

    def _update(self, batch: int, logs: Logs | None) -> None:
        progbar = self.progbar or self._start()
        self.seen = batch + 1
        if self.verbose == 1 and progbar.is_due(self.seen):
            progbar.update(self.seen, plain_logs(logs).items(), finalize=False)

    def _finish(self, logs: Logs | None) -> None:
        progbar = self.progbar or self._start()
        if self.target is None:
            self.target = progbar.target = self.seen
        progbar.update(self.target, (logs or {}).items(), finalize=True)
