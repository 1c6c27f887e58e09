"""Operations made of several, which have no rule of their own but are worth checking as wholes."""

# ruff: noqa: B008 (a lambda keeps what was drawn for it as a default: `lambda x, k=d.int(0, 2): ...`)

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish import ops
from tests.property.gradient_cases import _segment
from tests.property.gradient_draw import Case, Draw, along
from tests.property.linalg_cases import _definite, _regular, _spread_matrix


def _nan_reduced(function: Any) -> Case:
    """The numbers move, what is not a number stays."""

    def case(d: Draw) -> Any:
        shape = (2, 3)
        axis, keepdims = d.axes(2), d.pick(True, False)
        hole = np.zeros(shape, bool)
        hole[d.int(0, 1), d.int(0, 2)] = True
        return lambda x: function(ops.where(hole, np.nan, x), axis=axis, keepdims=keepdims), [d.distinct(shape)]

    return case


COMPOSITES: dict[str, Case] = {
    "average": lambda d: (lambda x, w: ops.average(x, 1, w), [d.array((2, 3)), d.array((2, 3), 0.5, 2)]),
    "diff": along(ops.diff),
    "trapezoid": lambda d: (ops.trapezoid, [d.array((2, 3))]),
    "quantile": lambda d: (lambda x, a=d.axes(2): ops.quantile(x, [0.2, 0.5], axis=a), [d.distinct((2, 3))]),
    "median": lambda d: (lambda x, a=d.axes(2): ops.median(x, axis=a), [d.distinct((2, 3))]),
    "rot90": lambda d: (lambda x, k=d.int(-1, 4): ops.rot90(x, k), [d.array((2, 3, 2))]),
    "tensordot": lambda d: (lambda a, b, n=d.pick(0, 1, 2, ([0], [2])): ops.tensordot(a, b, n),
                            [d.array((2, 2, 2)), d.array((2, 2, 2))]),
    "dot": lambda d: (ops.dot, [d.array((2, 3)), d.array((2, 3, 2))]),
    "inner": lambda d: (ops.inner, [d.array((2, 3)), d.array((2, 2, 3))]),
    "outer": lambda d: (ops.outer, [d.array((2,)), d.array((2, 2))]),
    "vdot": lambda d: (ops.vdot, [d.array((2, 2)), d.array((4,))]),
    "kron": lambda d: (ops.kron, [d.array((2, 2)), d.array((3,))]),
    "cross": lambda d: (ops.cross, [d.array((2, 3)), d.array((2, d.pick(2, 3)))]),
    "trace": lambda d: (ops.trace, [d.array((3, 3, 2))]),
    "meshgrid": lambda d: (lambda a, b, i=d.pick("xy", "ij"): ops.meshgrid(a, b, indexing=i), [d.array(2), d.array(3)]),
    "top_k": lambda d: (lambda x: ops.top_k(x, 2)[0], [d.distinct((2, 3))]),
    "slice": lambda d: (lambda x: ops.slice(x, [1, 0], [1, 2]), [d.array((2, 3))]),
    "slice_update": lambda d: (lambda x, u: ops.slice_update(x, [1, 1], u), [d.array((2, 3)), d.array((1, 2))]),
    "scatter": lambda d: (lambda v: ops.scatter([[0], [2], [0]], v, (3,)), [d.array((3,))]),
    "unstack": lambda d: (lambda x: ops.unstack(x, axis=1), [d.array((2, 3))]),
    "moments": lambda d: (lambda x: ops.moments(x, [0, 1]), [d.array((2, 3, 2))]),
    "normalize": lambda d: (lambda x, p=d.pick(1, 2, 3): ops.normalize(x, order=p), [d.array((2, 3), away=(0,))]),
    "batch_normalization": lambda d: (
        lambda x, m, v, b, s: ops.batch_normalization(x, m, v, 1, b, s),
        [d.array((2, 3, 2)), d.array(3), d.array(3, 0.5, 2), d.array(3), d.array(3)]),
    "layer_normalization": lambda d: (lambda x, g, b: ops.layer_normalization(x, g, b, axis=1),
                                      [d.array((2, 3, 2)), d.array(3), d.array(3)]),
    "dot_product_attention": lambda d: (
        lambda q, k, v, c=d.pick(True, False): ops.dot_product_attention(q, k, v, is_causal=c),
        [d.array((1, 2, 2, 2)), d.array((1, 3, 1, 2)), d.array((1, 3, 1, 2))]),
    "nancumsum": along(ops.nancumsum),
    "nancumprod": along(ops.nancumprod),
    "correlate": lambda d: (lambda a, b, m=d.pick("valid", "same", "full"): ops.correlate(a, b, m),
                            [d.array((d.int(1, 5),)), d.array((d.int(1, 4),))]),
    "corrcoef": lambda d: (lambda x: ops.corrcoef(x) * (1 - np.eye(2)), [d.array((2, 4))]),
    "extract_sequences": lambda d: (lambda x, s=d.int(1, 2): ops.extract_sequences(x, 2, s), [d.array((2, 5))]),
    "stft": lambda d: (lambda x, c=d.pick(True, False): ops.stft(x, 3, 2, 4, center=c), [d.array((2, 9))]),
    "istft": lambda d: (lambda a, b, n=d.pick(None, 5): ops.istft((a, b), 3, 2, 4, n),
                        [d.array((4, 3)), d.array((4, 3))]),
    "psnr": lambda d: (lambda a, b: ops.psnr(a, b, 2.0), [d.array((2, 3)), d.array((2, 3)) + 5]),
    "rearrange": lambda d: (lambda x: ops.rearrange(x, "a (b k) -> k a b", k=2), [d.array((2, 4))]),
    "glu": lambda d: (ops.glu, [d.array((2, 4))]),
    "vector norms": lambda d: (lambda x, p=d.pick(1, 3, np.inf, -np.inf, 0.5): ops.norm(x, p, axis=1),
                               [d.distinct((2, 3)) + 0.03]),
    "matrix norms": lambda d: (lambda x, p=d.pick(1, 2, -2, "nuc", "fro", np.inf): ops.norm(x, p, axis=(0, 1)),
                               [_spread_matrix(d, 2, 3) + 0.01]),
    "cdist": lambda d: (ops.cdist, [d.array((2, 3)), d.array((2, 3)) + 5]),
    "lstsq": lambda d: (ops.lstsq, [_spread_matrix(d, 3, 2), d.array((3,))]),
    "logdet": _definite(ops.logdet),
    "cholesky_inverse": _regular(ops.cholesky_inverse),
    "logspace": lambda d: (lambda a, b: ops.logspace(a, b, 3, base=2.0), [d.array(2), d.array(2)]),
    "vander": lambda d: (ops.vander, [d.array((3,), 0.5, 2)]),
    "scan": lambda d: (lambda x: ops.scan(lambda c, v: (c * v, c + v), x[0], x), [d.array((3,))]),
    "associative_scan": lambda d: (lambda x: ops.associative_scan(lambda a, b: a * b, x, axis=1), [d.array((2, 5))]),
    "map": lambda d: (lambda x: ops.map(lambda v: v * v, x), [d.array((3, 2))]),
    "select": lambda d: (lambda a, b: ops.select([np.array([True, False])], [a], b), [d.array((2,)), d.array((2,))]),
    "segment_min": _segment(ops.segment_min, True),
    "nansum": _nan_reduced(ops.nansum),
    "nanprod": _nan_reduced(ops.nanprod),
    "nanmean": _nan_reduced(ops.nanmean),
    "nanvar": _nan_reduced(ops.nanvar),
    "nanmax": _nan_reduced(ops.nanmax),
    "nanmin": _nan_reduced(ops.nanmin),
    "nanmedian": _nan_reduced(ops.nanmedian),
}  # fmt: skip
