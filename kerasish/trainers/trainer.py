"""`fit`, `evaluate` and `predict`: what turns a layer into a model that learns."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import nullcontext
from typing import Any, Unpack

import numpy as np

from kerasish.backend import nest
from kerasish.backend.array import bare
from kerasish.backend.callers import shortened
from kerasish.callbacks.callback import Callback
from kerasish.callbacks.callback_list import CallbackList
from kerasish.callbacks.history import History
from kerasish.callbacks.logs import LazyLogs
from kerasish.trainers.batch_steps import forgetting_losses
from kerasish.trainers.data.array_data import ArrayData
from kerasish.trainers.data.batches import Batch
from kerasish.trainers.data.epochs import Epochs
from kerasish.trainers.data.making import make_data, split_validation
from kerasish.trainers.diagnosis import NanWatch, is_nan
from kerasish.trainers.executions import Executions
from kerasish.trainers.functions import StepFunctions
from kerasish.trainers.older_options import OfGenerators, set_aside
from kerasish.trainers.replicas import STOPS, Share, agreed, draw_alike, heard, share_of
from kerasish.trainers.steps.learning import judge
from kerasish.trainers.steps.prediction import is_lone_call


class Trainer(StepFunctions):
    """A mixin that gives a layer the life of a model.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> class Linear(keras.trainers.Trainer, keras.layers.Dense):
        ...     pass
        >>> model = Linear(1)
        >>> model.compile("sgd", "mse")
        >>> history = model.fit(np.ones((8, 2)), np.ones((8, 1)), epochs=2, verbose=0)
        >>> len(history.history["loss"])
        2
    """

    is_trainer = True
    attributes_in_passing = frozenset({"stop_training", "stop_evaluating", "stop_predicting", "history"})

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if "_tracker" not in self.__dict__:
            super().__init__(*args, **kwargs)

    # -- fit -------------------------------------------------------------------------------------------------

    @shortened
    def fit(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        epochs: int = 1,
        verbose: int | str = "auto",
        callbacks: Callback | Sequence[Callback] | None = None,
        validation_split: float = 0.0,
        validation_data: Any = None,
        shuffle: Any = True,
        class_weight: Any = None,
        sample_weight: Any = None,
        initial_epoch: int = 0,
        steps_per_epoch: int | None = None,
        validation_steps: int | None = None,
        validation_batch_size: int | None = None,
        validation_freq: int | Collection[int] = 1,
        **kwargs: Unpack[OfGenerators],
    ) -> History:
        """Train the model.

        Args:
            x: inputs: an array, a list or dict of arrays, or something that yields batches.
            y: targets, one row for each row of x.
            batch_size: samples a step; 32 by default.
            epochs: the number of the last epoch: how often the data is gone through, counted from `initial_epoch`.
            verbose: 0 is silent, 1 (`"auto"`) a progress bar, 2 a line for each epoch.
            callbacks: objects that are told of every epoch and batch.
            validation_split: the share of the data, from its end, that is set aside to validate with.
            validation_data: `(x, y)` or `(x, y, sample_weight)` to validate with after each epoch.
            shuffle: whether the samples come in a new order each epoch; `"batch"` keeps batches together.
            class_weight: for each label, the weight of its samples in the loss: a dict, an array with the weight of
                label 0, 1, ..., or `"balanced"`, which gives every class the same sum of weights.
            sample_weight: the weight of each sample in the loss.
            initial_epoch: the number of the first epoch, to resume.
            steps_per_epoch: batches an epoch, if not all of them.
            validation_steps: batches to validate with, if not all of them.
            validation_batch_size: samples a batch when validating.
            validation_freq: validate every so many epochs, or in the epochs of a list.

        Returns:
            A `History`, whose `history` holds for each metric its value in each epoch.

        Raises:
            ValueError: if the model is not compiled, or data and model do not fit together.
        """
        set_aside(kwargs, "fit")
        self._assert_compiled("fit")
        if not hasattr(epochs, "__index__"):
            raise TypeError(f"epochs is a whole number; received {epochs!r} ({type(epochs).__name__})")
        if validation_split and validation_data is None:
            (x, y, sample_weight), validation_data = split_validation(x, y, sample_weight, validation_split)
        self._refuse_own_function("train")
        draw_alike()
        data = make_data(x, y, sample_weight, batch_size, shuffle, class_weight)
        train = Epochs(data, steps_per_epoch)
        valid = None
        if validation_data is not None:
            other = make_data(*unpack_validation(validation_data), validation_batch_size or batch_size)
            valid = Epochs(other, validation_steps, anew=True)
        hooks = self._callback_list(callbacks, verbose, epochs=epochs, steps=train.num_batches, history=True)
        self.stop_training = False
        engine = self._engine
        engine.session = engine.resumption = None
        engine.data = train
        logs: dict[str, float] = {}
        watch = NanWatch(self)
        try:
            if not self.built and hooks.wants_weights():
                self._make_weights(train)
            hooks.on_train_begin()
            first = initial_epoch if engine.resumption is None else engine.resumption.find(train)
            for epoch in range(first, epochs):
                logs = self._fit_epoch(epoch, train, hooks)
                watch.look(logs, data)
                if valid is not None and _is_due(epoch, validation_freq):
                    val_logs = self._run_evaluation(valid, hooks)
                    watch.look(val_logs, valid.data)
                    logs.update({f"val_{name}": value for name, value in val_logs.items()})
                hooks.on_epoch_end(epoch, logs)
                if agreed(self.stop_training):
                    break
        finally:
            self._end_session()
            engine.resumption = engine.data = None
            hooks.end_line()
        if self.optimizer is not None and epochs > initial_epoch:
            self.optimizer.finalize_variable_values(self.trainable_variables)  # type: ignore[attr-defined]
        hooks.on_train_end(logs)
        return self.history

    def _make_weights(self, train: Epochs) -> None:
        """Make the weights before the first batch, for callbacks that look at them when the training begins."""
        batch = train.first()
        if batch is not None:
            self._ensure_ready(batch, train=True)

    def _callback_list(self, callbacks: Any, verbose: Any, history: bool = False, **params: Any) -> Any:
        if not isinstance(callbacks, CallbackList):
            callbacks, verbose = heard(callbacks, 1 if verbose == "auto" else verbose)
            callbacks = CallbackList(
                callbacks, add_history=history, add_progbar=verbose != 0, verbose=verbose, model=self, **params
            )
        size = self.steps_per_execution
        return Executions(callbacks, size) if isinstance(size, int) and size > 1 else callbacks

    def _each(
        self,
        data: Epochs,
        hooks: Any,
        kind: str,
        step: Callable[[Batch], Any],
        logs: Callable[[Any], Any],
        begun: int = 0,
        share: Share | None = None,
    ) -> Any:
        """The loop of `fit`, `evaluate` and `predict`: a step for each batch, and what callbacks are told of it.

        Args:
            data: the batches.
            hooks: the callbacks.
            kind: `"train"`, `"test"` or `"predict"`, as in the names of the hooks.
            step: what is done with a batch.
            logs: what callbacks get of that which the step returns.
            begun: how many batches were done before.
            share: this process's part in it, if several share the work.

        Returns:
            What the last step returned.
        """
        listened = getattr(hooks, f"has_{kind}_batch_hooks")
        begin, end = (getattr(hooks, f"on_{kind}_batch_{moment}") for moment in ("begin", "end"))
        flag = STOPS[kind]
        returned: Any = {}
        batches: Iterable[Batch] = data
        if share is not None:
            batches, step = share.batches(data, listened), share.step(step)
        for number, batch in enumerate(batches, begun):
            if listened:
                begin(number)
            returned = step(batch)
            if listened:
                end(number, logs(returned))
            if getattr(self, flag):
                break
        if isinstance(hooks, Executions):
            hooks.finish()
        return returned if share is None else share.whole(returned)

    def _lazy_logs(self, returned: Any) -> LazyLogs:
        return LazyLogs(self._logs, returned)

    def _fit_epoch(self, epoch: int, train: Epochs, hooks: Any) -> dict[str, float]:
        """Learn from every batch; returns the logs of the epoch."""
        self.reset_metrics()
        hooks.on_epoch_begin(epoch)
        begun = self._go_on()
        share = share_of(self, "train")
        with share or nullcontext():
            return self._logs(self._each(train, hooks, "train", self._train_on, self._lazy_logs, begun, share))

    def _go_on(self) -> int:
        """Enter an epoch that another process had begun, if there is one; returns how many of its steps are done."""
        found = self._engine.resumption
        if found is None:
            return 0
        self._engine.resumption = None
        if found.last is not None and type(self).train_step is Trainer.train_step:
            with forgetting_losses(self):
                judge(self, *found.last)  # the metrics come into being, whose state is set now
        return found.enter()

    # -- evaluate --------------------------------------------------------------------------------------------

    @shortened
    def evaluate(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        verbose: int | str = "auto",
        sample_weight: Any = None,
        steps: int | None = None,
        callbacks: Callback | Sequence[Callback] | None = None,
        return_dict: bool = False,
        **kwargs: Unpack[OfGenerators],
    ) -> Any:
        """The loss and the metrics on data that is not learned from.

        Args:
            x, y, batch_size, verbose, sample_weight, callbacks: as in `fit`.
            steps: batches to use, if not all of them.
            return_dict: whether the results come by name.

        Returns:
            A number if there is one, else a list in the order of `metrics`, or a dict.
        """
        set_aside(kwargs, "evaluate")
        self._assert_compiled("evaluate")
        self._refuse_own_function("test")
        data = Epochs(make_data(x, y, sample_weight, batch_size), steps)
        hooks = self._callback_list(callbacks, verbose, epochs=1, steps=data.num_batches)
        try:
            logs = self._run_evaluation(data, hooks)
        finally:
            hooks.end_line()
        if is_nan(logs.get("loss")):
            NanWatch(self).look(logs, data.data)
        return logs if return_dict else self._in_order(logs)

    def _run_evaluation(self, data: Epochs, hooks: Any) -> dict[str, float]:
        self.reset_metrics()
        self.stop_evaluating = False
        hooks.on_test_begin()
        is_alone = self._engine.session is None
        try:
            share = share_of(self, "test")
            logs = self._logs(self._each(data, hooks, "test", self._test_on, self._lazy_logs, share=share))
        finally:
            if is_alone:
                self._end_session()
        hooks.on_test_end(logs)
        return logs

    # -- predict ---------------------------------------------------------------------------------------------

    @shortened
    def predict(
        self, x: Any, batch_size: int | None = None, verbose: int | str = "auto", steps: int | None = None,
        callbacks: Callback | Sequence[Callback] | None = None, **kwargs: Unpack[OfGenerators],
    ) -> Any:  # fmt: skip
        """The model's outputs for all of the data, batch by batch.

        Args:
            x, batch_size, verbose, callbacks: as in `fit`.
            steps: batches to use, if not all of them.

        Returns:
            Arrays in the structure of the model's output.
        """
        set_aside(kwargs, "predict")
        if self.stop_predicting:
            self.stop_predicting = False
        share = share_of(self, "predict")
        is_watched = verbose != 0 or callbacks is not None or steps is not None or share is not None
        if not is_watched and type(x) is np.ndarray:
            found = self._recalled(x, batch_size)
            if found is not None:
                return found
        self._refuse_own_function("predict")
        made = make_data(x, None, None, batch_size)
        if not is_watched and batch_size is None and isinstance(made, ArrayData):
            self._choose_rows(made)
        data = Epochs(made, steps)
        hooks = self._callback_list(callbacks, verbose, epochs=1, steps=data.num_batches)
        parts: list[Any] = []

        def step(batch: Batch) -> Any:
            outputs = self._predict_on(batch)
            outputs = outputs if share is None else share.outputs(outputs)
            parts.append(outputs)
            return outputs

        hooks.on_predict_begin()
        try:
            self._each(data, hooks, "predict", step, lambda outputs: {"outputs": outputs}, share=share)
        finally:
            hooks.end_line()
        hooks.on_predict_end()
        if len(parts) == 1:
            return nest.map_structure(np.array, parts[0])
        return nest.map_structure(lambda *leaves: np.concatenate([bare(leaf) for leaf in leaves]), *parts)

    def _recalled(self, x: np.ndarray, batch_size: int | None) -> Any:
        """The predictions for few rows when nobody watches, by a recorded pass; None if there is none.

        It is asked before the array is checked or converted: what fits a recorded pass needs neither.
        """
        is_one_batch = x.ndim and (batch_size is None or len(x) <= batch_size)
        if not is_one_batch or type(self).predict_step is not Trainer.predict_step or not is_lone_call(x):
            return None
        found = self._engine.predictions(self).lone(x, may_record=False)
        return None if found is None else nest.map_structure(np.array, found)

    def _choose_rows(self, data: ArrayData) -> None:
        """As many rows at a time as are fast, for they do not depend on each other."""
        if type(self).predict_step is Trainer.predict_step and self.built:
            data.batch_size = self._engine.predictions(self).rows_for(data.x, data.size)
            data.num_batches = -(-data.size // data.batch_size)


def unpack_validation(data: Any) -> tuple[Any, Any, Any]:
    """`validation_data` as x, y and sample weights.

    Raises:
        ValueError: if a tuple has another length.
    """
    if isinstance(data, (tuple, list)) and not hasattr(data, "shape"):
        if len(data) not in (2, 3):
            raise ValueError(f"validation_data is (x, y) or (x, y, sample_weight); received {len(data)} parts")
        return (*data, None)[:3]
    return data, None, None


def _is_due(epoch: int, frequency: Any) -> bool:
    if isinstance(frequency, int):
        return (epoch + 1) % frequency == 0
    if not isinstance(frequency, (list, tuple, set, range)):
        raise ValueError(f"validation_freq is a whole number or a list of epochs; received {frequency!r}")
    return epoch + 1 in frequency
