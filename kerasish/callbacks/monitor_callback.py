"""What the callbacks that watch one metric share: whether less or more is better, and what counts as better."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

from kerasish.backend.callers import warn
from kerasish.callbacks.callback import Callback

_GROWING = {"acc", "accuracy", "auc", "fmeasure"}


class MonitorCallback(Callback):
    """A callback that watches one metric.

    Args:
        monitor: the metric's name in the logs.
        mode: `"min"` if less is better, `"max"` if more is, `"auto"` to tell by the metric.
        baseline: the best value so far; None if the first one is the best.
        min_delta: a smaller change than this is no improvement.
    """

    _begins_without_weights: ClassVar[bool] = True

    def __init__(
        self, monitor: str = "val_loss", mode: str = "auto", baseline: float | None = None, min_delta: float = 0
    ) -> None:
        super().__init__()
        if mode not in ("auto", "min", "max"):
            warn(
                f"{type(self).__name__} knows the modes 'auto', 'min' and 'max'; received mode={mode!r}, which is "
                "taken as 'auto'",
            )
            mode = "auto"
        self.monitor = monitor
        self.mode = mode
        self.best = baseline
        self.min_delta = abs(min_delta)
        self.monitor_op: Callable[[Any, Any], Any] | None = None

    def _set_monitor_op(self) -> None:
        """Decide the direction; only now, because a model's metrics may not exist before its first batch."""
        mode = self.mode if self.mode != "auto" else _direction(self.monitor.removeprefix("val_"), self.model)
        if mode is None:
            raise ValueError(
                f"{type(self).__name__} cannot tell whether monitor={self.monitor!r} should grow or shrink: it is "
                "no loss and no metric with a known direction. Give mode='min' or mode='max'."
            )
        self.monitor_op = operator.lt if mode == "min" else operator.gt

    def _is_improvement(self, value: Any, reference: Any) -> bool:
        """Whether `value` is better than `reference` by more than `min_delta`; anything is better than None."""
        if reference is None:
            return True
        if self.monitor_op is None:
            self._set_monitor_op()
        if self.monitor_op is operator.lt:
            return bool(value + self.min_delta < reference)
        return bool(value - self.min_delta > reference)


def _direction(name: str, model: Any) -> str | None:
    """`"min"`, `"max"`, or None if the name says nothing."""
    if name == "loss" or name.endswith("_loss"):
        return "min"
    directions = {m.name: m._direction for m in _metrics(model) if getattr(m, "_direction", None)}
    # the metrics of a model with several outputs are logged under the output's name and their own
    known = [metric for metric in directions if name == metric or name.endswith(f"_{metric}")]
    if known:
        return "max" if directions[max(known, key=len)] == "up" else "min"
    return "max" if _GROWING.intersection(name.split("_")) else None


def _metrics(owner: Any) -> Iterator[Any]:
    for metric in getattr(owner, "metrics", None) or ():
        yield metric
        yield from _metrics(metric)
