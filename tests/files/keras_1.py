"""Files in the layouts of Keras 1, written attribute by attribute, and what their layers compute, in plain loops."""

import itertools
import json
from pathlib import Path
from typing import Any

import h5py
import numpy as np

RNG = np.random.default_rng(11)
_NOTHING = ("W_regularizer", "b_regularizer", "activity_regularizer", "W_constraint", "b_constraint")
_WEIGHTED = {**dict.fromkeys(_NOTHING), "bias": True, "init": "glorot_uniform", "activation": "linear"}


def layer(kind: str, name: str, inputs: Any = None, **settings: Any) -> dict[str, Any]:
    """The configuration of a layer; `inputs` is the shape of the data with its samples, for a first layer."""
    first = {} if inputs is None else {"batch_input_shape": inputs, "input_dtype": "float32"}
    return {"class_name": kind, "config": {"name": name, "trainable": True, **first, **settings}}


def weighted(kind: str, name: str, inputs: Any = None, **settings: Any) -> dict[str, Any]:
    """The configuration of a layer with a kernel and a bias."""
    return layer(kind, name, inputs, **{**_WEIGHTED, **settings})


def arrays(name: str, *shapes: tuple[int, ...], labels: str = "W b") -> dict[str, np.ndarray]:
    """Random weights of a layer, under the names that Keras 1 gave them."""
    made = zip(labels.split(), shapes, strict=False)
    return {f"{name}_{label}": RNG.normal(size=shape).astype("f4") for label, shape in made}


def fill(group: h5py.Group, weights: dict[str, dict[str, np.ndarray]]) -> None:
    """Write the weights of every layer as Keras 1 did."""
    group.attrs["layer_names"] = [name.encode() for name in weights]
    for name, parts in weights.items():
        part = group.create_group(name)
        part.attrs["weight_names"] = [label.encode() for label in parts]
        for label, value in parts.items():
            part.create_dataset(label, data=value)


def model_file(
    path: Path, config: Any, weights: dict[str, dict[str, np.ndarray]], kind: str = "Sequential", backend: str = ""
) -> Path:
    """A file of a whole model; Keras 1 did not say its backend, which a file may be told later."""
    with h5py.File(path, "w") as file:
        file.attrs["keras_version"] = b"1.2.2"
        file.attrs["model_config"] = json.dumps({"class_name": kind, "config": config}).encode()
        if backend:
            file.attrs["backend"] = backend.encode()
        fill(file.create_group("model_weights"), weights)
    return path


def weights_file(path: Path, weights: dict[str, dict[str, np.ndarray]], backend: str = "") -> Path:
    """A file of weights alone, which says nothing of a version."""
    with h5py.File(path, "w") as file:
        if backend:
            file.attrs["backend"] = backend.encode()
        fill(file, weights)
    return path


def convolved(x: np.ndarray, kernel: np.ndarray, bias: np.ndarray, steps: Any, theano: bool = False) -> np.ndarray:
    """A convolution with the channels first, `kernel` being `(filters, channels, *window)`, without padding.

    Theano multiplied the first number of a window by the last one of the kernel.
    """
    window = kernel.shape[2:]
    if theano:
        kernel = np.flip(kernel, tuple(range(2, kernel.ndim)))
    sizes = [(n - k) // s + 1 for n, k, s in zip(x.shape[2:], window, steps, strict=True)]
    y = np.zeros((len(x), len(kernel), *sizes), "f8")
    for place in itertools.product(*map(range, sizes)):
        seen = tuple(slice(p * s, p * s + k) for p, s, k in zip(place, steps, window, strict=True))
        patch = x[(slice(None), slice(None), *seen)].reshape(len(x), -1)
        y[(slice(None), slice(None), *place)] = patch @ kernel.reshape(len(kernel), -1).T + bias
    return y


def deconvolved(x: np.ndarray, kernel: np.ndarray, bias: np.ndarray, steps: Any, theano: bool = False) -> np.ndarray:
    """The transpose: every number of the input writes the kernel, times itself, into the output."""
    window = kernel.shape[2:]
    if theano:
        kernel = np.flip(kernel, tuple(range(2, kernel.ndim)))
    sizes = [(n - 1) * s + k for n, s, k in zip(x.shape[2:], steps, window, strict=True)]
    y = np.zeros((len(x), len(kernel), *sizes), "f8")
    for place in itertools.product(*map(range, x.shape[2:])):
        written = tuple(slice(p * s, p * s + k) for p, s, k in zip(place, steps, window, strict=True))
        values = np.einsum("bc,fc...->bf...", x[(slice(None), slice(None), *place)], kernel)
        y[(slice(None), slice(None), *written)] += values
    return y + bias.reshape(-1, *(1,) * len(window))


def normalized(x: np.ndarray, weights: dict[str, np.ndarray], axis: int, epsilon: float) -> np.ndarray:
    """Batch normalization in inference; what Keras 1 calls `running_std` is a variance."""
    shape = [1] * x.ndim
    shape[axis] = -1
    gamma, beta, mean, variance = (part.reshape(shape) for part in weights.values())
    return (x - mean) / np.sqrt(variance + epsilon) * gamma + beta
