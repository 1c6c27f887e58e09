"""Layers that Keras 3 has no longer, and `keras.layers.experimental`, whose `preprocessing` are layers like others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kerasish import _older_names, ops
from kerasish.layers import Layer
from kerasish.saving import register_keras_serializable


@register_keras_serializable("keras_2")
class ThresholdedReLU(Layer):
    """What is above `theta`, and 0 elsewhere.

    Args:
        theta: the threshold.
    """

    def __init__(self, theta: float = 1.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if theta is None or theta < 0:
            raise ValueError(f"ThresholdedReLU needs a theta of at least 0; received {theta!r}")
        self.theta = float(theta)

    def call(self, inputs: Any) -> Any:
        return ops.threshold(inputs, self.theta, 0.0)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "theta": self.theta}


if not TYPE_CHECKING:

    def __getattr__(name: str) -> Any:
        if _older_names.knows(__name__, name):
            return _older_names.found(__name__, name)
        raise AttributeError(f"keras.layers.experimental has no {name!r}: layers are in keras.layers")
