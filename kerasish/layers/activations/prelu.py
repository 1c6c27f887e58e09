"""A leaky rectified linear unit that learns its slopes."""

from __future__ import annotations

from typing import Any, Unpack

from kerasish import constraints, initializers, regularizers
from kerasish.backend.typing import ConstraintLike, InitializerLike, RegularizerLike, Shape
from kerasish.layers.base.layer_options import LayerOptions
from kerasish.layers.base.shape_preserving import ShapePreserving
from kerasish.ops.nn import relu


class PReLU(ShapePreserving):
    """`x` above 0 and `alpha * x` below, with one learned `alpha` for each feature.

    Args:
        alpha_initializer: the first slopes.
        alpha_regularizer: a penalty on the slopes, added to the loss.
        alpha_constraint: a projection of the slopes after each update.
        shared_axes: the axes along which one slope serves all, counted from 1; those of width and height behind a
            convolution are `[1, 2]`.
        **kwargs: `name`, `dtype`, `trainable` of `Layer`.

    Shapes: inputs `(batch, ...)`, alpha the same without the batch and with 1 along shared axes, output as inputs.

    Raises:
        ValueError: if a shared axis does not exist.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.layers.PReLU(alpha_initializer="ones")(np.array([[-1.0, 2.0]], "float32"))
        array([[-1.,  2.]], dtype=float32)

    Source: He et al., 2015, https://arxiv.org/abs/1502.01852
    """

    def __init__(
        self,
        alpha_initializer: InitializerLike = "Zeros",
        alpha_regularizer: RegularizerLike = None,
        alpha_constraint: ConstraintLike = None,
        shared_axes: Any = None,
        **kwargs: Unpack[LayerOptions],
    ) -> None:
        super().__init__(**kwargs)
        self.built = False
        self.alpha_initializer = initializers.get(alpha_initializer)
        self.alpha_regularizer = regularizers.get(alpha_regularizer)
        self.alpha_constraint = constraints.get(alpha_constraint)
        if shared_axes is None or isinstance(shared_axes, (list, tuple)):
            self.shared_axes = None if shared_axes is None else list(shared_axes)
        else:
            self.shared_axes = [shared_axes]

    def build(self, input_shape: Shape) -> None:
        """Make the slopes for inputs of this shape."""
        sizes = list(input_shape[1:])
        for axis in self.shared_axes or ():
            if not isinstance(axis, int) or not 1 <= axis <= len(sizes):
                raise ValueError(
                    f"PReLU shares slopes along axes from 1 to {len(sizes)} of its inputs; received "
                    f"shared_axes={self.shared_axes} for inputs of shape {tuple(input_shape)}"
                )
            sizes[axis - 1] = 1
        if None in sizes:
            raise ValueError(
                f"PReLU has a slope for each feature, and inputs of shape {tuple(input_shape)} leave their number "
                "open; name the open axes in shared_axes"
            )
        self.alpha = self.add_weight(
            name="alpha",
            shape=sizes,
            initializer=self.alpha_initializer,
            regularizer=self.alpha_regularizer,
            constraint=self.alpha_constraint,
        )

    def call(self, inputs: Any) -> Any:
        """Each element, with its feature's slope below 0."""
        y = relu(inputs) - self.alpha * relu(-inputs)
        return y if y.dtype == self._compute_kind else y.astype(self.compute_dtype)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "alpha_initializer": initializers.serialize(self.alpha_initializer),
            "alpha_regularizer": regularizers.serialize(self.alpha_regularizer),
            "alpha_constraint": constraints.serialize(self.alpha_constraint),
            "shared_axes": self.shared_axes,
        }
