"""The largest of several weighted sums."""

from __future__ import annotations

from typing import Any

from kerasish import constraints, initializers, regularizers
from kerasish.backend.operators import matmul
from kerasish.layers.input_spec import InputSpec
from kerasish.layers.layer import Layer
from kerasish.ops.reduction import max
from kerasish.ops.shape import expand_dims


class MaxoutDense(Layer):
    """`max_k (inputs @ kernel_k + bias_k)`: a dense layer that learns its activation, piece by piece.

    A layer of Keras 1.

    Args:
        units: the size of the output's last axis.
        nb_feature: how many sums each output is the largest of.
        use_bias: whether biases are added.
        kernel_initializer, bias_initializer: the first values of the weights.
        kernel_regularizer, bias_regularizer: penalties on the weights, added to the loss.
        kernel_constraint, bias_constraint: projections of the weights after each update.
        **kwargs: `activity_regularizer`, `name`, `dtype`, `trainable` of `Layer`.

    Shapes: inputs `(batch, features)`, kernel `(nb_feature, features, units)`, bias `(nb_feature, units)`, output
    `(batch, units)`.

    Example:
        >>> import numpy as np
        >>> MaxoutDense(3)(np.ones((2, 4), "float32")).shape
        (2, 3)

    Source: Goodfellow et al., 2013, https://arxiv.org/abs/1302.4389
    """

    replayable = True

    def __init__(
        self,
        units: int,
        nb_feature: int = 4,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.units = int(units)
        self.nb_feature = int(nb_feature)
        self.use_bias = use_bias
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.bias_regularizer = regularizers.get(bias_regularizer)
        self.kernel_constraint = constraints.get(kernel_constraint)
        self.bias_constraint = constraints.get(bias_constraint)
        self.input_spec = InputSpec(ndim=2)

    def build(self, input_shape: Any) -> None:
        """Make the kernels and biases for inputs of this shape."""
        self.kernel = self.add_weight(
            name="kernel",
            shape=(self.nb_feature, input_shape[-1], self.units),
            initializer=self.kernel_initializer,
            regularizer=self.kernel_regularizer,
            constraint=self.kernel_constraint,
        )
        self.bias = None
        if self.use_bias:
            self.bias = self.add_weight(
                name="bias",
                shape=(self.nb_feature, self.units),
                initializer=self.bias_initializer,
                regularizer=self.bias_regularizer,
                constraint=self.bias_constraint,
            )
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
        return {
            **super().get_config(),
            "units": self.units,
            "nb_feature": self.nb_feature,
            "use_bias": self.use_bias,
            "kernel_initializer": initializers.serialize(self.kernel_initializer),
            "bias_initializer": initializers.serialize(self.bias_initializer),
            "kernel_regularizer": regularizers.serialize(self.kernel_regularizer),
            "bias_regularizer": regularizers.serialize(self.bias_regularizer),
            "activity_regularizer": regularizers.serialize(self.activity_regularizer),
            "kernel_constraint": constraints.serialize(self.kernel_constraint),
            "bias_constraint": constraints.serialize(self.bias_constraint),
        }
