"""`fit`, `evaluate` and `predict`: what turns a layer into a model that learns."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np

from kerasish.backend import nest
from kerasish.backend.array import bare
from kerasish.callbacks.callback import Callback
from kerasish.callbacks.callback_list import CallbackList
from kerasish.callbacks.history import History
from kerasish.trainers.arrays import to_array
from kerasish.trainers.batch_steps import BatchSteps, Quiet
from kerasish.trainers.batches import packed
from kerasish.trainers.data import ArrayData, Epochs, make_data, split_validation
from kerasish.trainers.diagnosis import NanWatch, is_nan
from kerasish.trainers.executions import Executions
from kerasish.trainers.logs import LazyLogs
from kerasish.trainers.session import Session
from kerasish.trainers.steps.learning import untraced
from kerasish.trainers.steps.prediction import predict_rows, recalled
from kerasish.trainers.steps.training import LearningSteps


class Trainer(BatchSteps):
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

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if "_tracker" not in self.__dict__:
            super().__init__(*args, **kwargs)

    # -- fit -------------------------------------------------------------------------------------------------

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
        self._assert_compiled("fit")
        if validation_split and validation_data is None:
            if not 0 < validation_split < 1:
                raise ValueError(f"validation_split must be between 0 and 1; received {validation_split}")
            (x, y, sample_weight), validation_data = split_validation(x, y, sample_weight, validation_split)
        data = make_data(x, y, sample_weight, batch_size, shuffle, class_weight)
        if isinstance(data, ArrayData):
            self._advise(data.y)
        train = Epochs(data, steps_per_epoch)
        valid = None
        if validation_data is not None:
            vx, vy, vw = unpack_validation(validation_data)
            valid = Epochs(make_data(vx, vy, vw, validation_batch_size or batch_size), validation_steps, anew=True)
        hooks = self._callback_list(callbacks, verbose, epochs=epochs, steps=train.num_batches, history=True)
        self.stop_training = False
        self._session = self._resumption = None
        self._fit_data = train
        logs: dict[str, float] = {}
        watch = NanWatch(self)
        try:
            hooks.on_train_begin()
            first = initial_epoch if self._resumption is None else self._resumption.find(train)
            for epoch in range(first, epochs):
                logs = self._fit_epoch(epoch, train, hooks)
                watch.look(logs, data)
                if valid is not None and _is_due(epoch, validation_freq):
                    val_logs = self._run_evaluation(valid, hooks)
                    watch.look(val_logs, valid.data)
                    logs.update({f"val_{name}": value for name, value in val_logs.items()})
                hooks.on_epoch_end(epoch, logs)
                if self.stop_training:
                    break
        finally:
            self._end_session()
            self._resumption = self._fit_data = None
            hooks.end_line()
        if self.optimizer is not None and epochs > initial_epoch:
            self.optimizer.finalize_variable_values(self.trainable_variables)  # type: ignore[attr-defined]
        hooks.on_train_end(logs)
        return self.history

    def _callback_list(self, callbacks: Any, verbose: Any, history: bool = False, **params: Any) -> Any:
        if not isinstance(callbacks, CallbackList):
            verbose = 1 if verbose == "auto" else verbose
            callbacks = CallbackList(
                callbacks, add_history=history, add_progbar=verbose != 0, verbose=verbose, model=self, **params
            )
        size = self.steps_per_execution
        return Executions(callbacks, size) if isinstance(size, int) and size > 1 else callbacks

    def _fit_epoch(self, epoch: int, train: Epochs, hooks: Any) -> dict[str, float]:
        """The logs of an epoch."""
        returned = self._train_all(epoch, train, hooks)
        if isinstance(hooks, Executions):
            hooks.finish()
        return self._logs(returned)

    def _train_all(self, epoch: int, train: Epochs, hooks: Any) -> Any:
        """Learn from every batch; returns what the last one's step returned."""
        self.reset_metrics()
        hooks.on_epoch_begin(epoch)
        own_step = type(self).train_step is not Trainer.train_step
        begun = self._go_on(own_step)
        listened = hooks.has_train_batch_hooks
        returned: dict[str, Any] = {}
        if not begun and not own_step and train.steps is None and isinstance(train.data, ArrayData):
            if self._session is None:
                first = slice(0, train.data.batch_size)
                self._ensure_ready(*train.data.rows(first), train=True)
                self._session = self._begin_session()
            if isinstance(self._session.steps, LearningSteps) and train.data.is_plain:
                return self._replay_epoch(train.data, hooks)
        for step, (x, y, sample_weight) in enumerate(train, begun):
            if self._session is None:
                self._ensure_ready(x, y, sample_weight, train=True)
                self._session = self._begin_session()
            if listened:
                hooks.on_train_batch_begin(step)
            returned = self._train_batch(x, y, sample_weight)
            if listened:
                hooks.on_train_batch_end(step, LazyLogs(self._logs, returned))
            if self.stop_training:
                break
        return returned

    def _go_on(self, own_step: bool) -> int:
        """Enter an epoch that another process had begun, if there is one; returns how many of its steps are done."""
        found = self._resumption
        if found is None:
            return 0
        self._resumption = None
        if found.last is not None and not own_step:
            with Quiet(self):
                self._judge(*found.last)  # the metrics come into being, whose state is set now
        return found.enter()

    def _replay_epoch(self, data: ArrayData, hooks: Any) -> Any:
        """An epoch over arrays, whose rows are copied right into the arrays of a recorded step."""
        listened = hooks.has_train_batch_hooks
        order, size, batch = data._order(), data.size, data.batch_size
        session = self._session
        step = None if session is None else session.step
        returned: Any = {}
        for number, start in enumerate(range(0, size, batch)):
            stop = min(start + batch, size)
            pick = slice(start, stop) if order is None else order[start:stop]
            if listened:
                hooks.on_train_batch_begin(number)
            if step is None or step.size != stop - start or session is not self._session or not step.is_current():
                if self._session is None:
                    self._session = self._begin_session()
                session = self._session
                step = session.step = self._ready_step(session, data.rows(pick))
            if step is None:
                returned = self._train_batch(*data.rows(pick))
            else:
                step.gather(data, pick)
                returned = session.steps.replay(step)  # type: ignore[union-attr]
            if listened:
                hooks.on_train_batch_end(number, LazyLogs(self._logs, returned))
            if self.stop_training:
                break
        return returned

    @staticmethod
    def _ready_step(session: Session, rows: Any) -> Any:
        """The recorded step for a batch like this; None if it is to go through Python."""
        return session.steps.ready(*rows) if isinstance(session.steps, LearningSteps) else None

    # -- evaluate --------------------------------------------------------------------------------------------

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
        **kwargs: Any,
    ) -> Any:
        """The loss and the metrics on data that is not learned from.

        Args:
            x, y, batch_size, verbose, sample_weight, callbacks: as in `fit`.
            steps: batches to use, if not all of them.
            return_dict: whether the results come by name.

        Returns:
            A number if there is one, else a list in the order of `metrics`, or a dict.
        """
        if kwargs:
            raise ValueError(f"evaluate does not know the argument(s) {sorted(kwargs)}")
        self._assert_compiled("evaluate")
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
        is_alone = self._session is None
        try:
            returned = self._judge_all(data, hooks)
        finally:
            if is_alone:
                self._end_session()
        if isinstance(hooks, Executions):
            hooks.finish()
        logs = self._logs(returned)
        hooks.on_test_end(logs)
        return logs

    def _judge_all(self, data: Epochs, hooks: Any) -> dict[str, Any]:
        """Judge every batch; returns what the last one's step returned."""
        listened = hooks.has_test_batch_hooks
        returned: dict[str, Any] = {}
        for step, (x, y, sample_weight) in enumerate(data):
            if step == 0:
                self._ensure_ready(x, y, sample_weight, train=False)
                if self._session is None:
                    self._session = self._kept_session() or Session(self)
            if listened:
                hooks.on_test_batch_begin(step)
            returned = self._test_batch(x, y, sample_weight)
            if listened:
                hooks.on_test_batch_end(step, LazyLogs(self._logs, returned))
            if self.stop_evaluating:
                break
        return returned

    # -- predict ---------------------------------------------------------------------------------------------

    def predict(
        self, x: Any, batch_size: int | None = None, verbose: int | str = "auto", steps: int | None = None,
        callbacks: Callback | Sequence[Callback] | None = None,
    ) -> Any:  # fmt: skip
        """The model's outputs for all of the data, batch by batch.

        Args:
            x, batch_size, verbose, callbacks: as in `fit`.
            steps: batches to use, if not all of them.

        Returns:
            Arrays in the structure of the model's output.
        """
        if self.stop_predicting:
            self.stop_predicting = False
        if verbose == 0 and callbacks is None and steps is None and type(x) is np.ndarray:
            found = self._predict_array(x, batch_size)
            if found is not None:
                return found
        data = Epochs(make_data(x, None, None, batch_size), steps)
        hooks = self._callback_list(callbacks, verbose, epochs=1, steps=data.num_batches)
        own_step = type(self).predict_step is not Trainer.predict_step
        hooks.on_predict_begin()
        listened = hooks.has_predict_batch_hooks
        parts = []
        try:
            for step, (batch, y, sample_weight) in enumerate(data):
                if listened:
                    hooks.on_predict_batch_begin(step)
                if own_step:
                    outputs = self.predict_step(packed(batch, y, sample_weight))
                else:
                    outputs = self(batch, training=False)  # type: ignore[operator]
                parts.append(untraced(outputs))
                if listened:
                    hooks.on_predict_batch_end(step, {"outputs": outputs})
                if self.stop_predicting:
                    break
        finally:
            hooks.end_line()
        if isinstance(hooks, Executions):
            hooks.finish()
        hooks.on_predict_end()
        if not parts:
            raise ValueError("there was nothing to predict: the data yielded no batch")
        if len(parts) == 1:
            return nest.map_structure(np.array, parts[0])  # a layer that changes nothing hands on the caller's array
        return nest.map_structure(lambda *leaves: np.concatenate([bare(leaf) for leaf in leaves]), *parts)

    def _predict_array(self, x: np.ndarray, batch_size: int | None) -> Any:
        """The predictions for one array when nobody watches; None where the long way must be taken."""
        if not x.ndim or not len(x) or x.dtype.kind not in "fiu" or type(self).predict_step is not Trainer.predict_step:
            return None
        if batch_size is None or len(x) <= batch_size:
            found = recalled(self, x)
            if found is not None:
                return found
        if not self.built or (batch_size is not None and batch_size < 1):
            return None
        if len(x) <= (batch_size or 32):
            outputs = self(to_array(x, "x"), training=False)  # type: ignore[operator]
            return nest.map_structure(np.array, outputs)
        return predict_rows(self, to_array(x, "x"), batch_size)


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
