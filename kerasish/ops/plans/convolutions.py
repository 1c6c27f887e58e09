"""How convolutions are computed in place: the three that are each other's derivatives, and the layers' own operation.

Each is laid out as calls of NumPy on one tile after the other, and, with the extra `fast`, is one compiled loop over
the same tiles, in parts that all cores share.
"""

from __future__ import annotations

from functools import partial

import numpy as np

from kerasish.backend.fast import FusedParts, takes
from kerasish.backend.plans import Plan, added, copied, product, same_floats, shared, weighted_sum
from kerasish.backend.room import Call, Calls, Node, Room
from kerasish.ops import windows
from kerasish.ops.convolution import window_of
from kerasish.ops.convolving import PLACES, WindowMatrix, tiles_of, turned_about
from kerasish.ops.plans import depthwise, few_filters, winograd
from kerasish.ops.plans.dense import finish, slope_in_place
from kerasish.ops.plans.moving import (
    NONE,
    alike,
    as_places,
    by_weights,
    cuttable,
    geometry,
    lifted,
    parted,
    parts_for,
    ranges_of,
    runs,
    steps,
    taps,
)
from kerasish.ops.plans.sums import sum_ends
from kerasish.ops.plans.windows import Image
from kerasish.ops.windows import Window

_ALL = slice(None)


def _is_fit(*arrays: np.ndarray) -> bool:
    return same_floats(*arrays) and arrays[0].dtype.itemsize >= 4 and all(a.flags.c_contiguous for a in arrays)


def _is_known(channels: int, kernel: np.ndarray, groups: int) -> bool:
    """Whether there are calls for so many groups: all channels seen by all filters, or each by its own."""
    return groups == 1 or (groups == channels and kernel.shape[-2] == 1)


def forward_calls(
    image: Image,
    kernel: np.ndarray,
    y: np.ndarray,
    bias: np.ndarray | None = None,
    activation: str | None = None,
    whole: np.ndarray | None = None,
) -> Calls:
    """The calls that fill `y = activation(conv(x, kernel) + bias)`; `y` may be every other number of a `whole`."""
    x, window, filters = image.x, image.window, kernel.shape[-1]
    if kernel.shape[-2] < x.shape[-1]:
        return depthwise.forward_calls(image, kernel, y, bias, activation, whole)
    if whole is None and few_filters.are_few(filters, x.shape[-1], window):
        sums = few_filters.forward_calls(image.room, x, kernel, window, y)
        return [*sums, *finish(image.room, y.reshape(-1, filters), bias, activation)]
    if whole is None and winograd.is_worth(x, window, filters):
        return winograd.forward_calls(image, kernel, y, bias, activation)
    matrix = kernel.reshape(-1, filters)
    groups = parted(tiles_of(len(x), window, len(matrix), x.itemsize), parts_for(y.size, len(matrix)))
    known = activation in (None, "relu")

    def calls(room: Room) -> Calls:
        found, padded = image.bring(room)
        parts: list[Calls] = []
        for tiles in groups:
            patches, own = WindowMatrix(padded, window, tiles), Room()
            part_of: Calls = []
            for images, rows in tiles:
                write, left = patches.writing(images, rows)
                target = y[images, rows]
                part = target.reshape(-1, filters) if whole is None else own.lend((len(left), filters), y.dtype, "y")
                finished = finish(own, part, bias, activation if known else None)
                part_of += [*write, partial(left.dot, matrix, part), *finished]
                if whole is not None:
                    part_of.append(copied(target, part.reshape(target.shape)))
            parts.append(part_of)
        return found + shared(parts, y.size * len(matrix))

    rest = [] if known else finish(image.room, y.reshape(-1, filters), None, activation)
    into = y if whole is None else whole
    if not takes(into, x, matrix):
        return [*calls(image.room), *rest]
    tiles, begins = as_places(groups, window)
    ends = [sum_ends(last - first, len(matrix), filters) for first, last in tiles.tolist()]
    moves = (geometry(window), window.is_inside, *runs(window, x.shape[-1], ends), tiles, begins)
    args = (lifted(x), matrix, NONE if bias is None else bias, into.reshape(-1), steps(y, into), *moves)
    how = (*args, known and activation == "relu", False)
    pieces = cuttable(
        10, [tile for part in groups for tile in part], len(x), [into, x], [matrix] if bias is None else [matrix, bias]
    )
    return [FusedParts("convolve", len(groups), how, lambda: calls(Room()), proof=into, pieces=pieces), *rest]


