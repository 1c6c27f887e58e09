"""Learning curves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from kerasish.explain.drawing import BLUE, ORANGE, canvas, grid_of, hide_rest
from kerasish.explain.result import Explanation, Table, number

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from kerasish.callbacks.history import History

# A change by this share tells something.
_RISE = 0.05
# A loss that moved by less than this share of itself stood still.
_STILL = 0.01
# A loss that gave back this share of what it had won is unsteady.
_UNSTEADY = 0.25
# A loss that is down to this share of the first is as good as none.
_DONE = 1e-3


@dataclass(repr=False)
class TrainingCurves(Explanation):
    """The metrics of a training run.

    Attributes:
        epochs: the epochs' numbers.
        curves: for each metric, its value in each epoch.
        notes: what the curves say.
        places: the epochs of a metric that has no value in some of them, as of validation now and then.
    """

    epochs: list[int]
    curves: dict[str, list[float]]
    notes: list[str]
    places: dict[str, list[int]] = field(default_factory=dict)

    def blocks(self) -> list[str | Table]:
        rows = [
            (name, number(values[0]), number(min(values)), number(max(values)), number(values[-1]))
            for name, values in self.curves.items()
        ]
        count = len(self.epochs)
        return [Table(("metric", "first", "lowest", "highest", "last"), rows, f"{count} epochs"), *self.notes]

    def _epochs_of(self, name: str) -> list[int]:
        return self.places.get(name, self.epochs)

    def plot(self) -> Figure:
        """A picture for each metric, the validation data's curve beside the training data's."""
        names = [name for name in self.curves if not name.startswith("val_") or name[4:] not in self.curves]
        rows, columns = grid_of(len(names), 3)
        figure, axes = canvas(rows, columns, width=min(3.5, 7.2 / columns))
        for ax, name in zip(axes.flat, names, strict=False):
            few = len(self.epochs) <= 30
            ax.plot(self._epochs_of(name), self.curves[name], color=BLUE, marker="o" if few else "", label="training")
            validation = self.curves.get(f"val_{name}")
            if validation is not None:
                style = {"color": ORANGE, "marker": "s" if few else "", "linestyle": "--"}
                ax.plot(self._epochs_of(f"val_{name}"), validation, **style, label="validation")
                ax.legend(fontsize=9)
            ax.set_title(name, fontsize=11)
            ax.set_xlabel("epoch")
        hide_rest(axes.flat[len(names) :])
        return figure


def training(history: History | Mapping[str, Sequence[float]]) -> TrainingCurves:
    """The curves of a training run, and what they say.

    Args:
        history: what `fit` returned, or a dict with a list of values for each metric.

    Raises:
        TypeError: if it is neither.
        ValueError: if it holds no epoch.

    Example:
        >>> import kerasish as keras
        >>> curves = keras.explain.training({"loss": [1.0, 0.5, 0.4], "val_loss": [1.0, 0.6, 0.9]})
        >>> print(curves.notes[0])
        val_loss was lowest (0.6) after epoch 2 and is 0.9 now: overfitting. Try EarlyStopping, Dropout, or more data.
    """
    curves = getattr(history, "history", history)
    if not isinstance(curves, Mapping):
        raise TypeError(f"training needs what `fit` returned, or its dict of curves; received {type(history).__name__}")
    plain = {name: _numbers(name, values) for name, values in curves.items()}
    count = max(map(len, plain.values()), default=0)
    if not count:
        raise ValueError("training needs at least one epoch; there is none in this history")
    epochs = [epoch + 1 for epoch in getattr(history, "epoch", range(count))]
    places = {name: _places(name, values, epochs) for name, values in plain.items() if len(values) < count}
    return TrainingCurves(epochs, plain, _notes(epochs, plain, places), places)


def _numbers(name: str, values: Any) -> list[float]:
    try:
        return [float(value) for value in values]
    except (TypeError, ValueError):
        raise ValueError(f"training needs a list of numbers for each metric; {name!r} is {values!r:.80}") from None


def _places(name: str, values: list[float], epochs: list[int]) -> list[int]:
    """The epochs of a metric that was measured after every second one, or third."""
    step = len(epochs) // max(len(values), 1)
    found = epochs[step - 1 :: step]
    if len(found) != len(values):
        raise ValueError(
            f"training needs one value of each metric for each epoch, or for every second, third ...; {name!r} has "
            f"{len(values)} for {len(epochs)} epochs"
        )
    return found


def _notes(epochs: list[int], curves: dict[str, list[float]], places: dict[str, list[int]]) -> list[str]:
    loss, validation = curves.get("loss"), curves.get("val_loss")
    if loss is None:
        return []
    for name, values in curves.items():
        if name in ("loss", "val_loss") and not np.isfinite(values).all():
            where = places.get(name, epochs)[int(np.argmin(np.isfinite(values)))]
            said = "the loss" if name == "loss" else name
            return [
                f"{said} is not a number from epoch {where} on. Try a smaller learning rate, or look for nan in x, y."
            ]
    if len(loss) == 1:
        return ["one epoch is no course yet: nothing can be said before there are more."]
    if validation is not None:
        lowest = min(validation)
        best = places.get("val_loss", epochs)[validation.index(lowest)]
        if validation[-1] > lowest + _RISE * abs(lowest) and loss[-1] < loss[epochs.index(best)]:
            return [
                f"val_loss was lowest ({number(lowest)}) after epoch {best} and is "
                f"{number(validation[-1])} now: overfitting. Try EarlyStopping, Dropout, or more data."
            ]
    return _course(epochs, loss)


def _course(epochs: list[int], loss: list[float]) -> list[str]:
    """Where the loss of several epochs went."""
    first, last, lowest = loss[0], loss[-1], min(loss)
    reach = max(loss) - lowest
    if first and reach <= _STILL * abs(first):
        return [
            f"the loss has hardly moved, from {number(first)} to {number(last)}: a new network has learnt nothing yet. "
            "Try a larger learning rate, or inputs scaled to about -1 to 1; explain.gradient_flow shows what arrives."
        ]
    if last > first:
        return ["the loss went up. Try a smaller learning rate."]
    if last - lowest > _UNSTEADY * (first - lowest):
        best = epochs[loss.index(lowest)]
        return [
            f"the loss was lowest ({number(lowest)}) after epoch {best} and rose again. Try a smaller learning rate."
        ]
    tail = loss[-max(2, len(loss) // 10) :]
    fall = tail[0] - tail[-1]
    is_far_from_done = last > _DONE * abs(first)
    if fall > _RISE * abs(first - last) or (fall > _RISE * abs(tail[0]) and is_far_from_done):
        return ["the loss is still going down: more epochs would lower it further."]
    return []
