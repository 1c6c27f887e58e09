"""Products of two inputs, sample by sample, summed along an axis."""

from __future__ import annotations

import math
from typing import Any, Unpack

from kerasish.backend.operators import matmul
from kerasish.backend.sizes import whole
from kerasish.layers.base.layer_options import LayerOptions
from kerasish.layers.merging.merge import Merge
from kerasish.ops.normalization import normalize
from kerasish.ops.shape import expand_dims, moveaxis, reshape


class Dot(Merge):
    """The dot products of vectors of two inputs, sample by sample.

    For inputs a `(batch, i, n)` and b `(batch, j, n)`, `axes=2` gives the matrix of all products `Σ_n a_in b_jn`.

    Args:
        axes: the axis along which products are summed, counted with the batch; one for both inputs, or two.
        normalize: whether vectors are divided by their length first: the product is the cosine then.
        **kwargs: `name`, `dtype`, `trainable` of `Layer`.

    Shapes: a list of two inputs; the output has the axes of the first without its axis of the sum, then those of the
    second without its batch and its axis of the sum. Two inputs `(batch, n)` give `(batch, 1)`.

    Raises:
        TypeError: if `axes` is neither a whole number nor a tuple or list.
        ValueError: if it does not hold two whole numbers, or the sizes along the axes differ.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> x, y = np.array([[1.0, 2.0]], "float32"), np.array([[3.0, 4.0]], "float32")
        >>> keras.layers.Dot(axes=1)([x, y])
        array([[11.]], dtype=float32)
    """

    def __init__(self, axes: Any, normalize: bool = False, **kwargs: Unpack[LayerOptions]) -> None:
        super().__init__(**kwargs)
        if not whole(axes):
            if not isinstance(axes, (list, tuple)):
                raise TypeError(f"Dot needs as axes a whole number or two; received axes={axes!r}")
            if len(axes) != 2 or not all(whole(axis) for axis in axes):
                raise ValueError(f"Dot needs as axes a whole number or two; received axes={axes!r}")
        self.axes = axes
        self.normalize = normalize

    def _axes_of(self, input_shape: Any) -> tuple[int, int]:
        """The axis of each input, counted from the start."""
        if not input_shape or len(input_shape) != 2 or not all(isinstance(s, (tuple, list)) for s in input_shape):
            raise ValueError(f"the layer {self.name!r} is called on a list of two tensors; received {input_shape}")
        both = (self.axes, self.axes) if whole(self.axes) else self.axes
        for axis, shape in zip(both, input_shape, strict=True):
            if not -len(shape) <= axis < len(shape) or axis % len(shape) == 0:
                raise ValueError(
                    f"the layer {self.name!r} sums along an axis after the batch; received axes={self.axes} and inputs "
                    f"of shapes {input_shape[0]} and {input_shape[1]}"
                )
        return both[0] % len(input_shape[0]), both[1] % len(input_shape[1])

    def build(self, input_shape: Any) -> None:
        """Check that the inputs go together."""
        self.compute_output_shape(input_shape)

    def call(self, inputs: Any) -> Any:
        """The products."""
        a, b = inputs
        first, second = self._axes_of([tuple(a.shape), tuple(b.shape)])
        if self.normalize:
            a, b = normalize(a, axis=first), normalize(b, axis=second)
        a, b = moveaxis(a, first, -1), moveaxis(b, second, -1)
        kept, batch = (*a.shape[1:-1], *b.shape[1:-1]), a.shape[0]
        rows, columns = _as_rows(a), _as_rows(b)
        products = reshape(matmul(rows, moveaxis(columns, 1, 2)), (batch, *kept))
        return products if kept else expand_dims(products, -1)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The sizes of both inputs that are not summed along."""
        first, second = self._axes_of(input_shape)
        a, b = list(input_shape[0]), list(input_shape[1])
        if None not in (a[first], b[second]) and a[first] != b[second]:
            raise ValueError(
                f"the layer {self.name!r} multiplies along axes of one size; received size {a[first]} along axis "
                f"{first} of shape {tuple(a)} and size {b[second]} along axis {second} of shape {tuple(b)}"
            )
        del a[first], b[second], b[0]
        return tuple(a + b) if len(a + b) > 1 else (*a, 1)

    def compute_mask(self, inputs: Any, mask: Any = None) -> None:
        """A product has no mask."""
        return

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "axes": self.axes, "normalize": self.normalize}


def _as_rows(x: Any) -> Any:
    """The vectors of each sample as the rows of a matrix."""
    return reshape(x, (x.shape[0], math.prod(x.shape[1:-1]), x.shape[-1]))


def dot(inputs: Any, axes: Any = -1, **kwargs: Unpack[LayerOptions]) -> Any:
    """The dot products of vectors of two tensors, sample by sample.

    Args:
        inputs: a list of two tensors.
        axes: the axis along which products are summed, one for both or two.
        **kwargs: arguments of the layer `Dot`, such as `normalize`.
    """
    return Dot(axes=axes, **kwargs)(inputs)
