"""Convolutions of Keras 1 and 2: sizes that had an argument each, and kernels in the order of Theano."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish.backend.callers import warn
from kerasish.saving.legacy.origin import Config, Origin, Stored

_SIZES = (("nb_row", "nb_col"), ("kernel_dim1", "kernel_dim2", "kernel_dim3"))

# -- configurations ------------------------------------------------------------------------------------------


def sizes(name: str, config: Config) -> tuple[str, Config]:
    """A convolution, whose window's sizes are one argument, and whose kernel's constraints count the axes of today."""
    for names in _SIZES:
        if set(names) <= set(config):
            kernel_size = [config[key] for key in names]
            config = {key: value for key, value in config.items() if key not in names} | {"kernel_size": kernel_size}
            for key, rule in config.items():
                if key.endswith("kernel_constraint") and config.get("data_format") == "channels_first":
                    config[key] = _with_axes_last(rule, len(kernel_size))
    return name, config


def _with_axes_last(constraint: Any, rank: int) -> Any:
    """A constraint along axes of a kernel `(filters, channels, *window)`, for one `(*window, channels, filters)`."""
    if not isinstance(constraint, dict) or "axis" not in constraint:
        return constraint
    places = [rank + 1, rank, *range(rank)]
    axes = constraint["axis"]
    new = [places[axis] for axis in axes] if isinstance(axes, list) else places[axes]
    return {**constraint, "axis": new}


def transposed_sizes(name: str, config: Config) -> tuple[str, Config]:
    """A transposed convolution, whose output has the size that Keras 1 was told."""
    name, config = sizes(name, config)
    shape = config.pop("output_shape", None)
    if shape is None:
        return name, config
    spatial = shape[2:] if config.get("data_format") == "channels_first" else shape[1:-1]
    axes = list(zip(spatial, config["kernel_size"], config.get("strides") or [1, 1], strict=True))
    if any(n is None for n in spatial) or config.get("padding") == "same":
        return name, config
    if any((n - max(k - stride, 0)) % stride for n, k, stride in axes):
        config["output_padding"] = [(n - k) % stride for n, k, stride in axes]
    return name, config


# -- weights -------------------------------------------------------------------------------------------------


def kernel_last(layer: Any, stored: list[Stored], origin: Origin) -> list[np.ndarray]:
    """The kernel `(*window, channels, filters)` and the bias of a convolution."""
    rank = layer.rank
    kernel = stored[0].array
    if rank == 1 and kernel.ndim == 4:  # Keras 1 convolved a sequence as an image of width 1
        is_first = kernel.shape[2:] == (*layer.kernel_size, 1) and kernel.shape[:2] != (*layer.kernel_size, 1)
        kernel = kernel[..., 0].transpose(2, 1, 0) if is_first else kernel[:, 0]
    elif _is_first(layer, kernel, tuple(layer.kernel.shape), origin):
        _warn_of_unknown_backend(origin)
        kernel = kernel.transpose(*range(2, rank + 2), 1, 0)
    return [_flipped(kernel, rank, origin), *(part.array for part in stored[1:])]


def transposed_kernel(layer: Any, stored: list[Stored], origin: Origin) -> list[np.ndarray]:
    """The kernel `(*window, filters, channels)` and the bias of a transposed convolution."""
    rank = layer.rank
    kernel = stored[0].array
    window, (filters, channels) = layer.kernel.shape[:rank], layer.kernel.shape[rank:]
    if _is_first(layer, kernel, (*window, channels, filters), origin):
        _warn_of_unknown_backend(origin)
        kernel = kernel.transpose(*range(2, rank + 2), 0, 1)
    elif origin.version == 1:
        kernel = np.swapaxes(kernel, -1, -2)
    return [_flipped(kernel, rank, origin), *(part.array for part in stored[1:])]


def separable_kernels(layer: Any, stored: list[Stored], origin: Origin) -> list[np.ndarray]:
    """Both kernels and the bias of a separable convolution, which Theano did not flip."""
    kernels = []
    for part, variable in zip(stored, (layer.depthwise_kernel, layer.pointwise_kernel), strict=False):
        is_first = _is_first(layer, part.array, tuple(variable.shape), origin)
        kernels.append(part.array.transpose(2, 3, 1, 0) if is_first else part.array)
    return [*kernels, *(part.array for part in stored[2:])]


def _is_first(layer: Any, kernel: np.ndarray, last: tuple[int, ...], origin: Origin) -> bool:
    """Whether a kernel of Keras 1 is `(filters, channels, *window)`, where `last` is its shape with the window first.

    Keras 1 ordered kernels like images. Where a shape fits both orders, the layer's own order counts.
    """
    if origin.version > 1 or kernel.ndim != len(last):
        return False
    first = (last[-1], last[-2], *last[:-2])
    if kernel.shape == first and kernel.shape != last and layer.data_format == "channels_last":
        warn(
            f"the file has the channels first, and the layer {layer.name!r} last: its kernel is put in order, but a "
            "Dense layer behind a Flatten gets its inputs in another order than it had there. Make the model with "
            'data_format="channels_first" if it has one',
        )
    return kernel.shape == first and (kernel.shape != last or layer.data_format == "channels_first")


def _warn_of_unknown_backend(origin: Origin) -> None:
    if not origin.backend:
        warn(
            "the file has kernels in the order that Theano liked, and does not say whether Theano computed with them; "
            "they are taken as TensorFlow's, which goes through a window from its start. If it was Theano, tell the "
            "file, and load it again: `with h5py.File(path, 'a') as file: file.attrs['backend'] = b'theano'`",
        )


def _flipped(kernel: np.ndarray, rank: int, origin: Origin) -> np.ndarray:
    """A kernel for a correlation: Theano convolved, that is, went through the window from its end."""
    return np.flip(kernel, tuple(range(rank))) if origin.backend == "theano" else kernel
