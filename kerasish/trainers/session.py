"""What stays the same for the length of a fit, looked up once."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from kerasish.backend.room import Room
from kerasish.backend.variable import Variable
from kerasish.metrics.metric import Metric
from kerasish.trainers.compiling.compile_metrics import CompileMetrics, Report, told


class Session:
    """A model's parts while it is trained: the walk over its layers is made once, not in every step.

    Args:
        model: a compiled model whose layers are built.

    Attributes:
        layers: the model and every layer below it.
        regularized: the variables that have a penalty.
        steps: how the model learns, once it does.
        tests: how it is judged, once it is.
        room: where the arrays of all recorded steps come from; they never run at the same time.
    """

    def __init__(self, model: Any) -> None:
        self.layers = [model, *model._flatten_layers()]
        self.regularized = [v for v in model.trainable_weights if v.regularizer is not None]
        self._model = model
        self.room = Room()
        self.steps: Any = None
        self.tests: Any = None
        self._known: tuple[int, bool, int] | None = None
        self._metrics: list[Metric] = []
        self._resets: list[Callable[[], Any]] = []
        self._reports: list[Report] = []

    @property
    def is_recorded(self) -> bool:
        """Whether some of its steps are recorded, and so worth to be kept."""
        return any(steps is not None and steps.reason is None for steps in (self.steps, self.tests))

    @property
    def metrics(self) -> list[Metric]:
        """The metrics, the running loss first; those of the outputs' losses come with the first batch."""
        self._look_up()
        return self._metrics

    def extra_losses(self) -> list[Any]:
        """What layers added in the last call, and the penalties of the weights."""
        added = [loss for layer in self.layers if layer._losses for loss in layer._losses]
        if self.regularized:
            added += [v.regularizer(v) for v in self.regularized]
        return added

    def results(self) -> dict[str, Any]:
        """The metrics' results by name; those of the compiled metrics once they have seen a batch."""
        self._look_up()
        return told(self._reports)

    def reset_metrics(self) -> None:
        """Start every metric anew."""
        self._look_up()
        for reset in self._resets:
            reset()

    def _look_up(self) -> None:
        """Find the metrics, and what to call for results and resets; some come into being with the first batch."""
        loss, compiled = self._model._compile_loss, self._model._compile_metrics
        known = (0 if loss is None else len(loss.trackers), compiled is not None and compiled.built, Variable.moves)
        if known != self._known:
            self._known = known
            self._metrics = self._model.metrics
            self._resets = _resets(self._metrics)
            self._reports = _reports(self._metrics)


def results_of(metrics: list[Any]) -> dict[str, Any]:
    """The results of metrics by name, looked up for this once."""
    return told(_reports(metrics))


def _reports(metrics: list[Any]) -> list[Report]:
    """The names and the methods that tell the results; the compiled metrics have none before their first batch."""
    found: list[Report] = []
    for metric in metrics:
        if not isinstance(metric, CompileMetrics):
            found.append((metric.name, metric.result))
        elif metric.built:
            found += [(label, part.result) for label, part in metric.labels]
    return found


def _resets(metrics: list[Any]) -> list[Callable[[], Any]]:
    """What to call to reset metrics."""
    methods: list[Callable[[], Any]] = []
    arrays: list[np.ndarray] = []
    for metric in metrics:
        for part in metric.metrics if isinstance(metric, CompileMetrics) else [metric]:
            if type(part).reset_state is Metric.reset_state:
                arrays += [variable._value for variable in part.variables]
            else:
                methods.append(part.reset_state)
    return [partial(array.fill, 0) for array in _joined(arrays)] + methods


def _joined(arrays: list[np.ndarray]) -> list[np.ndarray]:
    """The same memory in fewer arrays: numbers that together fill one array are that array."""
    parts: dict[int, tuple[np.ndarray, dict[int, np.ndarray]]] = {}
    for array in arrays:
        base = array.base
        is_number = array.ndim == 0 and isinstance(base, np.ndarray) and base.dtype == array.dtype
        whole = base if is_number else array
        parts.setdefault(id(whole), (whole, {}))[1][array.ctypes.data] = array  # type: ignore[arg-type]
    found: list[np.ndarray] = []
    for whole, members in parts.values():
        is_filled = sum(member.size for member in members.values()) == whole.size
        found += [whole] if is_filled else members.values()
    return found
