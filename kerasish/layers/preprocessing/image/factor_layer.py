"""The base of layers that change colours by a number which they draw for each picture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from kerasish.layers.preprocessing.image.color_layer import ColorLayer
from kerasish.layers.preprocessing.image.picture_layer import factor_range


class FactorLayer(ColorLayer):
    """A layer with the range of a number.

    Args:
        factor: two numbers, or one that is the upper end.
        value_range, data_format, seed, **kwargs: see `ColorLayer`.
    """

    rests = True

    # The lower end where one number is given; None for its opposite.
    _lowest: ClassVar[float | None] = 0

    def __init__(
        self,
        factor: float | Sequence[float],
        value_range: Sequence[float] = (0, 255),
        data_format: str | None = None,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(value_range, data_format, seed, **kwargs)
        self.factor = factor_range(factor, type(self).__name__, self._lowest)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "factor": self.factor}
