"""What a model does with one batch: learn from it, judge it, predict it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import numpy as np

from kerasish.backend import nest, threads
from kerasish.backend.callers import shortened, warn
from kerasish.backend.room import Room
from kerasish.backend.variable import Variable
from kerasish.callbacks.logs import plain_logs
from kerasish.layers.base.layer import Layer
from kerasish.trainers.advice import advise
from kerasish.trainers.compiling.compiled import Compiled
from kerasish.trainers.data.batches import Batch, packed
from kerasish.trainers.data.making import make_data
from kerasish.trainers.diagnosis import is_nan, warn_of_batch
from kerasish.trainers.replicas import share_of
from kerasish.trainers.session import Session
from kerasish.trainers.steps.learning import judge, learn
from kerasish.trainers.steps.own import OwnSteps
from kerasish.trainers.steps.run import untraced
from kerasish.trainers.steps.steps import Steps
from kerasish.trainers.steps.training import JudgingSteps, LearningSteps
from kerasish.utils.data_utils import unpack_x_y_sample_weight


class BatchSteps(Compiled):
    """The steps that `fit`, `evaluate` and `predict` repeat, and the same for single batches."""

    # -- steps -----------------------------------------------------------------------------------------------

    def train_step(self, data: Any) -> dict[str, Any]:
        """Learn from one batch; subclasses may replace it.

        Args:
            data: `(x, y)` or `(x, y, sample_weight)`; without targets x, or `(x,)` if x is a list or the data
                yields it so.

        Returns:
            The metrics' results by name.
        """
        batch = unpack_x_y_sample_weight(data)
        return learn(self, *batch, self._prepare_optimizer()) or self.get_metrics_result()

    def test_step(self, data: Any) -> dict[str, Any]:
        """Judge one batch; subclasses may replace it."""
        return judge(self, *unpack_x_y_sample_weight(data)) or self.get_metrics_result()

    def predict_step(self, data: Any) -> Any:
        """Predict one batch; subclasses may replace it."""
        x, _, _ = unpack_x_y_sample_weight(data)
        return self(x, training=False)  # type: ignore[operator]

    def _prepare_optimizer(self) -> list[Variable]:
        variables = self.trainable_variables  # type: ignore[attr-defined]
        if not self.optimizer.built:
            self.optimizer.build(variables)
        self.optimizer.check_known(variables)
        return variables

    def _ensure_ready(self, batch: Batch, train: bool) -> None:
        """Make the weights, from the first batch, where the model has none yet.

        The weights of a model without a `call` come into being in its own step, whose optimizers then find them. A
        step of one's own may hand the model other data than x, which its `call` then refuses here; that is no matter
        where no weights are missing.
        """
        kind = type(self)
        x, y, _ = batch
        own_step = kind.train_step is not BatchSteps.train_step if train else kind.test_step is not BatchSteps.test_step
        is_built = all(layer.built for layer in self._flatten_layers())  # type: ignore[attr-defined]
        if kind.call is Layer.call:  # type: ignore[attr-defined]
            if own_step and not is_built:
                return
        elif not self.built or not is_built:
            with forgetting_losses(self):
                try:
                    self(x, training=False)  # type: ignore[operator]
                except Exception:
                    if not (own_step and is_built):
                        raise
                    self.built = True
        if train:
            whole = getattr(getattr(self._engine.data, "data", None), "y", None)
            self._advise(y if whole is None else whole)
        if train and (not own_step or not self.optimizer.built):
            self._prepare_optimizer()

    def _advise(self, y: Any) -> None:
        """Warn, once for each `compile`, of settings that do not go with the targets."""
        if not self._engine.is_advised:
            self._engine.is_advised = True
            advise(self, y)

    def _train_on(self, batch: Batch) -> Any:
        """A step of training, a user's own if there is one; returns what it returned."""
        engine = self._engine
        session = engine.session
        if session is None or session.steps is None:
            self._ensure_ready(batch, train=True)
            session = engine.session = session or engine.kept(self) or Session(self)
            if session.steps is None:
                session.steps = self._learning_steps(session.room)
        return session.steps(batch)

    def _learning_steps(self, room: Room) -> Steps:
        if type(self).train_step is not BatchSteps.train_step:
            return OwnSteps(self, room, self.train_step)
        trainable = self._prepare_optimizer()
        if not trainable:
            warn(
                f"the model {self.name!r} has no trainable weights: nothing will be learned, its losses are reported",
            )
        return LearningSteps(self, room, trainable)

    def _test_on(self, batch: Batch) -> Any:
        """A step of evaluation, a user's own if there is one; returns what it returned."""
        engine = self._engine
        session = engine.session
        if session is None:
            self._ensure_ready(batch, train=False)
            session = engine.session = engine.kept(self) or Session(self)
        if session.tests is None:
            is_own = type(self).test_step is not BatchSteps.test_step
            room = session.room
            session.tests = OwnSteps(self, room, self.test_step) if is_own else JudgingSteps(self, room)
        return session.tests(batch)

    def _predict_on(self, batch: Batch) -> Any:
        """A step of prediction, a user's own if there is one: its outputs, cut from the tape."""
        if type(self).predict_step is not BatchSteps.predict_step:
            return untraced(self.predict_step(packed(*batch.parts, batch.is_bare)))
        return untraced(self._engine.predictions(self)(batch))

    def why_not_recorded(self) -> str | None:
        """Why training steps run through Python each time, as a sentence; None if they are recorded and replayed.

        The answer is known once the model has learned from two batches of one shape.

        Example:
            >>> import numpy as np
            >>> import kerasish as keras
            >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
            >>> model.compile("sgd", "mse", run_eagerly=True)
            >>> _ = model.fit(np.ones((8, 2)), np.ones((8, 1)), batch_size=4, verbose=0)
            >>> model.why_not_recorded()
            'the model is compiled with run_eagerly=True'
        """
        return self._engine.reason

    def _end_session(self, always: bool = False) -> None:
        """Keep what was recorded, whatever it takes or unless it is too large."""
        engine = self._engine
        session, engine.session = engine.session, None
        threads.use(None)
        if not self.built and all(layer.built for layer in self._flatten_layers()):  # type: ignore[attr-defined]
            self.built = True  # its own step has made the weights
        if session is None:
            return
        if session.steps is not None:
            engine.reason = session.steps.why_not_recorded
        engine.keep(session if session.is_recorded else None, self, always)

    def _logs(self, returned: Any) -> dict[str, float]:
        """The results so far by name, as floats in alphabetical order.

        Raises:
            ValueError: if a step returned something else than results by name.
        """
        if returned is not None and not isinstance(returned, dict):
            raise ValueError(
                f"a step of the model {self.name!r} returned {type(returned).__name__} {returned!r:.60}; train_step, "
                "test_step and compute_metrics return a dict of results by name, such as self.get_metrics_result()"
            )
        return plain_logs(returned or self.get_metrics_result())

    def _in_order(self, logs: dict[str, float]) -> Any:
        """Results in the order of the metrics: a number if there is one, else a list.

        Those that a name of an output precedes come last, in alphabetical order. Metrics of one name stand as often as
        they are, each time with the result that the name has.
        """
        session = self._engine.session
        metrics = self.metrics if session is None else session.metrics
        known = [part.name for metric in metrics for part in getattr(metric, "metrics", [metric])]
        names = [name for name in known if name in logs]
        values = [logs[name] for name in names] + [logs[name] for name in sorted(logs) if name not in names]
        return values[0] if len(values) == 1 else values

    # -- single batches ---------------------------------------------------------------------------------------------
    #
    # Looking up the parts of a model takes longer than a step of a small one. What was looked up for one batch, and the
    # step that was recorded on it, serve the next one too, until an attribute of any layer is set.

    @shortened
    def train_on_batch(
        self, x: Any, y: Any = None, sample_weight: Any = None, class_weight: Any = None,
        return_dict: bool = False,
    ) -> Any:  # fmt: skip
        """Learn from one batch; returns its loss and metrics."""
        self._assert_compiled("train_on_batch")
        batch = self._one_batch(x, y, sample_weight, class_weight)
        return self._on_one_batch("train", self._train_on, batch, return_dict)

    @shortened
    def test_on_batch(self, x: Any, y: Any = None, sample_weight: Any = None, return_dict: bool = False) -> Any:
        """Judge one batch; returns its loss and metrics."""
        self._assert_compiled("test_on_batch")
        return self._on_one_batch("test", self._test_on, self._one_batch(x, y, sample_weight), return_dict)

    def _on_one_batch(self, kind: str, step: Callable[[Batch], Any], batch: Batch, return_dict: bool) -> Any:
        """The results of a step on one batch, in a session of its own if none is under way."""
        engine = self._engine
        is_alone = engine.session is None
        if is_alone:
            engine.session = engine.kept(self)
        try:
            self.reset_metrics()
            share = share_of(self, kind, once=True)
            with share or nullcontext():
                logs = self._logs(step(batch) if share is None else share.whole(share.each(batch, step)))
            if not engine.is_nan_told and is_nan(logs.get("loss")):
                engine.is_nan_told = True
                warn_of_batch(self, batch)
            return logs if return_dict else self._in_order(logs)
        finally:
            if is_alone:
                self._end_session(always=True)  # the next batch is as likely as the next step of a fit

    @shortened
    def predict_on_batch(self, x: Any) -> Any:
        """Predict one batch."""
        batch = self._one_batch(x)
        share = share_of(self, "predict", once=True)
        if share is not None:
            return share.each(batch, lambda own: share.outputs(self._on_parts(own)))
        return nest.map_structure(np.array, self._on_parts(batch))

    def _on_parts(self, batch: Batch) -> Any:
        return untraced(self.predict_step((batch.parts[0],)))

    @staticmethod
    def _one_batch(x: Any, y: Any = None, sample_weight: Any = None, class_weight: Any = None) -> Batch:
        batch = next(iter(make_data(x, y, sample_weight, batch_size=2**62, class_weight=class_weight)))
        batch.is_bare = False
        return batch


@contextmanager
def forgetting_losses(model: Any) -> Iterator[None]:
    """A block after which what layers have added to the loss in it is forgotten."""
    try:
        yield
    finally:
        model._clear_losses()
