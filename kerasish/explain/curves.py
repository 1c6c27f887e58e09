"""Learning curves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from kerasish.explain.drawing import BLUE, ORANGE, canvas, grid_of, hide_rest
from kerasish.explain.result import Explanation, Table, number

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
    """

    epochs: list[int]
    curves: dict[str, list[float]]
    notes: list[str]

    def blocks(self) -> list[str | Table]:
        rows = [
            (name, number(values[0]), number(min(values)), number(max(values)), number(values[-1]))
            for name, values in self.curves.items()
        ]
        count = len(self.epochs)
        return [Table(("metric", "first", "lowest", "highest", "last"), rows, f"{count} epochs"), *self.notes]

    def plot(self) -> Any:
        """A picture for each metric, the validation data's curve beside the training data's."""
        names = [name for name in self.curves if not name.startswith("val_") or name[4:] not in self.curves]
        rows, columns = grid_of(len(names), 3)
        figure, axes = canvas(rows, columns, width=min(3.5, 7.2 / columns))
        for ax, name in zip(axes.flat, names, strict=False):
            few = len(self.epochs) <= 30
            ax.plot(self.epochs, self.curves[name], color=BLUE, marker="o" if few else "", label="training")
            validation = self.curves.get(f"val_{name}")
            if validation is not None:
                style = {"color": ORANGE, "marker": "s" if few else "", "linestyle": "--"}
                ax.plot(self.epochs, validation, **style, label="validation")
                ax.legend(fontsize=9)
            ax.set_title(name, fontsize=11)
            ax.set_xlabel("epoch")
        hide_rest(axes.flat[len(names) :])
        return figure


def training(history: Any) -> TrainingCurves:
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
    if not isinstance(curves, dict):
        raise TypeError(f"training needs what `fit` returned, or its dict of curves; received {type(history).__name__}")
    lengths = {len(values) for values in curves.values()}
    if not lengths or 0 in lengths or len(lengths) > 1:
        raise ValueError(f"training needs one value of each metric for each epoch; the curves' lengths are {lengths}")
    epochs = [epoch + 1 for epoch in getattr(history, "epoch", range(lengths.pop()))]
    plain = {name: [float(v) for v in values] for name, values in curves.items()}
    return TrainingCurves(epochs, plain, _notes(epochs, plain))


def _notes(epochs: list[int], curves: dict[str, list[float]]) -> list[str]:
    loss, validation = curves.get("loss"), curves.get("val_loss")
    if loss is None:
        return []
    for name, values in curves.items():
        if name in ("loss", "val_loss") and not np.isfinite(values).all():
            where = epochs[int(np.argmin(np.isfinite(values)))]
            said = "the loss" if name == "loss" else name
            return [
                f"{said} is not a number from epoch {where} on. Try a smaller learning rate, or look for nan in x, y."
            ]
    if len(loss) == 1:
        return ["one epoch is no course yet: nothing can be said before there are more."]
    if validation is not None:
        best = int(np.argmin(validation))
        if validation[-1] > validation[best] + _RISE * abs(validation[best]) and loss[-1] < loss[best]:
            return [
                f"val_loss was lowest ({number(validation[best])}) after epoch {epochs[best]} and is "
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
