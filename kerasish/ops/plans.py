"""How the primitives that training spends its time in are computed in place, in a replayed step.

Each function gets a `Room` to take arrays from and a `Node` (see `backend.program`), and returns the calls that fill
the node's output and, after the gradient has arrived, those that fill the gradients of its arguments. What it returns
must equal the primitive's own forward and derivative; a test holds the two together.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from kerasish.backend.fast import Fused, takes
from kerasish.backend.operators import add, multiply
from kerasish.backend.program import Call, Calls, Node, Room
from kerasish.ops import elementwise, fused, mean_losses, nn

Plan = tuple[Calls, Calls] | None


# How many numbers are computed at a time where that takes many arrays of them.
_PART = 1 << 14


def product(a: np.ndarray, b: np.ndarray, out: np.ndarray) -> Call:
    """`out = a @ b`. The method does not ask its arguments, in every call, whether they are arrays; `np.dot` does."""
    return partial(a.dot, b, out)


def copied(target: np.ndarray, source: np.ndarray) -> Call:
    """`target[...] = source`, in half the time of `np.copyto`."""
    return partial(target.__setitem__, ..., source)


def same_floats(*arrays: Any) -> bool:
    """Whether all are arrays of one float dtype."""
    first = arrays[0]
    return all(isinstance(a, np.ndarray) and a.dtype == first.dtype and a.dtype.kind == "f" for a in arrays)


def largest(room: Room, z: np.ndarray, top: np.ndarray) -> Calls:
    """The largest number of each row, by way of its place: NumPy finds that in a fifth of the time."""
    if z.ndim != 2 or not z.flags.c_contiguous:
        return [partial(np.maximum.reduce, z, -1, None, top, True)]
    rows, classes = z.shape
    place = room.lend((rows,), np.intp)
    in_flat: Calls = [partial(np.add, place, np.arange(rows) * classes, place)] if rows > 1 else []
    return [
        partial(z.argmax, 1, place),
        *in_flat,
        partial(z.reshape(-1).take, place, 0, top.reshape(-1), "clip"),
    ]


# -- activations -----------------------------------------------------------------------------------------------


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


def _tanh(room: Room, source: np.ndarray, y: np.ndarray) -> Calls:
    return [partial(np.tanh, source, y)]


def _tanh_slope(room: Room, y: np.ndarray, g: np.ndarray, out: np.ndarray) -> Calls:
    slope = room.lend(y.shape, y.dtype)
    return [
        partial(np.multiply, y, y, slope),
        partial(np.subtract, np.ones((), y.dtype), slope, slope),
        partial(np.multiply, g, slope, out),
    ]


def _sigmoid(room: Room, source: np.ndarray, y: np.ndarray) -> Calls:
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


_IN_PLACE = {"relu": (_relu, _relu_slope), "tanh": (_tanh, _tanh_slope)}


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


nn.relu.plan = _activation(_relu, _relu_slope)
elementwise.tanh.plan = _activation(_tanh, _tanh_slope)


def _plan_sigmoid(room: Room, node: Node) -> Plan:
    room.notes[id(node.sources[0]), "sigmoid"] = node.output
    return _activation(_sigmoid, _sigmoid_slope)(room, node)


nn.sigmoid.plan = _plan_sigmoid


def _plan_gelu(room: Room, node: Node) -> Plan:
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
    """The normal distribution function, in parts, for `erf` makes a dozen arrays of its argument."""

    def fill(part: np.ndarray, out: np.ndarray) -> None:
        np.multiply(nn.erf.forward(part * nn.ROOT_HALF), 0.5, out)
        np.add(out, 0.5, out)

    x, phi = x.reshape(-1), phi.reshape(-1)
    parts = [slice(start, start + _PART) for start in range(0, x.size, _PART)]
    return [partial(fill, x[part], phi[part]) for part in parts]


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


nn._gelu.plan = _plan_gelu


# -- dense -----------------------------------------------------------------------------------------------------


def _add_bias(room: Room, y: np.ndarray, bias: np.ndarray) -> Calls:
    if y.size > 512:
        return [partial(np.add, y, bias, y)]
    rows = room.lend(y.shape, y.dtype)  # on few numbers, adding arrays of one shape outweighs the copy
    return [copied(rows, bias), partial(np.add, y, rows, y)]


def finish(room: Room, y: np.ndarray, bias: np.ndarray | None, activation: str | None) -> Calls:
    """The bias and the activation, in place on the products."""
    calls: Calls = [] if bias is None else _add_bias(room, y, bias)
    if activation is not None:
        calls += _IN_PLACE[activation][0](room, y, y)
    if bias is not None and takes(y, bias):
        if activation == "relu":
            return [Fused("bias_relu", (y, bias), calls)]
        return [Fused("bias", (y, bias), calls[:1]), *calls[1:]]  # as many numbers as this are added in one call
    return calls


def slope_in_place(room: Room, y: np.ndarray, g: np.ndarray, activation: str | None) -> Calls:
    """The gradient of the weighted sums, in place of that of the activation's output."""
    calls: Calls = [] if activation is None else _IN_PLACE[activation][1](room, y, g, g)
    return [Fused("relu_slope", (y, g), calls)] if activation == "relu" and takes(y, g) else calls


