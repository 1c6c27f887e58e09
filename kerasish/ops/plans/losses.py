"""Losses with their mean in kept arrays; those of a softmax stand in `softmax`."""

from __future__ import annotations

from functools import partial

import numpy as np

from kerasish.backend.plans import Plan, product, same_floats
from kerasish.backend.room import Calls, Node, Room
from kerasish.ops.plans.activations import fill_sigmoid
from kerasish.ops.plans.common import gradient_scale, mean_of

# Numbers from which on NumPy's `logaddexp`, which takes 28 nanoseconds for each, takes longer than five calls more,
# which take one.
_FEW = 64


def mean_square(room: Room, node: Node) -> Plan:
    """The mean squared error."""
    target, p = node.args
    if not same_floats(node.output, target, p) or node.into[0] is not None:
        return None
    d = room.keep(p.shape, p.dtype)
    flat = d.reshape(-1)
    forward: Calls = [
        partial(np.subtract, p, target, d),
        product(flat, flat, node.output),
        partial(np.multiply, node.output, np.full((), 1.0 / d.size, d.dtype), node.output),
    ]
    if node.gradient is None or node.into[1] is None:
        return forward, []
    before, factor = gradient_scale(node, d.size)
    if node.seed is not None:
        return forward, [partial(np.multiply, d, factor * 2, node.into[1])]
    return forward, [
        *before,
        partial(np.multiply, d, factor, node.into[1]),
        partial(np.multiply, node.into[1], 2, node.into[1]),
    ]


def mean_sigmoid_crossentropy(room: Room, node: Node) -> Plan:
    """The mean crossentropy of sigmoids, from their sums."""
    target, z = node.args
    if not same_floats(node.output, target, z) or node.into[0] is not None:
        return None
    p = room.notes.get((id(node.sources[1]), "sigmoid"))
    forward: Calls = []
    if p is None:
        p = room.keep(z.shape, z.dtype)
        forward += fill_sigmoid(room, z, p)
    values, weighted = room.lend(z.shape, z.dtype), room.lend(z.shape, z.dtype, "product")
    forward += [
        *_softplus(z, values, weighted),
        partial(np.multiply, z, target, weighted),
        partial(np.subtract, values, weighted, values),
        *mean_of(values, node.output),
    ]
    into = node.into[1]
    if node.gradient is None or into is None:
        return forward, []
    before, factor = gradient_scale(node, z.size)
    return forward, [*before, partial(np.subtract, p, target, into), partial(np.multiply, into, factor, into)]


def _softplus(z: np.ndarray, out: np.ndarray, scratch: np.ndarray) -> Calls:
    """The calls of `out = log(1 + exp(z))`."""
    zero = np.zeros((), z.dtype)
    if z.size < _FEW:
        return [partial(np.logaddexp, zero, z, out)]
    return [
        partial(np.absolute, z, out),
        partial(np.negative, out, out),
        partial(np.exp, out, out),
        partial(np.log1p, out, out),
        partial(np.maximum, z, zero, out=scratch),
        partial(np.add, out, scratch, out),
    ]
