"""Activations in kept arrays."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from kerasish.backend.fast import Fused, takes
from kerasish.backend.plans import Plan, copied, same_floats
from kerasish.backend.room import Calls, Node, Room
from kerasish.ops import nn
from kerasish.ops.plans.special import fill_erf


def _relu(room: Room, source: np.ndarray, y: np.ndarray) -> Calls:
    return [partial(np.maximum, source, room.zeros(y.shape, y.dtype), out=y)]


def _relu_slope(room: Room, y: np.ndarray, g: np.ndarray, out: np.ndarray) -> Calls:
    positive = room.lend(y.shape, bool)
    if y.size < 1024:
        return [partial(np.greater, y, np.zeros((), y.dtype), positive), partial(np.multiply, g, positive, out)]
    slope = room.lend(y.shape, y.dtype)
    return [
        partial(np.greater, y, np.zeros((), y.dtype), positive),
        copied(slope, positive),
        partial(np.multiply, g, slope, out),
    ]


def _flat(*arrays: np.ndarray) -> list[np.ndarray]:
    """Views with one axis, where all arrays have one."""
    return [a.reshape(-1) for a in arrays] if all(a.flags.c_contiguous for a in arrays) else list(arrays)


def _relu6(room: Room, source: np.ndarray, y: np.ndarray) -> Calls:
    source, y = _flat(source, y)
    calls: Calls = [*_relu(room, source, y), partial(np.minimum, y, np.full((), 6, y.dtype), out=y)]
    return [Fused("relu6", (source, y), calls, by_rows=True)] if takes(source, y) else calls


def _relu6_slope(room: Room, y: np.ndarray, g: np.ndarray, out: np.ndarray) -> Calls:
    y, g, out = _flat(y, g, out)
    below, slope = room.lend(y.shape, bool, "below"), room.lend(y.shape, y.dtype)
    calls: Calls = [
        *_relu_slope(room, y, g, out),
        partial(np.less, y, np.full((), 6, y.dtype), below),
        copied(slope, below),
        partial(np.multiply, out, slope, out),
    ]
    return [Fused("relu6_slope", (y, g, out), calls, by_rows=True)] if takes(y, g, out) else calls


def _tanh(room: Room, source: np.ndarray, y: np.ndarray) -> Calls:
    return [partial(np.tanh, source, y)]


def _tanh_slope(room: Room, y: np.ndarray, g: np.ndarray, out: np.ndarray) -> Calls:
    slope = room.lend(y.shape, y.dtype)
    return [
        partial(np.multiply, y, y, slope),
        partial(np.subtract, np.ones((), y.dtype), slope, slope),
        partial(np.multiply, g, slope, out),
    ]


def fill_sigmoid(room: Room, source: np.ndarray, y: np.ndarray) -> Calls:
    """The calls of `y = sigmoid(source)`."""
    limit, one = np.full((), nn.EXP_LIMIT.get(y.dtype.name, 88.0), y.dtype), np.ones((), y.dtype)
    return [
        partial(np.negative, source, y),
        partial(np.minimum, y, limit, out=y),
        partial(np.exp, y, y),
        partial(np.add, y, one, y),
        partial(np.reciprocal, y, y),
    ]


def _sigmoid_slope(room: Room, y: np.ndarray, g: np.ndarray, out: np.ndarray) -> Calls:
    slope = room.lend(y.shape, y.dtype)
    return [
        partial(np.subtract, np.ones((), y.dtype), y, slope),
        partial(np.multiply, slope, y, slope),
        partial(np.multiply, g, slope, out),
    ]


IN_PLACE = {"relu": (_relu, _relu_slope), "tanh": (_tanh, _tanh_slope)}


def _activation(forward: Any, slope: Any) -> Any:
    def plan(room: Room, node: Node) -> Plan:
        (x,) = node.args
        if not same_floats(x, node.output):
            return None
        after: Calls = []
        if node.into[0] is not None and node.gradient is not None:
            after = slope(room, node.output, node.gradient, node.into[0])
        return forward(room, x, node.output), after

    return plan


relu = _activation(_relu, _relu_slope)
relu6 = _activation(_relu6, _relu6_slope)
tanh = _activation(_tanh, _tanh_slope)


def sigmoid(room: Room, node: Node) -> Plan:
    """`1 / (1 + exp(-x))`; a loss of the same sums finds it in the room's notes."""
    room.notes[id(node.sources[0]), "sigmoid"] = node.output
    return _activation(fill_sigmoid, _sigmoid_slope)(room, node)


