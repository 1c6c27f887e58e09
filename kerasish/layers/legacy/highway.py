"""A dense layer beside a way past it."""

from __future__ import annotations

from typing import Any

from kerasish import activations, initializers
from kerasish.backend.typing import ActivationLike
from kerasish.layers.base.input_spec import InputSpec
from kerasish.layers.legacy.weighted import Weighted
from kerasish.ops.fused import dense
from kerasish.ops.nn import sigmoid


class Highway(Weighted):
    """`t * activation(inputs @ kernel + bias) + (1 - t) * inputs` with `t = sigmoid(inputs @ carry + carry_bias)`.

    How much of the input goes past the layer is learned. A layer of Keras 1.

    Args:
        activation: a name or function.
        transform_bias: what the bias of the gate starts with.
        **kwargs: `use_bias`, and the rules of kernel and bias; see `Weighted`.

    Shapes: inputs and output `(batch, features)`, kernel and carry `(features, features)`, biases `(features,)`.

    Example:
        >>> import numpy as np
        >>> Highway()(np.ones((2, 4), "float32")).shape
        (2, 4)

    Source: Srivastava et al., 2015, https://arxiv.org/abs/1505.00387
    """

    kernel_initializer: Any

    def __init__(self, activation: ActivationLike = None, transform_bias: float = 1.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.activation = activations.get(activation)
        self.transform_bias = float(transform_bias)

    def build(self, input_shape: Any) -> None:
        """Make the weights for inputs of this shape."""
        features = input_shape[-1]
        self.kernel = self._ruled("kernel", (features, features))
        start = self.kernel_initializer
        self.carry = self.add_weight(name="carry", shape=(features, features), initializer=start)
        self.bias = self.carry_bias = None
        if self.use_bias:
            self.bias = self._ruled("bias", (features,))
            gate = initializers.Constant(self.transform_bias)
            self.carry_bias = self.add_weight(name="carry_bias", shape=(features,), initializer=gate)
        self.input_spec = InputSpec(ndim=2, axes={-1: features})

    def call(self, inputs: Any) -> Any:
        """The mixture of what goes through and what goes past."""
        biased = self.bias is not None
        gate = sigmoid(dense(inputs, self.carry, *([self.carry_bias] if biased else [])))
        through = dense(inputs, self.kernel, *([self.bias] if biased else []))
        if self.activation is not None:
            through = self.activation(through)
        return gate * through + (1 - gate) * inputs

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The shape of the input."""
        return tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this layer anew."""
        activation = activations.serialize(self.activation)
        return {**super().get_config(), "activation": activation, "transform_bias": self.transform_bias}
