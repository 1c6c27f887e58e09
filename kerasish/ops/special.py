"""The error function and its relatives, of arrays.

NumPy has none, and Python's `math.erfc` takes one number. So `erf` and the scaled complement
`erfcx(x) = exp(x²) erfc(x)` are interpolated between Chebyshev points at which Python's function is asked, once.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

from kerasish.backend.operators import float_unary

_ROOT_PI = math.sqrt(math.pi)
PIVOT = 3.75  # x = 0..∞ becomes t = (x - 3.75) / (x + 3.75) = -1..1 (Shepherd and Laframboise, 1981)
LARGEST = 30.0  # from here on erfc is 0 in every float type


def _erfcx(x: float) -> float:
    """`exp(x²) erfc(x)` of one number; beyond 6 by its asymptotic series."""
    if x < 6:
        return math.exp(x * x) * math.erfc(x)
    term = total = 1.0
    for k in range(1, 18):
        term *= -(2 * k - 1) / (2 * x * x)
        total += term
    return total / (x * _ROOT_PI)


def _interpolate(function: Callable[[float], float], degree: int) -> list[float]:
    """The coefficients, highest first, of the polynomial that meets `function` on -1..1 at its Chebyshev points."""
    values = np.polynomial.chebyshev.chebinterpolate(np.vectorize(function), degree)
    return [float(c) for c in np.polynomial.chebyshev.cheb2poly(values)[::-1]]


@lru_cache(maxsize=2)
def coefficients(single: bool) -> tuple[list[float], list[float]]:
    """Polynomials for `erf(x) / x` in `2x² - 1`, where `|x| < 1`, and for `(1 + 2x) erfcx(x)` in `t`."""

    def near(s: float) -> float:
        x = math.sqrt((s + 1) / 2)
        return math.erf(x) / x if x else 2 / _ROOT_PI

    def far(t: float) -> float:
        x = PIVOT * (1 + t) / (1 - t)
        return (1 + 2 * x) * _erfcx(x)

    return _interpolate(near, 6 if single else 13), _interpolate(far, 11 if single else 26)


def _polynomial(coefficients: list[float], x: np.ndarray) -> np.ndarray:
    y = np.full_like(x, coefficients[0])
    for c in coefficients[1:]:
        y *= x
        y += c
    return y


def _near_and_far(x: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """`|x|`, erf(x) good for `|x| < 1`, and erfc(|x|)."""
    near, far = coefficients(x.dtype.itemsize <= 4)
    a = np.minimum(np.abs(x), LARGEST)
    small = np.minimum(a, 1)
    erf_near = np.sign(x) * small * _polynomial(near, 2 * small * small - 1)
    erfc_far = np.exp(-a * a) * _polynomial(far, (a - PIVOT) / (a + PIVOT)) / (1 + 2 * a)
    return a, erf_near, erfc_far


def _in_single(function: Callable[[np.ndarray], Any]) -> Callable[[np.ndarray], Any]:
    """Half-precision numbers are computed in single precision."""

    def forward(x: np.ndarray) -> Any:
        if x.dtype.itemsize >= 4:
            return function(x)
        return function(x.astype(np.float32)).astype(x.dtype)

    return forward


def _erf(x: np.ndarray) -> Any:
    a, near, far = _near_and_far(x)
    return np.where(a < 1, near, np.copysign(1 - far, x))


def _erfc(x: np.ndarray) -> Any:
    a, near, far = _near_and_far(x)
    return np.where(x > 0.5, far, np.where(a < 1, 1 - near, 2 - far))


def _erfinv(y: np.ndarray) -> Any:
    """A closed approximation (Winitzki, 2008), corrected by Halley's method; 1 - |y| keeps the tails exact."""
    a = np.abs(y)
    with np.errstate(divide="ignore", invalid="ignore"):
        tail = 1 - a
        log = np.log(tail * (1 + a))
        half = 2 / (math.pi * 0.147) + log / 2
        x = np.sqrt(np.sqrt(half * half - log / 0.147) - half)
        for _ in range(3):
            wrong = np.where(a < 0.5, a - _erf(x), _erfc(x) - tail)
            step = wrong * np.exp(x * x) * (_ROOT_PI / 2)
            x = np.where(np.isfinite(step), x + step / (1 - x * step), x)
        x = np.where(a == 1, np.inf, np.where(a > 1, np.nan, np.where(a == 0, 0, x)))
    return np.copysign(x, y).astype(y.dtype)


erf = float_unary(
    "erf",
    _in_single(_erf),
    lambda g, y, x: g * (2 / _ROOT_PI) * np.exp(-x * x),
    doc="The error function, `2/√π ∫₀ˣ exp(-t²) dt`.",
    plan="kerasish.ops.plans.special:erf",
)
erfc = float_unary(
    "erfc",
    _in_single(_erfc),
    lambda g, y, x: g * (-2 / _ROOT_PI) * np.exp(-x * x),
    doc="`1 - erf(x)`, exact where `erf(x)` is nearly 1.",
)
erfinv = float_unary(
    "erfinv",
    _in_single(_erfinv),
    lambda g, y, x: g * (_ROOT_PI / 2) * np.exp(y * y),
    doc="The inverse of `erf`, of numbers from -1 to 1.",
)
