"""Dropout: a random part of the units is silent in each training step."""

from __future__ import annotations

from typing import Any, Unpack

from kerasish.backend.random import SeedGenerator
from kerasish.backend.typing import Shape
from kerasish.layers.base.layer_options import LayerOptions
from kerasish.layers.base.shape_preserving import ShapePreserving
from kerasish.layers.regularization.dropout_masks import (
    checked_noise_shape,
    checked_rate,
    checked_seed,
    sizes_of,
)
from kerasish.ops.noise import Dropping, dropout_mask, noisy


class Dropout(ShapePreserving):
    """In training, sets a random share `rate` of its inputs to 0 and divides the rest by `1 - rate`.

    The sum is the same on average, so that nothing changes in inference. A network cannot rely on a unit that may be
    silent, and so does not learn the noise of its data by heart.

    Args:
        rate: the share that is dropped, from 0 to 1.
        noise_shape: the shape of the random mask, broadcast to the inputs; None stands for the input's size. With
            `(None, 1, None)` all steps of a sequence drop the same features.
        seed: a whole number, for the same masks in every run.
        **kwargs: `name`, `dtype`, `trainable` of `Layer`.

    Shapes: the output has the shape of the input.

    Raises:
        ValueError: if `rate` is not a share, or `noise_shape` holds something else than positive sizes and None.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> y = keras.layers.Dropout(0.5, seed=0)(np.ones((100, 100), "float32"), training=True)
        >>> sorted({float(v) for v in y.ravel()})
        [0.0, 2.0]

    Source: Srivastava et al., 2014, Dropout: a simple way to prevent neural networks from overfitting
    """

    def __init__(
        self, rate: float, noise_shape: Shape | None = None, seed: int | None = None, **kwargs: Unpack[LayerOptions]
    ) -> None:
        super().__init__(**kwargs)
        kind = type(self).__name__
        self.rate = checked_rate(rate, kind)
        self.seed = checked_seed(seed, kind)
        self.noise_shape = checked_noise_shape(noise_shape, kind)
        if rate > 0:
            self.seed_generator = SeedGenerator(seed)

    def call(self, inputs: Any, training: bool = False) -> Any:
        """The inputs, a share of them dropped in training."""
        if not training or self.rate == 0:
            return inputs
        is_shared = self.noise_shape is not None or type(self)._mask_shape is not Dropout._mask_shape
        return noisy(inputs, self._draw, None if is_shared else Dropping(self.seed_generator, self.rate))

    def _draw(self, shape: tuple[int, ...], dtype: Any) -> tuple[Any, Any]:
        return dropout_mask(self.seed_generator, self.rate, self._mask_shape(shape), dtype), None

    def _mask_shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        return sizes_of(self.noise_shape, shape, self.name)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "rate": self.rate, "seed": self.seed, "noise_shape": self.noise_shape}
