"""Recurrent layers of Keras 1 and 2: their arguments in today's spelling, their weights in today's order."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish.saving.legacy.origin import Config, Origin, Stored

# Keras 1 kept the kernel, the recurrent kernel and the bias of each gate, the gates in the order i, c, f, o or z, r, h.
_GATES = {"ConvLSTM2D": (0, 2, 1, 3), "LSTM": (0, 2, 1, 3), "GRU": (0, 1, 2)}

RENAMED = {
    "U_constraint": "recurrent_constraint",
    "U_regularizer": "recurrent_regularizer",
    "dropout_U": "recurrent_dropout",
    "dropout_W": "dropout",
    "inner_activation": "recurrent_activation",
    "inner_init": "recurrent_initializer",
}


def settle(name: str, config: Config) -> tuple[str, Config]:
    """The class and the arguments of a recurrent layer.

    Raises:
        ValueError: if the layer takes the steps before the samples, as none does today.
    """
    if config.pop("time_major", False):
        raise ValueError(
            f"the layer {config.get('name')!r} has time_major=True: it takes the steps before the samples, as no layer "
            "does today"
        )
    if "forget_bias_init" in config:  # Keras 1
        config["unit_forget_bias"] = config.pop("forget_bias_init") in ("one", "ones")
    if name == "CuDNNGRU":
        return "GRU", {**config, "reset_after": True}
    if name in ("GRU", "GRUCell"):
        config.setdefault("reset_after", False)  # before Keras 2.1.3 there was nothing else
    return name, config


def pieces(layer: Any, origin: Origin) -> int:
    """How many arrays Keras 1 kept where it had the gates apart."""
    own = len(layer.weights)
    return own * len(_GATES[type(layer).__name__]) if origin.version == 1 else own


def restore(layer: Any, stored: list[Stored], origin: Origin) -> list[np.ndarray]:
    """The weights with all gates in one array, in today's order."""
    gates = _GATES[type(layer).__name__]
    arrays = [part.array for part in stored]
    if len(arrays) == 3 * len(gates):
        return [np.concatenate([arrays[3 * gate + i] for gate in gates], axis=-1) for i in range(3)]
    if len(arrays) == 3 and arrays[2].shape == (2 * arrays[1].shape[-1],):
        return _from_cudnn(arrays, len(gates))
    return arrays


def _from_cudnn(arrays: list[np.ndarray], count: int) -> list[np.ndarray]:
    """Kernels that cuDNN had transposed, gate by gate, and a bias for the inputs and one for the state."""
    kernel, recurrent, bias = arrays
    features, units = kernel.shape[0], recurrent.shape[0]
    kernels = [gate.reshape(units, features).T for gate in np.split(kernel, count, axis=1)]
    recurrents = [gate.T for gate in np.split(recurrent, count, axis=1)]
    biases = bias.reshape(2, -1)
    return [np.hstack(kernels), np.hstack(recurrents), biases.sum(axis=0) if count == 4 else biases]
