"""For every primitive that has a derivative: what to call, with what arguments, to check it.

A case takes a `Draw` and returns a function of float64 arrays and the arrays. Kinks and poles are kept away from.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import strategies as st

from kerasish import ops
from kerasish.backend import operators
from kerasish.ops import crossentropy, fused, linalg, mean_losses

Case = Callable[["Draw"], tuple[Callable[..., Any], list[np.ndarray]]]


class Draw:
    """Shapes, axes and numbers, drawn by hypothesis; the numbers come from a seeded generator."""

    def __init__(self, data: Any) -> None:
        self._draw = data.draw
        self.rng = np.random.default_rng(self._draw(st.integers(0, 2**32 - 1)))

    def pick(self, *choices: Any) -> Any:
        return self._draw(st.sampled_from(choices))

    def int(self, low: int, high: int) -> int:
        return self._draw(st.integers(low, high))

    def shape(self, least: int = 0, most: int = 3, sides: int = 3) -> tuple[int, ...]:
        return tuple(self._draw(st.lists(st.integers(1, sides), min_size=least, max_size=most)))

    def array(self, shape: Any, low: float = -2.0, high: float = 2.0, away: tuple[float, ...] = ()) -> np.ndarray:
        x = self.rng.uniform(low, high, shape)
        for kink in away:
            x = np.where(np.abs(x - kink) < 0.02, kink + 0.05, x)
        return np.asarray(x)

    def distinct(self, shape: tuple[int, ...]) -> np.ndarray:
        """Numbers no two of which are near each other."""
        size = int(np.prod(shape))
        return (self.rng.permutation(size).astype(float) / max(size, 1) * 3 - 1.4).reshape(shape)

    def axis(self, ndim: int) -> int:
        return self._draw(st.integers(-ndim, ndim - 1))

    def axes(self, ndim: int) -> Any:
        """None, an axis or several."""
        if ndim == 0 or self.pick(True, False, False):
            return None
        if ndim > 1 and self.pick(True, False):
            return tuple(self._draw(st.permutations(range(ndim)))[: self.int(1, ndim)])
        return self.axis(ndim)

    def broadcastable(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Two shapes that broadcast with each other."""
        full = self.shape()

        def part() -> tuple[int, ...]:
            stretched = tuple(n if self.pick(True, True, False) else 1 for n in full)
            return stretched[self.int(0, len(full)) :] if self.pick(True, False) else stretched

        return part(), part()


def unary(function: Any, low: float = -2.0, high: float = 2.0, away: tuple[float, ...] = (), **params: Any) -> Case:
    return lambda d: (lambda x: function(x, **params), [d.array(d.shape(), low, high, away)])


def binary(function: Any, first: tuple[float, float] = (-2, 2), second: tuple[float, float] = (-2, 2)) -> Case:
    def case(d: Draw) -> Any:
        s, t = d.broadcastable()
        return function, [d.array(s, *first, away=(0.0,)), d.array(t, *second, away=(0.0,))]

    return case


def compared(function: Any) -> Case:
    """Two arguments that are nowhere nearly equal."""

    def case(d: Draw) -> Any:
        s, t = d.broadcastable()
        a, b = d.array(s), d.array(t)
        return function, [np.asarray(np.round(a, 1)), np.asarray(np.round(b, 1) + 0.03)]

    return case


def reduced(function: Any, low: float = -2.0, high: float = 2.0, distinct: bool = False) -> Case:
    def case(d: Draw) -> Any:
        shape = d.shape(0 if not distinct else 1)
        axis, keepdims = d.axes(len(shape)), d.pick(True, False)
        x = d.distinct(shape) if distinct else d.array(shape, low, high)
        return lambda x: function(x, axis=axis, keepdims=keepdims), [x]

    return case


def along(function: Any, least: int = 1, distinct: bool = False, none: bool = False) -> Case:
    """A function along one axis."""

    def case(d: Draw) -> Any:
        shape = d.shape(least)
        axis = None if none and d.pick(True, False) else d.axis(len(shape))
        return lambda x: function(x, axis=axis), [d.distinct(shape) if distinct else d.array(shape)]

    return case


