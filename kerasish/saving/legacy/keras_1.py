"""Layers of Keras 1 whose arguments or weights no table can translate."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from kerasish.saving.legacy.origin import Config, Origin, Stored

_MERGING = {"sum": "Add", "mul": "Multiply", "ave": "Average", "max": "Maximum"}
_OF_MERGE = ("mode_type", "concat_axis", "dot_axes", "layers", "node_indices", "tensor_indices")

# -- configurations ------------------------------------------------------------------------------------------


def attention(name: str, config: Config) -> tuple[str, Config]:
    """Attention that hides the future says so in its call today, and no longer in its configuration."""
    if config.get("causal") is False:
        del config["causal"]
    return name, config


def batch_normalization(name: str, config: Config) -> tuple[str, Config]:
    """A normalization along one axis, in one of the modes that Keras 1 had."""
    if isinstance(config.get("axis"), list):
        config["axis"] = config["axis"][0]
    mode = config.pop("mode", 0)
    return (name, config) if not mode else ("BatchNormalizationByMode", {**config, "mode": mode})


def discretization(name: str, config: Config) -> tuple[str, Config]:
    """A layer without the dtype that tf.keras meant for what comes out alone."""
    if config.get("dtype") in ("int32", "int64"):
        del config["dtype"]
    return name, config


def embedding(name: str, config: Config) -> tuple[str, Config]:
    """A table of vectors, without the dropout of whole words that Keras 1 had."""
    rate = config.pop("dropout", None)
    if rate:
        warnings.warn(
            f"the layer {config.get('name')!r} dropped words in training (dropout={rate}), which an Embedding does no "
            "longer; predictions are as they were. For training on, put a SpatialDropout1D behind it",
            stacklevel=2,
        )
    return name, config


def margins(name: str, config: Config) -> tuple[str, Config]:
    """Two margins for each axis, which Keras 1 also took as one list of four."""
    key = "cropping" if "cropping" in config else "padding"
    value = config.get(key)
    if isinstance(value, dict):
        value = [value[f"{side}_pad"] for side in ("top", "bottom", "left", "right")]
    if isinstance(value, list) and len(value) == 4:
        config[key] = [value[:2], value[2:]]
    return name, config


def merge(name: str, config: Config) -> tuple[str, Config]:
    """The layer that does what a `Merge` did in its mode."""
    mode, axes = config.pop("mode", "sum"), _plain_axes(config.get("dot_axes", -1))
    is_code = config.get("mode_type") in ("lambda", "function")
    axis = config.get("concat_axis", -1)
    settings = {key: value for key, value in config.items() if key not in _OF_MERGE}
    if is_code:
        for key in ("mask", "mask_type"):
            settings[key] = settings.pop(f"output_{key}", None)
        return "Lambda", {**settings, "function": mode, "function_type": config["mode_type"]}
    kept: Config = {key: settings[key] for key in ("name", "trainable", "dtype") if key in settings}
    if mode in _MERGING:
        return _MERGING[mode], kept
    if mode == "concat":
        return "Concatenate", {**kept, "axis": axis}
    if mode == "dot":
        return "Dot", {**kept, "axes": axes}
    if mode == "cos":
        return "CosineMerge", {**kept, "axes": axes}
    raise ValueError(f"the layer {config.get('name')!r} is a Merge with the unknown mode {mode!r:.80}")


def _plain_axes(axes: Any) -> Any:
    """The axes of a product, each of which the first versions put in a list of its own."""
    return [axis[0] if isinstance(axis, list) and axis else axis for axis in axes] if isinstance(axes, list) else axes


def parametric_softplus(name: str, config: Config) -> tuple[str, Config]:
    """A softplus whose weights start with a number each."""
    for key in ("alpha", "beta"):
        start = config.pop(f"{key}_init", None)
        if start is not None:
            config[f"{key}_initializer"] = {"class_name": "Constant", "config": {"value": start}}
    return name, config


# -- weights -------------------------------------------------------------------------------------------------


def highway(layer: Any, stored: list[Stored], origin: Origin) -> list[np.ndarray]:
    """Both kernels before both biases, which the first versions wrote by turns."""
    if len(stored) == 4 and stored[1].array.ndim == 1:
        stored = [stored[0], stored[2], stored[1], stored[3]]
    return [part.array for part in stored]


def spread(layer: Any, stored: list[Stored], origin: Origin) -> list[np.ndarray]:
    """Slopes for every feature: Keras 1 kept those of shared axes as one, and did not say which axes are shared."""
    return [np.broadcast_to(part.array, v.shape) for part, v in zip(stored, layer.weights, strict=True)]
