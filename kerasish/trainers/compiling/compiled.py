"""What `compile` says: the optimizer, the loss and the metrics of a model."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from kerasish import optimizers
from kerasish.backend import nest
from kerasish.backend.callers import shortened, warn
from kerasish.backend.typing import PerOutput
from kerasish.losses.serialization import NAMES as LOSSES
from kerasish.metrics.metric import Metric
from kerasish.metrics.reduction_metrics import Mean
from kerasish.saving.serialization import deserialize_keras_object, serialize_keras_object
from kerasish.trainers.compiling.compile_loss import CompileLoss
from kerasish.trainers.compiling.compile_metrics import CompileMetrics
from kerasish.trainers.engine import Engine
from kerasish.trainers.session import results_of
from kerasish.trainers.state_tree import StateTree


class Compiled(StateTree):
    """The half of a `Trainer` that knows what to minimize and what to report."""

    name: str
    built: bool
    optimizer: Any = None
    loss: Any = None
    compiled = False
    stop_training = False
    stop_evaluating = False
    stop_predicting = False
    run_eagerly = False
    jit_compile: Any = "auto"
    steps_per_execution = 1
    history: Any = None
    _compile_loss: CompileLoss | None = None
    _compile_metrics: CompileMetrics | None = None
    _compile_arguments: dict[str, Any] | None = None
    _loss_tracker: Mean | None = None
    _loss_takes_training = True

    @cached_property
    def _engine(self) -> Engine:
        return Engine()

    @shortened
    def compile(
        self,
        optimizer: str | Mapping[str, Any] | optimizers.Optimizer | type[optimizers.Optimizer] | None = "rmsprop",
        loss: PerOutput = None,
        loss_weights: float | Sequence[Any] | Mapping[Any, Any] | None = None,
        metrics: PerOutput = None,
        weighted_metrics: PerOutput = None,
        run_eagerly: bool = False,
        steps_per_execution: int = 1,
        jit_compile: bool | str | None = "auto",
        auto_scale_loss: bool = True,
    ) -> None:
        """Say how the model is to be trained.

        Args:
            optimizer: a name, config or object.
            loss: a name, function or object; for several outputs a list, or a dict by output name.
            loss_weights: numbers by which the outputs' losses are multiplied.
            metrics: what to report besides the loss, a list of names, functions or objects; for several outputs
                a list of lists or a dict.
            weighted_metrics: metrics that see the sample weights.
            run_eagerly: run every step through the plain tape.
            steps_per_execution: how many steps callbacks hear of as one; the steps themselves are the same.
            jit_compile: False keeps every step on the tape.
            auto_scale_loss: whether a model of the policy `mixed_float16` gets its optimizer in a `LossScaleOptimizer`.

        Raises:
            ValueError: if a name is not known, with the nearest ones.
        """
        if isinstance(optimizer, str) and optimizer in LOSSES:
            raise ValueError(
                f"{optimizer!r} is a loss; compile takes the optimizer first: compile('adam', {optimizer!r})"
            )
        found = optimizers.get(optimizer)
        names = getattr(self, "output_names", None)
        compile_loss = None if loss is None else CompileLoss(loss, loss_weights, names)
        has_metrics = metrics is not None or weighted_metrics is not None
        compile_metrics = (
            CompileMetrics(metrics, weighted_metrics, names, compile_loss=compile_loss) if has_metrics else None
        )
        self.optimizer = self._scaling(found) if auto_scale_loss else found
        self.loss = loss
        self.loss_weights = loss_weights
        object.__setattr__(self, "_compile_loss", compile_loss)
        object.__setattr__(self, "_compile_metrics", compile_metrics)
        object.__setattr__(self, "_loss_tracker", Mean(name="loss"))
        parameters = inspect.signature(self.compute_loss).parameters
        takes_any = any(p.kind is p.VAR_KEYWORD for p in parameters.values())
        object.__setattr__(self, "_loss_takes_training", takes_any or "training" in parameters)
        self.run_eagerly = run_eagerly
        self.steps_per_execution = steps_per_execution
        self.jit_compile = jit_compile
        self.stop_training = False
        self._engine.restart()
        self.compiled = True
        self._compile_arguments = {
            "optimizer": found,
            "loss": loss,
            "loss_weights": loss_weights,
            "metrics": metrics,
            "weighted_metrics": weighted_metrics,
            "run_eagerly": run_eagerly,
            "steps_per_execution": steps_per_execution,
            "jit_compile": jit_compile,
        }

    def _scaling(self, optimizer: Any) -> Any:
        """The optimizer, behind a scale of the loss where the model computes in float16."""
        policy = getattr(self, "dtype_policy", None)
        if optimizer is None or getattr(policy, "name", None) != "mixed_float16":
            return optimizer
        if isinstance(optimizer, optimizers.LossScaleOptimizer):
            return optimizer
        return optimizers.LossScaleOptimizer(optimizer, name="loss_scale_optimizer")

    def _assert_compiled(self, what: str) -> None:
        if not self.compiled:
            raise ValueError(
                f"the model {self.name!r} must be compiled before {what}: call "
                "model.compile(optimizer=..., loss=..., metrics=[...]) first"
            )

    def get_compile_config(self) -> dict[str, Any] | None:
        """What `compile` was called with, as a dictionary."""
        if not self.compiled or self._compile_arguments is None:
            return None
        return {key: serialize_keras_object(value) for key, value in self._compile_arguments.items()}

    def compile_from_config(self, config: dict[str, Any]) -> None:
        """Compile with what `get_compile_config` returned."""
        arguments = deserialize_keras_object(config)
        self.compile(**arguments)
        trainable = getattr(self, "trainable_variables", None)
        if self.built and trainable:
            self.optimizer.build(trainable)

    # -- metrics ---------------------------------------------------------------------------------------------

    @property
    def metrics(self) -> list[Any]:
        """The running loss, the metrics of `compile`, and those of the layers."""
        found: list[Any] = [] if self._loss_tracker is None else [self._loss_tracker]
        if self._compile_metrics is not None:
            found.append(self._compile_metrics)
        if self._compile_loss is not None:
            found += self._compile_loss.trackers
        own = super().metrics  # type: ignore[misc]
        return list({id(m): m for m in (*found, *own)}.values())

    @property
    def metrics_names(self) -> list[str]:
        """The names of the metrics."""
        return [metric.name for metric in self.metrics]

    def reset_metrics(self) -> None:
        """Start every metric anew."""
        session = self._engine.session
        if session is not None:
            session.reset_metrics()
            return
        for metric in self.metrics:
            metric.reset_state()

    def get_metrics_result(self) -> dict[str, Any]:
        """The metrics' results by name."""
        session = self._engine.session
        return results_of(self.metrics) if session is None else session.results()

    def compute_loss(
        self,
        x: Any = None,
        y: Any = None,
        y_pred: Any = None,
        sample_weight: Any = None,
        training: bool = True,
    ) -> Any:
        """The number to minimize for a batch: the compiled loss plus what layers and regularizers add.

        Raises:
            ValueError: if there is neither a compiled loss nor one from a layer.
        """
        total: Any = None
        if self._compile_loss is not None and y is not None:
            total = self._compile_loss(y, y_pred, sample_weight)
        elif self._compile_loss is not None:
            raise ValueError(
                "the model was compiled with a loss, but the data has no targets: y is None. Arrays are given as "
                "fit(x, y) and validation_data=(x, y); what yields batches yields tuples (x, y)."
            )
        session = self._engine.session
        for extra in self.losses if session is None else session.extra_losses():  # type: ignore[attr-defined]
            extra = np.sum(extra)
            total = extra if total is None else total + extra
        if total is None:
            raise ValueError(
                "there is nothing to minimize: give `compile` a loss, or add one in a layer with `add_loss`"
            )
        return total

    def _loss_of(self, x: Any, y: Any, y_pred: Any, sample_weight: Any, training: bool) -> Any:
        """`compute_loss`, which a subclass may have overridden without the argument `training`."""
        if self._loss_takes_training:
            return self.compute_loss(x=x, y=y, y_pred=y_pred, sample_weight=sample_weight, training=training)
        return self.compute_loss(x, y, y_pred, sample_weight)

    def compute_metrics(self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None) -> dict[str, Any]:
        """Take a batch into the metrics; returns all results."""
        self._update_metrics(y, y_pred, sample_weight)
        return self.get_metrics_result()

    def _update_metrics(self, y: Any, y_pred: Any, sample_weight: Any) -> None:
        if self._compile_metrics is not None:
            self._compile_metrics.update_state(y, y_pred, sample_weight)


def compile_like(made: Any, model: Any) -> None:
    """Compile a copy of a compiled model as the model was, with an optimizer and metrics of its own."""
    kind = type(model)
    if kind.compile_from_config is not Compiled.compile_from_config:
        made.compile_from_config(model.get_compile_config())
        return
    if kind.compile is not Compiled.compile:
        warn(
            f"the copy of {model.name!r} is not compiled: {kind.__name__} has a `compile` of its own; define "
            "`get_compile_config` and `compile_from_config` too, or compile the copy yourself",
        )
        return
    made.compile(**nest.map_structure(_as_new, model._compile_arguments))
    if made.built and made.trainable_variables and made.optimizer is not None:
        made.optimizer.build(made.trainable_variables)


def _as_new(part: Any) -> Any:
    """What was given to `compile`, without what training has made of it; losses are the same, for they keep nothing."""
    if isinstance(part, Metric):
        part = copy.deepcopy(part)  # its config cannot hold a function that is not registered
        part.reset_state()
        return part
    return type(part).from_config(part.get_config()) if isinstance(part, optimizers.Optimizer) else part