def kernel_calls(image: Image, g: np.ndarray, into: np.ndarray) -> Calls:
    """The calls that add up the kernel's gradient, each part's tiles by themselves."""
    x, window, filters = image.x, image.window, g.shape[-1]
    if into.shape[-2] < x.shape[-1]:
        return depthwise.kernel_calls(image, g, into)
    if winograd.is_worth_for_kernel(x, window, filters):
        return winograd.kernel_calls(image, g, into)
    target = into.reshape(-1, filters)
    groups = by_weights(tiles_of(len(x), window, len(target), x.itemsize, PLACES), target.size)
    if not groups[0]:
        return [partial(into.fill, 0)]
    is_one = len(groups) == 1  # a large kernel: what is to be multiplied is large as well
    shares = target[None] if is_one else image.room.lend((len(groups), *target.shape), target.dtype, "shares")

    def calls(room: Room) -> Calls:
        found, padded = image.bring(room)
        parts: list[Calls] = []
        for tiles, total in zip(groups, shares, strict=True):
            patches, share = WindowMatrix(padded, window, tiles), np.empty_like(total)
            part_of: Calls = []
            for number, (images, rows) in enumerate(tiles):
                write, left = patches.writing(images, rows)
                part = g[images, rows].reshape(-1, filters)
                multiply = product if is_one else _product
                part_of += [*write, multiply(left.T, part, share if number else total)]
                if number:
                    part_of.append(partial(np.add, total, share, total))
            parts.append(part_of)
        return found + shared(parts, g.size * len(target))

    rest = [] if is_one else added(shares, target)
    if not takes(g, x):
        return [*calls(image.room), *rest]
    tiles, begins = as_places(groups, window)
    ends = [sum_ends(len(target), last - first, filters, turned=True) for first, last in tiles.tolist()]
    ranges = ranges_of(len(target), len(groups))
    how = (geometry(window), window.is_inside, taps(window, x.shape[-1]), alike(ends), tiles, begins, ranges, False)
    args = (lifted(x), g.reshape(-1, filters), shares, *how)
    count, is_small = len(groups) * (len(ranges) - 1), parts_for(g.size, len(target)) == 1
    return [FusedParts("convolve_kernel", count, args, lambda: calls(Room()), proof=shares, alone=is_small), *rest]


def _product(a: np.ndarray, b: np.ndarray, out: np.ndarray) -> Call:
    return partial(a.dot, b, out)


def input_calls(room: Room, g: np.ndarray, kernel: np.ndarray, window: Window, into: np.ndarray) -> Calls:
    """The calls that fill the image's gradient: what each of its numbers gets from the places that saw it.

    That is a convolution too, of the places, with the kernel turned about; where windows step over numbers, it is one
    for each distance from a step.
    """
    each = kernel.shape[-2] < into.shape[-1]
    if each and g.shape[-1] != into.shape[-1]:
        return depthwise.input_calls(room, g, kernel, window, into)
    if not each and few_filters.are_few(into.shape[-1], g.shape[-1], window):
        return few_filters.input_calls(room, g, kernel, window, into)
    calls: Calls = []
    for phase in windows.phases(window):
        part = into[(_ALL, *phase.numbers)]
        if phase.window is None:
            calls.append(partial(part.fill, 0))
        elif part.size:
            weights = turned_about(kernel[phase.taps])
            weights = weights.swapaxes(-1, -2) if each else weights  # filters and channels are the same
            turned = room.keep(weights.shape, kernel.dtype)
            back = Image(room, g, phase.window, lend=True)
            whole = None if part.shape == into.shape else into
            calls += [copied(turned, weights), *forward_calls(back, turned, part, whole=whole)]
    return calls


# -- the plans ---------------------------------------------------------------------------------------------------------


def convolution(room: Room, node: Node) -> Plan:
    """A convolution with bias and activation."""
    x, kernel, *rest = node.args
    bias = rest[0] if rest else None
    y, g = node.output, node.gradient
    groups = x.shape[-1] // kernel.shape[-2]
    if not _is_fit(y, x, kernel, *rest) or not _is_known(x.shape[-1], kernel, groups):
        return None
    moves = {key: value for key, value in node.params.items() if key != "activation"}
    activation, filters = node.params.get("activation"), kernel.shape[-1]
    window = window_of(x, kernel, **moves)
    image = Image(room, x, window, lend=g is None)
    forward = forward_calls(image, kernel, y, bias, activation)
    if g is None:
        return forward, []
    flat = g.reshape(-1, filters)
    backward: Calls = slope_in_place(room, y.reshape(-1, filters), flat, activation)
    into_x, into_kernel, *into_bias = node.into
    if bias is not None and into_bias[0] is not None:
        backward += weighted_sum(np.ones(len(flat), g.dtype), flat, into_bias[0])
    if into_kernel is not None:
        backward += kernel_calls(image, g, into_kernel)
    if into_x is not None:
        backward += input_calls(room, g, kernel, window, into_x)
    return forward, backward


def convolve(room: Room, node: Node) -> Plan:
    """The weighted sums of every window, for a derivative, or without bias."""
    (x, kernel), y = node.args, node.output
    if not _is_fit(y, x, kernel) or not _is_known(x.shape[-1], kernel, node.params["groups"]):
        return None
    return forward_calls(Image(room, x, node.params["window"], lend=True), kernel, y), None


def convolve_input(room: Room, node: Node) -> Plan:
    """The transpose in the image."""
    (g, kernel), into = node.args, node.output
    if not _is_fit(into, g, kernel) or not _is_known(into.shape[-1], kernel, node.params["groups"]):
        return None
    return input_calls(room, g, kernel, node.params["window"], into), None


def convolve_kernel(room: Room, node: Node) -> Plan:
    """The transpose in the kernel."""
    (x, g), into = node.args, node.output
    if not _is_fit(into, x, g) or not _is_known(x.shape[-1], into, node.params["groups"]):
        return None
    return kernel_calls(Image(room, x, node.params["window"], lend=True), g, into), None
