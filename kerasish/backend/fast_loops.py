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
_S = numba.types.Array(numba.float32, 0, "C")
_I = numba.intp[::1]
_K = numba.uint32[::1]


def _adam(p, g, m, v, b1, c1, b2, c2, epsilon, rate):
    for i in range(len(p)):
        m[i] = m[i] * b1 + g[i] * c1
        v[i] = v[i] * b2 + g[i] * g[i] * c2
        p[i] -= m[i] / (np.sqrt(v[i]) + epsilon) * rate


def _sgd(p, g, rate):
    for i in range(len(p)):
        p[i] -= g[i] * rate


def _momentum(p, g, v, momentum, rate):
    for i in range(len(p)):
        v[i] = v[i] * momentum - g[i] * rate
        p[i] += v[i]


def _nesterov(p, g, v, momentum, rate):
    for i in range(len(p)):
        change = g[i] * rate
        v[i] = v[i] * momentum - change
        p[i] = p[i] - change + v[i] * momentum


def _rmsprop(p, g, v, rho, c, epsilon, rate):
    for i in range(len(p)):
        v[i] = v[i] * rho + g[i] * g[i] * c
        p[i] -= g[i] / np.sqrt(v[i] + epsilon) * rate


def _bias_relu(y, b):
    for i in range(y.shape[0]):
        for j in range(y.shape[1]):
            t = y[i, j] + b[j]
            y[i, j] = np.float32(0) if t <= 0 else t  # a NaN stays one


def _relu_slope(y, g):
    for i in range(y.shape[0]):
        for j in range(y.shape[1]):
            g[i, j] = g[i, j] * (np.float32(1) if y[i, j] > 0 else np.float32(0))


def _relu6(x, y):
    for i in range(len(x)):
        t = np.float32(0) if x[i] <= 0 else x[i]  # a NaN stays one
        y[i] = np.float32(6) if t >= 6 else t


def _relu6_slope(y, g, out):
    for i in range(len(y)):
        out[i] = g[i] * (np.float32(1) if 0 < y[i] < 6 else np.float32(0))


def _bias(y, b):
    for i in range(y.shape[0]):
        for j in range(y.shape[1]):
            y[i, j] += b[j]


def _centre(x, mean, centred, square):
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            c = x[i, j] - mean[j]
            centred[i, j] = c
            square[i, j] = c * c


def _scale_shift(x, factor, shift, y):
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            y[i, j] = x[i, j] * factor[j] + shift[j]


def _norm_slope(centred, slope, g, mean, factor, out):
    for i in range(g.shape[0]):
        for j in range(g.shape[1]):
            out[i, j] = (centred[i, j] * slope[j] + g[i, j] - mean[j]) * factor[j]


def _softmax_shift(z, top, p):
    for i in range(z.shape[0]):
        largest = z[i, 0]
        for j in range(1, z.shape[1]):
            if not z[i, j] <= largest and largest == largest:  # the first NaN stays
                largest = z[i, j]
        top[i, 0] = largest
        for j in range(z.shape[1]):
            p[i, j] = z[i, j] - largest


def _erf(x, e, near, far, out):
    for i in range(len(x)):
        z = x[i]
        a = min(abs(z), np.float32(30))
        if a < 1:
            s = np.float32(2) * a * a - _ONE
            y = near[0]
            for k in range(1, len(near)):
                y = y * s + near[k]
            out[i] = z * y
        else:
            s = (a - np.float32(3.75)) / (a + np.float32(3.75))
            y = far[0]
            for k in range(1, len(far)):
                y = y * s + far[k]
            out[i] = np.copysign(_ONE - e[i] * y / (_ONE + np.float32(2) * a), z)


def _add_rows(row, g, out):
    out[:] = 0
    for i in range(len(row)):
        for j in range(out.shape[1]):
            out[row[i], j] += g[i, j]


