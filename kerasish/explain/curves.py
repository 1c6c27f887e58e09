"""Learning curves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from kerasish.explain.drawing import BLUE, ORANGE, canvas, grid_of, hide_rest
from kerasish.explain.result import Explanation, Table, number

_RISE = 0.05


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
    if not np.isfinite(loss).all():
        where = epochs[int(np.argmin(np.isfinite(loss)))]
        return [f"the loss is not a number from epoch {where} on. Try a smaller learning rate."]
    if validation is not None and np.isfinite(validation).all():
        best = int(np.argmin(validation))
        if validation[-1] > (1 + _RISE) * validation[best] and loss[-1] < loss[best]:
            return [
                f"val_loss was lowest ({number(validation[best])}) after epoch {epochs[best]} and is "
                f"{number(validation[-1])} now: overfitting. Try EarlyStopping, Dropout, or more data."
            ]
    if len(loss) > 1 and loss[-1] > loss[0]:
        return ["the loss went up. Try a smaller learning rate."]
    tail = loss[-max(2, len(loss) // 10) :]
    if len(loss) > 1 and tail[0] - tail[-1] > 0.05 * abs(loss[0] - loss[-1]):
        return ["the loss is still going down: more epochs would lower it further."]
    return []
