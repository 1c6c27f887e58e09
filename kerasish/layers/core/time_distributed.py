"""A layer applied to each step of a sequence."""

from __future__ import annotations

from typing import Any, Unpack

import numpy as np

from kerasish.layers.base.layer import Layer
from kerasish.layers.base.layer_options import LayerOptions
from kerasish.layers.core.wrapper import Wrapper
from kerasish.ops.joining import split, stack
from kerasish.ops.shape import squeeze


class TimeDistributed(Wrapper):
    """The same layer, with the same weights, on every step of a sequence.

    Args:
        layer: the layer within, which sees `(samples, ...)`, one step at a time.
        **kwargs: `name`, `dtype`, `trainable` of `Layer`.

    Call arguments:
        inputs: sequences, `(samples, steps, ...)`.
        training: handed to the layer within, if it asks for it.
        mask: which steps count, `(samples, steps)`; its part for a step is handed to the layer within, if it asks.

    Shapes: `(samples, steps, ...)` to `(samples, steps, ...)`, with what the layer within makes of the last axes.

    Raises:
        ValueError: if `layer` is no layer, inputs have fewer than 3 axes, or the mask does not go with them.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.layers.TimeDistributed(keras.layers.Dense(5))(np.ones((2, 10, 3), "float32")).shape
        (2, 10, 5)
    """

    def __init__(self, layer: Layer, **kwargs: Unpack[LayerOptions]) -> None:
        super().__init__(layer, **kwargs)
        self.supports_masking = True

    def build(self, input_shape: Any = None) -> None:
        """Build the layer within for the shape of one step."""
        super().build(self._step_shape(input_shape))

    def _step_shape(self, input_shape: Any) -> tuple[int | None, ...]:
        if not isinstance(input_shape, (tuple, list)) or len(input_shape) < 3:
            raise ValueError(
                f"the layer {self.name!r} takes sequences of shape (samples, steps, ...), with 3 axes or more; "
                f"received shape {input_shape}"
            )
        return (input_shape[0], *input_shape[2:])

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        """What the layer within returns for each step."""
        within: Layer = self.layer
        settings: dict[str, Any] = {"training": training} if within._signature.has_training else {}
        masks = None if mask is None else self._masks(inputs, mask)
        outputs = []
        for i, step in enumerate(split(inputs, inputs.shape[1], axis=1)):
            if masks is not None and within.supports_mask_argument:
                settings["mask"] = masks[i]
            outputs.append(within.call(squeeze(step, 1), **settings))
        return stack(outputs, axis=1)

    def _masks(self, inputs: Any, mask: Any) -> Any:
        """The mask of each step."""
        mask = mask if hasattr(mask, "shape") else np.asarray(mask)
        if len(mask.shape) < 2 or tuple(mask.shape[:2]) != tuple(inputs.shape[:2]):
            raise ValueError(
                f"the mask of the layer {self.name!r} has shape {mask.shape}; for inputs of shape "
                f"{tuple(inputs.shape)} it begins with {tuple(inputs.shape[:2])}"
            )
        return np.swapaxes(mask, 0, 1)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The shape that the layer within makes of one step, with the steps in their place."""
        made = self.layer.compute_output_shape(self._step_shape(input_shape))
        return (made[0], input_shape[1], *made[1:])
