"""Recurrent layers of Keras 1 and 2: their arguments in today's spelling, their weights in today's order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

Config = dict[str, Any]

# Layers that another one does the work of today, and what they say by being another class.
_CLASSES: dict[str, tuple[str, Config]] = {
    "CuDNNGRU": ("GRU", {"reset_after": True}),
    "CuDNNLSTM": ("LSTM", {}),
}
_RENAMED = {
    "U_constraint": "recurrent_constraint",
    "U_regularizer": "recurrent_regularizer",
    "dropout_U": "recurrent_dropout",
    "dropout_W": "dropout",
    "inner_activation": "recurrent_activation",
    "inner_init": "recurrent_initializer",
}
# How the weights are multiplied, which changes no result.
_DROPPED = ("consume_less", "time_major")
_RECURRENT = ("Bidirectional", "ConvLSTM2D", "GRU", "GRUCell", "LSTM", "LSTMCell", "RNN", "SimpleRNN", "SimpleRNNCell")


def settled(name: str, config: Config) -> tuple[str, Config]:
    """The class and the arguments of a recurrent layer in today's spelling; others stay as they are.

    Raises:
        ValueError: if the layer takes the steps before the samples, as none does today.
    """
    name, told = _CLASSES.get(name, (name, {}))
    if name not in _RECURRENT:
        return name, config
    if config.get("time_major"):
        raise ValueError(
            f"the layer {config.get('name')!r} has time_major=True: it takes the steps before the samples, as no layer "
            "does today"
        )
    arguments = {_RENAMED.get(key, key): value for key, value in config.items() if key not in _DROPPED}
    if "forget_bias_init" in arguments:  # Keras 1
        arguments["unit_forget_bias"] = arguments.pop("forget_bias_init") in ("one", "ones")
    if name in ("GRU", "GRUCell"):
        arguments.setdefault("reset_after", False)  # before Keras 2.1.3 there was nothing else
    return name, {**arguments, **told}


# -- weights -----------------------------------------------------------------------------------------------------------

# Keras 1 kept the kernel, the recurrent kernel and the bias of each gate, the gates in the order i, c, f, o or z, r, h.
_GATES = {"ConvLSTM2D": (0, 2, 1, 3), "LSTM": (0, 2, 1, 3), "GRU": (0, 1, 2)}


def rearranged(layer: Any, stored: list[Any], read: Callable[[Any], np.ndarray]) -> list[np.ndarray] | None:
    """The weights of a layer in today's order and shapes, or None where they are in it already.

    Args:
        layer: a layer with its weights made.
        stored: what a file holds for it, each with a `shape`.
        read: the array of one of them.
    """
    kind = type(layer).__name__
    if kind == "Bidirectional":
        half = len(stored) // 2
        first = rearranged(layer.forward_layer, stored[:half], read)
        second = rearranged(layer.backward_layer, stored[half:], read)
        return None if first is None or second is None else [*first, *second]
    gates = _GATES.get(kind)
    if gates is None:
        return None
    if len(stored) == 3 * len(gates):
        arrays = [read(part) for part in stored]
        return [np.concatenate([arrays[3 * gate + i] for gate in gates], axis=-1) for i in range(3)]
    if len(stored) == 3 and tuple(stored[2].shape) == (2 * stored[1].shape[-1],):
        return _from_cudnn([read(part) for part in stored], len(gates))
    return None


def _from_cudnn(stored: list[np.ndarray], count: int) -> list[np.ndarray]:
    """Kernels that cuDNN had transposed, gate by gate, and a bias for the inputs and one for the state."""
    kernel, recurrent, bias = stored
    features, units = kernel.shape[0], recurrent.shape[0]
    kernels = [gate.reshape(units, features).T for gate in np.split(kernel, count, axis=1)]
    recurrents = [gate.T for gate in np.split(recurrent, count, axis=1)]
    biases = bias.reshape(2, -1)
    return [np.hstack(kernels), np.hstack(recurrents), biases.sum(axis=0) if count == 4 else biases]
