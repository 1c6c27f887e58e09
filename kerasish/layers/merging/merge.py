"""What the layers that merge several inputs into one have in common."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, Unpack

import numpy as np

from kerasish.backend.operators import broadcast_shapes, not_equal
from kerasish.layers.base.layer import Layer
from kerasish.layers.base.layer_options import LayerOptions
from kerasish.ops.shape import expand_dims


class Merge(Layer):
    """Combines inputs element by element.

    Inputs of fewer dimensions than others get dimensions of size one after the batch.

    Subclasses define `_pair(x, y)`, two inputs as one, or `_merge(inputs)`.
    """

    only_passes_masks = True
    _pair: Callable[[Any, Any], Any]

    def __init__(self, **kwargs: Unpack[LayerOptions]) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True

    def build(self, input_shape: Any) -> None:
        """Check that the inputs go together."""
        self.compute_output_shape(input_shape)
        self._ranks_differ = len({len(shape) for shape in input_shape}) > 1

    def call(self, inputs: Any) -> Any:
        """The inputs, merged."""
        return self._merge(_aligned(inputs) if self._ranks_differ else inputs)

    def _merge(self, inputs: Any) -> Any:
        return functools.reduce(self._pair, inputs)

    def compute_output_spec(self, inputs: Any) -> Any:
        """The shape and dtype of the inputs, merged."""
        return super().compute_output_spec(inputs)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The shape that the inputs broadcast to.

        Raises:
            ValueError: if they do not, or are not a list.
        """
        shapes = self._checked(input_shape)
        batches = {shape[0] for shape in shapes if shape} - {None}
        if len(batches) > 1:
            raise ValueError(f"the layer {self.name!r} merges inputs of as many samples; received shapes {shapes}")
        try:
            sizes = broadcast_shapes(*(shape[1:] for shape in shapes))
        except ValueError as error:
            raise ValueError(
                f"the layer {self.name!r} merges inputs whose shapes agree, or are 1, after the batch; received shapes "
                f"{shapes}"
            ) from error
        return (batches.pop() if batches else None, *sizes)

    def _checked(self, input_shape: Any) -> list[tuple[int | None, ...]]:
        """The shapes, if they are a list of at least one."""
        if not input_shape or not all(isinstance(shape, (tuple, list)) for shape in input_shape):
            raise ValueError(
                f"the layer {self.name!r} is called on a list of tensors, such as [a, b]; received a single one, or "
                f"none: shape {input_shape}"
            )
        return [tuple(shape) for shape in input_shape]

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """Where any of the inputs counts; None if one of them has no mask.

        Raises:
            ValueError: if the masks are not as many as the inputs.
        """
        if mask is None:
            return None
        if not isinstance(mask, (tuple, list)) or not isinstance(inputs, (tuple, list)) or len(mask) != len(inputs):
            raise ValueError(f"the layer {self.name!r} needs a list of as many masks as inputs; received mask={mask!r}")
        if any(m is None for m in mask):
            return None
        return functools.reduce(
            np.logical_or, [not_equal(m if hasattr(m, "shape") else np.asarray(m), 0) for m in mask]
        )


def _aligned(inputs: Any) -> list[Any]:
    """The inputs with the rank of the largest, by sizes of one after the batch."""
    rank = max(len(x.shape) for x in inputs)
    return [expand_dims(x, tuple(range(1, 1 + rank - len(x.shape)))) if len(x.shape) < rank else x for x in inputs]
