"""Weights whose greatest stretch is 1."""

from __future__ import annotations

from typing import Any, Unpack

import numpy as np

from kerasish.backend.operators import cast_to
from kerasish.initializers.random_initializers import TruncatedNormal
from kerasish.layers.base.input_spec import InputSpec
from kerasish.layers.base.layer import Layer
from kerasish.layers.base.layer_options import LayerOptions
from kerasish.layers.core.wrapper import Wrapper
from kerasish.ops.core import stop_gradient


class SpectralNormalization(Wrapper):
    """A layer whose kernel is divided, in each training step, by its spectral norm.

    The spectral norm is the most that the kernel stretches any vector; it is estimated by power iteration, which
    keeps its vector `u` from step to step:

        v = u Wᵀ / |u Wᵀ|,    u = v W / |v W|,    W ← W / (v W uᵀ)

    A layer that stretches nothing more than once keeps the gradients of a discriminator in bounds.

    Args:
        layer: a layer with a `kernel`, such as `Dense`, or with `embeddings`.
        power_iterations: iterations in a step.
        **kwargs: `name`, `dtype`, `trainable` of `Layer`.

    Shapes: those of the layer within.

    Raises:
        ValueError: if `layer` is no layer or has neither kernel nor embeddings, or `power_iterations` is below 1.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> layer = keras.layers.SpectralNormalization(keras.layers.Dense(3), power_iterations=30)
        >>> y = layer(np.ones((2, 4), "float32"), training=True)
        >>> float(np.linalg.svd(layer.kernel.numpy(), compute_uv=False)[0].round(2))
        1.0

    Source: Miyato et al., 2018, Spectral normalization for generative adversarial networks,
        https://arxiv.org/abs/1802.05957
    """

    def __init__(self, layer: Layer, power_iterations: int = 1, **kwargs: Unpack[LayerOptions]) -> None:
        super().__init__(layer, **kwargs)
        if power_iterations <= 0:
            raise ValueError(f"power_iterations must be at least 1; received {power_iterations}")
        self.power_iterations = power_iterations

    def build(self, input_shape: Any = None) -> None:
        """Build the layer within, and the vector of the power iteration."""
        super().build(input_shape)
        self.input_spec = InputSpec(min_ndim=1, axes={-1: input_shape[-1]})
        found = (getattr(self.layer, name, None) for name in ("kernel", "embeddings"))
        self.kernel: Any = next((weight for weight in found if weight is not None), None)
        if self.kernel is None:
            raise ValueError(f"{type(self.layer).__name__} has neither a kernel nor embeddings to normalize")
        self.kernel_shape = self.kernel.shape
        self.vector_u = self.add_weight(
            shape=(1, self.kernel_shape[-1]),
            initializer=TruncatedNormal(stddev=0.02),
            trainable=False,
            name="vector_u",
            dtype=self.kernel.dtype,
        )

    def call(self, inputs: Any, training: bool = False) -> Any:
        """What the layer within returns, its kernel normalized before in training."""
        if training:
            vector, kernel = self.normalized_weights()
            self.vector_u.assign(vector)
            self.kernel.assign(kernel)
        y = self.layer(inputs)
        floats = np.dtype(inputs.dtype).kind == "f"  # not the whole numbers that an Embedding takes
        return cast_to(y, dtype=str(inputs.dtype)) if floats and y.dtype != inputs.dtype else y

    def normalized_weights(self) -> tuple[Any, Any]:
        """The next vector `u`, and the kernel divided by its spectral norm; both as they are for a kernel of zeros."""
        kernel, u = stop_gradient((self.kernel, self.vector_u))
        matrix = np.reshape(kernel, (-1, self.kernel_shape[-1]))
        for _ in range(self.power_iterations):
            v = _unit(u @ matrix.T)
            u = _unit(v @ matrix)
        norm = np.sum(v @ matrix * u)
        return np.where(norm == 0, self.vector_u, u), kernel / np.where(norm == 0, np.ones_like(norm), norm)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The shape of the output of the layer within."""
        return self.layer.compute_output_shape(input_shape)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "power_iterations": self.power_iterations}


def _unit(vector: Any) -> Any:
    length = np.sqrt(np.sum(np.square(vector)))
    return vector / np.where(length == 0, np.ones_like(length), length)