def arranged(make: Callable[[Draw, tuple[int, ...]], Callable[[Any], Any]], least: int = 1) -> Case:
    """A rearrangement, made for a shape."""

    def case(d: Draw) -> Any:
        shape = d.shape(least)
        return make(d, shape), [d.array(shape)]

    return case


def several(function: Any, joined: bool) -> Case:
    def case(d: Draw) -> Any:
        shape = d.shape(1)
        axis = d.axis(len(shape))
        shapes = [list(shape) for _ in range(d.int(1, 3))]
        if joined:
            for s in shapes:
                s[axis] = d.int(1, 3)
        return lambda *xs: function(xs, axis=axis), [d.array(s) for s in shapes]

    return case


def _matmul(d: Draw) -> Any:
    n, k, m = d.int(1, 3), d.int(1, 3), d.int(1, 3)
    left, right = d.pick(
        ((k,), (k,)), ((n, k), (k,)), ((k,), (k, m)), ((n, k), (k, m)), ((2, n, k), (k, m)), ((n, k), (2, k, m)),
        ((2, 1, n, k), (3, k, m)), ((k,), (2, k, m)), ((2, n, k), (k,)),
    )  # fmt: skip
    return operators.matmul, [d.array(left), d.array(right)]


def _einsum(d: Draw) -> Any:
    sizes = {"i": 2, "j": 3, "k": 2, "b": 2, "h": 2, "d": 2}
    subscripts = d.pick(
        "ij->ji", "ii->i", "ii->", "ij->", "iij->j", "ij,jk->ik", "bij,bjk->bik", "bij,jk->bik", "ij,ij->", "i,j->ij",
        "ij,jk", "...j,jk->...k", "bi...,ij->bj...", "ij,jk,ik->i", "bijh,bkjh->bkih", "bij,jhd->bihd", "ij,k->ik",
    )  # fmt: skip
    terms = subscripts.split("->")[0].split(",")
    shapes = [[sizes[c] for c in t.replace("...", "hd")] for t in terms]
    return lambda *xs: ops.einsum(subscripts, *xs), [d.array(s) for s in shapes]


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
        values, vectors = linalg.eigh((x + np.swapaxes(x, -1, -2)) / 2)
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


def _take(d: Draw) -> Any:
    shape = d.shape(1)
    axis = d.pick(None, d.axis(len(shape)))
    n = int(np.prod(shape)) if axis is None else shape[axis]
    index = d.rng.integers(-n, n, d.shape(0, 2))
    return lambda x: ops.take(x, index, axis=axis), [d.array(shape)]


def _take_along(d: Draw) -> Any:
    shape = d.shape(1)
    axis = d.axis(len(shape))
    sizes = list(shape)
    sizes[axis] = d.int(1, 4)
    index = d.rng.integers(0, shape[axis], sizes)
    return lambda x: ops.take_along_axis(x, index, axis=axis), [d.array(shape)]


def _getitem(d: Draw) -> Any:
    key = d.pick(
        0, -1, slice(1, None), slice(None, None, -1), (Ellipsis, 0), (slice(None), [0, 0, 1]), ([0, 1, 1],), None,
        (0, slice(None), -1), np.array([[0, 1], [1, 1]]), (slice(None), slice(None), np.array([1, 1])),
        ([0, 1], slice(None), [1, 0]), np.arange(12).reshape(2, 3, 2) % 3 == 0,
    )  # fmt: skip
    return lambda x: x[key], [d.array((2, 3, 2))]


def _put(d: Draw) -> Any:
    key, out = d.pick(
        ((np.array([0, 2, 0]),), (3, 2)), ((slice(None), np.array([1, 1])), (3, 4)), ((slice(0, 3), 1), (4, 2)),
        ((np.array([0, 0, 1]), np.array([1, 1, 0])), (2, 2)), (np.array([-1, 0]), (3,)),
    )  # fmt: skip
    given = np.zeros(out)[key].shape
    return lambda g: operators.put(g, index=key, shape=out), [d.array(given)]


