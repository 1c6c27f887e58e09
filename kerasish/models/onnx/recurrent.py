"""Recurrent layers as ONNX's LSTM, GRU and RNN, which take the steps first and order the gates in their own way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from kerasish.backend.nest import listed
from kerasish.models.onnx.writer import Arrange, Value, Writer, refuse
from kerasish.saving.names import is_own

# Of an activation of this name: ONNX's name, and what its alpha and beta are where it has them.
_ACTIVATIONS: dict[str, tuple[str, list[float], list[float]]] = {
    "elu": ("Elu", [1.0], []),
    "hard_sigmoid": ("HardSigmoid", [1 / 6], [0.5]),
    "linear": ("Affine", [1.0], [0.0]),
    "relu": ("Relu", [], []),
    "sigmoid": ("Sigmoid", [], []),
    "softplus": ("Softplus", [], []),
    "softsign": ("Softsign", [], []),
    "tanh": ("Tanh", [], []),
}


def _in_rows(*order: int) -> Arrange:
    """A kernel's blocks of columns in another order, as rows, with an axis for the direction."""

    def arrange(kernel: np.ndarray) -> np.ndarray:
        blocks = np.split(kernel, len(order), axis=-1)
        return np.concatenate([blocks[i] for i in order], axis=-1).T[None]

    return arrange


# The operator of a cell, how its kernels are arranged, and how often it asks for each kind of activation.
_CELLS: dict[str, tuple[str, Arrange, tuple[str, ...]]] = {
    "GRUCell": ("GRU", _in_rows(0, 1, 2), ("recurrent_activation", "activation")),
    "LSTMCell": ("LSTM", _in_rows(0, 3, 1, 2), ("recurrent_activation", "activation", "activation")),
    "SimpleRNNCell": ("RNN", _in_rows(0), ("activation",)),
}


def _activations(layer: Any, cell: Any, kinds: tuple[str, ...]) -> dict[str, Any]:
    names: list[str] = []
    alphas: list[float] = []
    betas: list[float] = []
    for kind in kinds:
        function = getattr(cell, kind)
        entry = _ACTIVATIONS.get(getattr(function, "__name__", ""))
        if entry is None or not is_own(function, "keras.activations"):
            refuse(layer, f"its {kind} is {function!r}; ONNX has {', '.join(_ACTIVATIONS)}")
        names.append(entry[0])
        alphas += entry[1]
        betas += entry[2]
    settings = {"activations": names, "activation_alpha": alphas, "activation_beta": betas}
    return {key: value for key, value in settings.items() if value}


def _bias(w: Writer, cell: Any, arrange: Arrange) -> str:
    """Both biases after each other: the inputs', and the recurrent kernel's own."""
    if cell.bias is None:
        return ""
    rows = np.atleast_2d(cell.bias.numpy())
    both = [rows[0], rows[1] if len(rows) == 2 else np.zeros_like(rows[0])]
    return w.constant(np.concatenate([arrange(row[None])[0, :, 0] for row in both])[None])


def _cell(w: Writer, layer: Any, cell: Any, x: str, states: list[str]) -> tuple[str, list[str]]:
    """All outputs, the steps first, and the last states, from inputs with the steps first."""
    known = _CELLS.get(type(cell).__name__)
    if known is None or not is_own(type(cell), "keras.layers"):
        refuse(layer, f"its cell is a {type(cell).__name__}; those that are written are {', '.join(_CELLS)}")
    kind, arrange, kinds = known
    settings = {"hidden_size": cell.units, **_activations(layer, cell, kinds)}
    if kind == "GRU":
        settings["linear_before_reset"] = int(cell.reset_after)
    weights = [w.weight(cell.kernel, arrange), w.weight(cell.recurrent_kernel, arrange), _bias(w, cell, arrange)]
    first = [w.node("Unsqueeze", state, w.integers([0])) for state in states]
    count = 3 if kind == "LSTM" else 2
    y, *last = w.several(kind, count, x, *weights, "", *first, **settings)
    return w.node("Squeeze", y, w.integers([1])), [w.node("Squeeze", state, w.integers([0])) for state in last]


def _flipped(w: Writer, x: str, axis: int) -> str:
    return w.node("Slice", x, w.integers([-1]), w.integers([-(2**31)]), w.integers([axis]), w.integers([-1]))


def _recurrence(w: Writer, layer: Any, x: str, states: list[str]) -> list[str]:
    """The output, and with `return_state` the last states, of a layer with one cell or several."""
    if layer.stateful:
        refuse(layer, "stateful=True keeps states from batch to batch, which a graph does not")
    x = w.transpose(x, [1, 0, 2])
    if layer.go_backwards:
        x = _flipped(w, x, 0)
    made: list[str] = []
    for cell in getattr(layer.cell, "cells", [layer.cell]):
        count = len(listed(cell.state_size))
        x, last = _cell(w, layer, cell, x, states[:count])
        states = states[count:]
        made += last
        final = last[0]
    output = w.transpose(x, [1, 0, 2]) if layer.return_sequences else final
    return [output, *made] if layer.return_state else [output]


def _layer(w: Writer, layer: Any, inputs: list[Value]) -> list[str]:
    return _recurrence(w, layer, inputs[0].name, [state.name for state in inputs[1:]])


def _bidirectional(w: Writer, layer: Any, inputs: list[Value]) -> list[str]:
    states = [state.name for state in inputs[1:]]
    x, half = inputs[0].name, len(layer.forward_layer.state_size) if states else 0
    y, *forward_states = _recurrence(w, layer.forward_layer, x, states[:half])
    other, *backward_states = _recurrence(w, layer.backward_layer, x, states[half:])
    if layer.return_sequences:
        other = _flipped(w, other, 1)
    outputs = [y, other] if layer.merge_mode is None else [_MERGE[layer.merge_mode](w, y, other)]
    return [*outputs, *forward_states, *backward_states]


_MERGE: dict[str, Callable[[Writer, str, str], str]] = {
    "concat": lambda w, a, b: w.node("Concat", a, b, axis=-1),
    "sum": lambda w, a, b: w.node("Add", a, b),
    "ave": lambda w, a, b: w.node("Mul", w.node("Add", a, b), w.constant(0.5)),
    "mul": lambda w, a, b: w.node("Mul", a, b),
}

RULES: dict[str, Callable[[Writer, Any, list[Value]], list[str]]] = {
    "Bidirectional": _bidirectional,
    **dict.fromkeys(("GRU", "LSTM", "RNN", "SimpleRNN"), _layer),
}
