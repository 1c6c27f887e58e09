"""The gamma function's relatives: its logarithm, the derivatives of that, and Hurwitz's zeta function."""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import numpy as np

from kerasish import ops
from kerasish.backend.array import eager
from kerasish.backend.operators import float_unary
from kerasish.compat.tensorflow.arrays import tensor

_SHIFT = 10  # from here on eight terms of the series reach float64's rounding
_BERNOULLI = (1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510)


def _log_gamma(x: np.ndarray) -> np.ndarray:
    """Stirling's series at `x + 10`, and `Γ(x + 1) = x Γ(x)` back; below 1/2 by `Γ(x) Γ(1 - x) = π / sin πx`."""
    low = x < 0.5
    z = np.where(low, 1 - x, x)
    product = np.ones_like(z)
    for step in range(_SHIFT):
        product = product * (z + step)
    far = z + _SHIFT
    series = sum(b / (2 * k * (2 * k - 1) * far ** (2 * k - 1)) for k, b in enumerate(_BERNOULLI, 1))
    made = (far - 0.5) * np.log(far) - far + 0.5 * math.log(2 * math.pi) + series - np.log(product)
    made = np.where(np.isinf(z), np.inf, made)
    return np.where(low, math.log(math.pi) - np.log(np.abs(np.sin(math.pi * x))) - made, made)


def _digamma(x: np.ndarray) -> np.ndarray:
    low = x <= 0
    z = np.where(low, 1 - x, x)
    far = z + _SHIFT
    made = np.log(far) - 0.5 / far - sum(b / (2 * k * far ** (2 * k)) for k, b in enumerate(_BERNOULLI, 1))
    made = made - sum(1 / (z + step) for step in range(_SHIFT))
    turned = np.where((x == np.floor(x)) & low, np.nan, made - math.pi / np.tan(math.pi * x))
    return np.where(low, np.where(x == 0, -np.inf, turned), made)


def _zeta(s: np.ndarray, q: np.ndarray) -> np.ndarray:
    """`Σ (q + k)^-s` over `k = 0, 1 ...`: ten terms, and Euler's and Maclaurin's formula for the rest."""
    far = q + _SHIFT
    made = sum((q + k) ** -s for k in range(_SHIFT)) + far ** (1 - s) / (s - 1) + 0.5 * far**-s
    rising, factorial = s, 2.0
    for k, b in enumerate(_BERNOULLI, 1):
        made = made + b / factorial * rising * far ** (-s - 2 * k + 1)
        rising = rising * (s + 2 * k - 1) * (s + 2 * k)
        factorial *= (2 * k + 1) * (2 * k + 2)
    return made


def _wide(function: Any, *args: Any) -> Any:
    """Computed in float64, and rounded once."""
    arrays = [np.asarray(part) for part in args]
    with np.errstate(all="ignore"):
        return function(*(part.astype("float64") for part in arrays)).astype(np.result_type(*arrays))


@cache
def _slope(order: int) -> Any:
    """The derivative of the logarithm of Γ of some order from 1 on, whose own is that of the next."""

    def value(x: np.ndarray) -> Any:
        if order == 1:
            return _wide(_digamma, x)
        return _wide(lambda z: (-1) ** order * math.factorial(order - 1) * _zeta(np.asarray(float(order)), z), x)

    return float_unary(f"polygamma_{order - 1}", value, lambda g, y, x: g * _slope(order + 1)(x))


_lgamma = float_unary("lgamma", lambda x: _wide(_log_gamma, x), lambda g, y, x: g * _slope(1)(x))


def lgamma(x: Any, name: str | None = None) -> Any:
    return _lgamma(tensor(x))


def digamma(x: Any, name: str | None = None) -> Any:
    return _slope(1)(tensor(x))


def polygamma(a: Any, x: Any, name: str | None = None) -> Any:
    """The derivative of order `a` of digamma; of one whole number, since the tape derives by `x`."""
    order = np.asarray(a)
    if order.ndim or order != np.floor(order) or order < 0:
        raise NotImplementedError(f"polygamma takes one whole number from 0 on as its order here; received {a!r}")
    return _slope(int(order) + 1)(tensor(x))


def lbeta(x: Any, name: str | None = None) -> Any:
    """The logarithm of the beta function of the last axis, `Σ lgamma(x) - lgamma(Σ x)`."""
    given = tensor(x)
    return ops.subtract(ops.sum(_lgamma(given), -1), _lgamma(ops.sum(given, -1)))


def zeta(x: Any, q: Any, name: str | None = None) -> Any:
    """`Σ (q + k)^-x`; it has no derivative here."""
    return eager(np.asarray(_wide(_zeta, np.asarray(x), np.asarray(q))))
