"""Trying out a layer without a trace."""

from __future__ import annotations

from typing import Any


class Preserved:
    """A block after which the state that a layer's `call` may change is as before.

    Args:
        layer: the layer; its untrained variables, random states, metrics and added losses are kept, and those of the
            layers below.
    """

    def __init__(self, layer: Any) -> None:
        self.layer = layer

    def __enter__(self) -> None:
        variables = (*self.layer.non_trainable_variables, *self.layer.metrics_variables)
        self.saved = [(v, v._value.copy()) for v in variables]

    def __exit__(self, *exception: object) -> None:
        for variable, value in self.saved:
            variable._value[...] = value
        for layer in (self.layer, *self.layer._flatten_layers()):
            layer._losses.clear()
