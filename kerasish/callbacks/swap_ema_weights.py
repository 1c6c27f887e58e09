"""Evaluation with averaged weights."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kerasish.backend.variable import Variable
from kerasish.callbacks.callback import Callback
from kerasish.callbacks.logs import Logs


class SwapEMAWeights(Callback):
    """Exchange the weights and their moving average for the time of an evaluation or prediction.

    The optimizer keeps the exponential moving average if it was made with `use_ema=True`.

    Args:
        swap_on_epoch: whether the average is in the model also at the end of each epoch, for the callbacks that
            follow, such as `ModelCheckpoint`; the training goes on with the weights themselves.

    Raises:
        ValueError: when swapping, if the optimizer keeps no average.

    Source:
        Polyak and Juditsky, "Acceleration of Stochastic Approximation by Averaging" (1992),
        https://doi.org/10.1137/0330046

    Example:
        >>> import kerasish as keras
        >>> import numpy as np
        >>> model = keras.Sequential([keras.layers.Dense(1)])
        >>> model.compile(keras.optimizers.SGD(use_ema=True), "mse")
        >>> x, y = np.ones((4, 2)), np.ones((4, 1))
        >>> swap = keras.callbacks.SwapEMAWeights()
        >>> history = model.fit(x, y, validation_data=(x, y), verbose=0, callbacks=[swap])
    """

    def __init__(self, swap_on_epoch: bool = False) -> None:
        super().__init__()
        self.swap_on_epoch = swap_on_epoch
        self._ema_weights_in_model = False

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        if self.swap_on_epoch:
            self._bring_back()

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        if not self.swap_on_epoch:
            return
        self._bring_average()
        is_last = epoch == (self.params or {}).get("epochs", 0) - 1 or getattr(self.model, "stop_training", False)
        if is_last:
            # at the end of `fit` the optimizer writes its average into the model, so it must be the average by then
            for variable, average in self._pairs():
                average.assign(variable)

    def on_test_begin(self, logs: Logs | None = None) -> None:
        self._bring_average()

    def on_test_end(self, logs: Logs | None = None) -> None:
        self._bring_back()

    def on_predict_begin(self, logs: Logs | None = None) -> None:
        self._bring_average()

    def on_predict_end(self, logs: Logs | None = None) -> None:
        self._bring_back()

    def _bring_average(self) -> None:
        if not self._ema_weights_in_model:
            self._swap()
            self._ema_weights_in_model = True

    def _bring_back(self) -> None:
        if self._ema_weights_in_model:
            self._swap()
            self._ema_weights_in_model = False

    def _swap(self) -> None:
        for variable, average in self._pairs():
            weights = variable.numpy()
            variable.assign(average)
            average.assign(weights)

    def _pairs(self) -> Iterator[tuple[Variable, Variable]]:
        optimizer: Any = self.model.optimizer
        optimizer = getattr(optimizer, "inner_optimizer", optimizer)
        parts = getattr(optimizer, "optimizers", [optimizer])
        averages = [(part, part._slots["average"]) for part in parts if "average" in part._slots]
        if not averages:
            raise ValueError(
                "SwapEMAWeights needs an optimizer that keeps a moving average of the weights: one made with "
                f"use_ema=True, after its first step; received {type(optimizer).__name__} with "
                f"use_ema={getattr(optimizer, 'use_ema', False)}"
            )
        for part, average in averages:
            yield from zip(part._trainable_variables, average, strict=True)
