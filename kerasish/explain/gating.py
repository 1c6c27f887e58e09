"""What the gates of LSTM and GRU let through, step by step."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from kerasish.backend.tape import GradientTape
from kerasish.explain.drawing import RISING, canvas
from kerasish.explain.probe import one_batch, preserved
from kerasish.explain.result import Explanation, Table, percent
from kerasish.explain.unrolling import Unrolled, recurrent_layers, unrolling
from kerasish.layers.recurrent.gru_cell import GRUCell
from kerasish.layers.recurrent.lstm_cell import LSTMCell
from kerasish.trainers.steps.run import untraced

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from kerasish.backend.typing import Data
    from kerasish.models.model import Model

# The gates of each kind of cell, by the place of their part of the kernel.
_GATES: dict[type, dict[str, int]] = {LSTMCell: {"i": 0, "f": 1, "o": 3}, GRUCell: {"z": 0, "r": 1}}
_MEANING = {
    "i": "input gate i: what is written",
    "f": "forget gate f: what is kept",
    "o": "output gate o: what is told",
    "z": "update gate z: what is kept",
    "r": "reset gate r: what of the past is seen",
}


@dataclass(repr=False)
class Gates(Explanation):
    """How far each gate was open at each step of one sample: 0 is shut, 1 is open.

    Attributes:
        model: the model's name.
        gates: for each recurrent layer with gates, by the gate's letter, an array `(steps, units)`: `i`, `f` and `o` of
            an LSTM, `z` and `r` of a GRU. It is nan at the steps that a mask leaves out.
        steps: what stands at each step; numbers by default.
    """

    model: str
    gates: dict[str, dict[str, np.ndarray]]
    steps: list[str]

    def blocks(self) -> list[str | Table]:
        return [
            Table(
                ("step", *gates),
                [(step, *(percent(_mean(values[t])) for values in gates.values())) for t, step in self._labels(gates)],
                f"gates of {name} in {self.model}: how far they are open, mean of the units",
            )
            for name, gates in self.gates.items()
        ]

    def _labels(self, gates: dict[str, np.ndarray]) -> list[tuple[int, str]]:
        count = len(next(iter(gates.values())))
        return list(enumerate(self.steps if len(self.steps) == count else map(str, range(count))))

    def plot(self) -> Figure:
        """A picture for each gate: steps from left to right, units from above to below, bright where it is open."""
        pictures = [(name, gate, values, gates) for name, gates in self.gates.items() for gate, values in gates.items()]
        widest = max(len(values) for _, _, values, _ in pictures)
        figure, axes = canvas(len(pictures), 1, width=min(10.0, max(5.0, 0.45 * widest)), height=1.9)
        for ax, (name, gate, values, gates) in zip(axes.flat, pictures, strict=True):
            image = ax.imshow(values.T, cmap=RISING, vmin=0, vmax=1, aspect="auto", interpolation="nearest")
            labels = [label for _, label in self._labels(gates)]
            places = range(0, len(labels), 1 + len(labels) // 24)
            ax.set_xticks(places, [labels[t] for t in places], rotation=40 if max(map(len, labels)) > 3 else 0)
            ax.set_ylabel("unit")
            ax.set_title(f"{name}, {_MEANING[gate]}", fontsize=10)
        figure.colorbar(image, ax=axes, shrink=0.7, label="0 shut, 1 open")
        return figure


def gates(model: Model, x: Data, steps: Iterable[object] | None = None) -> Gates:
    """How far the gates of every LSTM and GRU of a model are open at each step of one sample.

    Args:
        model: a model with such layers.
        x: the data; the first sample is shown.
        steps: what stands at each step, such as words.

    Returns:
        A `Gates`: print it, look at its `gates`, or `.plot()` it. The model stays as it was.

    Raises:
        ValueError: if no layer has gates, or the data does not fit.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> model = keras.Sequential([keras.Input((5, 2)), keras.layers.LSTM(3, name="memory")])
        >>> found = keras.explain.gates(model, np.zeros((1, 5, 2), "float32")).gates["memory"]
        >>> list(found), found["f"].shape, float(found["f"][0, 0].round(3))  # its bias is 1 at first
        (['i', 'f', 'o'], (5, 3), 0.731)

    Source: Karpathy, Johnson and Fei-Fei, Visualizing and understanding recurrent networks (2015).
    """
    batch = one_batch(model, x)[0]
    layers = [layer for layer in recurrent_layers(model) if _kind(layer) is not None]
    if not layers:
        raise ValueError(f"the model {model.name!r} has no layer with gates, such as LSTM or GRU")
    # Under a tape, so that the layers are called and not the pass that a model remembers.
    with preserved(model), unrolling(layers) as calls, GradientTape() as tape:
        model(batch, training=False)
    tape._release()
    found = {call.name: _of_first_sample(call) for call in calls}
    return Gates(model.name, found, [] if steps is None else [str(step) for step in steps])


def _kind(layer: Any) -> type | None:
    return next((kind for kind in _GATES if type(layer.cell) is kind), None)


def _of_first_sample(call: Unrolled) -> dict[str, np.ndarray]:
    cell = call.layer.cell
    kind = _kind(call.layer)
    assert kind is not None
    inputs = np.stack([np.asarray(untraced(step))[0] for step in call.in_time(call.inputs)])
    h = np.stack([np.asarray(untraced(states[0]))[0] for states in call.in_time(call.before)])
    sums = inputs @ cell.kernel.numpy() + h @ cell.recurrent_kernel.numpy()
    if cell.bias is not None:
        bias = cell.bias.numpy()
        sums = sums + (bias.sum(axis=0) if bias.ndim == 2 else bias)
    found = {}
    for gate, place in _GATES[kind].items():
        opened = cell.recurrent_activation(sums[:, place * cell.units : (place + 1) * cell.units])
        found[gate] = np.array(opened, float)
        if call.mask is not None:
            found[gate][~np.asarray(untraced(call.mask))[0]] = np.nan
    return found


def _mean(values: np.ndarray) -> float | None:
    return None if np.isnan(values).all() else float(values.mean())