def gelu(room: Room, node: Node) -> Plan:
    """`x Φ(x)`; Φ is kept for the slope, which is `Φ(x) + x Φ'(x)`."""
    (x,), y, g, into = node.args, node.output, node.gradient, node.into[0]
    if not same_floats(x, y) or not x.flags.c_contiguous:
        return None
    phi = room.keep(x.shape, x.dtype)
    density = _cubic_density if node.params["approximate"] else _normal_density
    fill = _fill_by_tanh if node.params["approximate"] else _fill_by_erf
    forward: Calls = [*fill(room, x, phi), partial(np.multiply, x, phi, y)]
    if g is None or into is None:
        return forward, []
    slope = room.lend(x.shape, x.dtype, "slope")
    return forward, [
        *density(room, x, phi, slope),
        partial(np.multiply, slope, x, slope),
        partial(np.add, slope, phi, slope),
        partial(np.multiply, slope, g, into),
    ]


def _fill_by_erf(room: Room, x: np.ndarray, phi: np.ndarray) -> Calls:
    """The normal distribution function, `(1 + erf(x / √2)) / 2`."""
    root_half, half = np.full((), nn.ROOT_HALF, x.dtype), np.full((), 0.5, x.dtype)
    return [
        partial(np.multiply, x, root_half, phi),
        *fill_erf(room, phi, phi),
        partial(np.multiply, phi, half, phi),
        partial(np.add, phi, half, phi),
    ]


def _normal_density(room: Room, x: np.ndarray, phi: np.ndarray, out: np.ndarray) -> Calls:
    half, scale = np.full((), -0.5, x.dtype), np.full((), nn.ROOT_2_PI / 2, x.dtype)
    return [
        partial(np.multiply, x, x, out),
        partial(np.multiply, out, half, out),
        partial(np.exp, out, out),
        partial(np.multiply, out, scale, out),
    ]


def _fill_by_tanh(room: Room, x: np.ndarray, phi: np.ndarray) -> Calls:
    """`(1 + tanh(√(2/π) (x + 0.044715 x³))) / 2`."""
    half, linear, cubic = (np.full((), n, x.dtype) for n in (0.5, nn.ROOT_2_PI, nn.ROOT_2_PI * nn.CUBIC))
    return [
        partial(np.multiply, x, x, phi),
        partial(np.multiply, phi, cubic, phi),
        partial(np.add, phi, linear, phi),
        partial(np.multiply, phi, x, phi),
        partial(np.tanh, phi, phi),
        partial(np.multiply, phi, half, phi),
        partial(np.add, phi, half, phi),
    ]


def _cubic_density(room: Room, x: np.ndarray, phi: np.ndarray, out: np.ndarray) -> Calls:
    """The slope of what `_fill_by_tanh` fills: `2 Φ (1 - Φ) √(2/π) (1 + 3 · 0.044715 x²)`."""
    one, linear, cubic = (np.full((), n, x.dtype) for n in (1.0, 2 * nn.ROOT_2_PI, 6 * nn.ROOT_2_PI * nn.CUBIC))
    left = room.lend(x.shape, x.dtype, "left")
    return [
        partial(np.multiply, x, x, out),
        partial(np.multiply, out, cubic, out),
        partial(np.add, out, linear, out),
        partial(np.subtract, one, phi, left),
        partial(np.multiply, left, phi, left),
        partial(np.multiply, out, left, out),
    ]
