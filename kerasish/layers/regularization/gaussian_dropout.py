"""Dropout with a bell curve in place of a coin."""

from __future__ import annotations

import math
from typing import Any, Unpack

import numpy as np

from kerasish.backend.random import SeedGenerator
from kerasish.layers.base.layer_options import LayerOptions
from kerasish.layers.base.shape_preserving import ShapePreserving
from kerasish.layers.regularization.dropout_masks import checked_rate, checked_seed
from kerasish.layers.regularization.gaussian_noise import normal
from kerasish.ops.noise import noisy


class GaussianDropout(ShapePreserving):
    """In training, multiplies by random numbers of mean 1 and deviation `√(rate / (1 - rate))`.

    Those are the mean and the deviation of what `Dropout` multiplies by.

    Args:
        rate: the share that `Dropout` would drop, from 0 up to but without 1.
        seed: a whole number, for the same noise in every run.
        **kwargs: `name`, `dtype`, `trainable` of `Layer`.

    Shapes: the output has the shape of the input.

    Raises:
        ValueError: if `rate` is not a share.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> y = keras.layers.GaussianDropout(0.5, seed=0)(np.ones(10000, "float32"), training=True)
        >>> bool(abs(y.mean() - 1) < 0.05), bool(abs(y.std() - 1) < 0.05)
        (True, True)

    Source: Srivastava et al., 2014, section 10
    """

    def __init__(self, rate: float, seed: int | None = None, **kwargs: Unpack[LayerOptions]) -> None:
        super().__init__(**kwargs)
        self.rate = checked_rate(rate, "GaussianDropout", "from 0 to less than 1")
        self.seed = checked_seed(seed, "GaussianDropout")
        if rate > 0:
            self.seed_generator = SeedGenerator(seed)

    def call(self, inputs: Any, training: bool = False) -> Any:
        """The inputs, times noise in training."""
        if not training or self.rate == 0:
            return inputs
        if self.rate == 1:
            raise ValueError(f"the noise of the layer {self.name!r} is infinite: its rate, 1, must be less than 1")
        return noisy(inputs, self._draw)

    def _draw(self, shape: tuple[int, ...], dtype: Any) -> tuple[Any, Any]:
        noise = normal(self.seed_generator, shape, dtype, math.sqrt(self.rate / (1 - self.rate)))
        return np.add(noise, 1, out=noise), None

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "rate": self.rate, "seed": self.seed}
