"""Initializers by name, as configs, and from arguments."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish.backend import dtypes
from kerasish.backend.tensor import Tensor, Traceable
from kerasish.backend.typing import DTypeLike, InitializerLike
from kerasish.backend.variable import Variable
from kerasish.saving.registry import Registry, classes_of
from kerasish.saving.serialization import serialize_keras_object

NAMES = classes_of("kerasish.initializers") | {
    "normal": "RandomNormal",
    "one": "Ones",
    "uniform": "RandomUniform",
    "zero": "Zeros",
}

_registry = Registry("initializer", "keras.initializers", NAMES)


def serialize(initializer: InitializerLike) -> Any:
    """The config of an initializer."""
    return serialize_keras_object(initializer)


def deserialize(config: Any, custom_objects: dict[str, Any] | None = None) -> Any:
    """The initializer of a config or a name, which may be one of `custom_objects`; ValueError where nothing has it."""
    return _registry.deserialize(config, custom_objects)


def get(identifier: InitializerLike) -> Any:
    """The initializer that an argument means: a name, a config, a class, an instance, a callable, an array or None.

    An array becomes an initializer of its own shape and values.

    Raises:
        ValueError: if it means nothing, with the nearest names.

    Example:
        >>> import kerasish as keras
        >>> type(keras.initializers.get("he_normal")).__name__
        'HeNormal'
    """
    if isinstance(identifier, (np.ndarray, np.generic, Traceable)):
        return _initializer_of(identifier)
    return _registry.get(identifier)


def _initializer_of(array: Any) -> Any:
    """An initializer that returns a copy of `array`, for that shape only."""
    value = array.numpy() if isinstance(array, (Tensor, Variable)) else np.asarray(array)

    def initialize(shape: Any, dtype: DTypeLike = None) -> np.ndarray:
        if tuple(shape) != value.shape:
            raise ValueError(
                f"an array of shape {value.shape} was given as initializer; it cannot fill shape {tuple(shape)}"
            )
        return value.astype(dtypes.numpy_dtype(dtypes.standardize_dtype(dtype)))

    return initialize
