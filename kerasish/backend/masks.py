"""Masks: which steps of a sequence count, kept beside the array whose steps they are for as long as it lives.

An array has no room for an attribute, so the masks stand in a table under the array's identity. An entry goes when its
array goes, and while the table is empty nobody has to look into it.
"""

from __future__ import annotations

import weakref
from typing import Any

import numpy as np

from kerasish.backend.symbolic import KerasTensor
from kerasish.backend.tensor import Tensor

# For the identity of an array: a reference that removes the entry with the array, and the mask. Empty: no masks at all.
live: dict[int, tuple[Any, Any]] = {}


def get_mask(x: Any) -> Any:
    """The mask of a tensor, of the shape of its leading axes, true where it counts; None if it has none."""
    if isinstance(x, KerasTensor):
        return x.mask
    held = live.get(id(x))
    return None if held is None else held[1]


def set_mask(x: Any, mask: Any) -> None:
    """Give a tensor a mask, or take it away with None. What is no tensor keeps none."""
    if isinstance(x, KerasTensor):
        x.mask = mask
    elif isinstance(x, Tensor):
        _hold(x, mask)
        _hold(x.value, mask)  # what is left of the tensor when it is cut from the tape
    else:
        _hold(x, mask)


def _hold(x: Any, mask: Any) -> None:
    if not isinstance(x, (np.ndarray, Tensor)):
        return
    key = id(x)
    if mask is None:
        live.pop(key, None)
    else:
        live[key] = (weakref.ref(x, lambda _: live.pop(key, None)), mask)
