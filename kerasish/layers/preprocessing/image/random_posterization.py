"""Pictures of fewer colours by chance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kerasish.layers.preprocessing.image.color_layer import ColorLayer
from kerasish.layers.preprocessing.image.picture_layer import factor_range


class RandomPosterization(ColorLayer):
    """In training, keeps only the highest bits of each number of 0 to 255.

    Args:
        factor: the range of how many bits are kept: two whole numbers, the larger left out, or one for `(1, factor)`.
        value_range: the least and the largest value of a pixel.
        seed: a whole number, for the same numbers in every run.
        data_format: `"channels_last"` or `"channels_first"`.
        **kwargs: `name`, `dtype`, `trainable` of `Layer`.

    Shapes: the output has the shape of the input, one picture or a batch, in the layer's dtype.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> one_bit = keras.layers.RandomPosterization((1, 2))
        >>> one_bit(np.array([[[100.0], [200.0]]]), training=True)[0, :, 0]
        array([  0., 128.], dtype=float32)
    """

    rests = True

    def __init__(
        self,
        factor: float | Sequence[float],
        value_range: Sequence[float] = (0, 255),
        data_format: str | None = None,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(value_range, data_format, seed, **kwargs)
        low, high = factor_range(factor, "RandomPosterization", 1)
        if not 1 <= low <= high <= 8:
            raise ValueError(f"RandomPosterization keeps from 1 to 8 bits; received factor={factor!r}")
        self.factor = int(low), int(high)

    def _draw(self, random: np.random.Generator, shape: tuple[int, ...]) -> Any:
        kept = random.integers(self.factor[0], max(self.factor[1], self.factor[0] + 1), self._sizes(shape)[0])
        return {"shift_factor": (8 - kept).astype(np.uint8)}

    def _recolored(self, images: Any, transformation: Any) -> Any:
        step = 2.0 ** np.asarray(transformation["shift_factor"], np.float64)
        step = self._each(step, images)
        levels = np.floor(np.floor(self._as_unit(images) * 255) / step) * step
        return self._from_unit(levels / 255)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "factor": self.factor}
