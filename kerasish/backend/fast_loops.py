"""The fused loops themselves, for Numba. Loaded by `backend.fast`, and by nobody else.

Each does in one pass what NumPy does in several, with the same operations on the same float type in the same order, so
that the result is the same to the last bit. That is why there is no fast-math here, and why functions that NumPy
rounds in its own way (exp, tanh) are left to it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba
import numpy as np

_F = numba.float32
_V = numba.float32[::1]
_M = numba.float32[:, ::1]


def _adam(p, g, m, v, b1, c1, b2, c2, epsilon, rate):
    for i in numba.prange(len(p)):
        m[i] = m[i] * b1 + g[i] * c1
        v[i] = v[i] * b2 + g[i] * g[i] * c2
        p[i] -= m[i] / (np.sqrt(v[i]) + epsilon) * rate


def _sgd(p, g, rate):
    for i in numba.prange(len(p)):
        p[i] -= g[i] * rate


def _momentum(p, g, v, momentum, rate):
    for i in numba.prange(len(p)):
        v[i] = v[i] * momentum - g[i] * rate
        p[i] += v[i]


def _nesterov(p, g, v, momentum, rate):
    for i in numba.prange(len(p)):
        change = g[i] * rate
        v[i] = v[i] * momentum - change
        p[i] = p[i] - change + v[i] * momentum


def _rmsprop(p, g, v, rho, c, epsilon, rate):
    for i in numba.prange(len(p)):
        v[i] = v[i] * rho + g[i] * g[i] * c
        p[i] -= g[i] / np.sqrt(v[i] + epsilon) * rate


def _bias_relu(y, b):
    for i in numba.prange(y.shape[0]):
        for j in range(y.shape[1]):
            t = y[i, j] + b[j]
            y[i, j] = np.float32(0) if t <= 0 else t  # a NaN stays one


def _relu_slope(y, g):
    for i in numba.prange(y.shape[0]):
        for j in range(y.shape[1]):
            g[i, j] = g[i, j] * (np.float32(1) if y[i, j] > 0 else np.float32(0))


def _bias(y, b):
    for i in numba.prange(y.shape[0]):
        for j in range(y.shape[1]):
            y[i, j] += b[j]


def _centre(x, mean, centred, square):
    for i in numba.prange(x.shape[0]):
        for j in range(x.shape[1]):
            c = x[i, j] - mean[j]
            centred[i, j] = c
            square[i, j] = c * c


def _scale_shift(x, factor, shift, y):
    for i in numba.prange(x.shape[0]):
        for j in range(x.shape[1]):
            y[i, j] = x[i, j] * factor[j] + shift[j]


def _norm_slope(centred, slope, g, mean, factor, out):
    for i in numba.prange(g.shape[0]):
        for j in range(g.shape[1]):
            out[i, j] = (centred[i, j] * slope[j] + g[i, j] - mean[j]) * factor[j]


_SOURCES: dict[str, tuple[Callable[..., None], tuple[Any, ...]]] = {
    "adam": (_adam, (_V, _V, _V, _V, _F, _F, _F, _F, _F, _F)),
    "bias_relu": (_bias_relu, (_M, _V)),
    "relu_slope": (_relu_slope, (_M, _M)),
    "bias": (_bias, (_M, _V)),
    "centre": (_centre, (_M, _V, _M, _M)),
    "scale_shift": (_scale_shift, (_M, _V, _V, _M)),
    "norm_slope": (_norm_slope, (_M, _V, _M, _V, _V, _M)),
    "sgd": (_sgd, (_V, _V, _F)),
    "momentum": (_momentum, (_V, _V, _V, _F, _F)),
    "nesterov": (_nesterov, (_V, _V, _V, _F, _F)),
    "rmsprop": (_rmsprop, (_V, _V, _V, _F, _F, _F, _F)),
}


def _maker(source: Callable[..., None], types: tuple[Any, ...], parallel: bool) -> Callable[[], Callable[..., None]]:
    signature = numba.void(*types)
    return lambda: numba.njit(signature, cache=True, parallel=parallel, nogil=True, error_model="numpy")(source)


LOOPS = {
    name + suffix: _maker(source, types, bool(suffix))
    for name, (source, types) in _SOURCES.items()
    for suffix in ("", "_parallel")
}
