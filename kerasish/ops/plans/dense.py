"""The dense layer's product, bias and activation in kept arrays."""

from __future__ import annotations

from functools import partial

import numpy as np

from kerasish.backend.fast import Fused, takes
from kerasish.backend.plans import Plan, copied, product, same_floats, weighted_sum
from kerasish.backend.room import Calls, Node, Room
from kerasish.ops import fused
from kerasish.ops.plans.activations import IN_PLACE


def _add_bias(room: Room, y: np.ndarray, bias: np.ndarray) -> Calls:
    if y.size > 512:
        return [partial(np.add, y, bias, y)]
    rows = room.lend(y.shape, y.dtype)  # on few numbers, adding arrays of one shape outweighs the copy
    return [copied(rows, bias), partial(np.add, y, rows, y)]


def finish(room: Room, y: np.ndarray, bias: np.ndarray | None, activation: str | None) -> Calls:
    """The bias and the activation, in place on the products."""
    calls: Calls = [] if bias is None else _add_bias(room, y, bias)
    if activation is not None:
        calls += IN_PLACE[activation][0](room, y, y)
    if bias is not None and takes(y, bias):
        if activation == "relu":
            return [Fused("bias_relu", (y, bias), calls, by_rows=True)]
        return [
            Fused("bias", (y, bias), calls[:1], by_rows=True),
            *calls[1:],
        ]  # as many numbers as this are added in one call
    return calls


def slope_in_place(room: Room, y: np.ndarray, g: np.ndarray, activation: str | None) -> Calls:
    """The gradient of the weighted sums, in place of that of the activation's output."""
    calls: Calls = [] if activation is None else IN_PLACE[activation][1](room, y, g, g)
    return [Fused("relu_slope", (y, g), calls, by_rows=True)] if activation == "relu" and takes(y, g) else calls


def dense(room: Room, node: Node) -> Plan:
    """Product, bias and activation; the backward pass needs the output alone."""
    x, kernel, *rest = node.args
    bias = rest[0] if rest else None
    if not same_floats(node.output, x, kernel, *rest) or not (x.flags.c_contiguous and kernel.flags.c_contiguous):
        return None
    summed, activation = node.params.get("summed", 1), node.params.get("activation")
    free = kernel.ndim - summed
    x, matrix, y = fused.rows_of(x, summed), fused.rows_of(kernel, free), fused.rows_of(node.output, free)
    forward: Calls = [product(x, matrix, y)]
    forward += finish(room, y, None if bias is None else bias.reshape(-1), activation)
    if node.gradient is None:
        return forward, []
    g = fused.rows_of(node.gradient, free)
    backward = slope_in_place(room, y, g, activation)
    into_x, into_kernel = node.into[0], node.into[1]
    if into_kernel is not None:
        backward.append(product(x.T, g, fused.rows_of(into_kernel, free)))
    if bias is not None and node.into[2] is not None:
        backward += weighted_sum(np.ones(len(g), g.dtype), g, node.into[2].reshape(-1))
    if into_x is not None:
        backward.append(product(g, matrix.T, fused.rows_of(into_x, summed)))
    return forward, backward
