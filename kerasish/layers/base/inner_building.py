"""Building a layer that another one holds."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

from kerasish.backend.names import name_scope
from kerasish.layers.base.call_context import context


def build_within(owner: Any, layer: Any, shape: Any) -> None:
    """Make the weights of a layer that `owner` holds, while it is built itself; their paths name both.

    Args:
        owner: the layer around.
        layer: the one within.
        shape: of its inputs.
    """
    around = nullcontext() if context.building else name_scope(owner.name)
    outer, context.building = context.building, True
    try:
        with around, name_scope(layer.name):
            layer.build(shape)
    finally:
        context.building = outer
