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
    """Raise ValueError for strings and objects that a layer of the library cannot compute with.

    Raises:
        ValueError: with how they become numbers.
    """
    values = np.asarray(x.value if isinstance(x, Tensor) else x)
    if not values.size or not is_of_the_library(type(layer).call):
        return
    first = values.flat[0]
    received = f"the layer {layer.name!r} ({type(layer).__name__}) computes with numbers; received dtype {x.dtype}"
    if isinstance(first, (str, bytes)):
        raise ValueError(
            f"{received} with strings such as {_plain(first)!r:.40}. {_CONVERT if _is_a_number(first) else _ENCODE}"
        )
    if values.dtype.kind == "O":
        odd = next((item for item in values.flat if not is_number_like(item)), None)
        raise ValueError(f"{received}{'' if odd is None else f', among it {odd!r:.40}'}. {_CONVERT}")


_CONVERT = "If every entry is a number, convert with `x.astype('float32')`."
_ENCODE = "Put layers.StringLookup or layers.TextVectorization in front of it, or encode text as numbers first."


def _plain(text: str | bytes) -> str | bytes:
    """A string without the name of NumPy's class, which `repr` would show."""
    return bytes(text) if isinstance(text, bytes) else str(text)


def _is_a_number(text: str | bytes) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


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
