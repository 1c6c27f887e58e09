"""A softplus whose height and steepness are learned."""

from __future__ import annotations

from typing import Any

from kerasish import initializers
from kerasish.backend.typing import InitializerLike
from kerasish.layers.base.layer import Layer
from kerasish.ops.nn import softplus


class ParametricSoftplus(Layer):
    """`alpha * log(1 + exp(beta * x))`, with an alpha and a beta for each feature. A layer of Keras 1.

    Args:
        alpha_initializer, beta_initializer: the first values; 0.2 and 5 by default.
        **kwargs: `name`, `dtype`, `trainable` of `Layer`.

    Shapes: inputs and output `(batch, ...)`; alpha and beta the same without the batch.

    Example:
        >>> import numpy as np
        >>> ParametricSoftplus()(np.array([[0.0]], "float32")).round(3)
        array([[0.139]], dtype=float32)

    Source: McFarland et al., 2013, https://doi.org/10.1371/journal.pcbi.1003143
    """

    def __init__(
        self, alpha_initializer: InitializerLike = None, beta_initializer: InitializerLike = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.alpha_initializer = initializers.get(alpha_initializer or initializers.Constant(0.2))
        self.beta_initializer = initializers.get(beta_initializer or initializers.Constant(5.0))
        self.supports_masking = True

    def build(self, input_shape: Any) -> None:
        """Make the weights for inputs of this shape."""
        shape = tuple(input_shape[1:])
        self.alpha = self.add_weight(name="alpha", shape=shape, initializer=self.alpha_initializer)
        self.beta = self.add_weight(name="beta", shape=shape, initializer=self.beta_initializer)

    def call(self, inputs: Any) -> Any:
        """The softplus of each element, with its feature's alpha and beta."""
        return self.alpha * softplus(self.beta * inputs)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The shape of the input."""
        return tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this layer anew."""
        return {
            **super().get_config(),
            "alpha_initializer": initializers.serialize(self.alpha_initializer),
            "beta_initializer": initializers.serialize(self.beta_initializer),
        }
