"""Layers one after the other, as one layer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kerasish.layers.base.layer import Layer
from kerasish.layers.serialization import deserialize, serialize


class Pipeline(Layer):
    """Layers applied one after the other, to a picture, a batch, or a dict of pictures and what belongs to them.

    Args:
        layers: the layers, in order.
        name: of the layer.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> steps = keras.layers.Pipeline([keras.layers.Resizing(4, 4), keras.layers.RandomFlip(seed=1)])
        >>> steps(np.zeros((2, 8, 8, 3))).shape
        (2, 4, 4, 3)
    """

    def __init__(self, layers: Sequence[Layer], name: str | None = None) -> None:
        super().__init__(name=name)
        self._steps = list(layers)
        self.built = True

    @property
    def layers(self) -> list[Layer]:
        """The layers, in order."""
        return list(self._steps)

    def call(self, inputs: Any, training: bool = True, mask: Any = None) -> Any:
        """The inputs after the last layer."""
        for layer in self._steps:
            settings: dict[str, Any] = {}
            if layer._signature.has_training:
                settings["training"] = training
            if layer._signature.has_mask and mask is not None:
                settings["mask"] = mask
            inputs = layer(inputs, **settings)
        return inputs

    def get_config(self) -> dict[str, Any]:
        return {"layers": [serialize(layer) for layer in self._steps], "name": self.name}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Pipeline:
        """A layer from the result of `get_config`."""
        return cls(**{**config, "layers": [deserialize(layer) for layer in config["layers"]]})