def _scatter(reduction: str | None) -> Case:
    def case(d: Draw) -> Any:
        index = [[0, 1], [2, 0], [0, 1]] if reduction != "mul" else [[0, 1], [2, 0], [1, 1]]
        return lambda x, u: ops.scatter_update(x, index, u, reduction), [d.distinct((3, 2)), d.distinct((3,)) + 0.05]

    return case


def _extreme_scatter(d: Draw) -> Any:
    return _scatter(d.pick("max", "min"))(d)


def _segment(function: Any, distinct: bool = False) -> Case:
    def case(d: Draw) -> Any:
        shape = (4, *d.shape(0, 1))
        ids = d.rng.integers(-1, 4, 4)
        x = d.distinct(shape) if distinct else d.array(shape)
        return lambda x: function(x, ids, num_segments=3)[np.unique(ids[(ids >= 0) & (ids < 3)])], [x]

    return case


def _with_zeros(function: Any) -> Case:
    """Products, in which zeros must not divide."""

    def case(d: Draw) -> Any:
        build, (x,) = reduced(function)(d)
        return build, [np.where(d.rng.random(x.shape) < 0.2, 0.0, x)]

    return case


def _norm(d: Draw) -> Any:
    shape = d.shape(1)
    axes = d.axes(len(shape))
    keepdims = d.pick(True, False)
    if isinstance(axes, tuple):
        axes = axes[0] if len(axes) != 2 else axes
    return lambda x: ops.norm(x, axis=axes, keepdims=keepdims), [d.array(shape)]


def _dense(d: Draw) -> Any:
    rows = d.pick((2,), (2, 3))
    activation = d.pick(None, "tanh", "relu")
    args = [d.array((*rows, 3)), d.array((3, 2)), d.array((2,), 0.5, 1)]
    return lambda x, k, b: fused.dense(x, k, b, activation=activation), args


def _labels(function: Any) -> Case:
    def case(d: Draw) -> Any:
        labels = d.rng.integers(0, 3, (4,))
        return lambda z: function(labels, z, axis=-1), [d.array((4, 3))]

    return case


def _mean_labels(d: Draw) -> Any:
    labels = d.rng.integers(0, 3, (4,))
    return lambda z: mean_losses.mean_sparse_softmax_crossentropy(labels, z), [d.array((4, 3))]



def _target_pair(function: Any, **params: Any) -> Case:
    """Both the target and the output are differentiated."""
    return lambda d: (lambda t, z: function(t, z, **params), [d.array((4, 3), 0.1, 0.9), d.array((4, 3), 1.0, 2.0)])


def _fixed_target(function: Any) -> Case:
    def case(d: Draw) -> Any:
        target = d.array((4, 3), 0.1, 0.9)
        return lambda z: function(target, z), [d.array((4, 3), 1.0, 2.0)]

    return case


def _gradient_of_square(x: Any) -> Any:
    @ops.custom_gradient
    def square(x: Any) -> Any:
        return ops.square(x), lambda upstream: upstream * 2 * x

    return square(x)


def _where(d: Draw) -> Any:
    s, t = d.broadcastable()
    condition = d.rng.random(np.broadcast_shapes(s, t)) < 0.5
    return lambda a, b: ops.where(condition, a, b), [d.array(s), d.array(t)]


def _linspace(d: Draw) -> Any:
    s, t = d.broadcastable()
    num, endpoint, axis = d.int(1, 4), d.pick(True, False), d.pick(0, -1)
    return lambda a, b: ops.linspace(a, b, num, endpoint, axis=axis), [d.array(s), d.array(t)]


def _permutation(d: Draw, shape: tuple[int, ...]) -> Any:
    order = d.pick(None, tuple(d.rng.permutation(len(shape)) - (len(shape) if d.pick(True, False) else 0)))
    return lambda x: ops.transpose(x, order)


