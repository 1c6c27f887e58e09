"""Linear algebra for the gradient checks: matrices that are well conditioned, results that are unique."""

# ruff: noqa: B008 (a lambda keeps what was drawn for it as a default: `lambda x, k=d.int(0, 2): ...`)

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish import ops
from tests.property.gradient_draw import Case, Draw


def _positive_definite(d: Draw) -> np.ndarray:
    n = d.int(1, 3)
    a = d.array((*d.pick((), (2,)), n, n), -1, 1)
    return a @ np.swapaxes(a, -1, -2) + 2 * np.eye(n)


def _symmetric(function: Any) -> Any:
    """A function of the symmetric part: its input stays symmetric when one number of it moves."""
    return lambda x: function((x + np.swapaxes(x, -1, -2)) / 2)


def _spread_matrix(d: Draw, rows: int, columns: int) -> np.ndarray:
    """A matrix whose singular values are well apart."""
    u, _ = np.linalg.qr(d.array((rows, rows)))
    v, _ = np.linalg.qr(d.array((columns, columns)))
    s = np.zeros((rows, columns))
    s[range(min(rows, columns)), range(min(rows, columns))] = np.arange(1, min(rows, columns) + 1)
    return u @ s @ v


def _definite(function: Any) -> Case:
    return lambda d: (_symmetric(function), [_positive_definite(d)])


def _regular(function: Any) -> Case:
    return lambda d: (function, [_positive_definite(d)])


def _eigh(d: Draw) -> Any:
    n = d.int(1, 3)
    q, _ = np.linalg.qr(d.array((n, n)))

    def gauge_free(x: Any) -> Any:  # eigenvectors are known up to their sign
        values, vectors = ops.eigh((x + np.swapaxes(x, -1, -2)) / 2)
        return [values, np.square(vectors)]

    return gauge_free, [q @ np.diag(np.arange(1.0, n + 1)) @ q.T]


def _svd(d: Draw) -> Any:
    rows, columns = d.pick((2, 2), (3, 2), (2, 3))

    def gauge_free(x: Any) -> Any:
        u, s, vt = ops.svd(x, full_matrices=rows == columns)
        return [np.square(u), s, np.square(vt), ops.matmul(u, vt)]

    return gauge_free, [_spread_matrix(d, rows, columns)]


def _solve(function: Any) -> Case:
    def case(d: Draw) -> Any:
        a = _positive_definite(d)
        b = d.array((*a.shape[:-2], a.shape[-1], 2) if a.ndim > 2 or d.pick(True, False) else a.shape[-1:])
        return function, [a, b]

    return case


LINALG_CASES: dict[str, Case] = {
    "det": _regular(ops.det),
    "inv": _regular(ops.inv),
    "slogdet": _regular(lambda x: ops.slogdet(x)[1]),
    "solve": _solve(ops.solve),
    "solve_triangular": lambda d: _solve(lambda a, b, low=d.pick(True, False): ops.solve_triangular(a, b, low))(d),
    "cholesky": _definite(ops.cholesky),
    "qr": lambda d: (lambda x: list(ops.qr(x)), [_spread_matrix(d, d.int(2, 3), 2)]),
    "eigh": _eigh,
    "svd": _svd,
    "singular_values": lambda d: (lambda x: ops.svd(x, compute_uv=False), [_spread_matrix(d, d.int(1, 3), 2)]),
    "pinv": lambda d: (ops.pinv, [_spread_matrix(d, d.int(1, 3), 2)]),
}  # fmt: skip
