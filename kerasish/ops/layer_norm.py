"""Layer normalization: each row by its own mean and deviation, computed in one go."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from kerasish.backend.operators import dtype_of
from kerasish.backend.primitive import primitive
from kerasish.backend.room import Calls, Node, Room
from kerasish.backend.symbolic import KerasTensor
from kerasish.ops.fused import rows_of
from kerasish.ops.means import equal_shares


class _Found:
    """What a forward pass finds out and its backward pass needs again.

    Attributes:
        standard: the rows less their mean, divided by their deviation.
        inverse: `1 / √(variance + epsilon)` of each row.
    """

    __slots__ = ("inverse", "standard")

    standard: np.ndarray
    inverse: np.ndarray


def _forward(x: Any, gamma: Any, beta: Any, *, axes: int, epsilon: float, found: _Found) -> Any:
    kind = np.result_type(*(a.dtype for a in (x, gamma, beta) if a is not None))
    rows = rows_of(x.astype(kind, copy=False), axes)
    shares = equal_shares(rows.shape[-1], kind)
    standard = rows - (rows @ shares)[:, None]
    inverse = found.inverse = 1 / np.sqrt(np.square(standard) @ shares + kind.type(epsilon))
    standard *= inverse[:, None]
    found.standard = standard
    y = standard.copy() if gamma is None else standard * gamma.reshape(-1)
    if beta is not None:
        y += beta.reshape(-1)
    return y.reshape(x.shape)


def _vjp(i: int, g: Any, y: Any, x: Any, gamma: Any, beta: Any, *, axes: int, epsilon: float, **_: Any) -> Any:
    g, rows = rows_of(g, axes), rows_of(x, axes)
    if i == 2:
        return np.reshape(np.sum(g, axis=0), np.shape(beta))
    centred = rows - np.mean(rows, axis=-1, keepdims=True)
    inverse = 1 / np.sqrt(np.mean(np.square(centred), axis=-1, keepdims=True) + epsilon)
    standard = centred * inverse
    if i == 1:
        return np.reshape(np.sum(g * standard, axis=0), np.shape(gamma))
    if gamma is not None:
        g = g * np.reshape(gamma, -1)
    along = np.mean(g * standard, axis=-1, keepdims=True)
    return np.reshape((g - np.mean(g, axis=-1, keepdims=True) - standard * along) * inverse, np.shape(x))


def _backward(
    g: np.ndarray, y: np.ndarray, arrays: list[Any], params: dict[str, Any], needs: list[bool], into: list[Any]
) -> list[Any]:
    """The three gradients, without the deviations being computed again."""
    x, gamma, beta = arrays
    found: _Found = params["found"]
    g, standard = rows_of(g, params["axes"]), found.standard
    along = g * standard
    ones = np.ones(len(g), g.dtype)
    shares: list[Any] = [None, None, None]
    if needs[2]:
        shares[2] = (ones @ g).reshape(beta.shape)
    if needs[1]:
        shares[1] = (ones @ along).reshape(gamma.shape)
    if needs[0]:
        weights = equal_shares(g.shape[-1], g.dtype)
        if gamma is not None:
            flat = gamma.reshape(-1)
            g, weights, mean = g * flat, weights * flat, g @ (weights * flat)
        else:
            mean = g @ weights
        slope = standard * (along @ weights)[:, None]
        np.subtract(g, slope, out=slope)
        slope -= mean[:, None]
        slope *= found.inverse[:, None]
        shares[0] = slope.reshape(x.shape)
    return shares


layer_norm = primitive(
    "layer_normalization",
    _forward,
    variadic=_vjp,
    optional=True,
    backward=_backward,
    shape=lambda x, gamma, beta, **_: KerasTensor(x.shape, dtype_of(x)),
    doc="""`gamma (x - x̄) / √(var(x) + epsilon) + beta`, mean and variance over the last axes.

    With `s` the normalized numbers and `h = gamma g`, the gradient of `x` is
    `(h - mean(h) - s mean(h s)) / √(var(x) + epsilon)` (Ba et al., 2016, arXiv:1607.06450).

    Parameters: `axes`, how many of the last; `epsilon`; `found`, a `Found` that belongs to this call.
    """,
)


def normalized(x: Any, gamma: Any, beta: Any, axes: int, epsilon: float) -> Any:
    """`layer_norm`, with what its backward pass finds again."""
    return layer_norm(x, gamma, beta, axes=axes, epsilon=epsilon, found=_Found())


class _Plan:
    """The same in the arrays of a replayed step; names as in `_forward` and `_backward`."""

    def __init__(self, room: Room, node: Node) -> None:
        axes = node.params["axes"]
        x, gamma, beta = node.args
        self.room, self.node, self.axes = room, node, axes
        self.rows, self.y = rows_of(x, axes), rows_of(node.output, axes)
        self.gamma, self.beta = (None if a is None else a.reshape(-1) for a in (gamma, beta))
        self.kind = self.rows.dtype
        self.shares = equal_shares(self.rows.shape[-1], self.kind)
        self.standard = room.keep(self.rows.shape, self.kind)
        self.inverse = room.keep((len(self.rows),), self.kind)

    def _number(self, value: float) -> np.ndarray:
        return np.full((), value, self.kind)

    def _column(self, use: str) -> np.ndarray:
        return self.room.lend((len(self.rows),), self.kind, use)

    def forward(self) -> Calls:
        """Mean and deviation of each row, then the normalized rows."""
        rows, y, standard, inverse = self.rows, self.y, self.standard, self.inverse
        mean = self._column("mean")
        last, calls = standard, []
        if self.gamma is not None:
            calls.append(partial(np.multiply, last, self.gamma, y))
            last = y
        if self.beta is not None:
            calls.append(partial(np.add, last, self.beta, y))
            last = y
        if last is standard:
            calls.append(partial(y.__setitem__, ..., standard))
        return [
            partial(rows.dot, self.shares, mean),
            partial(np.subtract, rows, mean[:, None], standard),
            partial(np.multiply, standard, standard, y),
            partial(y.dot, self.shares, inverse),
            partial(np.add, inverse, self._number(self.node.params["epsilon"]), inverse),
            partial(np.sqrt, inverse, inverse),
            partial(np.divide, self._number(1), inverse, inverse),
            partial(np.multiply, standard, inverse[:, None], standard),
            *calls,
        ]

    def backward(self) -> Calls:
        """The gradients from two means of each row."""
        assert self.node.gradient is not None
        g = rows_of(self.node.gradient, self.axes)
        into_x, into_gamma, into_beta = self.node.into
        along, ones = self.room.lend(g.shape, self.kind), np.ones(len(g), self.kind)
        calls: Calls = [partial(np.multiply, g, self.standard, along)]
        if into_beta is not None:
            calls.append(partial(ones.dot, g, into_beta.reshape(-1)))
        if into_gamma is not None:
            calls.append(partial(ones.dot, along, into_gamma.reshape(-1)))
        return calls if into_x is None else [*calls, *self._slope(g, along, rows_of(into_x, self.axes))]

    def _slope(self, g: np.ndarray, along: np.ndarray, out: np.ndarray) -> Calls:
        """The calls that fill the gradient of the rows; `g` is the node's own, and may be changed."""
        mean, inner, weights = self._column("mean"), self._column("inner"), self.shares
        calls: Calls = []
        if self.gamma is not None:
            weights = self.room.lend(self.shares.shape, self.kind, "weights")
            calls = [
                partial(np.multiply, self.shares, self.gamma, weights),
                partial(np.multiply, g, self.gamma, out),
            ]
        return [
            *calls,
            partial(g.dot, weights, mean),
            partial(along.dot, weights, inner),
            partial(np.multiply, self.standard, inner[:, None], along),
            partial(np.subtract, g if self.gamma is None else out, along, out),
            partial(np.subtract, out, mean[:, None], out),
            partial(np.multiply, out, self.inverse[:, None], out),
        ]


def _plan(room: Room, node: Node) -> tuple[Calls, Calls] | None:
    arrays = [node.output, *(a for a in node.args if a is not None)]
    if any(a.dtype != node.output.dtype or a.dtype.kind != "f" or not a.flags.c_contiguous for a in arrays):
        return None
    plan = _Plan(room, node)
    forward = plan.forward()
    return forward, [] if node.gradient is None else plan.backward()


layer_norm.plan = _plan
