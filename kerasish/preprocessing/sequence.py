"""Sequences of different lengths."""

from typing import TYPE_CHECKING

from kerasish._lazy import absent
from kerasish.utils.sequence_utils import pad_sequences

__all__ = ["pad_sequences"]

if not TYPE_CHECKING:  # to a type checker, a module with `__getattr__` has every name
    __getattr__ = absent(__name__, __all__)
