"""Dropout that keeps mean and variance, for self-normalizing networks."""

from __future__ import annotations

from typing import Any, Unpack

import numpy as np

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
from kerasish.ops.noise import noisy, random_keep

# Where a selu ends far below 0: -scale * alpha.
_SATURATED = -1.0507009873554804934193349852946 * 1.6732632423543772848170429916717


class AlphaDropout(ShapePreserving):
    """In training, sets a random share of its inputs to the lower end of a selu, then restores mean and variance.

    With `q = 1 - rate` and `s = -1.7581`, what a selu gives far below 0: `a (x or s) + b`, where
    `a = 1 / √(q (1 + rate s²))` and `b = -a rate s`.

    Args:
        rate: the share that is dropped, from 0 up to but without 1.
        noise_shape: the shape of the random mask, broadcast to the inputs; None stands for the input's size.
        seed: a whole number, for the same masks in every run.
        **kwargs: `name`, `dtype`, `trainable` of `Layer`.

    Shapes: the output has the shape of the input.

    Raises:
        ValueError: if `rate` is not a share.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> x = np.random.default_rng(0).normal(size=100000).astype("float32")
        >>> y = keras.layers.AlphaDropout(0.2, seed=0)(x, training=True)
        >>> bool(abs(y.mean()) < 0.02), bool(abs(y.std() - 1) < 0.02)
        (True, True)

    Source: Klambauer et al., 2017, https://arxiv.org/abs/1706.02515
    """

    def __init__(
        self, rate: float, noise_shape: Shape | None = None, seed: int | None = None, **kwargs: Unpack[LayerOptions]
    ) -> None:
        super().__init__(**kwargs)
        self.rate = checked_rate(rate, "AlphaDropout", "from 0 to less than 1")
        self.seed = checked_seed(seed, "AlphaDropout")
        self.noise_shape = checked_noise_shape(noise_shape, "AlphaDropout")
        if rate > 0:
            self.seed_generator = SeedGenerator(seed)

    def call(self, inputs: Any, training: bool = False) -> Any:
        """The inputs, a share of them at the lower end in training."""
        if not training or self.rate == 0:
            return inputs
        if self.rate == 1:
            raise ValueError(
                f"the layer {self.name!r} cannot restore a variance of 0: its rate, 1, must be less than 1"
            )
        return noisy(inputs, self._draw)

    def _draw(self, shape: tuple[int, ...], dtype: Any) -> tuple[Any, Any]:
        rate, kind = self.rate, np.dtype(dtype).type
        keep = random_keep(self.seed_generator, rate, sizes_of(self.noise_shape, shape, self.name))
        a = ((1 - rate) * (1 + rate * _SATURATED**2)) ** -0.5
        return keep * kind(a), np.where(keep, kind(-a * _SATURATED * rate), kind(a * _SATURATED * (1 - rate)))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "rate": self.rate, "seed": self.seed, "noise_shape": self.noise_shape}
