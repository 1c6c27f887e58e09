"""The loops of recurrent layers over time, for Numba: the calls of `ops.recurrent_loops`, in their order, on one part.

A part is some of the batch's sequences. Everything between two products is done while it is in the first cache, and
nothing asks the interpreter, so parts run on several cores at once.
"""

from __future__ import annotations

import numba
import numpy as np

from kerasish.backend.fast_numpy import matmul, sharing_numpy, tanh

_V = numba.float32[::1]
_M = numba.float32[:, ::1]
_A3 = numba.float32[:, :, ::1]
_A4 = numba.float32[:, :, :, ::1]
_P = numba.intp[:, ::1]
_W = numba.intp[::1]
_N = numba.intp
_B = numba.boolean
_ONE, _HALF = np.float32(1), np.float32(0.5)


@numba.njit(inline="always")
def _products(inner, weights, s, z, pieces, units, ahead, spare, words):
    """The weighted sums of one step; with `ahead` those of the inputs are in `z`."""
    for p in range(len(pieces)):
        first, last, row, end = pieces[p]
        if not ahead:
            matmul(inner, weights[first:last, row:end], s[row:end], z[first:last], words)
        elif row < units:
            end = min(end, units)
            matmul(inner, weights[first:last, row:end], s[row:end], spare[first:last], words)
            for k in range(first, last):
                for j in range(z.shape[1]):
                    z[k, j] += spare[k, j]


@numba.njit(inline="always")
def _hold(old, new, absent):
    """Where a step is left out, the state stays."""
    for k in range(new.shape[0]):
        for j in range(new.shape[1]):
            if absent[j] > 0:
                new[k, j] = old[k, j]


def _simple_forward(part, inner, states, weights, pieces, gates, squashed, ahead, masked):
    units, words = gates.shape[2], np.empty(16, np.intp)
    spare = np.empty(gates.shape[2:], np.float32)
    for t in range(states.shape[0] - 1):
        s, new, z = states[t, part], states[t + 1, part, :units], gates[t, part]
        _products(inner, weights, s, z, pieces, units, ahead, spare, words)
        tanh(inner, z.reshape(-1), new.reshape(-1), words)
        if masked:
            _hold(s, new, s[-1])


def _lstm_forward(part, inner, states, weights, pieces, gates, squashed, ahead, masked):
    units, words = squashed.shape[2], np.empty(16, np.intp)
    spare, n = np.empty(gates.shape[2:], np.float32), squashed.shape[2] * squashed.shape[3]
    for t in range(states.shape[0] - 1):
        s, new, z = states[t, part], states[t + 1, part, :units], gates[t, part]
        _products(inner, weights, s, z, pieces, units, ahead, spare, words)
        g, carry = z.reshape(-1), gates[t + 1, part, 4 * units :].reshape(-1)
        through, h = squashed[t, part].reshape(-1), new.reshape(-1)
        tanh(inner, g[: 4 * n], g[: 4 * n], words)
        for k in range(3 * n):
            g[k] = g[k] * _HALF + _HALF
        for k in range(n):
            carry[k] = g[k] * g[3 * n + k] + g[n + k] * g[4 * n + k]
        tanh(inner, carry, through, words)
        for k in range(n):
            h[k] = g[2 * n + k] * through[k]
        if masked:
            _hold(s, new, s[-1])


def _gru_forward(part, inner, states, weights, pieces, gates, squashed, ahead, masked):
    units, words = gates.shape[2] // 4, np.empty(16, np.intp)
    spare, n = np.empty(gates.shape[2:], np.float32), units * gates.shape[3]
    for t in range(states.shape[0] - 1):
        s, z = states[t, part], gates[t, part]
        _products(inner, weights, s, z, pieces, units, ahead, spare, words)
        g, old, new = z.reshape(-1), s[:units].reshape(-1), states[t + 1, part, :units].reshape(-1)
        tanh(inner, g[n : 3 * n], g[n : 3 * n], words)
        for k in range(n, 3 * n):
            g[k] = g[k] * _HALF + _HALF
        for k in range(n):
            g[k] += g[2 * n + k] * g[3 * n + k]
        tanh(inner, g[:n], g[:n], words)
        for k in range(n):
            new[k] = (_ONE - g[n + k]) * g[k] + g[n + k] * old[k]


@numba.njit(inline="always")
def _simple_slope(t, part, states, gates, squashed, dh, dc, delta):
    h = states[t + 1, part, : dh.shape[0]].reshape(-1)
    g, d = dh.reshape(-1), delta.reshape(-1)
    for k in range(len(g)):
        d[k] = g[k] * (_ONE - h[k] * h[k])


