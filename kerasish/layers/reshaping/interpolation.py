"""Enlarging along an axis as a matrix product: each new sample is a weighted mean of the nearest old ones."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np


def _triangle(x: np.ndarray) -> np.ndarray:
    return np.maximum(1 - x, 0)


def _cubic(x: np.ndarray) -> np.ndarray:
    """Keys' cubic convolution with a = -1/2 (Keys, 1981)."""
    near = ((1.5 * x - 2.5) * x) * x + 1
    far = ((-0.5 * x + 2.5) * x - 4) * x + 2
    return np.where(x < 1, near, np.where(x < 2, far, 0))


def _lanczos(radius: int) -> Callable[[np.ndarray], np.ndarray]:
    return lambda x: np.where(x < radius, np.sinc(x) * np.sinc(x / radius), 0)


# The weight of an old sample by its distance.
KERNELS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "bilinear": _triangle,
    "bicubic": _cubic,
    "lanczos3": _lanczos(3),
    "lanczos5": _lanczos(5),
}


@lru_cache(maxsize=64)
def enlarging_matrix(method: str, size: int, factor: int, dtype: str) -> np.ndarray:
    """The weights `(size * factor, size)` that make `size * factor` samples of `size`.

    Sample i of n stands for the middle, (i + 1/2) / n, of its part of the axis. Weights beyond the ends are left out,
    and the rest scaled to add to one.
    """
    places = (np.arange(size * factor) + 0.5) / factor - 0.5
    weights = KERNELS[method](np.abs(places[:, None] - np.arange(size)))
    weights /= weights.sum(axis=1, keepdims=True)
    return weights.astype(dtype)
