"""Activations that a layer's operation computes along with its weighted sums."""

from __future__ import annotations

from typing import Any

from kerasish import activations
from kerasish.backend.typing import ActivationLike
from kerasish.ops.fused import FUSED_ACTIVATIONS


def split_activation(activation: ActivationLike) -> tuple[str | None, Any]:
    """An activation as the name of a fused one, or as a function to call afterwards."""
    if activation is activations.linear or activation is None:
        return None, None
    for name in FUSED_ACTIVATIONS:
        if activation is getattr(activations, name):
            return name, None
    return None, activation
