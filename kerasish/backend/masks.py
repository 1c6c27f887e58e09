"""Masks: which steps of a sequence count. A mask travels with the tensor whose steps they are, as its attribute."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish.backend.array import eager


def get_mask(x: Any) -> Any:
    """The mask of a tensor, of the shape of its leading axes, true where it counts; None if it has none."""
    return getattr(x, "_keras_mask", None)


def with_mask(x: Any, mask: Any) -> Any:
    """The tensor with a mask, or without one for None; an array is replaced by a view, so that the caller's stays."""
    if isinstance(x, np.ndarray):
        if mask is None and get_mask(x) is None:
            return x
        x = eager(x.view(np.ndarray))
    if hasattr(x, "_keras_mask"):
        x._keras_mask = mask
    return x
