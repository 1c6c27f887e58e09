"""Normalization within groups of features."""

from __future__ import annotations

from typing import Any, Unpack

from kerasish import constraints, initializers, regularizers
from kerasish.backend.operators import cast_to
from kerasish.backend.typing import ConstraintLike, InitializerLike, RegularizerLike, Shape
from kerasish.layers.base.input_spec import InputSpec
from kerasish.layers.base.layer_options import LayerOptions
from kerasish.layers.base.shape_preserving import ShapePreserving
from kerasish.layers.normalization.axes import sizes_along
from kerasish.ops.normalization import layer_normalization
from kerasish.ops.shape import reshape


class GroupNormalization(ShapePreserving):
    """Features in groups, each with mean 0 and variance 1 within a sample, then scaled and shifted by feature.

    With one group it is a normalization over the whole sample, with as many groups as features an instance
    normalization.

    Args:
        groups: how many groups; -1 for as many as there are features.
        axis: the axis of the features.
        epsilon: keeps the division finite.
        center: whether there is a `beta`.
        scale: whether there is a `gamma`.
        beta_initializer, gamma_initializer: the first values.
        beta_regularizer, gamma_regularizer: penalties on the weights, added to the loss.
        beta_constraint, gamma_constraint: projections of the weights after each update.
        **kwargs: `name`, `dtype`, `trainable` of `Layer`.

    Shapes: the output has the shape of the input, of at least two axes; the weights have the size along `axis`.

    Raises:
        ValueError: if the features cannot be divided into so many groups.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.layers.GroupNormalization(groups=2, epsilon=0.0)(np.array([[1.0, 3.0, 10.0, 30.0]], "float32"))
        array([[-1.,  1., -1.,  1.]], dtype=float32)

    Source: Wu & He, 2018, https://arxiv.org/abs/1803.08494
    """

    def __init__(
        self,
        groups: int = 32,
        axis: int = -1,
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
        super().__init__(**kwargs)
        self.built = False
        self.autocast = False  # it computes in float32 at least: what comes in wider loses nothing on the way
        self.groups = groups
        self.axis = axis
        self.epsilon = epsilon
        self.center = center
        self.scale = scale
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
        rank = len(input_shape)
        (features,) = sizes_along(self.axis, input_shape, self.name)
        if self.groups == -1:
            self.groups = features
        if self.groups < 1 or features % self.groups:
            raise ValueError(
                f"the layer {self.name!r} divides {features} features into groups of equal size; received "
                f"groups={self.groups}, which must be -1 or divide {features}"
            )
        axis = self.axis % rank
        # The axis of the features becomes two, of groups and of what is in one; all but batch and groups are averaged.
        self._normalized = tuple(a for a in range(1, rank + 1) if a != axis)
        self._split = axis
        self._beside = tuple(features if a == axis else 1 for a in range(rank))
        self.input_spec = InputSpec(ndim=rank, axes={self.axis: features})
        if self.scale:
            self.gamma = self._weight("gamma", features)
        if self.center:
            self.beta = self._weight("beta", features)

    def _weight(self, name: str, features: int) -> Any:
        return self.add_weight(
            name=name,
            shape=(features,),
            initializer=getattr(self, f"{name}_initializer"),
            regularizer=getattr(self, f"{name}_regularizer"),
            constraint=getattr(self, f"{name}_constraint"),
            autocast=False,
        )

    def call(self, inputs: Any) -> Any:
        """The inputs normalized by groups."""
        x = inputs if inputs.dtype.kind == "f" and inputs.dtype.itemsize > 2 else cast_to(inputs, dtype="float32")
        shape, axis, groups = x.shape, self._split, self.groups
        grouped = reshape(x, (*shape[:axis], groups, shape[axis] // groups, *shape[axis + 1 :]))
        y = reshape(layer_normalization.forward(grouped, None, None, self._normalized, self.epsilon), shape)
        if self.gamma is not None:
            y = y * reshape(self.gamma, self._beside)
        if self.beta is not None:
            y = y + reshape(self.beta, self._beside)
        return y if y.dtype == self._compute_kind else cast_to(y, dtype=self.compute_dtype)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "groups": self.groups,
            "axis": self.axis,
            "epsilon": self.epsilon,
            "center": self.center,
            "scale": self.scale,
            "beta_initializer": initializers.serialize(self.beta_initializer),
            "gamma_initializer": initializers.serialize(self.gamma_initializer),
            "beta_regularizer": regularizers.serialize(self.beta_regularizer),
            "gamma_regularizer": regularizers.serialize(self.gamma_regularizer),
            "beta_constraint": constraints.serialize(self.beta_constraint),
            "gamma_constraint": constraints.serialize(self.gamma_constraint),
        }
