"""How convolution and pooling are computed in place."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import numpy as np

from kerasish.backend.plans import Plan, copied, product, same_floats
from kerasish.backend.room import Calls, Node, Room
from kerasish.ops import windows
from kerasish.ops.convolution import window_of
from kerasish.ops.convolving import WindowMatrix, turned_about
from kerasish.ops.plans.dense import finish, slope_in_place
from kerasish.ops.pooling import lowest
from kerasish.ops.windows import Window, shifted

_ALL = slice(None)


def _padded(room: Room, x: np.ndarray, window: Window, fill: float = 0, lend: bool = False) -> tuple[Calls, np.ndarray]:
    """The image with all that the window reaches over, and the calls that bring it there."""
    if not any(window.before) and window.is_inside:
        return [], x
    shape = (len(x), *window.span, x.shape[-1])
    image = room.lend(shape, x.dtype, "image") if lend else room.keep(shape, x.dtype)
    inside, outside = windows.overlap(window)
    calls: Calls = [copied(image[(_ALL, *outside)], x[(_ALL, *inside)])]
    for axis, (part, reach) in enumerate(zip(outside, window.span, strict=True), 1):
        for margin in (slice(0, part.start), slice(part.stop, reach)):
            slab = image[(*[_ALL] * axis, margin)]
            if slab.size:
                calls.append(partial(slab.fill, fill))
    return calls, image


def _spread(room: Room, into: np.ndarray, window: Window) -> tuple[Calls, np.ndarray, Calls]:
    """Where gradients of windows are added up: the calls that clear it, the array, and those that bring it home."""
    if window.size == window.span and not any(window.before):
        return [partial(into.fill, 0)], into, []
    spread = room.lend((len(into), *window.span, into.shape[-1]), into.dtype, "spread")
    inside, outside = windows.overlap(window)
    home: Calls = [] if window.sees_all else [partial(into.fill, 0)]
    home.append(copied(into[(_ALL, *inside)], spread[(_ALL, *outside)]))
    return [partial(spread.fill, 0)], spread, home


def convolution(room: Room, node: Node) -> Plan:
    """A convolution with bias and activation."""
    x, kernel, *rest = node.args
    bias = rest[0] if rest else None
    y, g = node.output, node.gradient
    if not same_floats(y, x, kernel, *rest) or y.dtype.itemsize < 4 or x.shape[-1] != kernel.shape[-2]:
        return None
    if not (x.flags.c_contiguous and kernel.flags.c_contiguous and y.flags.c_contiguous):
        return None
    moves = {key: value for key, value in node.params.items() if key != "activation"}
    activation, filters = node.params.get("activation"), kernel.shape[-1]
    window = window_of(x, kernel, **moves)
    width = math.prod(window.shape) * x.shape[-1]
    matrix = kernel.reshape(width, filters)
    forward, image = _padded(room, x, window, lend=g is None)
    size = WindowMatrix.size_of(window, len(x), width, x.itemsize)
    patches = WindowMatrix(image, window, room.lend((size,), x.dtype, "windows"))
    for images, rows in patches.parts:
        write, left = patches.writing(images, rows)
        part = y[images, rows].reshape(-1, filters)
        forward += [*write, product(left, matrix, part), *finish(room, part, bias, activation)]
    if g is None:
        return forward, []
    flat = g.reshape(-1, filters)
    backward: Calls = slope_in_place(room, y.reshape(-1, filters), flat, activation)
    into_x, into_kernel, *into_bias = node.into
    if bias is not None and into_bias[0] is not None:
        backward.append(product(np.ones(len(flat), g.dtype), flat, into_bias[0]))
    if into_kernel is not None:
        backward += _kernel_calls(room, patches, g, into_kernel.reshape(width, filters))
    if into_x is not None:
        backward += _input_calls(room, g, matrix, window, into_x)
    return forward, backward


def _kernel_calls(room: Room, patches: WindowMatrix, g: np.ndarray, into: np.ndarray) -> Calls:
    """The calls that add up each part's share of the kernel's gradient."""
    calls: Calls = []
    share = room.lend(into.shape, into.dtype, "share")
    for number, (images, rows) in enumerate(patches.parts):
        write, left = patches.writing(images, rows)
        part = g[images, rows].reshape(-1, into.shape[-1])
        target = share if number else into
        calls += [*write, product(left.T, part, target)]
        if number:
            calls.append(partial(np.add, into, share, into))
    return calls


def _input_calls(room: Room, g: np.ndarray, matrix: np.ndarray, window: Window, into: np.ndarray) -> Calls:
    """The calls that make the image's gradient: what each of its numbers gets from the places that saw it."""
    if max(window.strides) == 1:
        return _mirrored_calls(room, g, matrix, window, into)
    width, filters = matrix.shape
    channels = into.shape[-1]
    calls, spread, home = _spread(room, into, window)
    taps = window.taps()
    size = WindowMatrix.size_of(window, len(g), width, g.itemsize)
    memory = room.lend((size,), g.dtype, "windows")
    for images, rows in windows.tiles(len(g), window, width * g.itemsize, windows.TILE):
        part = g[images, rows]
        places = part.size // filters
        shares = memory[: places * width].reshape(places, width)
        calls.append(product(part.reshape(-1, filters), matrix.T, shares))
        apart = shares.reshape(*part.shape[:-1], len(taps), channels)
        for i, tap in enumerate(taps):
            target = spread[(images, shifted(tap[0], rows, window.strides[0]), *tap[1:])]
            calls.append(partial(np.add, target, apart[..., i, :], target))
    return [*calls, *home]