def _pad(d: Draw, shape: tuple[int, ...]) -> Any:
    mode = d.pick("constant", "reflect", "symmetric")
    widths = [(d.int(0, 1), d.int(0, 1)) for _ in shape]
    return lambda x: ops.pad(x, widths, mode)


def _diagonal(d: Draw, shape: tuple[int, ...]) -> Any:
    a, b = d.rng.permutation(len(shape))[:2]
    offset = d.int(1 - shape[a], shape[b] - 1)
    return lambda x: ops.diagonal(x, offset, int(a), int(b))


_POSITIVE = {"low": 0.2, "high": 3.0}
_INSIDE = {"low": -0.9, "high": 0.9}

CASES: dict[str, Case] = {
    # arithmetic
    "add": binary(ops.add),
    "subtract": binary(ops.subtract),
    "multiply": binary(ops.multiply),
    "divide": binary(ops.divide, second=(0.5, 2)),
    "divide_no_nan": binary(ops.divide_no_nan, second=(0.5, 2)),
    "power": lambda d: d.pick(
        binary(ops.power, first=(0.2, 2)),
        unary(lambda x, p=d.pick(2, 3, -1, 0, 1): x**p, 0.3, 2),
        unary(lambda x: 2.0**x),
        unary(lambda x: x**0.5, 0.2, 2),
    )(d),
    "mod": lambda d: (ops.mod, [d.array((3,), 0.1, 0.9) + 4, d.array((3,), 1.0, 1.05)]),
    "fmod": lambda d: (ops.fmod, [-d.array((3,), 0.1, 0.9) - 4, d.array((3,), 1.0, 1.05)]),
    "negative": unary(ops.negative),
    "absolute": unary(ops.absolute, away=(0,)),
    "fabs": unary(ops.fabs, away=(0,)),
    "square": unary(ops.square),
    "reciprocal": unary(ops.reciprocal, **_POSITIVE),
    # elementwise functions
    **{name: unary(getattr(ops, name)) for name in (
        "exp exp2 expm1 sin cos arctan sinh cosh tanh arcsinh deg2rad rad2deg erf erfc softplus sigmoid log_sigmoid "
        "silu softsign tanh_shrink gelu squareplus copy"
    ).split()},
    **{name: unary(getattr(ops, name), **_POSITIVE) for name in "log log2 log10 log1p sqrt cbrt rsqrt".split()},
    **{name: unary(getattr(ops, name), **_INSIDE) for name in "arcsin arccos arctanh erfinv tan".split()},
    "arccosh": unary(ops.arccosh, 1.2, 3),
    "sinc": unary(ops.sinc, away=(0,)),
    "nan_to_num": unary(ops.nan_to_num),
    "relu": unary(ops.relu, away=(0,)),
    "relu6": unary(ops.relu6, -2, 8, away=(0, 6)),
    "leaky_relu": unary(ops.leaky_relu, away=(0,)),
    "elu": unary(ops.elu, away=(0,), alpha=1.3),
    "celu": unary(ops.celu, away=(0,), alpha=0.7),
    "selu": unary(ops.selu, away=(0,)),
    "gelu": lambda d: unary(ops.gelu, approximate=d.pick(True, False))(d),
    "hard_sigmoid": unary(ops.hard_sigmoid, -5, 5, away=(-3, 3)),
    "hard_silu": unary(ops.hard_silu, -5, 5, away=(-3, 3)),
    "hard_tanh": unary(ops.hard_tanh, away=(-1, 1)),
    "sparse_plus": unary(ops.sparse_plus, away=(-1, 1)),
    "sparse_sigmoid": unary(ops.sparse_sigmoid, away=(-1, 1)),
    "soft_shrink": unary(ops.soft_shrink, away=(-0.5, 0.5)),
    "hard_shrink": unary(ops.hard_shrink, away=(-0.5, 0.5)),
    "threshold": unary(ops.threshold, away=(0.3,), threshold=0.3, default_value=0.1),
    "hypot": binary(ops.hypot),
    "arctan2": binary(ops.arctan2, second=(0.5, 2)),
    "logaddexp": binary(ops.logaddexp),
    "logaddexp2": binary(ops.logaddexp2),
    "maximum": compared(ops.maximum),
    "minimum": compared(ops.minimum),
    "fmax": compared(ops.fmax),
    "fmin": compared(ops.fmin),
    "heaviside": lambda d: (lambda b: ops.heaviside(np.array([0.0, 1.0, -1.0]), b), [d.array((3,))]),
    "nextafter": unary(lambda x: ops.nextafter(x, 5.0)),
    "ldexp": unary(lambda x: ops.ldexp(x, np.array(3))),
    "clip": lambda d: (ops.clip, [d.array((3, 2), -2, 2, away=(-1, 1)), np.full((2,), -1.0), np.full((), 1.0)]),
    "where": _where,
    "cast": unary(lambda x: ops.cast(ops.cast(x, "float64") * 2, "float64")),
    "custom_gradient": unary(_gradient_of_square),
    # reductions
    "sum": reduced(ops.sum),
    "mean": reduced(ops.mean),
    "var": reduced(ops.var),
    "std": lambda d: (lambda x, axis=d.axes(2): ops.std(x, axis=axis), [d.distinct((2, 3))]),
    "prod": _with_zeros(ops.prod),
    "max": reduced(ops.max, distinct=True),
    "min": reduced(ops.min, distinct=True),
    "logsumexp": reduced(ops.logsumexp),
    "norm": _norm,
    "cumsum": along(ops.cumsum, none=True),
    "cumprod": along(ops.cumprod, none=True),
    # shapes
    "reshape": arranged(lambda d, s: lambda x: ops.reshape(x, (-1, s[-1]))),
    "ravel": arranged(lambda d, s: ops.ravel, 0),
    "squeeze": lambda d: (lambda x, a=d.pick(None, 0, (0, 2)): ops.squeeze(x, a), [d.array((1, 3, 1))]),
    "expand_dims": arranged(lambda d, s: lambda x, a=d.axis(len(s) + 1): ops.expand_dims(x, a)),
    "transpose": arranged(_permutation),
    "swapaxes": arranged(lambda d, s: lambda x, a=d.axis(len(s)), b=d.axis(len(s)): ops.swapaxes(x, a, b)),
    "moveaxis": arranged(lambda d, s: lambda x, a=d.axis(len(s)), b=d.axis(len(s)): ops.moveaxis(x, a, b)),
    "broadcast_to": arranged(lambda d, s: lambda x: ops.broadcast_to(x, (2, *s)), 0),
    "flip": arranged(lambda d, s: lambda x, a=d.axes(len(s)): ops.flip(x, a)),
    "roll": arranged(lambda d, s: lambda x, a=d.pick(None, d.axis(len(s))), n=d.int(-2, 2): ops.roll(x, n, a)),
    "tile": arranged(lambda d, s: lambda x, r=d.shape(0, 3, 2): ops.tile(x, r), 0),
    "repeat": arranged(lambda d, s: lambda x, a=d.pick(None, d.axis(len(s))): ops.repeat(x, 2, a)),
    "pad": arranged(_pad),
    "concatenate": several(ops.concatenate, True),
    "stack": several(ops.stack, False),
    "split": lambda d: (lambda x, s=d.pick(2, (1, 3), (0, 1)): ops.split(x, s), [d.array((4, 2))]),
    "array_split": lambda d: (lambda x: ops.array_split(x, 3, axis=-1), [d.array((2, 4))]),
    "full": lambda d: (lambda x: ops.full((2, 3), x, "float64"), [d.array((3,))]),
    "full_like": lambda d: (lambda x, v: ops.full_like(x, v), [d.array((2, 3)), d.array(())]),
    "linspace": _linspace,
    # positions
    "getitem": _getitem,
    "put": _put,
    "take": _take,
    "take_along_axis": _take_along,
    "scatter_update": _scatter(None),
    "scatter_add": _scatter("add"),
    "scatter_mul": _scatter("mul"),
    "scatter_max": _extreme_scatter,
    "segment_sum": _segment(ops.segment_sum),
    "segment_max": _segment(ops.segment_max, True),
    "segment_prod": _segment(ops.segment_prod),
    "diag": lambda d: (lambda x, k=d.int(-1, 1): ops.diag(x, k), [d.array((3,))]),
    "diagonal": arranged(_diagonal, 2),
    "tril": arranged(lambda d, s: lambda x, k=d.int(-1, 1): ops.tril(x, k), 2),
    "triu": arranged(lambda d, s: lambda x, k=d.int(-1, 1): ops.triu(x, k), 2),
    "sort": along(ops.sort, distinct=True, none=True),
    "bincount": lambda d: (lambda w: ops.bincount(np.array([1, 0, 1]), w, 4), [d.array((3,))]),
    # products and linear algebra
    "matmul": _matmul,
    "einsum": _einsum,
    "det": _regular(ops.det),
    "inv": _regular(ops.inv),
    "slogdet": _regular(lambda x: ops.slogdet(x)[1]),
    "solve": _solve(ops.solve),
    "solve_triangular": lambda d: _solve(lambda a, b, low=d.pick(True, False): ops.solve_triangular(a, b, low))(d),
    "cholesky": _definite(lambda x: ops.cholesky(x)),
    "qr": lambda d: (lambda x: list(ops.qr(x)), [_spread_matrix(d, d.int(2, 3), 2)]),
    "eigh": _eigh,
    "svd": _svd,
    "singular_values": lambda d: (lambda x: ops.svd(x, compute_uv=False), [_spread_matrix(d, d.int(1, 3), 2)]),
    "pinv": lambda d: (ops.pinv, [_spread_matrix(d, d.int(1, 3), 2)]),
    # networks
    "softmax": along(ops.softmax),
    "log_softmax": along(ops.log_softmax),
    "sparsemax": lambda d: (ops.sparsemax, [np.array([[0.1, 0.2, -3.0], [1.0, 0.9, 0.85]]) + d.array((2, 1))]),
    "layer_normalization": lambda d: (lambda x, a=d.pick(-1, (0, 1)): ops.layer_normalization(x, axis=a, epsilon=0.1),
                                      [d.array((2, 3))]),
    "rms_normalization": lambda d: (lambda x, a=d.pick(-1, (0, 1)): ops.rms_normalization(x, axis=a, epsilon=0.1),
                                    [d.array((2, 3))]),
    "dense": _dense,
    "sparse_softmax_crossentropy": _labels(crossentropy.sparse_softmax_crossentropy),
    "softmax_crossentropy": _target_pair(crossentropy.softmax_crossentropy, axis=-1),
    "sigmoid_crossentropy": _target_pair(crossentropy.sigmoid_crossentropy),
    "mean_square": _fixed_target(mean_losses.mean_square),
    "mean_absolute": _fixed_target(mean_losses.mean_absolute),
    "mean_sigmoid_crossentropy": _fixed_target(mean_losses.mean_sigmoid_crossentropy),
    "mean_softmax_crossentropy": _fixed_target(mean_losses.mean_softmax_crossentropy),
    "mean_sparse_softmax_crossentropy": _mean_labels,
}  # fmt: skip

# Operations made of several, which have no rule of their own but are worth checking as wholes.
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
}  # fmt: skip

# Primitives whose derivative is known to mathematics but not here: asking for it must raise.
UNDERIVABLE: dict[str, Callable[[Any], Any]] = {
    "i0": ops.i0,
    "geomspace": lambda x: ops.geomspace(x, 2 * x, 3),
    "view": lambda x: ops.view(x, "float64"),
    "eig": lambda x: ops.eig(np.eye(2) * x)[0],
    "lu_factor": lambda x: ops.lu_factor(np.eye(2) * x)[0],
}

# Derivatives that cannot be differentiated again where the check would do it.
ONLY_ONCE = {
    "nextafter": "its neighbours are not a smooth function",
}

