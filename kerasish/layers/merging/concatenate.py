"""Several inputs side by side."""

from __future__ import annotations

from typing import Any, Unpack

import numpy as np

from kerasish.backend.operators import not_equal
from kerasish.layers.base.layer_options import LayerOptions
from kerasish.layers.merging.merge import Merge
from kerasish.ops.joining import concatenate as join


class Concatenate(Merge):
    """The inputs joined along an axis.

    Args:
        axis: the axis, counted with the batch.
        **kwargs: `name`, `dtype`, `trainable` of `Layer`.

    Shapes: a list of inputs whose sizes agree but for those along the axis, which are added in the output.

    Raises:
        ValueError: if the inputs are not a list, their other sizes differ, or the axis does not exist.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.layers.Concatenate()([np.ones((2, 3), "float32"), np.ones((2, 4), "float32")]).shape
        (2, 7)
    """

    def __init__(self, axis: int = -1, **kwargs: Unpack[LayerOptions]) -> None:
        super().__init__(**kwargs)
        self.axis = axis

    def _merge(self, inputs: Any) -> Any:
        return join(inputs, self.axis)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The common sizes, and the sum of those along the axis."""
        shapes = self._checked(input_shape)
        rank = len(shapes[0])
        if not -rank <= self.axis < rank:
            raise ValueError(
                f"the layer {self.name!r} joins along axis {self.axis}, which inputs of shape {shapes[0]} do not have"
            )
        axis = self.axis % rank
        joined: list[int | None] = []
        for i in range(rank):
            sizes = [shape[i] if len(shape) == rank else -1 for shape in shapes]
            known = {n for n in sizes if n is not None}
            if i == axis and -1 not in known:
                joined.append(None if None in sizes else sum(n for n in sizes if n is not None))
            elif len(known) > 1:
                raise ValueError(
                    f"the layer {self.name!r} joins inputs whose sizes agree but for axis {self.axis}; received shapes "
                    f"{shapes}"
                )
            else:
                joined.append(known.pop() if known else None)
        return tuple(joined)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """The masks joined like the inputs; where an input has none, all of it counts."""
        if mask is None:
            return None
        if not isinstance(mask, (tuple, list)) or not isinstance(inputs, (tuple, list)) or len(mask) != len(inputs):
            raise ValueError(f"the layer {self.name!r} needs a list of as many masks as inputs; received mask={mask!r}")
        if all(m is None for m in mask):
            return None
        parts = []
        for x, m in zip(inputs, mask, strict=True):
            shape = tuple(x.shape)
            found = np.ones(shape, bool) if m is None else not_equal(m if hasattr(m, "shape") else np.asarray(m), 0)
            known = tuple(found.shape)
            parts.append(np.broadcast_to(np.reshape(found, known + (1,) * (len(shape) - len(known))), shape))
        return np.any(np.concatenate(parts, axis=self.axis), axis=-1)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "axis": self.axis}


def concatenate(inputs: Any, axis: int = -1, **kwargs: Unpack[LayerOptions]) -> Any:
    """Several tensors joined along an axis.

    Args:
        inputs: a list of tensors.
        axis: the axis, counted with the batch.
        **kwargs: arguments of the layer `Concatenate`.
    """
    return Concatenate(axis=axis, **kwargs)(inputs)
