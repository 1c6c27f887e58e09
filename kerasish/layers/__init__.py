"""Layers: functions with weights, one a file."""

from kerasish._lazy import attach

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "core.dense": "Dense",
        "core.input_layer": "Input InputLayer",
        "input_spec": "InputSpec",
        "layer": "Layer",
    },
)
