"""Each sample in another shape."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Unpack

from kerasish.backend.sizes import whole
from kerasish.backend.typing import Shape
from kerasish.layers.base.layer_options import LayerOptions
from kerasish.layers.reshaping.rearranging import Rearranging
from kerasish.ops.shape import reshape


class Reshape(Rearranging):
    """The numbers of each sample, in order, in another shape.

    Args:
        target_shape: the sizes of a sample, without the batch; one may be -1, and is found from the others.
        **kwargs: `name`, `dtype`, `trainable` of `Layer`.

    Shapes: inputs `(batch, ...)`, output `(batch, *target_shape)`.

    Raises:
        ValueError: if a size is negative, more than one is -1, or the numbers of a sample do not fit.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.layers.Reshape((-1, 2))(np.ones((3, 8), "float32")).shape
        (3, 4, 2)
    """

    def __init__(self, target_shape: Sequence[int], **kwargs: Unpack[LayerOptions]) -> None:
        super().__init__(**kwargs)
        target = tuple(target_shape)
        if not all(whole(n) and n >= -1 for n in target) or target.count(-1) > 1:
            raise ValueError(
                f"Reshape needs a target_shape of sizes of at least 0, of which one may be -1; received "
                f"target_shape={target_shape!r}"
            )
        self.target_shape = tuple(int(n) for n in target)
        self.built = True

    def call(self, inputs: Any) -> Any:
        """The samples in the target shape."""
        shape = inputs.shape
        return reshape(inputs, (shape[0], *self._resolved(shape[1:])))

    def _resolved(self, sizes: Any) -> tuple[int | None, ...]:
        """The target shape for samples of these sizes; None where it depends on a size that is not known."""
        target = self.target_shape
        known = math.prod(n for n in target if n != -1)
        if None in sizes:
            return tuple(None if n == -1 else n for n in target)
        total = math.prod(sizes)
        if -1 not in target:
            fits = total == known
        else:
            fits = known > 0 and total % known == 0
        if not fits:
            raise ValueError(
                f"the layer {self.name!r} cannot give samples of shape {tuple(sizes)}, {total} numbers each, the "
                f"target_shape {target}: the numbers of sizes do not agree"
            )
        return tuple(total // known if n == -1 else n for n in target)

    def compute_output_shape(self, input_shape: Shape) -> tuple[int | None, ...]:
        """The number of samples and the target shape."""
        batch, *sizes = input_shape
        return (batch, *self._resolved(sizes))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "target_shape": self.target_shape}