@numba.njit(inline="always")
def _lstm_slope(t, part, states, gates, squashed, dh, dc, delta):
    g, through = gates[t, part].reshape(-1), squashed[t, part].reshape(-1)
    h, e, d, n = dh.reshape(-1), dc.reshape(-1), delta.reshape(-1), dh.size
    for k in range(n):
        e[k] += h[k] * g[2 * n + k] * (_ONE - through[k] * through[k])
    for k in range(n):
        d[k] = g[3 * n + k] * e[k] * ((_ONE - g[k]) * g[k])
    for k in range(n):
        d[n + k] = g[4 * n + k] * e[k] * ((_ONE - g[n + k]) * g[n + k])
    for k in range(n):
        d[2 * n + k] = h[k] * through[k] * ((_ONE - g[2 * n + k]) * g[2 * n + k])
    for k in range(n):
        d[3 * n + k] = e[k] * g[k] * (_ONE - g[3 * n + k] * g[3 * n + k])
    for k in range(n):
        e[k] *= g[n + k]


@numba.njit(inline="always")
def _gru_slope(t, part, states, gates, squashed, dh, dc, delta):
    g, h = gates[t, part].reshape(-1), states[t, part, : dh.shape[0]].reshape(-1)
    e, d, n = dh.reshape(-1), delta.reshape(-1), dh.size
    for k in range(n):
        d[k] = (_ONE - g[n + k]) * e[k] * (_ONE - g[k] * g[k])
    for k in range(n):
        d[n + k] = (h[k] - g[k]) * e[k] * ((_ONE - g[n + k]) * g[n + k])
    for k in range(n):
        d[2 * n + k] = d[k] * g[3 * n + k] * ((_ONE - g[2 * n + k]) * g[2 * n + k])
    for k in range(n):
        d[3 * n + k] = d[k] * g[2 * n + k]
    for k in range(n):
        e[k] *= g[n + k]


@numba.njit(inline="always")
def _weight_shares(inner, rows, deltas, count, pieces, spare, shares, words):
    """Add what a block of steps says of the weights."""
    for p in range(len(pieces)):
        first, last, row, end = pieces[p]
        product = spare[: (end - row) * (last - first)].reshape(end - row, last - first)
        matmul(inner, rows[row:end, :count], deltas[first:last, :count].T, product, words)
        for k in range(row, end):
            for j in range(first, last):
                shares[k, j] += product[k - row, j - first]


@numba.njit(inline="always")
def _back(slope, keeps, part, inner, args):
    """The loop back in time, with the gates' slope; `keeps` is whether the gates keep a state that is masked."""
    states, back, pieces, columns, steps, gates, squashed, arrived, dh, dc, image, shares, masked = args
    h, e, total, words = dh[part], dc[part], shares[part], np.empty(16, np.intp)
    units, lot = h.shape
    of_h, of_x = slice(columns[0], columns[1]), slice(columns[2], columns[3])
    delta, past, held = np.empty((total.shape[1], lot), np.float32), np.empty_like(h), np.zeros_like(h)
    rows = np.empty((total.shape[0], steps * lot), np.float32)
    deltas = np.empty((total.shape[1], steps * lot), np.float32)
    spare, count = np.empty(total.size, np.float32), 0
    for t in range(states.shape[0] - 2, -1, -1):
        s = states[t, part]
        if len(arrived):
            h += arrived[t, part]
        if masked and not keeps:
            for k in range(units):
                for j in range(lot):
                    held[k, j] = h[k, j] * s[-1, j]
                    h[k, j] -= held[k, j]
        slope(t, part, states, gates, squashed, h, e, delta)
        place = t % steps
        rows[:, place * lot : (place + 1) * lot] = s
        deltas[:, place * lot : (place + 1) * lot] = delta
        count += lot
        if place == 0:
            _weight_shares(inner, rows, deltas, count, pieces, spare, total, words)
            count = 0
        matmul(inner, back[:units, of_h], delta[of_h], past, words)
        if len(image):
            matmul(inner, back[units:, of_x], delta[of_x], image[t, part], words)
        for k in range(units):
            for j in range(lot):
                h[k, j] = past[k, j] + (h[k, j] if keeps else held[k, j])


def _simple_backward(part, inner, args):
    _back(_simple_slope, False, part, inner, args)


def _lstm_backward(part, inner, args):
    _back(_lstm_slope, False, part, inner, args)


def _gru_backward(part, inner, args):
    _back(_gru_slope, True, part, inner, args)


_FORWARD = (_A4, _M, _P, _A4, _A4, _B, _B)
_BACKWARD = (numba.types.Tuple((_A4, _M, _P, _W, _N, _A4, _A4, _A4, _A3, _A3, _A4, _A3, _B)),)

LOOPS = {
    "simple_rnn_forward": sharing_numpy(_simple_forward, _FORWARD),
    "lstm_forward": sharing_numpy(_lstm_forward, _FORWARD),
    "gru_forward": sharing_numpy(_gru_forward, _FORWARD),
    "simple_rnn_backward": sharing_numpy(_simple_backward, _BACKWARD),
    "lstm_backward": sharing_numpy(_lstm_backward, _BACKWARD),
    "gru_backward": sharing_numpy(_gru_backward, _BACKWARD),
}
