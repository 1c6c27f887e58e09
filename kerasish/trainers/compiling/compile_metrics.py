"""The metrics that `compile` was given, matched with a model's outputs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from kerasish import metrics
from kerasish.backend import nest
from kerasish.losses.loss import Loss
from kerasish.metrics.metric import Metric
from kerasish.metrics.reduction_metrics import MeanMetricWrapper
from kerasish.trainers.compiling.compile_loss import CompileLoss
from kerasish.trainers.compiling.outputs import Outputs, named, task_of

# The name of a metric in logs, and the method that tells its result.
Report = tuple[str, Callable[[], Any]]

_ACCURACY = ("accuracy", "acc")
_CROSSENTROPY = ("crossentropy", "ce")


def as_metric(metric: Any, y_true: Any, y_pred: Any) -> Metric | None:
    """A metric object for a name, function or object.

    `"accuracy"` and `"crossentropy"` mean the binary, sparse or categorical kind, by the shapes of the data.
    """
    if metric is None:
        return None
    name = str(metric).lower() if isinstance(metric, str) else None
    if name in _ACCURACY or name in _CROSSENTROPY:
        task = task_of(y_true, y_pred).title().replace("_", "")
        return getattr(metrics, task + ("Accuracy" if name in _ACCURACY else "Crossentropy"))(name=metric)
    found = metrics.get(metric)
    if isinstance(found, Metric):
        if isinstance(metric, str):
            found.name = metric  # logs show the name that was asked for
        return found
    label = metric if isinstance(metric, str) else None
    if isinstance(found, Loss):
        return MeanMetricWrapper(found.call, name=label or found.name)
    return MeanMetricWrapper(found, name=label or getattr(found, "__name__", type(found).__name__))


class CompileMetrics(Metric):
    """Every metric of every output, updated together.

    Args:
        metrics: metrics, for several outputs a list of lists or a dict of lists by name.
        weighted_metrics: the same, for metrics that see the sample weights.
        output_names: the names of a model's outputs, if they are known.
        name: the name of the whole.
        compile_loss: the losses beside them, which say whose targets a list is that lacks some.
    """

    def __init__(
        self,
        metrics: Any,
        weighted_metrics: Any,
        output_names: list[str] | None = None,
        name: str = "compile_metrics",
        compile_loss: CompileLoss | None = None,
    ) -> None:
        super().__init__(name=name)
        _check_form(metrics, "metrics")
        _check_form(weighted_metrics, "weighted_metrics")
        self._user_metrics = metrics
        self._user_weighted = weighted_metrics
        self.output_names = output_names
        self.compile_loss = compile_loss
        self.built = False
        self.plain: list[list[Metric]] = []
        self.weighted: list[list[Metric]] = []

    _is_noted = False

    @property
    def metrics(self) -> list[Metric]:
        """The metric objects, once the first batch has been seen: of all outputs, then those that see weights."""
        if not self.built:
            return []
        return [m for part in (*self.plain, *self.weighted) for m in part]

    @property
    def variables(self) -> list[Any]:
        """The variables of all metrics."""
        return [v for metric in self.metrics for v in metric.variables]

    def build(self, y_true: Any, y_pred: Any) -> None:
        """Decide which metrics each output has."""
        self.outputs = Outputs(y_pred, self.output_names)
        plain = self._by_output(self._user_metrics, "metrics")
        weighted = self._by_output(self._user_weighted, "weighted_metrics")
        self.needed = [bool(groups[0] or groups[1]) for groups in zip(plain, weighted, strict=True)]
        targets = self._targets(y_true)
        predictions = self.outputs.flatten(y_pred, "the prediction")
        self.plain = _made(plain, targets, predictions)
        self.weighted = _made(weighted, targets, predictions)
        self.labels = self._labels()
        self.flat = [
            (i, metric, use_weight)
            for i, (plain, weighted) in enumerate(zip(self.plain, self.weighted, strict=True))
            for group, use_weight in ((plain, False), (weighted, True))
            for metric in group
        ]
        self.built = True

    def _labels(self) -> list[tuple[str, Metric]]:
        """The metrics with their names in logs: the output's in front, `weighted_` or a number where one is taken."""
        known, several = self.outputs.known, len(self.outputs.names) > 1
        starts = [f"{name}_" for name in known] if several and known else [""] * len(self.plain)
        counts: dict[str, int] = {}
        labels = []
        for groups, is_weighted in ((self.plain, False), (self.weighted, True)):
            for start, group in zip(starts, groups, strict=True):
                for metric in group:
                    label = start + metric.name
                    if is_weighted and label in counts:
                        label = f"{start}weighted_{metric.name}"
                    count = counts.get(label, 0)
                    counts[label] = count + 1
                    labels.append((f"{label}_{count}" if count else label, metric))
        return labels

    def _targets(self, y_true: Any) -> list[Any]:
        """The targets in the order of the outputs; a shorter list belongs to the outputs that have a loss."""
        return self.outputs.targets(y_true, self.needed, self._placed(), "metrics")

    def _placed(self) -> list[bool]:
        loss = self.compile_loss
        return self.needed if loss is None or not loss.built else loss.needed

    def _by_output(self, setting: Any, what: str) -> list[list[Any]]:
        """The metrics that were asked for, for each output."""
        names = self.outputs.names
        nested = self.outputs.along(setting)
        if nested is not None:
            chosen: list[Any] = nested
        elif setting is None:
            chosen = [[] for _ in names]
        elif isinstance(setting, dict):
            chosen = self.outputs.by_name(setting, what)
        elif len(names) == 1:
            chosen = [nest.flatten(setting)]
        elif len(setting) == len(names) and any(isinstance(part, (list, tuple)) for part in setting):
            chosen = list(setting)
        elif len(setting) == len(names):
            chosen = [[part] for part in setting]
        else:
            raise ValueError(
                f"{what} must be a list with one entry for each output {names}, or a dict by output name; received "
                f"{len(setting)} entries"
            )
        return [[item for item in nest.listed(part) if item is not None] for part in chosen]

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Take in a batch."""
        if not self.built:
            self.build(y_true, y_pred)
        is_plain = y_true is not None and not nest.is_nested(y_pred) and not nest.is_nested(y_true)
        if is_plain and len(self.outputs.names) == 1:
            for _, metric, use_weight in self.flat:
                with named("metric", metric.name):
                    if use_weight:
                        metric.update_state(y_true, y_pred, sample_weight)
                    else:
                        metric.update_state(y_true, y_pred)
            return
        for metric, *batch in self.matched(y_true, y_pred, sample_weight):
            with named("metric", metric.name):
                metric.update_state(*batch)

    def matched(self, y_true: Any, y_pred: Any, sample_weight: Any) -> list[tuple[Any, ...]]:
        """Each metric with what it is updated with: targets, predictions, and weights if it sees them."""
        targets = self._targets(y_true)
        predictions = self.outputs.flatten(y_pred, "the prediction")
        weights = self.outputs.flatten_weights(sample_weight, self._placed())
        return [
            (metric, targets[i], predictions[i], weights[i]) if use_weight else (metric, targets[i], predictions[i])
            for i, metric, use_weight in self.flat
        ]

    def reset_state(self) -> None:
        """Forget every batch."""
        for metric in self.metrics:
            metric.reset_state()

    def result(self) -> dict[str, Any]:
        """The results by name."""
        if not self.built:
            raise ValueError("the metrics have seen no batch yet: they are built with the first one")
        return told((label, metric.result) for label, metric in self.labels)

    def get_config(self) -> dict[str, Any]:
        raise NotImplementedError("the metrics of a model are saved as its compile configuration")


def told(reports: Iterable[Report]) -> dict[str, Any]:
    """Results by name; of one that tells several by names of its own, those."""
    found: dict[str, Any] = {}
    for name, result in reports:
        value = result()
        found |= value if isinstance(value, dict) else {name: value}
    return found


def _made(asked: list[list[Any]], targets: list[Any], predictions: list[Any]) -> list[list[Metric]]:
    """The metric objects of each output."""
    outputs = zip(asked, targets, predictions, strict=True)
    return [[m for m in (as_metric(item, y, p) for item in items) if m is not None] for items, y, p in outputs]


def _check_form(setting: Any, what: str) -> None:
    """Tell a wrong form or name at compile time, not in the first step.

    Raises:
        ValueError: if it is not a list or dict, or holds an unknown name.
    """
    if setting is None:
        return
    if not isinstance(setting, (list, tuple, dict)):
        raise ValueError(f"{what} must be a list or a dict, such as {what}=['accuracy']; received {setting!r}")
    for item in nest.iterate(setting):
        if isinstance(item, str) and item.lower() not in (*_ACCURACY, *_CROSSENTROPY):
            metrics.get(item)
        elif item is not None and not callable(item) and not isinstance(item, (str, Metric)):
            raise ValueError(f"{what} holds {item!r}, which is neither a name, a function nor a metric")
