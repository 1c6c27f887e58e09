"""For every primitive that has a derivative: what to call, with what arguments, to check it."""

# ruff: noqa: B008 (a lambda keeps what was drawn for it as a default: `lambda x, k=d.int(0, 2): ...`)

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from kerasish import ops
from kerasish.backend import operators
from kerasish.ops import batch_norm, crossentropy, fused, layer_norm, mean_losses, noise, ranks, signal
from tests.property.attention_cases import ATTENTION_CASES
from tests.property.gradient_draw import (
    Case,
    Draw,
    along,
    arranged,
    binary,
    compared,
    named,
    reduced,
    several,
    unary,
)
from tests.property.linalg_cases import LINALG_CASES
from tests.property.recurrence_cases import RECURRENCE_CASES
from tests.property.window_cases import WINDOW_CASES


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
    rows, summed, free = d.pick((2,), (2, 3)), d.pick((3,), (3, 2)), d.pick((2,), (2, 3))
    activation = d.pick(None, "tanh", "relu")
    args = [d.array((*rows, *summed)), d.array((*summed, *free)), d.array(free, 0.5, 1)]
    return lambda x, k, b: fused.dense(x, k, b, activation=activation, summed=len(summed)), args


def _layer_norm(d: Draw) -> Any:
    axes, weighted = d.pick(1, 2), d.pick(0, 1, 2)
    weights = [d.array((2, 3)[2 - axes :]) for _ in range(weighted)]
    return lambda x, *w: layer_norm.normalized(x, *w, *[None] * (2 - weighted), axes, 0.1), [
        d.array((2, 2, 3)),
        *weights,
    ]


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


def _pair_of(function: Any, shape: tuple[int, ...]) -> Case:
    """A complex array is the pair of its parts."""
    return lambda d: (lambda a, b: function((a, b)), [d.array(shape), d.array(shape)])


def _ctc(d: Draw) -> Any:
    """Targets with labels that repeat, and shorter ones; outputs of several lengths."""
    target, sizes, steps = np.array([[1, 1], [2, 0], [1, 2]]), np.array([2, d.int(0, 1), 2]), np.array([4, 3, 2])
    return lambda x: ops.ctc_loss(target, x, sizes, steps), [d.array((3, 4, 3))]


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


class Alone:
    """The ranks of a job of one process."""

    rank, count, weight = 0, 1, 1.0

    def add(self, array: np.ndarray) -> None:
        """Let the array hold the sum of what it holds in all processes."""

    def join(self, array: np.ndarray, axis: int) -> np.ndarray:
        return array.copy()


