"""What a model does with one batch: learn from it, judge it, predict it."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from kerasish.backend import nest
from kerasish.backend.variable import Variable
from kerasish.layers.layer import Layer
from kerasish.trainers.advice import advise
from kerasish.trainers.batches import packed
from kerasish.trainers.compiling import Compiled
from kerasish.trainers.data import make_data, unpack_x_y_sample_weight
from kerasish.trainers.diagnosis import is_nan, warn_of_batch
from kerasish.trainers.logs import as_floats
from kerasish.trainers.replay import NotPlannable, Replay, Step, is_replayable
from kerasish.trainers.session import Kept, Session
from kerasish.trainers.step import batch_size_of, train_on, untraced, update

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
        recorded = self._recorded_step(x, y, sample_weight)
        if recorded is not None:
            recorded.put(x, y, sample_weight)
            self._replay(recorded)
            return {}
        trainable = self._trained_variables()
        if trainable:
            loss, y_pred = train_on(self, x, y, sample_weight, trainable)
        else:
            y_pred = self(x, training=True)  # type: ignore[operator]
            loss = self._loss_of(x, y, y_pred, sample_weight, training=True)
        return self._note(x, y, y_pred, sample_weight, loss)

    def _recorded_step(self, x: Any, y: Any, sample_weight: Any) -> Step | None:
        """The recorded step for a batch like this, if there is one."""
        session = self._session
        if session is None or session.replay is None:
            return None
        try:
            return session.replay.step_for(x, y, sample_weight)
        except NotPlannable:
            session.replay = None
            return None

    def _replay(self, step: Step) -> None:
        """Learn from the batch that lies in a recorded step's arrays."""
        session = self._session
        assert session is not None
        try:
            step.run()
        except IndexError:
            self(step.x, training=False)  # type: ignore[operator]  # the layer at fault says more
            raise
        update(self.optimizer, session.replay.trainable, session.only)
        step.note(self)

    def _note(self, x: Any, y: Any, y_pred: Any, sample_weight: Any, loss: Any) -> dict[str, Any]:
        tracker, size = self._loss_tracker, batch_size_of(x)
        assert tracker is not None
        tracker.total._value += untraced(loss) * size
        tracker.count._value += size
        if type(self).compute_metrics is BatchSteps.compute_metrics:
            self._update_metrics(y, y_pred, sample_weight)
            return {}
        return self.compute_metrics(x, y, y_pred, sample_weight)

    def test_step(self, data: Any) -> dict[str, Any]:
        """Judge one batch; subclasses may replace it."""
        x, y, sample_weight = unpack_x_y_sample_weight(data)
        return self._judge(x, y, sample_weight) or self.get_metrics_result()

    def _judge(self, x: Any, y: Any, sample_weight: Any) -> dict[str, Any]:
        y_pred = self(x, training=False)  # type: ignore[operator]
        loss = self._loss_of(x, y, y_pred, sample_weight, training=False)
        return self._note(x, y, y_pred, sample_weight, loss)

    def predict_step(self, data: Any) -> Any:
        """Predict one batch; subclasses may replace it."""
        x, _, _ = unpack_x_y_sample_weight(data)
        return self(x, training=False)  # type: ignore[operator]

    def _trained_variables(self) -> list[Variable]:
        kept = None if self._session is None else self._session.trainable
        return self._prepare_optimizer() if kept is None else kept

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

    def _open_session(self) -> Session:
        """Look up once what stays the same for the length of a fit."""
        own_step = type(self).train_step is not BatchSteps.train_step
        if own_step:
            return Session(self)
        trainable = self._prepare_optimizer()
        session = Session(self, trainable)
        if not trainable:
            warnings.warn(
                f"the model {self.name!r} has no trainable weights: nothing will be learned, its losses are reported",
                stacklevel=4,
            )
        elif is_replayable(self):
            session.replay = Replay(self, trainable)
        return session

    def _keep(self, session: Session) -> None:
        """Go on with a session in the next batch or fit, if its steps are recorded."""
        if self._kept is None:
            self._kept = Kept()
        self._kept.keep(None if session.replay is None else session)

    def _begin_session(self) -> Session:
        """The session of the last fit or batch, if nothing has changed since, or a new one."""
        kept = self._kept
        if kept is None or kept.session is None or not kept.is_current():
            return self._open_session()
        kept.session.step = None  # the data may be of another shape
        return kept.session

    def _end_session(self) -> None:
        """Keep what was recorded in a fit, where that takes as long as many of its steps and little memory."""
        session, self._session = self._session, None
        if not self.built and all(layer.built for layer in self._flatten_layers()):  # type: ignore[attr-defined]
            self.built = True  # its own step has made the weights
        if session is not None and session.replay is not None and session.replay.room.nbytes <= KEPT_BYTES:
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
        kept = self._kept
        if kept is None or not kept.is_current() or kept.session is None:
            self._ensure_ready(*batch, train=True)
        if kept is None or not kept.is_current():
            self._keep(self._open_session())
        return self._on_one_batch(self.train_step, batch, return_dict)

    def test_on_batch(self, x: Any, y: Any = None, sample_weight: Any = None, return_dict: bool = False) -> Any:
        """Judge one batch; returns its loss and metrics."""
        self._assert_compiled("test_on_batch")
        batch = self._one_batch(x, y, sample_weight, None)
        if self._kept is None or not self._kept.is_current():
            self._ensure_ready(*batch, train=False)
        return self._on_one_batch(self.test_step, batch, return_dict)

    def _on_one_batch(self, step: Callable[[Any], Any], batch: tuple[Any, Any, Any], return_dict: bool) -> Any:
        """The results of a step on one batch, in the session that is kept, if there is one."""
        outer, kept = self._session, self._kept
        session = kept.session if kept is not None and kept.is_current() else None
        self._session = session
        try:
            self.reset_metrics()
            logs = self._logs(step(packed(*batch)))
            if not self._is_nan_told and is_nan(logs.get("loss")):
                object.__setattr__(self, "_is_nan_told", True)
                warn_of_batch(self, batch)
            return logs if return_dict else self._in_order(logs)
        finally:
            self._session = outer

    def predict_on_batch(self, x: Any) -> Any:
        """Predict one batch."""
        x, _, _ = self._one_batch(x, None, None, None)
        return nest.map_structure(np.array, untraced(self.predict_step((x,))))

    def _one_batch(self, x: Any, y: Any, sample_weight: Any, class_weight: Any) -> tuple[Any, Any, Any]:
        data = make_data(x, y, sample_weight, batch_size=2**62, class_weight=class_weight)
        return next(iter(data))


class Quiet:
    """A block in which no tape records and added losses are forgotten afterwards."""

    def __init__(self, model: Any) -> None:
        self.model = model

    def __enter__(self) -> None:
        return None

    def __exit__(self, *exception: object) -> None:
        self.model._clear_losses()
