"""Normalization within each sample."""

from __future__ import annotations

from typing import Any, Unpack

from kerasish import constraints, initializers, regularizers
from kerasish.backend.typing import Axes, ConstraintLike, InitializerLike, RegularizerLike, Shape
from kerasish.layers.base.layer_options import LayerOptions
from kerasish.layers.base.shape_preserving import ShapePreserving
from kerasish.layers.normalization.axes import checked_axis, sizes_along
from kerasish.ops.normalization import layer_normalization


class LayerNormalization(ShapePreserving):
    """`gamma (x - mean) / √(variance + epsilon) + beta`, with the mean and variance of each sample along `axis`.

    Other than in `BatchNormalization`, samples do not influence each other, and training is like inference.

    Args:
        axis: the axis, or axes, averaged over.
        epsilon: keeps the division finite.
        center: whether there is a `beta`.
        scale: whether there is a `gamma`.
        beta_initializer, gamma_initializer: the first values.
        beta_regularizer, gamma_regularizer: penalties on the weights, added to the loss.
        beta_constraint, gamma_constraint: projections of the weights after each update.
        **kwargs: `name`, `dtype`, `trainable` of `Layer`; `rms_scaling`, of old, divides by the deviation without
            subtracting the mean.

    Shapes: the output has the shape of the input; the weights have its sizes along `axis`.

    Raises:
        TypeError: if `axis` is neither a whole number nor several.
        ValueError: if it does not exist in the inputs.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.layers.LayerNormalization(epsilon=0.0)(np.array([[1.0, 3.0], [10.0, 30.0]], "float32"))
        array([[-1.,  1.],
               [-1.,  1.]], dtype=float32)

    Source: Ba et al., 2016, https://arxiv.org/abs/1607.06450
    """

    def __init__(
        self,
        axis: Axes = -1,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        beta_initializer: InitializerLike = "zeros",
        gamma_initializer: InitializerLike = "ones",
        beta_regularizer: RegularizerLike = None,
        gamma_regularizer: RegularizerLike = None,
        beta_constraint: ConstraintLike = None,
        gamma_constraint: ConstraintLike = None,
        **kwargs: Unpack[LayerOptions],
    ) -> None:
        rms_scaling = kwargs.pop("rms_scaling", False)  # type: ignore[typeddict-item]  # of former versions
        super().__init__(**kwargs)
        self.built = False
        self.autocast = False  # it computes in float32 at least: what comes in wider loses nothing on the way
        self.axis = checked_axis(axis, "LayerNormalization")
        self.epsilon = epsilon
        self.center = center
        self.scale = scale
        self.rms_scaling = rms_scaling
        self.beta_initializer = initializers.get(beta_initializer)
        self.gamma_initializer = initializers.get(gamma_initializer)
        self.beta_regularizer = regularizers.get(beta_regularizer)
        self.gamma_regularizer = regularizers.get(gamma_regularizer)
        self.beta_constraint = constraints.get(beta_constraint)
        self.gamma_constraint = constraints.get(gamma_constraint)
        self.gamma: Any = None
        self.beta: Any = None

    def build(self, input_shape: Shape) -> None:
        """Make the weights for inputs of this shape."""
        sizes = sizes_along(self.axis, input_shape, self.name)
        if self.scale or self.rms_scaling:
            self.gamma = self._weight("gamma", sizes)
        if self.center and not self.rms_scaling:
            self.beta = self._weight("beta", sizes)

    def _weight(self, name: str, sizes: tuple[int, ...]) -> Any:
        return self.add_weight(
            name=name,
            shape=sizes,
            initializer=getattr(self, f"{name}_initializer"),
            regularizer=getattr(self, f"{name}_regularizer"),
            constraint=getattr(self, f"{name}_constraint"),
            autocast=False,
        )

    def call(self, inputs: Any) -> Any:
        """The inputs normalized along the axes."""
        gamma = None if self.gamma is None else self.gamma.read()
        beta = None if self.beta is None else self.beta.read()
        y = layer_normalization.forward(inputs, gamma, beta, self.axis, self.epsilon, rms_scaling=self.rms_scaling)
        return y if y.dtype == self._compute_kind else y.astype(self.compute_dtype)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "axis": self.axis,
            "epsilon": self.epsilon,
            "center": self.center,
            "scale": self.scale,
            "rms_scaling": self.rms_scaling,
            "beta_initializer": initializers.serialize(self.beta_initializer),
            "gamma_initializer": initializers.serialize(self.gamma_initializer),
            "beta_regularizer": regularizers.serialize(self.beta_regularizer),
            "gamma_regularizer": regularizers.serialize(self.gamma_regularizer),
            "beta_constraint": constraints.serialize(self.beta_constraint),
            "gamma_constraint": constraints.serialize(self.gamma_constraint),
        }
