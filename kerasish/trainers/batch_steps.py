"""What a model does with one batch: learn from it, judge it, predict it."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from kerasish.backend import nest, threads
from kerasish.backend.room import Room
from kerasish.backend.tensor import recording
from kerasish.backend.variable import Variable
from kerasish.layers.base.layer import Layer
from kerasish.trainers.advice import advise
from kerasish.trainers.batches import packed
from kerasish.trainers.compiling import Compiled
from kerasish.trainers.data import make_data, unpack_x_y_sample_weight
from kerasish.trainers.diagnosis import is_nan, warn_of_batch
from kerasish.trainers.logs import as_floats
from kerasish.trainers.session import Kept, Session
from kerasish.trainers.steps.learning import note, train_on, untraced
from kerasish.trainers.steps.training import JudgingSteps, LearningSteps, OwnSteps

# The most memory that a recorded step may hold on to between two fits.
KEPT_BYTES = 2**20


class BatchSteps(Compiled):
    """The steps that `fit`, `evaluate` and `predict` repeat, and the same for single batches."""

    # -- steps -----------------------------------------------------------------------------------------------

    def train_step(self, data: Any) -> dict[str, Any]:
        """Learn from one batch; subclasses may replace it.

        Args:
            data: `(x,)`, `(x, y)` or `(x, y, sample_weight)`.

        Returns:
            The metrics' results by name.
        """
        x, y, sample_weight = unpack_x_y_sample_weight(data)
        return self._learn(x, y, sample_weight) or self.get_metrics_result()

    def _learn(self, x: Any, y: Any, sample_weight: Any) -> dict[str, Any]:
        """Learn from one batch; returns what an overridden `compute_metrics` returned."""
        steps = None if self._session is None or recording.trace is not None else self._session.steps
        if isinstance(steps, LearningSteps):
            return _done(steps, x, y, sample_weight)
        trainable = self._prepare_optimizer()
        if trainable:
            loss, y_pred = train_on(self, x, y, sample_weight, trainable)
        else:
            y_pred = self(x, training=True)  # type: ignore[operator]
            loss = self._loss_of(x, y, y_pred, sample_weight, training=True)
        return note(self, x, y, y_pred, sample_weight, loss)

    def _train_batch(self, x: Any, y: Any, sample_weight: Any) -> Any:
        """A step of training, a user's own if there is one; returns what it returned."""
        if type(self).train_step is BatchSteps.train_step:
            return self._learn(x, y, sample_weight)
        steps = None if self._session is None else self._session.steps
        if steps is None:
            return self.train_step(packed(x, y, sample_weight))
        return _done(steps, x, y, sample_weight)

    def _test_batch(self, x: Any, y: Any, sample_weight: Any) -> Any:
        """A step of evaluation, a user's own if there is one; returns what it returned."""
        is_own = type(self).test_step is not BatchSteps.test_step
        session = self._session
        if session is None:
            return self.test_step(packed(x, y, sample_weight)) if is_own else self._judge(x, y, sample_weight)
        if session.tests is None:
            session.tests = OwnSteps(self, session.room, self.test_step) if is_own else JudgingSteps(self, session.room)
        return _done(session.tests, x, y, sample_weight)

    def test_step(self, data: Any) -> dict[str, Any]:
        """Judge one batch; subclasses may replace it."""
        x, y, sample_weight = unpack_x_y_sample_weight(data)
        return self._judge(x, y, sample_weight) or self.get_metrics_result()

    def _judge(self, x: Any, y: Any, sample_weight: Any) -> dict[str, Any]:
        y_pred = self(x, training=False)  # type: ignore[operator]
        loss = self._loss_of(x, y, y_pred, sample_weight, training=False)
        return note(self, x, y, y_pred, sample_weight, loss)

    def predict_step(self, data: Any) -> Any:
        """Predict one batch; subclasses may replace it."""
        x, _, _ = unpack_x_y_sample_weight(data)
        return self(x, training=False)  # type: ignore[operator]

    def _prepare_optimizer(self) -> list[Variable]:
        variables = self.trainable_variables  # type: ignore[attr-defined]
        if not self.optimizer.built:
            self.optimizer.build(variables)
        self.optimizer._check_known(variables)
        return variables

    def _ensure_ready(self, x: Any, y: Any, sample_weight: Any, train: bool) -> None:
        """Make the weights, from the first batch, where the model has none yet.

        The weights of a model without a `call` come into being in its own step, whose optimizers then find them.
        """
        kind = type(self)
        own_step = kind.train_step is not BatchSteps.train_step if train else kind.test_step is not BatchSteps.test_step
        is_built = all(layer.built for layer in self._flatten_layers())  # type: ignore[attr-defined]
        if kind.call is Layer.call:  # type: ignore[attr-defined]
            if own_step and not is_built:
                return
        elif not self.built or not is_built:
            with Quiet(self):
                self(x, training=False)  # type: ignore[operator]
        if train:
            self._advise(y)
        if train and (not own_step or not self.optimizer.built):
            self._prepare_optimizer()

    def _advise(self, y: Any) -> None:
        """Warn, once for each `compile`, of settings that do not go with the targets."""
        if not self._is_advised:
            object.__setattr__(self, "_is_advised", True)
            advise(self, y)

    def _begin_session(self) -> Session:
        """The session of the last fit or batch, if nothing has changed since, or a new one, ready to learn."""
        session = self._kept_session() or Session(self)
        session.step = None  # the data may be of another shape
        if session.steps is None:
            session.steps = self._steps(session.room)
        return session

    def _kept_session(self) -> Session | None:
        return self._kept.session if self._kept is not None and self._kept.is_current() else None

    def _steps(self, room: Room) -> Any:
        """How the model learns: None where each step goes its own way."""
        if type(self).train_step is not BatchSteps.train_step:
            return OwnSteps(self, room, self.train_step)
        trainable = self._prepare_optimizer()
        if trainable:
            return LearningSteps(self, room, trainable)
        warnings.warn(
            f"the model {self.name!r} has no trainable weights: nothing will be learned, its losses are reported",
            stacklevel=4,
        )
        return None

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
        return self._why_not_recorded

    def _keep(self, session: Session) -> None:
        """Go on with a session in the next batch or fit, if its steps are recorded."""
        if self._kept is None:
            self._kept = Kept()
        self._kept.keep(session if session.is_recorded else None, self)

    def _note_reason(self) -> None:
        """Remember what `why_not_recorded` is to tell."""
        if self._session is not None and self._session.steps is not None:
            object.__setattr__(self, "_why_not_recorded", self._session.steps.reason)

    def _end_session(self) -> None:
        """Keep what was recorded in a fit, where that takes as long as many of its steps and little memory."""
        self._note_reason()
        session, self._session = self._session, None
        threads.use(None)
        if not self.built and all(layer.built for layer in self._flatten_layers()):  # type: ignore[attr-defined]
            self.built = True  # its own step has made the weights
        if session is not None and session.is_recorded and session.room.nbytes <= KEPT_BYTES:
            self._keep(session)

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
        return as_floats(returned or self.get_metrics_result())

    def _in_order(self, logs: dict[str, float]) -> Any:
        """Results in the order of the metrics: a number if there is one, else a list.

        Those that a name of an output precedes come last, in alphabetical order.
        """
        metrics = self.metrics if self._session is None else self._session.metrics
        known = [part.name for metric in metrics for part in getattr(metric, "metrics", [metric])]
        names = [name for name in dict.fromkeys(known) if name in logs]
        values = [logs[name] for name in names] + [logs[name] for name in sorted(logs) if name not in names]
        return values[0] if len(values) == 1 else values

    # -- single batches ---------------------------------------------------------------------------------------------
    #
    # Looking up the parts of a model takes longer than a step of a small one. What was looked up for one batch, and the
    # step that was recorded on it, serve the next one too, until an attribute of any layer is set.

    def train_on_batch(
        self, x: Any, y: Any = None, sample_weight: Any = None, class_weight: Any = None,
        return_dict: bool = False,
    ) -> Any:  # fmt: skip
        """Learn from one batch; returns its loss and metrics."""
        self._assert_compiled("train_on_batch")
        batch = self._one_batch(x, y, sample_weight, class_weight)
        session = self._kept_session()
        if session is None or session.steps is None:
            self._ensure_ready(*batch, train=True)
            self._keep(self._begin_session())
        return self._on_one_batch(self._train_batch, batch, return_dict)

    def test_on_batch(self, x: Any, y: Any = None, sample_weight: Any = None, return_dict: bool = False) -> Any:
        """Judge one batch; returns its loss and metrics."""
        self._assert_compiled("test_on_batch")
        batch = self._one_batch(x, y, sample_weight, None)
        if self._kept_session() is None:
            self._ensure_ready(*batch, train=False)
        return self._on_one_batch(self._test_batch, batch, return_dict)

    def _on_one_batch(self, step: Callable[..., Any], batch: tuple[Any, Any, Any], return_dict: bool) -> Any:
        """The results of a step on one batch, in the session that is kept, if there is one."""
        outer, self._session = self._session, self._kept_session()
        try:
            self.reset_metrics()
            logs = self._logs(step(*batch))
            if not self._is_nan_told and is_nan(logs.get("loss")):
                object.__setattr__(self, "_is_nan_told", True)
                warn_of_batch(self, batch)
            return logs if return_dict else self._in_order(logs)
        finally:
            self._note_reason()
            self._session = outer
            if outer is None:
                threads.use(None)

    def predict_on_batch(self, x: Any) -> Any:
        """Predict one batch."""
        x, _, _ = self._one_batch(x, None, None, None)
        return nest.map_structure(np.array, untraced(self.predict_step((x,))))

    def _one_batch(self, x: Any, y: Any, sample_weight: Any, class_weight: Any) -> tuple[Any, Any, Any]:
        data = make_data(x, y, sample_weight, batch_size=2**62, class_weight=class_weight)
        return next(iter(data))


def _done(steps: Any, x: Any, y: Any, sample_weight: Any) -> Any:
    """A step on a batch, by a recorded one if there is one for it; returns what it returned."""
    step = steps.ready(x, y, sample_weight)
    if step is None:
        return steps.run(x, y, sample_weight)
    step.put(x, y, sample_weight)
    return steps.replay(step)


class Quiet:
    """A block in which no tape records and added losses are forgotten afterwards."""

    def __init__(self, model: Any) -> None:
        self.model = model

    def __enter__(self) -> None:
        return None

    def __exit__(self, *exception: object) -> None:
        self.model._clear_losses()
