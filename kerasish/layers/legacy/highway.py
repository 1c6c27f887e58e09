"""A dense layer beside a way past it."""

from __future__ import annotations

from typing import Any

from kerasish import activations, constraints, initializers, regularizers
from kerasish.layers.input_spec import InputSpec
from kerasish.layers.layer import Layer
from kerasish.ops.fused import dense
from kerasish.ops.nn import sigmoid


class Highway(Layer):
    """`t * activation(inputs @ kernel + bias) + (1 - t) * inputs` with `t = sigmoid(inputs @ carry + carry_bias)`.

    How much of the input goes past the layer is learned. A layer of Keras 1.

    Args:
        activation: a name or function.
        use_bias: whether biases are added.
        transform_bias: what the bias of the gate starts with.
        kernel_initializer, bias_initializer: the first values of the weights.
        kernel_regularizer, bias_regularizer: penalties on the weights, added to the loss.
        kernel_constraint, bias_constraint: projections of the weights after each update.
        **kwargs: `activity_regularizer`, `name`, `dtype`, `trainable` of `Layer`.

    Shapes: inputs and output `(batch, features)`, kernel and carry `(features, features)`, biases `(features,)`.

    Example:
        >>> import numpy as np
        >>> Highway()(np.ones((2, 4), "float32")).shape
        (2, 4)

    Source: Srivastava et al., 2015, https://arxiv.org/abs/1505.00387
    """

    replayable = True

    def __init__(
        self,
        activation: Any = None,
        use_bias: bool = True,
        transform_bias: float = 1.0,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.activation = activations.get(activation)
        self.use_bias = use_bias
        self.transform_bias = float(transform_bias)
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.bias_regularizer = regularizers.get(bias_regularizer)
        self.kernel_constraint = constraints.get(kernel_constraint)
        self.bias_constraint = constraints.get(bias_constraint)
        self.input_spec = InputSpec(ndim=2)

    def build(self, input_shape: Any) -> None:
        """Make the weights for inputs of this shape."""
        features = input_shape[-1]
        kernel = {"regularizer": self.kernel_regularizer, "constraint": self.kernel_constraint}
        bias = {"regularizer": self.bias_regularizer, "constraint": self.bias_constraint}
        square, start = (features, features), self.kernel_initializer
        self.kernel = self.add_weight(name="kernel", shape=square, initializer=start, **kernel)
        self.carry = self.add_weight(name="carry", shape=square, initializer=start)
        self.bias = self.carry_bias = None
        if self.use_bias:
            gate = initializers.get({"class_name": "Constant", "config": {"value": self.transform_bias}})
            self.bias = self.add_weight(name="bias", shape=(features,), initializer=self.bias_initializer, **bias)
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
        return {
            **super().get_config(),
            "activation": activations.serialize(self.activation),
            "use_bias": self.use_bias,
            "transform_bias": self.transform_bias,
            "kernel_initializer": initializers.serialize(self.kernel_initializer),
            "bias_initializer": initializers.serialize(self.bias_initializer),
            "kernel_regularizer": regularizers.serialize(self.kernel_regularizer),
            "bias_regularizer": regularizers.serialize(self.bias_regularizer),
            "activity_regularizer": regularizers.serialize(self.activity_regularizer),
            "kernel_constraint": constraints.serialize(self.kernel_constraint),
            "bias_constraint": constraints.serialize(self.bias_constraint),
        }
