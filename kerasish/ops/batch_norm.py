"""Batch normalization with the statistics of the batch, computed in one go."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from kerasish.backend.fast import Fused, takes
from kerasish.backend.plans import Plan, same_floats, weighted_sum
from kerasish.backend.primitive import primitive
from kerasish.backend.room import Calls, Node, Room
from kerasish.backend.symbolic import KerasTensor
from kerasish.ops.means import equal_shares

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


def _rows(x: Any) -> Any:
    return x if np.ndim(x) == 2 else np.reshape(x, (-1, np.shape(x)[-1]))


def _forward(x: Any, gamma: Any, beta: Any, *, epsilon: float, observe: Observer, found: _Found) -> Any:
    rows = _rows(x)
    shares = equal_shares(len(rows), rows.dtype)
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
    shares = equal_shares(len(g), g.dtype)
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
    optional=True,
)


class _Plan:
    """The same in the arrays of a replayed step; names as in `_forward` and `_backward`."""

    def __init__(self, room: Room, node: Node) -> None:
        self.x, self.gamma, self.beta = node.args
        self.rows, self.y = _rows(self.x), _rows(node.output)
        self.shares = equal_shares(len(self.rows), self.rows.dtype)
        self.room, self.node = room, node
        self.mean, self.variance, self.inverse, self.factor = (self._vector() for _ in range(4))
        self.centred = room.keep(self.rows.shape, self.rows.dtype)
        self.is_fused = takes(self.rows, self.y, *(part for part in (self.gamma, self.beta) if part is not None))

    def _vector(self) -> np.ndarray:
        return self.room.keep(self.rows.shape[1:], self.rows.dtype)

    def _number(self, value: float) -> np.ndarray:
        return np.full((), value, self.rows.dtype)

    def _joined(self, name: str, args: tuple[Any, ...], calls: Calls) -> Calls:
        return [Fused(name, args, calls, by_rows=True)] if self.is_fused else calls

    def forward(self) -> Calls:
        """Statistics of the batch, then the normalized rows."""
        rows, y, centred, inverse, gamma, beta = self.rows, self.y, self.centred, self.inverse, self.gamma, self.beta
        square = self.room.lend(rows.shape, rows.dtype)
        if gamma is None:
            self.factor = inverse
        shift = self.room.zeros(inverse.shape, inverse.dtype) if beta is None else beta
        return [
            *weighted_sum(self.shares, rows, self.mean),
            *self._joined(
                "centre",
                (rows, self.mean, centred, square),
                [partial(np.subtract, rows, self.mean, centred), partial(np.multiply, centred, centred, square)],
            ),
            *weighted_sum(self.shares, square, self.variance),
            partial(self.node.params["observe"], self.mean, self.variance),
            partial(np.add, self.variance, self._number(self.node.params["epsilon"]), inverse),
            partial(np.sqrt, inverse, inverse),
            partial(np.divide, self._number(1), inverse, inverse),
            *([] if gamma is None else [partial(np.multiply, inverse, gamma, self.factor)]),
            *self._joined(
                "scale_shift",
                (centred, self.factor, shift, y),
                [partial(np.multiply, centred, self.factor, y), partial(np.add, y, shift, y)],
            ),
        ]

    def backward(self) -> Calls:
        """The gradients from two means over the batch."""
        assert self.node.gradient is not None
        g, centred, inverse = _rows(self.node.gradient), self.centred, self.inverse
        into_x, into_gamma, into_beta = self.node.into
        product = self.room.lend(g.shape, g.dtype)
        along, mean, slope, count = self._vector(), self._vector(), self._vector(), self._number(len(g))
        calls: Calls = [
            partial(np.multiply, g, centred, product),
            *weighted_sum(self.shares, product, along),
            *weighted_sum(self.shares, g, mean),
        ]
        if into_beta is not None:
            calls.append(partial(np.multiply, mean, count, into_beta))
        if into_gamma is not None:
            calls += [partial(np.multiply, along, count, slope), partial(np.multiply, slope, inverse, into_gamma)]
        if into_x is None:
            return calls
        out = _rows(into_x)
        steps: Calls = [
            partial(np.multiply, centred, slope, out),
            partial(np.add, out, g, out),
            partial(np.subtract, out, mean, out),
            partial(np.multiply, out, self.factor, out),
        ]
        return [
            *calls,
            partial(np.multiply, inverse, inverse, slope),
            partial(np.negative, slope, slope),
            partial(np.multiply, along, slope, slope),
            *self._joined("norm_slope", (centred, slope, g, mean, self.factor, out), steps),
        ]


def _plan(room: Room, node: Node) -> tuple[Calls, Calls] | None:
    arrays = [node.output, *(a for a in node.args if a is not None)]
    if any(a.dtype != node.output.dtype or a.dtype.kind != "f" or not a.flags.c_contiguous for a in arrays):
        return None
    plan = _Plan(room, node)
    forward = plan.forward()
    return forward, [] if node.gradient is None else plan.backward()


_batch_norm.plan = _plan


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


def _with_plan(room: Room, node: Node) -> Plan:
    """One pass, with a scale and a shift of each feature."""
    x, mean, variance, gamma, beta = node.args
    given = [a for a in (mean, variance, gamma, beta) if a is not None]
    if not same_floats(node.output, x, *given) or not x.flags.c_contiguous:
        return None
    rows, y = _rows(x), _rows(node.output)
    factor, shift = room.keep(mean.shape, x.dtype), room.keep(mean.shape, x.dtype)
    one, epsilon = np.ones((), x.dtype), np.full((), node.params["epsilon"], x.dtype)
    calls: Calls = [partial(np.multiply, rows, factor, y), partial(np.add, y, shift, y)]
    forward: Calls = [
        partial(np.add, variance, epsilon, factor),
        partial(np.sqrt, factor, factor),
        partial(np.divide, one, factor, factor),
        *([] if gamma is None else [partial(np.multiply, factor, gamma, factor)]),
        partial(np.multiply, mean, factor, shift),
        partial(np.negative, shift, shift) if beta is None else partial(np.subtract, beta, shift, shift),
        *([Fused("scale_shift", (rows, factor, shift, y), calls, by_rows=True)] if takes(rows, y, *given) else calls),
    ]
    return forward, None


# The same with a mean and a variance that are given, such as the averages over many batches.
batch_norm_with = primitive(
    "batch_norm_with",
    _with_forward,
    variadic=_with_vjp,
    shape=lambda x, *_, **__: KerasTensor(x.shape, x.dtype),
    optional=True,
)
batch_norm_with.plan = _with_plan


def _observed_forward(mean: Any, variance: Any, *, observe: Observer) -> Any:
    observe(mean, variance)
    return mean


# The mean itself, after somebody has been told the statistics.
observed = primitive("observed", _observed_forward, lambda g, y, mean, variance, *, observe: g, None)