def _plan_dense(room: Room, node: Node) -> Plan:
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
        backward.append(product(np.ones(len(g), g.dtype), g, node.into[2].reshape(-1)))
    if into_x is not None:
        backward.append(product(g, matrix.T, fused.rows_of(into_x, summed)))
    return forward, backward


fused.dense.plan = _plan_dense


def _plan_multiply(room: Room, node: Node) -> Plan:
    a, b = node.args
    if not same_floats(node.output, a, b) or a.shape != node.output.shape or b.shape != node.output.shape:
        return None
    g = node.gradient
    pairs = [(node.into[0], b), (node.into[1], a)]
    backward: Calls = [partial(np.multiply, g, other, place) for place, other in pairs if place is not None]
    return [partial(np.multiply, a, b, node.output)], backward


multiply.plan = _plan_multiply


def _plan_add(room: Room, node: Node) -> Plan:
    a, b = node.args
    if not same_floats(node.output, a, b) or a.shape != node.output.shape or b.shape != node.output.shape:
        return None
    backward: Calls = [copied(place, node.gradient) for place in node.into if place is not None]
    return [partial(np.add, a, b, node.output)], backward


add.plan = _plan_add


# -- losses with their mean ------------------------------------------------------------------------------------


def gradient_scale(node: Node, count: int) -> tuple[Calls, np.ndarray]:
    """The factor of a mean's gradient: a constant if this is the number minimized, else the incoming gradient's."""
    kind = node.output.dtype
    if node.seed is not None:
        return [], np.full((), node.seed / count, kind)
    factor = np.empty((), kind)
    return [partial(np.multiply, node.gradient, np.full((), 1.0 / count, kind), factor)], factor


def _plan_mean_square(room: Room, node: Node) -> Plan:
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


mean_losses.mean_square.plan = _plan_mean_square


def mean_of(values: np.ndarray, output: np.ndarray) -> Calls:
    """The mean of an array as a product with ones, which a BLAS adds up in blocks."""
    flat = values.reshape(-1)
    return [product(flat, np.full(flat.size, 1.0 / flat.size, flat.dtype), output)]


def _plan_mean_sigmoid_crossentropy(room: Room, node: Node) -> Plan:
    target, z = node.args
    if not same_floats(node.output, target, z) or node.into[0] is not None:
        return None
    p = room.notes.get((id(node.sources[1]), "sigmoid"))
    forward: Calls = []
    if p is None:
        p = room.keep(z.shape, z.dtype)
        forward += _sigmoid(room, z, p)
    values, weighted = room.lend(z.shape, z.dtype), room.lend(z.shape, z.dtype, "product")
    forward += [
        partial(np.logaddexp, np.zeros((), z.dtype), z, values),
        partial(np.multiply, z, target, weighted),
        partial(np.subtract, values, weighted, values),
        *mean_of(values, node.output),
    ]
    into = node.into[1]
    if node.gradient is None or into is None:
        return forward, []
    before, factor = gradient_scale(node, z.size)
    return forward, [*before, partial(np.subtract, p, target, into), partial(np.multiply, into, factor, into)]


mean_losses.mean_sigmoid_crossentropy.plan = _plan_mean_sigmoid_crossentropy
