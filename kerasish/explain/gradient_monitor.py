"""Gradients watched while a model learns."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from kerasish.callbacks.callback import Callback
from kerasish.callbacks.logs import Logs
from kerasish.explain.layer_flow import ADVICE, LayerFlow, measure_flow, overall

if TYPE_CHECKING:
    from kerasish.backend.typing import Data

_SUBJECT = {"exploding": "exploding gradients", "vanishing": "vanishing gradients", "dead": "dead units"}


class GradientMonitor(Callback):
    """Measures the gradient of every layer after each epoch, and warns once if it vanishes or explodes.

    Two sources, as you like: with `data`, one forward and backward pass over it tells the size of activations and
    gradients, and dead and saturated units; without, the gradients of the epoch's last batch are read where the
    optimizer left them, which costs next to nothing.

    Args:
        data: `(x, y)` or `(x, y, sample_weight)` to measure with; a batch of a few dozen samples is enough.
        frequency: measure after every so many epochs.
        warn: whether exploding and vanishing gradients and dead units are warned of, once each.

    Attributes:
        epochs: the numbers of the epochs after which was measured.
        flows: for each of them, a list of `LayerFlow`; empty lists without `data`.
        norms: for each trainable weight (by path), the norm of its gradient after each of those epochs.

    Raises:
        ValueError: if `data` has another number of parts, or `frequency` is less than 1.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> x, y = keras.datasets.xor.load_data()
        >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(4, "tanh"), keras.layers.Dense(1)])
        >>> model.compile("sgd", "mse")
        >>> monitor = keras.callbacks.GradientMonitor(data=(x, y))
        >>> _ = model.fit(x, y, epochs=3, verbose=0, callbacks=[monitor])
        >>> monitor.epochs, [flow.verdict for flow in monitor.flows[-1]]
        ([0, 1, 2], ['healthy', 'healthy'])
    """

    def __init__(self, data: Sequence[Data | None] | None = None, frequency: int = 1, warn: bool = True) -> None:
        super().__init__()
        if data is not None and (not isinstance(data, (tuple, list)) or len(data) not in (2, 3)):
            raise ValueError(f"data is (x, y) or (x, y, sample_weight); received {type(data).__name__}")
        if frequency < 1:
            raise ValueError(f"frequency counts epochs, from 1; received {frequency}")
        self.data = data
        self.frequency = frequency
        self.warn = warn
        self.epochs: list[int] = []
        self.flows: list[list[LayerFlow]] = []
        self.norms: dict[str, list[float]] = {}
        self._told: set[str] = set()

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        if (epoch + 1) % self.frequency:
            return
        self.epochs.append(epoch)
        self._note_norms()
        flows = [] if self.data is None else measure_flow(self.model, *self.data)
        self.flows.append(flows)
        if self.warn:
            self._tell(epoch, overall(flows) if flows else self._verdict_of_norms())

    def _note_norms(self) -> None:
        gradient_of = getattr(self.model.optimizer, "gradient_of", {})
        for variable in self.model.trainable_variables:
            gradient = gradient_of.get(id(variable))
            norm = float("nan") if gradient is None else float(np.linalg.norm(gradient.astype("float64")))
            self.norms.setdefault(variable.path, []).append(norm)

    def _verdict_of_norms(self) -> str:
        latest = [norms[-1] for norms in self.norms.values()]
        return "healthy" if np.isfinite(latest).all() else "exploding"

    def _tell(self, epoch: int, verdict: str) -> None:
        if verdict in ("healthy", "saturated") or verdict in self._told:
            return
        self._told.add(verdict)
        names = ", ".join(flow.name for flow in self.flows[-1] if flow.verdict == verdict)
        where = f" in {names}" if names else ""
        warnings.warn(f"epoch {epoch}: {_SUBJECT[verdict]}{where}. {ADVICE[verdict]}", stacklevel=2)
