"""The base of all callbacks: what may happen during training, evaluation and prediction, as methods to override."""

from __future__ import annotations

from typing import Any, ClassVar

from kerasish.callbacks.logs import Logs


class Callback:
    """Something that is told what happens while a model is trained, evaluated or asked for predictions.

    A subclass overrides the hooks it wants to hear of; the others cost nothing. Setting `self.model.stop_training`
    to True ends the training.

    Attributes:
        params: a dict with `verbose`, `epochs` and `steps`.
        model: the model at work.

    Example:
        >>> import kerasish as keras
        >>> class Stop(keras.callbacks.Callback):
        ...     def on_epoch_end(self, epoch, logs=None):
        ...         if logs["loss"] < 0.01:
        ...             self.model.stop_training = True
    """

    # The trainer's logs are computed when they are first read. A class that reads them only now and then says so
    # here, in its own body, and gets them unread; every other batch hook gets a dict.
    _reads_logs_rarely: ClassVar[bool] = False
    # Where several processes train one model, each has the same callbacks, but for those that write or print.
    only_in_first_process: ClassVar[bool] = False
    # Whether it saves the model: then all processes that hold pieces of it are told, and the first writes.
    saves_the_model: ClassVar[bool] = False
    # A model's weights are there before the first batch, unless nobody looks at them that early: to make them with the
    # first batch draws the same random numbers whatever callbacks of the library's there are.
    _begins_without_weights: ClassVar[bool] = False

    params: dict[str, Any] | None = None
    _model: Any = None

    def __init__(self) -> None:
        self.params = None
        self._model = None

    @property
    def model(self) -> Any:
        """The model at work."""
        return self._model

    def set_params(self, params: dict[str, Any]) -> None:
        """Take the parameters of the run that begins."""
        self.params = params

    def set_model(self, model: Any) -> None:
        """Take the model of the run that begins."""
        self._model = model

    def _listens(self, hook: str) -> bool:
        """Whether the hook of this name would do anything."""
        method = getattr(self, hook)
        return getattr(method, "__func__", method) is not getattr(Callback, hook)

    def wants_weights(self) -> bool:
        """Whether a hook that comes before the first batch may look at the model's weights."""
        if self._begins_without_weights:
            return False
        return self._listens("on_train_begin") or self._listens("on_epoch_begin")

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Called once, before the first epoch of `fit`."""

    def on_train_end(self, logs: Logs | None = None) -> None:
        """Called once, after the last epoch of `fit`, with that epoch's logs."""

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        """Called before each epoch of `fit`; `epoch` counts from 0."""

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Called after each epoch of `fit`.

        Args:
            epoch: its number, from 0.
            logs: the metrics over the epoch and, under names that begin with `val_`, over the validation data. What
                a callback adds is seen by those after it, the history among them.
        """

    def on_train_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Called before each batch of `fit`; `batch` counts from 0 in each epoch."""
        self.on_batch_begin(batch, logs=logs)

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Called after each batch of `fit`, with the metrics over the epoch so far."""
        self.on_batch_end(batch, logs=logs)

    def on_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """An older name of `on_train_batch_begin`."""

    def on_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """An older name of `on_train_batch_end`."""

    def on_test_begin(self, logs: Logs | None = None) -> None:
        """Called before an evaluation, also that of the validation data in `fit`."""

    def on_test_end(self, logs: Logs | None = None) -> None:
        """Called after an evaluation, with its metrics."""

    def on_test_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Called before each batch of an evaluation; `batch` counts from 0."""

    def on_test_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Called after each batch of an evaluation, with the metrics so far."""

    def on_predict_begin(self, logs: Logs | None = None) -> None:
        """Called before `predict` begins."""

    def on_predict_end(self, logs: Logs | None = None) -> None:
        """Called when `predict` is done."""

    def on_predict_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Called before each batch of `predict`; `batch` counts from 0."""

    def on_predict_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Called after each batch of `predict`; `logs` has the batch's predictions under `outputs`."""
