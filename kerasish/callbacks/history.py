"""The record of a training run."""

from __future__ import annotations

from numbers import Real
from typing import Any, ClassVar

from kerasish.callbacks.callback import Callback
from kerasish.callbacks.logs import Logs
from kerasish.utils import markup

_SHOWN = 10  # rows at most


class History(Callback):
    """The metrics of every epoch; `fit` makes one and returns it.

    Attributes:
        history: a list of values for each metric, one per epoch.
        epoch: the epochs' numbers.

    Example:
        >>> import kerasish as keras
        >>> import numpy as np
        >>> model = keras.Sequential([keras.layers.Dense(1)])
        >>> model.compile("sgd", "mse")
        >>> history = model.fit(np.ones((4, 2)), np.ones((4, 1)), epochs=3, verbose=0)
        >>> len(history.history["loss"]), history.epoch
        (3, [0, 1, 2])
    """

    _begins_without_weights: ClassVar[bool] = True

    def __init__(self) -> None:
        super().__init__()
        self.history: dict[str, list[Any]] = {}
        self.epoch: list[int] = []

    def __repr__(self) -> str:
        last = [f"{name} {_cell(values[-1])}" for name, values in self.history.items() if values]
        count = len(self.epoch)
        return f"<History of {count} epoch{'' if count == 1 else 's'}{': ' if last else ''}{', '.join(last)}>"

    def _repr_html_(self) -> str:
        """The metrics of the first and the last epochs, as a notebook shows what `fit` has returned."""
        shown = range(len(self.epoch))
        rows = [
            [str(self.epoch[i] + 1), *(_cell(values[i]) if i < len(values) else "" for values in self.history.values())]
            for i in (shown if len(shown) <= _SHOWN else [*shown[: _SHOWN // 2], *shown[-_SHOWN // 2 :]])
        ]
        if len(shown) > _SHOWN:
            rows.insert(_SHOWN // 2, ["…"] * (1 + len(self.history)))
        return markup.table(["epoch", *self.history], rows)

    def on_train_begin(self, logs: Logs | None = None) -> None:
        self.epoch = []

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        self.epoch.append(epoch)
        for name, value in (logs or {}).items():
            self.history.setdefault(name, []).append(value)
        if self.model.__dict__.get("history") is not self:  # setting it makes the model look through its parts anew
            self.model.history = self


def _cell(value: Any) -> str:
    return f"{float(value):.4g}" if isinstance(value, Real) else str(value)
