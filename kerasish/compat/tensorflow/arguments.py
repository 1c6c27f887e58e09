"""Arguments as TensorFlow's scripts give them, and as operations take them."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish import ops
from kerasish.backend.symbolic import KerasTensor
from kerasish.backend.tensor import Traceable

_SIZES = frozenset({"shape", "multiples", "perm", "axis", "axes", "num", "depth", "repeats"})
_LISTS = frozenset({"values"})


def as_given(name: str, value: Any) -> Any:
    """The value of a parameter: sizes as numbers, and a list of tensors as one tensor, unless a list is wanted."""
    if name in _SIZES:
        return sizes(value)
    if isinstance(value, (list, tuple)) and name not in _LISTS:
        return packed(value)
    return value


def sizes(value: Any) -> Any:
    """A size, or several, that may have been computed: plain numbers, and -1 for what is unknown."""
    if isinstance(value, (list, tuple)):
        return tuple(-1 if part is None else sizes(part) for part in value)
    if isinstance(value, (np.ndarray, np.generic)) or (
        isinstance(value, Traceable) and not isinstance(value, KerasTensor)
    ):
        plain = np.asarray(value)
        return tuple(plain.tolist()) if plain.ndim == 1 and plain.size != 1 else _number(plain)
    return value


def _number(plain: np.ndarray) -> Any:
    if plain.ndim == 1:
        return (int(plain[0]),)
    is_whole = plain.dtype.kind in "iu" or (plain.dtype.kind == "f" and not plain.ndim and plain == np.floor(plain))
    return int(plain) if is_whole else plain  # scripts compute sizes with tf.math.ceil, too


def packed(value: Any) -> Any:
    """A list with tensors in it as the tensor that they make together; a list of numbers as it is."""
    if not isinstance(value, (list, tuple)):
        return value
    parts = [packed(part) for part in value]
    return ops.stack(parts) if any(isinstance(part, (Traceable, np.ndarray)) for part in parts) else value


def single(value: Any) -> Any:
    """What a tensor of one text holds; anything else as it is."""
    return value.item() if isinstance(value, np.ndarray) else value
