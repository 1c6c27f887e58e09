"""The margin losses as metrics."""

from __future__ import annotations

from kerasish.backend.typing import DTypeLike
from kerasish.losses import hinges
from kerasish.metrics.reduction_metrics import BuiltinMean


class Hinge(BuiltinMean):
    """The mean of what is missing to a margin of one, `max(0, 1 - y_true * y_pred)`.

    Args:
        name: the key in logs.
        dtype: of the result.

    Example:
        >>> m = Hinge()
        >>> m.update_state([[-1.0, 1.0]], [[-2.0, 0.5]])
        >>> float(m.result())
        0.25
    """

    _direction = "down"

    def __init__(self, name: str | None = "hinge", dtype: DTypeLike = None) -> None:
        super().__init__(hinges.hinge, name=name, dtype=dtype)


class SquaredHinge(BuiltinMean):
    """The mean of the square of what is missing to a margin of one.

    Args:
        name: the key in logs.
        dtype: of the result.

    Example:
        >>> m = SquaredHinge()
        >>> m.update_state([[-1.0, 1.0]], [[-2.0, 0.0]])
        >>> float(m.result())
        0.5
    """

    _direction = "down"

    def __init__(self, name: str | None = "squared_hinge", dtype: DTypeLike = None) -> None:
        super().__init__(hinges.squared_hinge, name=name, dtype=dtype)


class CategoricalHinge(BuiltinMean):
    """The mean of what the right class is short of leading the best wrong one by one.

    Args:
        name: the key in logs.
        dtype: of the result.

    Example:
        >>> m = CategoricalHinge()
        >>> m.update_state([[0.0, 1.0, 0.0]], [[0.25, 0.5, 0.0]])
        >>> float(m.result())
        0.75
    """

    _direction = "down"

    def __init__(self, name: str | None = "categorical_hinge", dtype: DTypeLike = None) -> None:
        super().__init__(hinges.categorical_hinge, name=name, dtype=dtype)