ALONE: Any = Alone()

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
    **named("exp exp2 expm1 sin cos arctan sinh cosh tanh arcsinh deg2rad rad2deg erf erfc softplus sigmoid"),
    **named("log_sigmoid silu softsign tanh_shrink squareplus copy"),
    **named("log log2 log10 log1p sqrt cbrt rsqrt", **_POSITIVE),
    **named("arcsin arccos arctanh erfinv tan", **_INSIDE),
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
    "renewed": unary(lambda x: operators.renewed(x, operators.plain_index(x))),
    "real": unary(ops.real),
    "conjugate": unary(ops.conjugate),
    "view_as_real": unary(ops.view_as_real),
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
    "full_like": lambda d: (ops.full_like, [d.array((2, 3)), d.array(())]),
    "linspace": _linspace,
    # signals
    "fft": lambda d: _pair_of(d.pick(ops.fft, ops.fft2, ops.ifft2), (2, d.int(1, 5)))(d),
    "rfft": lambda d: (lambda x, n=d.pick(None, 3, 4, 7, 8): ops.rfft(x, n), [d.array((2, 5))]),
    "irfft": lambda d: _pair_of(lambda x, n=d.pick(None, 3, 4, 7, 8): ops.irfft(x, n), (2, 4))(d),
    "framed": lambda d: (
        lambda x, n=d.int(1, 4), s=d.int(1, 3): signal.framed(x, length=n, stride=s), [d.array((2, 8))]),
    "overlap_added": lambda d: (
        lambda x, s=d.int(1, 4): signal.overlap_added(x, stride=s, size=3 + 2 * s), [d.array((2, 3, 3))]),
    # positions
    "get_item": _getitem,
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
    **LINALG_CASES,
    **WINDOW_CASES,
    **ATTENTION_CASES,
    **RECURRENCE_CASES,
    "matmul": _matmul,
    "einsum": _einsum,
    # networks
    "softmax": along(ops.softmax),
    "log_softmax": along(ops.log_softmax),
    "sparsemax": lambda d: (ops.sparsemax, [np.array([[0.1, 0.2, -3.0], [1.0, 0.9, 0.85]]) + d.array((2, 1))]),
    "layer_normalization": _layer_norm,
    "rms_normalization": lambda d: (lambda x, a=d.pick(-1, (0, 1)): ops.rms_normalization(x, axis=a, epsilon=0.1),
                                    [d.array((2, 3))]),
    "dense": _dense,
    "batch_norm": lambda d: (
        lambda x, g, b: batch_norm.batch_norm(x, g, b, 0.1, lambda mean, variance: None),
        [d.array((*d.pick((4,), (2, 2)), 3)), d.array(3), d.array(3)]),
    "batch_norm_with": lambda d: (
        lambda x, m, v, g, b: batch_norm.batch_norm_with(x, m, v, g, b, epsilon=0.1),
        [d.array((2, 3)), d.array(3), d.array(3, 0.5, 2), d.array(3), d.array(3)]),
    "observed": lambda d: (
        lambda m: batch_norm.observed(m, m, observe=lambda mean, variance: None), [d.array(3)]),
    "noise": lambda d: (
        lambda x, f=d.array((2, 3)), t=d.pick(None, d.array(3)): noise.noisy(x, lambda shape, dtype: (f, t)),
        [d.array((2, 3))]),
    "ctc_loss": _ctc,
    "sparse_softmax_crossentropy": _labels(crossentropy.sparse_softmax_crossentropy),
    "softmax_crossentropy": _target_pair(crossentropy.softmax_crossentropy, axis=-1),
    "sigmoid_crossentropy": _target_pair(crossentropy.sigmoid_crossentropy),
    "mean_square": _fixed_target(mean_losses.mean_square),
    "mean_absolute": _fixed_target(mean_losses.mean_absolute),
    "mean_sigmoid_crossentropy": _fixed_target(mean_losses.mean_sigmoid_crossentropy),
    "mean_softmax_crossentropy": _fixed_target(mean_losses.mean_softmax_crossentropy),
    "mean_sparse_softmax_crossentropy": _mean_labels,
    # what several processes do, by one: `tests/unit/distribution` has more
    "sent": unary(lambda x: ranks.sent(x, ranks=ALONE)),
    "summed": unary(lambda x: ranks.summed(x, ranks=ALONE)),
    "own_part": lambda d: (lambda x: ranks.own_part(x, ranks=ALONE), [d.array((2, 3))]),
    "joined": lambda d: (lambda x: ranks.joined(x, ranks=ALONE), [d.array((2, 3))]),
    "summed_rows": unary(lambda x: ranks.summed_rows(x, replicas=ALONE)),
    "weighed_rows": unary(lambda x: ranks.weighed_rows(x, replicas=ALONE)),
}  # fmt: skip

# Primitives whose derivative is known to mathematics but not here: asking for it must raise.
UNDERIVABLE: dict[str, Callable[[Any], Any]] = {
    "i0": ops.i0,
    "geomspace": lambda x: ops.geomspace(x, 2 * x, 3),
    "view": lambda x: ops.view(x, "float64"),
    "eig": lambda x: ops.eig(np.eye(2) * x)[0],
    "polar": lambda x: ops.polar(x, x),
    "view_as_complex": lambda x: ops.view_as_complex(ops.stack([x, x])),
    "lu_factor": lambda x: ops.lu_factor(np.eye(2) * x)[0],
}

# Derivatives that cannot be differentiated again where the check would do it.
ONLY_ONCE = {
    "nextafter": "its neighbours are not a smooth function",
}
