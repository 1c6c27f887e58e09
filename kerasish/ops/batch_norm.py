"""Batch normalization with the statistics of the batch, computed in one go."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

from kerasish.backend.primitive import primitive
from kerasish.backend.symbolic import KerasTensor

# Told the mean and the variance of each batch.
Observer = Callable[[np.ndarray, np.ndarray], None]


class _Found:
    """What a forward pass finds out and its backward pass needs again.

    Attributes:
        centred: the rows less their mean.
        inverse: `1 / √(variance + epsilon)` of each feature.
    """

    __slots__ = ("centred", "inverse")

    centred: np.ndarray
    inverse: np.ndarray


@lru_cache(maxsize=64)
def _shares(count: int, dtype: np.dtype[Any]) -> np.ndarray:
    """`1 / count`, as often: a mean over rows is then a product of BLAS, faster than a sum and more exact."""
    return np.full(count, 1 / count, dtype)


def _rows(x: Any) -> Any:
    return x if np.ndim(x) == 2 else np.reshape(x, (-1, np.shape(x)[-1]))


def _forward(x: Any, gamma: Any, beta: Any, *, epsilon: float, observe: Observer, found: _Found) -> Any:
    rows = _rows(x)
    shares = _shares(len(rows), rows.dtype)
    mean = shares @ rows
    centred = found.centred = rows - mean
    variance = shares @ np.square(centred)
    observe(mean, variance)
    inverse = found.inverse = 1 / np.sqrt(variance + epsilon)
    y = centred * (inverse if gamma is None else inverse * gamma)
    if beta is not None:
        y += beta
    return y.reshape(x.shape)


def _vjp(i: int, g: Any, y: Any, x: Any, gamma: Any, beta: Any, *, epsilon: float, **_: Any) -> Any:
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
    found: _Found = params["found"]
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


def batch_norm(x: Any, gamma: Any, beta: Any, epsilon: float, observe: Observer) -> Any:
    """`gamma (x - x̄) / √(var(x) + epsilon) + beta`, mean and variance over all axes but the last.

    The gradient goes through mean and variance as well: with `s = (x - x̄) / √(var(x) + epsilon)` and `h = gamma g`,
    that of `x` is `(h - mean(h) - s mean(h s)) / √(var(x) + epsilon)` (Ioffe and Szegedy, 2015, arXiv:1502.03167).

    Args:
        x: array `(..., features)`.
        gamma, beta: arrays `(features,)`; None for 1 and 0.
        epsilon: keeps the division finite.
        observe: called with the mean and the variance, plain arrays, each time the operation runs.

    Example:
        >>> batch_norm(np.array([[1.0], [3.0]]), None, None, 0.0, lambda mean, variance: print(mean, variance))
        [2.] [1.]
        array([[-1.],
               [ 1.]])
    """
    return _batch_norm(x, gamma, beta, epsilon=epsilon, observe=observe, found=_Found())


def _with_forward(x: Any, mean: Any, variance: Any, gamma: Any, beta: Any, *, epsilon: float) -> Any:
    factor = 1 / np.sqrt(variance + epsilon)
    if gamma is not None:
        factor *= gamma
    y = x * factor
    y += -mean * factor if beta is None else beta - mean * factor
    return y


def _with_vjp(
    i: int, g: Any, y: Any, x: Any, mean: Any, variance: Any, gamma: Any, beta: Any, *, epsilon: float
) -> Any:
    if i == 4:
        return g
    inverse = 1 / np.sqrt(variance + epsilon)
    if i == 3:
        return g * (x - mean) * inverse
    factor = inverse if gamma is None else inverse * gamma
    if i == 2:
        return g * (x - mean) * (factor * np.square(inverse) * -0.5)
    return g * factor if i == 0 else g * -factor


# The same with a mean and a variance that are given, such as the averages over many batches.
batch_norm_with = primitive(
    "batch_norm_with",
    _with_forward,
    variadic=_with_vjp,
    shape=lambda x, *_, **__: KerasTensor(x.shape, x.dtype),
)


def _observed_forward(mean: Any, variance: Any, *, observe: Observer) -> Any:
    observe(mean, variance)
    return mean


# The mean itself, after somebody has been told the statistics.
observed = primitive("observed", _observed_forward, lambda g, y, mean, variance, *, observe: g, None)
