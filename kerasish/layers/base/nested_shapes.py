"""Shapes, symbolic tensors and plain values in nested structures."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish.backend.sizes import is_shape
from kerasish.backend.symbolic import KerasTensor
from kerasish.backend.tensor import Tensor
from kerasish.backend.variable import Variable
from kerasish.saving.names import is_of_the_library


def is_plain(value: Any) -> bool:
    """Whether a value can stand in JSON as it is."""
    return value is None or isinstance(value, (str, int, float, bool))


def is_number_like(value: Any) -> bool:
    """Whether a value is a number and no array."""
    return isinstance(value, (int, float, np.generic)) and not isinstance(value, str)


def kind_of(x: Any) -> str:
    """The kind of a tensor's dtype: "f", "i", "u" or "b"."""
    return x._value.dtype.kind if isinstance(x, Variable) else x.dtype.kind


def refuse_text(layer: Any, x: Any) -> None:
    """Raise ValueError for strings that a layer of the library cannot compute with.

    Raises:
        ValueError: with how text becomes numbers.
    """
    values = np.asarray(x.value if isinstance(x, Tensor) else x)
    first = values.flat[0] if values.size else None
    if isinstance(first, (str, bytes)) and is_of_the_library(type(layer).call):
        raise ValueError(
            f"the layer {layer.name!r} ({type(layer).__name__}) computes with numbers; received dtype {x.dtype} with "
            f"strings such as {str(first)!r:.40}. Put layers.StringLookup or layers.TextVectorization in front of it, "
            "or encode text as numbers first."
        )


def tuples(shape: Any) -> Any:
    """Shapes as tuples, also within lists and dicts of shapes."""
    if isinstance(shape, dict):
        return {key: tuples(value) for key, value in shape.items()}
    if is_shape(shape):
        return tuple(shape)
    return [tuples(part) for part in shape] if isinstance(shape, (list, tuple)) else shape


def specs(shape: Any, dtype: str) -> Any:
    """Symbolic tensors for a shape or a structure of shapes."""
    shape = tuples(shape)
    if isinstance(shape, dict):
        return {key: specs(value, dtype) for key, value in shape.items()}
    if isinstance(shape, list):
        return [specs(value, dtype) for value in shape]
    return shape if shape is None else KerasTensor(shape, dtype)
