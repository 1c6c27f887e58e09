"""Many callbacks behind one, and the knowledge of which hooks anybody listens to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from kerasish.backend import nest
from kerasish.callbacks.callback import Callback
from kerasish.callbacks.history import History
from kerasish.callbacks.logs import plain_logs
from kerasish.callbacks.progbar_logger import ProgbarLogger

_HOOKS = tuple(name for name in vars(Callback) if name.startswith("on_"))
# Its logs are predictions, which stay arrays.
_UNCONVERTED = "on_predict_batch_end"
_ALIASES = {"on_train_batch_begin": "on_batch_begin", "on_train_batch_end": "on_batch_end"}


class CallbackList(Callback):
    """Callbacks that are called together, in their order.

    Which callbacks override which hook is found out once, when the list is made or changed, so that a training step
    pays only for those that listen: where `has_train_batch_hooks` (or the same for `test` and `predict`) is False,
    the batch hooks need not be called at all.

    Args:
        callbacks: a callback, or a nested list of them.
        add_history: whether to add a `History` if there is none.
        add_progbar: whether to add a `ProgbarLogger` if there is none.
        model: the model they are told about.
        params: what they get as `params`: `verbose`, `epochs`, `steps`.

    Attributes:
        callbacks: the list.
        has_train_batch_hooks: whether any callback listens to the batches of training.
        has_test_batch_hooks: whether any listens to the batches of evaluation.
        has_predict_batch_hooks: whether any listens to the batches of prediction.

    Raises:
        TypeError: if something is not a callback.

    Example:
        A training loop of one's own:

        >>> import kerasish as keras
        >>> hooks = keras.callbacks.CallbackList([keras.callbacks.Callback()], epochs=2)
        >>> hooks.on_train_begin()
        >>> for epoch in range(2):
        ...     hooks.on_epoch_begin(epoch)
        ...     hooks.on_epoch_end(epoch, {"loss": 0.5})
        >>> hooks.on_train_end()
        >>> hooks.has_train_batch_hooks
        False
    """

    def __init__(
        self,
        callbacks: Any = None,
        add_history: bool = False,
        add_progbar: bool = False,
        model: Any = None,
        **params: Any,
    ) -> None:
        super().__init__()
        self.callbacks: list[Any] = nest.flatten(callbacks) if callbacks else []
        for callback in self.callbacks:
            _check(callback)
        self._open_runs = 0
        self._history = self._last(History)
        if self._history is None and add_history:
            self._history = History()
            self.callbacks.append(self._history)
        self._progbar = self._last(ProgbarLogger)
        if self._progbar is None and add_progbar:
            self._progbar = ProgbarLogger()
            self.callbacks.append(self._progbar)
        self.set_model(model)
        self.set_params(params)

    def __enter__(self) -> CallbackList:
        return self

    def __exit__(self, *error: Any) -> None:
        self.end_line()

    def end_line(self) -> None:
        """Let what is printed next begin a line of its own, where an exception such as Ctrl-C leaves a bar behind."""
        if self._progbar is not None:
            self._progbar.leave()

    def _last(self, kind: type) -> Any:
        return next((callback for callback in reversed(self.callbacks) if isinstance(callback, kind)), None)

    def append(self, callback: Any) -> None:
        """Add a callback at the end.

        Raises:
            TypeError: if it is not a callback.
        """
        _check(callback)
        self.callbacks.append(callback)
        if self._model is not None:
            callback.set_model(self._model)
        self.set_params(self.params or {})

    def wants_weights(self) -> bool:
        """Whether a callback may look at the model's weights before the first batch."""
        return any(callback.wants_weights() for callback in self.callbacks)

    def set_model(self, model: Any) -> None:
        if model is None:
            return
        super().set_model(model)
        if self._history is not None:
            model.history = self._history
        for callback in self.callbacks:
            callback.set_model(model)

    def set_params(self, params: dict[str, Any]) -> None:
        self.params = params
        if params:
            for callback in self.callbacks:
                callback.set_params(params)
        self._find_hooks()

    def _find_hooks(self) -> None:
        self._hooks: dict[str, list[Callable[..., Any]]] = {}
        self._wants_dict: set[str] = set()
        for name in _HOOKS:
            listeners = [(c, method) for c in self.callbacks if (method := _hook(c, name)) is not None]
            self._hooks[name] = [method for _, method in listeners]
            # its own body, for a subclass may well read in every batch what its base reads now and then
            reads_often = not all(vars(type(c)).get("_reads_logs_rarely", False) for c, _ in listeners)
            if reads_often and name != _UNCONVERTED:
                self._wants_dict.add(name)
        self.has_train_batch_hooks = self._any("on_train_batch_begin", "on_train_batch_end")
        self.has_test_batch_hooks = self._any("on_test_batch_begin", "on_test_batch_end")
        self.has_predict_batch_hooks = self._any("on_predict_batch_begin", "on_predict_batch_end")

    def _any(self, *names: str) -> bool:
        return any(self._hooks[name] for name in names)

    def _begin(self, name: str, logs: Mapping[str, Any] | None) -> None:
        self._open_runs += 1
        self._call(name, logs)

    def _end(self, name: str, logs: Mapping[str, Any] | None) -> None:
        if not self._open_runs:
            raise ValueError(f"{name} was called without {name.replace('_end', '_begin')} before it")
        self._open_runs -= 1
        self._call(name, logs)

    def _call(self, name: str, logs: Mapping[str, Any] | None, *epoch: int) -> None:
        hooks = self._hooks[name]
        if hooks:
            plain = plain_logs(logs)
            for hook in hooks:
                hook(*epoch, plain)

    def _call_batch(self, name: str, batch: int, logs: Any) -> None:
        hooks = self._hooks[name]
        if hooks:
            if logs is None or name in self._wants_dict:
                logs = plain_logs(logs)
            for hook in hooks:
                hook(batch, logs=logs)

    def on_train_begin(self, logs: Mapping[str, Any] | None = None) -> None:
        self._begin("on_train_begin", logs)
        self._find_hooks()  # a callback may have learnt by now that some of its hooks have nothing to do

    def on_train_end(self, logs: Mapping[str, Any] | None = None) -> None:
        self._end("on_train_end", logs)

    def on_test_begin(self, logs: Mapping[str, Any] | None = None) -> None:
        self._begin("on_test_begin", logs)

    def on_test_end(self, logs: Mapping[str, Any] | None = None) -> None:
        self._end("on_test_end", logs)

    def on_predict_begin(self, logs: Mapping[str, Any] | None = None) -> None:
        self._begin("on_predict_begin", logs)

    def on_predict_end(self, logs: Mapping[str, Any] | None = None) -> None:
        self._end("on_predict_end", logs)

    def on_epoch_begin(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        self._call("on_epoch_begin", logs, epoch)

    def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        self._call("on_epoch_end", logs, epoch)

    def on_batch_begin(self, batch: int, logs: Any = None) -> None:
        self._call_batch("on_batch_begin", batch, logs)

    def on_batch_end(self, batch: int, logs: Any = None) -> None:
        self._call_batch("on_batch_end", batch, logs)

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        self._call_batch("on_train_batch_begin", batch, logs)

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self._call_batch("on_train_batch_end", batch, logs)

    def on_test_batch_begin(self, batch: int, logs: Any = None) -> None:
        self._call_batch("on_test_batch_begin", batch, logs)

    def on_test_batch_end(self, batch: int, logs: Any = None) -> None:
        self._call_batch("on_test_batch_end", batch, logs)

    def on_predict_batch_begin(self, batch: int, logs: Any = None) -> None:
        self._call_batch("on_predict_batch_begin", batch, logs)

    def on_predict_batch_end(self, batch: int, logs: Any = None) -> None:
        self._call_batch("on_predict_batch_end", batch, logs)


def _check(callback: Any) -> None:
    if isinstance(callback, type):
        raise TypeError(
            f"callbacks are instances; received the class {callback.__name__}. Write {callback.__name__}()."
        )
    if not isinstance(callback, Callback) and not hasattr(callback, "set_model"):
        raise TypeError(
            f"callbacks are instances of keras.callbacks.Callback; received {callback!r} ({type(callback).__name__})"
        )


def _hook(callback: Any, name: str) -> Callable[..., Any] | None:
    """The method to call, or None if the callback has nothing to do there."""
    if not isinstance(callback, Callback):
        return getattr(callback, name, None)
    if callback._listens(name):
        return getattr(callback, name)
    alias = _ALIASES.get(name)
    return getattr(callback, alias) if alias and callback._listens(alias) else None
