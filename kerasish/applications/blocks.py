"""Pieces that networks of several families are made of."""

from __future__ import annotations

from typing import Any, cast

from kerasish import layers
from kerasish.applications.frame import channel_axis, placed_last
from kerasish.backend.symbolic import KerasTensor


def normalized(x: KerasTensor, name: str | None, **options: Any) -> KerasTensor:
    """Batch normalization of the channels (https://arxiv.org/abs/1502.03167)."""
    return layers.BatchNormalization(axis=channel_axis(), name=name, **options)(x)


def channels_of(x: KerasTensor) -> int:
    """The number of channels of a batch of pictures."""
    return cast(int, x.shape[channel_axis()])


def joined(branches: list[KerasTensor], name: str | None = None) -> KerasTensor:
    """The channels of several pictures of one size, one after the other."""
    return layers.Concatenate(axis=channel_axis(), name=name)(branches)


def nearest_width(value: float) -> int:
    """The nearest multiple of 8, at least 8: a number of channels that suits hardware."""
    return max(8, int(value + 4) // 8 * 8)


def width_not_below(value: float) -> int:
    """The nearest multiple of 8, or the next where that is less than nine tenths of the value.

    Example:
        >>> nearest_width(19.2), width_not_below(19.2)
        (16, 24)
    """
    found = nearest_width(value)
    return found + 8 if found < 0.9 * value else found


def halving_pad(x: KerasTensor, window: int) -> tuple[tuple[int, int], tuple[int, int]]:
    """What stands around a picture before a window that moves by two pixels, so that an even side is halved.

    It is less before than after where the side is even, and where it is unknown, as the published weights expect.
    """
    half = window // 2
    rows, columns, _ = placed_last(tuple(x.shape[1:]))

    def before(side: int | None) -> int:
        return half - (1 if rows is None or side is None else 1 - side % 2)

    return (before(rows), half), (before(columns), half)
