"""Batch normalization with the statistics of the batch, computed in one go."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from kerasish.backend.primitive import primitive
from kerasish.backend.symbolic import KerasTensor


class BatchStatistics:
    """What the forward pass of a batch normalization finds out.

    Attributes:
        mean, variance: one number for each feature.
        centred: the rows less their mean, which the backward pass needs again.
        inverse: `1 / √(variance + epsilon)`.
    """

    __slots__ = ("centred", "inverse", "mean", "variance")

    mean: np.ndarray
    variance: np.ndarray
    centred: np.ndarray
    inverse: np.ndarray


@lru_cache(maxsize=64)
def _shares(count: int, dtype: np.dtype[Any]) -> np.ndarray:
    """`1 / count`, as often: a mean over rows is then a product of BLAS, faster than a sum and more exact."""
    return np.full(count, 1 / count, dtype)


def _rows(x: Any) -> Any:
    return x if np.ndim(x) == 2 else np.reshape(x, (-1, np.shape(x)[-1]))


def _forward(x: Any, gamma: Any, beta: Any, *, epsilon: float, statistics: BatchStatistics) -> Any:
    rows = _rows(x)
    shares = _shares(len(rows), rows.dtype)
    statistics.mean = shares @ rows
    centred = statistics.centred = rows - statistics.mean
    statistics.variance = shares @ np.square(centred)
    inverse = statistics.inverse = 1 / np.sqrt(statistics.variance + epsilon)
    y = centred * (inverse if gamma is None else inverse * gamma)
    if beta is not None:
        y += beta
    return y.reshape(x.shape)


def _vjp(i: int, g: Any, y: Any, x: Any, gamma: Any, beta: Any, *, epsilon: float, statistics: BatchStatistics) -> Any:
    g, rows = _rows(g), _rows(x)
    if i == 2:
        return np.sum(g, axis=0)
    centred = rows - np.mean(rows, axis=0)
    inverse = 1 / np.sqrt(np.mean(np.square(centred), axis=0) + epsilon)
    standard = centred * inverse
    if i == 1:
        return np.sum(g * standard, axis=0)
    if gamma is not None:
        g = g * gamma
    return np.reshape((g - np.mean(g, axis=0) - standard * np.mean(g * standard, axis=0)) * inverse, np.shape(x))


def _backward(
    g: np.ndarray, y: np.ndarray, arrays: list[Any], params: dict[str, Any], needs: list[bool], into: list[Any]
) -> list[Any]:
    """The three gradients from two means, without the deviations being computed again."""
    x, gamma, _ = arrays
    found: BatchStatistics = params["statistics"]
    g, centred, inverse = _rows(g), found.centred, found.inverse
    shares = _shares(len(g), g.dtype)
    buffer = g * centred
    along, mean = shares @ buffer, shares @ g
    shares_of: list[Any] = [None, None, None]
    if needs[2]:
        shares_of[2] = np.multiply(mean, len(g), out=into[2])
    if needs[1]:
        shares_of[1] = np.multiply(along * len(g), inverse, out=into[1])
    if needs[0]:
        np.multiply(centred, along * -np.square(inverse), out=buffer)
        buffer += g
        buffer -= mean
        buffer *= inverse if gamma is None else inverse * gamma
        shares_of[0] = buffer.reshape(x.shape)
    return shares_of


_batch_norm = primitive(
    "batch_norm",
    _forward,
    variadic=_vjp,
    backward=_backward,
    shape=lambda x, gamma, beta, **_: KerasTensor(x.shape, x.dtype),
)


def batch_norm(x: Any, gamma: Any, beta: Any, epsilon: float) -> tuple[Any, np.ndarray, np.ndarray]:
    """`gamma (x - x̄) / √(var(x) + epsilon) + beta`, mean and variance over all axes but the last.

    The gradient goes through mean and variance as well: with `s = (x - x̄) / √(var(x) + epsilon)` and `h = gamma g`,
    that of `x` is `(h - mean(h) - s mean(h s)) / √(var(x) + epsilon)` (Ioffe and Szegedy, 2015, arXiv:1502.03167).

    Args:
        x: array `(..., features)`.
        gamma, beta: arrays `(features,)`; None for 1 and 0.
        epsilon: keeps the division finite.

    Returns:
        The output, and the mean and the variance as plain arrays.

    Example:
        >>> y, mean, variance = batch_norm(np.array([[1.0], [3.0]]), None, None, 0.0)
        >>> y.tolist(), mean.tolist(), variance.tolist()
        ([[-1.0], [1.0]], [2.0], [1.0])
    """
    statistics = BatchStatistics()
    y = _batch_norm(x, gamma, beta, epsilon=epsilon, statistics=statistics)
    return y, statistics.mean, statistics.variance


def _affine_forward(x: Any, factor: Any, shift: Any) -> Any:
    y = x * factor
    y += shift
    return y


affine = primitive(
    "affine",
    _affine_forward,
    lambda g, y, x, factor, shift: g * factor,
    lambda g, y, x, factor, shift: g * x,
    lambda g, y, x, factor, shift: g,
    doc="`x * factor + shift`, `factor` and `shift` of the dtype of `x` and no larger than it.",
)