def _mirrored_calls(room: Room, g: np.ndarray, matrix: np.ndarray, window: Window, into: np.ndarray) -> Calls:
    """With steps of 1 that is a convolution too, of the places, with the kernel turned about."""
    channels, filters = into.shape[-1], g.shape[-1]
    mirror = windows.mirrored(window)
    kernel = turned_about(matrix.reshape(*window.shape, channels, filters))
    turned = room.lend(kernel.shape, kernel.dtype, "kernel")
    before, image = _padded(room, g, mirror, lend=True)
    width = math.prod(window.shape) * filters
    size = WindowMatrix.size_of(mirror, len(g), width, g.itemsize)
    patches = WindowMatrix(image, mirror, room.lend((size,), g.dtype, "windows"))
    calls: Calls = [copied(turned, kernel), *before]
    for images, rows in patches.parts:
        write, left = patches.writing(images, rows)
        calls += [*write, product(left, turned.reshape(width, channels), into[images, rows].reshape(-1, channels))]
    return calls


def largest_of_windows(room: Room, node: Node) -> Plan:
    """The largest number of each window."""
    (x,), y, g, into = node.args, node.output, node.gradient, node.into[0]
    if not same_floats(x, y):
        return None
    window: Window = node.params["window"]
    before, image = _padded(room, x, window, lowest(x.dtype), lend=node.gradient is None)
    taps = [image[(_ALL, *tap)] for tap in window.taps()]
    forward: Calls = [*before, copied(y, taps[0]), *(partial(np.maximum, y, tap, out=y) for tap in taps[1:])]
    if g is None or into is None:
        return forward, []
    clear, spread, home = _spread(room, into, window)
    hit, free = room.lend(y.shape, bool, "hit"), room.lend(y.shape, bool, "free")
    mask, share = room.lend(y.shape, y.dtype, "mask"), room.lend(y.shape, y.dtype, "share")
    apart = all(step >= size for step, size in zip(window.strides, window.shape, strict=True))
    backward: Calls = [partial(free.fill, True)] if apart and window.sees_every else [*clear, partial(free.fill, True)]
    for tap, seen in zip(window.taps(), taps, strict=True):
        target = spread[(_ALL, *tap)]
        backward += [
            partial(np.equal, seen, y, hit),
            partial(np.logical_and, hit, free, hit),
            partial(np.logical_xor, free, hit, free),  # the first of several equal ones is enough
            copied(mask, hit),
            partial(np.multiply, g, mask, target if apart else share),
        ]
        if not apart:
            backward.append(partial(np.add, target, share, target))
    return forward, [*backward, *home]


def sum_of_windows(room: Room, node: Node) -> Plan:
    """The sum of each window."""
    (x,), y, g, into = node.args, node.output, node.gradient, node.into[0]
    if not same_floats(x, y):
        return None
    window: Window = node.params["window"]
    before, image = _padded(room, x, window, lend=node.gradient is None)
    taps = [image[(_ALL, *tap)] for tap in window.taps()]
    forward: Calls = [*before, copied(y, taps[0]), *(partial(np.add, y, tap, y) for tap in taps[1:])]
    if g is None or into is None:
        return forward, []
    clear, spread, home = _spread(room, into, window)
    targets: list[Any] = [spread[(_ALL, *tap)] for tap in window.taps()]
    return forward, [*clear, *(partial(np.add, target, g, target) for target in targets), *home]