@numba.njit(inline="always")
def _sum(a):
    """The sum of up to 128 numbers in NumPy's order: eight at a time."""
    n = len(a)
    if n < 8:
        few = np.float32(0)
        for j in range(n):
            few += a[j]
        return few
    s0, s1, s2, s3, s4, s5, s6, s7 = a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7]
    whole = n - n % 8
    for j in range(8, whole, 8):
        s0 += a[j]
        s1 += a[j + 1]
        s2 += a[j + 2]
        s3 += a[j + 3]
        s4 += a[j + 4]
        s5 += a[j + 5]
        s6 += a[j + 6]
        s7 += a[j + 7]
    total = ((s0 + s1) + (s2 + s3)) + ((s4 + s5) + (s6 + s7))
    for j in range(whole, n):
        total += a[j]
    return total


def _softmax_share(p, total):
    for i in range(p.shape[0]):
        s = _sum(p[i])
        total[i, 0] = s
        for j in range(p.shape[1]):
            p[i, j] = p[i, j] / s


def _crossentropy_slope(p, index, factor, out):
    f = factor[()]
    flat = out.reshape(-1)
    for i in range(p.shape[0]):
        for j in range(p.shape[1]):
            out[i, j] = p[i, j] * f
        flat[index[i]] -= f


_ONE = np.float32(1)
_GOLDEN, _MIX_1, _MIX_2 = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)


@numba.njit(inline="always")
def _splitmix(state):
    z = (state ^ (state >> np.uint64(30))) * _MIX_1
    z = (z ^ (z >> np.uint64(27))) * _MIX_2
    return z ^ (z >> np.uint64(31))


def _dropout(key, threshold, scale, x, kept, y, words, quarters):
    # the generator SFC64, begun as `backend.random.generator` begins it; each of its words decides on four numbers
    start = (np.uint64(key[0]) << np.uint64(32)) | np.uint64(key[1])
    a = _splitmix(start + _GOLDEN)
    b = _splitmix(start + _GOLDEN + _GOLDEN)
    c = _splitmix(start + _GOLDEN + _GOLDEN + _GOLDEN)
    count = np.uint64(1)
    for i in range(-12, len(words)):
        word = a + b + count
        count += np.uint64(1)
        a = b ^ (b >> np.uint64(11))
        b = c + (c << np.uint64(3))
        c = ((c << np.uint64(24)) | (c >> np.uint64(40))) + word
        if i >= 0:  # the first dozen only mixes
            words[i] = word
    for i in range(len(x)):
        factor = scale if quarters[i] >= threshold else np.float32(0)
        kept[i] = factor
        y[i] = x[i] * factor


_SOURCES: dict[str, tuple[Callable[..., None], tuple[Any, ...]]] = {
    "adam": (_adam, (_V, _V, _V, _V, _F, _F, _F, _F, _F, _F)),
    "bias_relu": (_bias_relu, (_M, _V)),
    "relu_slope": (_relu_slope, (_M, _M)),
    "relu6": (_relu6, (_V, _V)),
    "relu6_slope": (_relu6_slope, (_V, _V, _V)),
    "bias": (_bias, (_M, _V)),
    "add_rows": (_add_rows, (_I, _M, _M)),
    "erf": (_erf, (_V, _V, _V, _V, _V)),
    "centre": (_centre, (_M, _V, _M, _M)),
    "scale_shift": (_scale_shift, (_M, _V, _V, _M)),
    "norm_slope": (_norm_slope, (_M, _V, _M, _V, _V, _M)),
    "softmax_shift": (_softmax_shift, (_M, _M, _M)),
    "softmax_share": (_softmax_share, (_M, _M)),
    "crossentropy_slope": (_crossentropy_slope, (_M, _I, _S, _M)),
    "dropout": (_dropout, (_K, numba.uint16, _F, _V, _V, _V, numba.uint64[::1], numba.uint16[::1])),
    "sgd": (_sgd, (_V, _V, _F)),
    "momentum": (_momentum, (_V, _V, _V, _F, _F)),
    "nesterov": (_nesterov, (_V, _V, _V, _F, _F)),
    "rmsprop": (_rmsprop, (_V, _V, _V, _F, _F, _F, _F)),
}


def maker(source: Callable[..., None], types: tuple[Any, ...]) -> Callable[[], Callable[..., None]]:
    """What compiles a loop, or loads it from Numba's cache."""
    signature = numba.void(*types)
    return lambda: numba.njit(signature, cache=True, nogil=True, error_model="numpy")(source)


LOOPS = {name: maker(source, types) for name, (source, types) in _SOURCES.items()}
