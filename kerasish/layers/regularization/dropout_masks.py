"""What dropout multiplies by."""

from __future__ import annotations

from typing import Any

import numpy as np


def checked_rate(rate: Any, layer: str, limit: str = "from 0 to 1") -> Any:
    """`rate`, if it is a share.

    Raises:
        ValueError: if it is not.
    """
    if isinstance(rate, (str, bool)) or not 0 <= rate <= 1:
        raise ValueError(f"{layer} needs a rate {limit}, the share that is affected; received rate={rate!r}")
    return rate


def checked_seed(seed: Any, layer: str) -> int | None:
    """`seed`, if it is None or a whole number.

    Raises:
        ValueError: if it is not.
    """
    if seed is not None and (isinstance(seed, bool) or not isinstance(seed, (int, np.integer))):
        raise ValueError(f"{layer} needs a whole number as seed, or None; received seed={seed!r}")
    return None if seed is None else int(seed)


def checked_noise_shape(noise_shape: Any, layer: str) -> tuple[int | None, ...] | None:
    """`noise_shape` as a tuple of sizes and None.

    Raises:
        ValueError: if it is something else.
    """
    if noise_shape is None:
        return None
    fits = isinstance(noise_shape, (list, tuple)) and all(
        n is None or (isinstance(n, int) and not isinstance(n, bool) and n > 0) for n in noise_shape
    )
    if not fits:
        raise ValueError(
            f"{layer} needs a noise_shape of positive sizes, with None for those of the input, such as (None, 1, 8); "
            f"received noise_shape={noise_shape!r}"
        )
    return tuple(noise_shape)


def sizes_of(noise_shape: tuple[int | None, ...] | None, shape: tuple[int, ...], layer: str) -> tuple[int, ...]:
    """The sizes of the random numbers for an input of this shape.

    Raises:
        ValueError: if they would not broadcast to it.
    """
    if noise_shape is None:
        return shape
    if None not in noise_shape:
        noise_shape = (1,) * (len(shape) - len(noise_shape)) + noise_shape
    if len(noise_shape) == len(shape):
        sizes = tuple(m if n is None else n for n, m in zip(noise_shape, shape, strict=True))
        if all(n in (1, m) for n, m in zip(sizes, shape, strict=True)):
            return sizes
    raise ValueError(
        f"the layer {layer!r} has noise_shape={noise_shape}, which does not broadcast to its input of shape {shape}; "
        "give one size for each axis of the input: 1, None, or the input's own"
    )
