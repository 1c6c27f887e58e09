"""Noise from a bell curve."""

from __future__ import annotations

from typing import Any, Unpack

import numpy as np

from kerasish.backend.random import SeedGenerator, generator
from kerasish.layers.base.layer_options import LayerOptions
from kerasish.layers.base.shape_preserving import ShapePreserving
from kerasish.layers.regularization.dropout_masks import checked_seed
from kerasish.ops.noise import noisy


def normal(seed: Any, shape: tuple[int, ...], dtype: Any, stddev: float) -> np.ndarray:
    """Normal random numbers of mean 0."""
    kind = np.dtype(dtype)
    drawn = generator(seed).standard_normal(shape, dtype=np.float64 if kind.itemsize == 8 else np.float32)
    drawn *= stddev
    return drawn.astype(kind, copy=False)


class GaussianNoise(ShapePreserving):
    """In training, adds normal random numbers of mean 0.

    Args:
        stddev: the deviation of the noise, from 0 to 1.
        seed: a whole number, for the same noise in every run.
        **kwargs: `name`, `dtype`, `trainable` of `Layer`.

    Shapes: the output has the shape of the input.

    Raises:
        ValueError: if `stddev` is not from 0 to 1.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> y = keras.layers.GaussianNoise(0.5, seed=0)(np.zeros(10000, "float32"), training=True)
        >>> bool(abs(y.mean()) < 0.02), bool(abs(y.std() - 0.5) < 0.02)
        (True, True)
    """

    def __init__(self, stddev: float, seed: int | None = None, **kwargs: Unpack[LayerOptions]) -> None:
        super().__init__(**kwargs)
        if isinstance(stddev, (str, bool)) or not 0 <= stddev <= 1:
            raise ValueError(f"GaussianNoise needs a stddev from 0 to 1; received stddev={stddev!r}")
        self.stddev = stddev
        self.seed = checked_seed(seed, "GaussianNoise")
        if stddev > 0:
            self.seed_generator = SeedGenerator(seed)

    def call(self, inputs: Any, training: bool = False) -> Any:
        """The inputs, plus noise in training."""
        if not training or self.stddev == 0:
            return inputs
        return noisy(inputs, self._draw)

    def _draw(self, shape: tuple[int, ...], dtype: Any) -> tuple[Any, Any]:
        return None, normal(self.seed_generator, shape, dtype, self.stddev)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "stddev": self.stddev, "seed": self.seed}
