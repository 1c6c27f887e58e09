"""The largest of several weighted sums."""

from __future__ import annotations

from typing import Any

from kerasish.backend.operators import matmul
from kerasish.layers.base.input_spec import InputSpec
from kerasish.layers.legacy.weighted import Weighted
from kerasish.ops.reduction import max
from kerasish.ops.shape import expand_dims


class MaxoutDense(Weighted):
    """`max_k (inputs @ kernel_k + bias_k)`: a dense layer that learns its activation, piece by piece.

    A layer of Keras 1.

    Args:
        units: the size of the output's last axis.
        nb_feature: how many sums each output is the largest of.
        **kwargs: `use_bias`, and the rules of kernel and bias; see `Weighted`.

    Shapes: inputs `(batch, features)`, kernel `(nb_feature, features, units)`, bias `(nb_feature, units)`, output
    `(batch, units)`.

    Example:
        >>> import numpy as np
        >>> MaxoutDense(3)(np.ones((2, 4), "float32")).shape
        (2, 3)

    Source: Goodfellow et al., 2013, https://arxiv.org/abs/1302.4389
    """

    def __init__(self, units: int, nb_feature: int = 4, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.units = int(units)
        self.nb_feature = int(nb_feature)

    def build(self, input_shape: Any) -> None:
        """Make the kernels and biases for inputs of this shape."""
        self.kernel = self._ruled("kernel", (self.nb_feature, input_shape[-1], self.units))
        self.bias = self._ruled("bias", (self.nb_feature, self.units)) if self.use_bias else None
        self.input_spec = InputSpec(ndim=2, axes={-1: input_shape[-1]})

    def call(self, inputs: Any) -> Any:
        """The largest sums."""
        sums = matmul(expand_dims(inputs, 0), self.kernel)
        if self.bias is not None:
            sums = sums + expand_dims(self.bias, 1)
        return max(sums, axis=0)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The input's shape with `units` as its last size."""
        return (*input_shape[:-1], self.units)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this layer anew."""
        return {**super().get_config(), "units": self.units, "nb_feature": self.nb_feature}
