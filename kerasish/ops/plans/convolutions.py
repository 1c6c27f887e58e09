"""How convolutions are computed in place: the three that are each other's derivatives, and the layers' own operation.

Each is laid out as calls of NumPy on one tile after the other, and, with the extra `fast`, is one compiled loop over
the same tiles, in parts that all cores share.
"""

from __future__ import annotations

import math
from functools import partial
from itertools import pairwise

import numpy as np

from kerasish.backend.fast import FusedParts, takes
from kerasish.backend.plans import Plan, copied, product, same_floats, weighted_sum
from kerasish.backend.room import Calls, Node, Room
from kerasish.ops import windows
from kerasish.ops.convolution import window_of
from kerasish.ops.convolving import WindowMatrix, turned_about
from kerasish.ops.plans.dense import finish, slope_in_place
from kerasish.ops.plans.moving import (
    as_places,
    by_images,
    by_weights,
    geometry,
    lifted,
    parted,
    shared_images,
)
from kerasish.ops.plans.windows import padded, spread_over
from kerasish.ops.windows import Window, shifted

_ALL = slice(None)
_NONE = np.empty(0, np.float32)


def _is_fit(*arrays: np.ndarray) -> bool:
    return same_floats(*arrays) and arrays[0].dtype.itemsize >= 4 and all(a.flags.c_contiguous for a in arrays)


def _is_known(channels: int, kernel: np.ndarray, groups: int) -> bool:
    """Whether there are calls for so many groups: all channels seen by all filters, or each by its own."""
    return groups == 1 or (groups == channels and kernel.shape[-2] == 1)


def _tiles(count: int, window: Window, width: int, itemsize: int) -> list[tuple[slice, slice]]:
    return list(windows.tiles(count, window, width * itemsize, windows.TILE))


class Image:
    """An image that windows move over: with zeros around it where NumPy needs them, written out tile by tile.

    Args:
        room: where arrays come from.
        x: the image.
        window: how the window moves.
        lend: whether the image with its zeros is needed no longer than the next operation.
    """

    def __init__(self, room: Room, x: np.ndarray, window: Window, lend: bool) -> None:
        self.room, self.x, self.window, self._lend = room, x, window, lend
        self._padded: np.ndarray | None = None

    def bring(self, room: Room) -> tuple[Calls, np.ndarray]:
        """The padded image, and the calls that bring it there if it is not there yet."""
        if self._padded is not None and room is self.room:
            return [], self._padded
        calls, image = padded(room, self.x, self.window, lend=self._lend)
        if room is self.room and not self._lend:
            self._padded = image
        return calls, image

    def patches(self, room: Room) -> tuple[Calls, WindowMatrix]:
        """The windows, ready to be written out."""
        calls, image = self.bring(room)
        width = math.prod(self.window.shape) * image.shape[-1]
        size = WindowMatrix.size_of(self.window, len(image), width, image.itemsize)
        return calls, WindowMatrix(image, self.window, room.lend((size,), image.dtype, "windows"))


def forward_calls(
    image: Image, kernel: np.ndarray, y: np.ndarray, bias: np.ndarray | None = None, activation: str | None = None
) -> Calls:
    """The calls that fill `y = activation(conv(x, kernel) + bias)`."""
    x, window, filters = image.x, image.window, kernel.shape[-1]
    if kernel.shape[-2] < x.shape[-1]:
        return _depthwise_calls(image, kernel, y) + finish(image.room, y.reshape(-1, filters), bias, activation)
    matrix = kernel.reshape(-1, filters)
    flat = y.reshape(-1, filters)

    known = activation in (None, "relu")
    rest = [] if known else finish(image.room, flat, None, activation)

    def calls(room: Room) -> Calls:
        found, patches = image.patches(room)
        for images, rows in patches.parts:
            write, left = patches.writing(images, rows)
            part = y[images, rows].reshape(-1, filters)
            found += [*write, product(left, matrix, part), *finish(room, part, bias, activation if known else None)]
        return found

    if not takes(flat, x, matrix):
        return [*calls(image.room), *rest]
    tiles, parts = as_places(parted(_tiles(len(x), window, len(matrix), x.itemsize)), window)
    how = (tiles, parts, known and activation == "relu")
    args = (lifted(x), matrix, _NONE if bias is None else bias, flat, geometry(window), *how)
    fused = FusedParts("convolve", len(parts) - 1, args, lambda: calls(Room()))
    return [fused, *rest]


def kernel_calls(image: Image, g: np.ndarray, into: np.ndarray) -> Calls:
    """The calls that add up the kernel's gradient, each part's tiles by themselves."""
    x, window, filters = image.x, image.window, g.shape[-1]
    if into.shape[-2] < x.shape[-1]:
        return _depthwise_kernel_calls(image, g, into)
    target = into.reshape(-1, filters)
    groups = by_weights(_tiles(len(x), window, len(target), x.itemsize), target.size)

    def calls(room: Room) -> Calls:
        found, patches = image.patches(room)
        share, total = (room.lend(target.shape, target.dtype, use) for use in ("share", "part"))
        for number, tiles in enumerate(groups):
            own = total if number else target
            for i, (images, rows) in enumerate(tiles):
                write, left = patches.writing(images, rows)
                part = g[images, rows].reshape(-1, filters)
                found += [*write, product(left.T, part, share if i else own)]
                if i:
                    found.append(partial(np.add, own, share, own))
            if number:
                found.append(partial(np.add, target, total, target))
        return found

    if not groups[0]:
        return [partial(into.fill, 0)]
    if len(groups) == 1 or not takes(g, x):
        return calls(image.room)
    shares = image.room.lend((len(groups), *target.shape), target.dtype, "shares")
    tiles, parts = as_places(groups, window)
    args = (lifted(x), g.reshape(-1, filters), shares, geometry(window), tiles, parts)
    fused = FusedParts("convolve_kernel", len(groups), args, lambda: [*calls(Room()), *_apart(shares, target)])
    return [fused, *_added(shares, target)]


def _added(shares: np.ndarray, target: np.ndarray) -> Calls:
    """The calls that add up the parts' shares."""
    return [copied(target, shares[0]), *(partial(np.add, target, share, target) for share in shares[1:])]


def _apart(shares: np.ndarray, total: np.ndarray) -> Calls:
    """The calls that leave a total as the only share."""
    return [copied(shares[0], total), partial(shares[1:].fill, 0)]


def input_calls(room: Room, g: np.ndarray, kernel: np.ndarray, window: Window, into: np.ndarray) -> Calls:
    """The calls that fill the image's gradient: what each of its numbers gets from the places that saw it."""
    channels, filters = into.shape[-1], g.shape[-1]
    if kernel.shape[-2] < channels:
        return _depthwise_input_calls(room, g, kernel, window, into)
    if max(window.strides) == 1:  # a convolution too, of the places, with the kernel turned about
        turned = room.lend((*window.shape, filters, channels), kernel.dtype, "kernel")
        back = Image(room, g, windows.mirrored(window), lend=True)
        return [copied(turned, turned_about(kernel)), *forward_calls(back, turned, into)]
    matrix = kernel.reshape(-1, filters)
    width = len(matrix)
    groups = by_images(_tiles(len(g), window, width, g.itemsize))

    def calls(room: Room) -> Calls:
        found, spread, home = spread_over(room, into, window)
        size = WindowMatrix.size_of(window, len(g), width, g.itemsize)
        memory = room.lend((size,), g.dtype, "windows")
        taps = window.taps()
        for images, rows in (tile for group in groups for tile in group):
            part = g[images, rows]
            places = part.size // filters
            shares = memory[: places * width].reshape(places, width)
            found.append(product(part.reshape(-1, filters), matrix.T, shares))
            apart = shares.reshape(*part.shape[:-1], len(taps), channels)
            for i, tap in enumerate(taps):
                target = spread[(images, shifted(tap[0], rows, window.strides[0]), *tap[1:])]
                found.append(partial(np.add, target, apart[..., i, :], target))
        return [*found, *home]

    if not takes(into, g, matrix):
        return calls(room)
    tiles, parts = as_places(groups, window)
    args = (g.reshape(-1, filters), matrix, lifted(into), geometry(window), tiles, parts)
    return [partial(into.fill, 0), FusedParts("convolve_input", len(groups), args, lambda: calls(Room()))]


# -- one kernel, or several, for each channel: nothing to multiply as matrices -----------------------------------------


def _by_channel(a: np.ndarray, channels: int) -> np.ndarray:
    return a.reshape(*a.shape[:-1], channels, -1)


def _depthwise_calls(image: Image, kernel: np.ndarray, y: np.ndarray) -> Calls:
    x, window, channels = image.x, image.window, image.x.shape[-1]
    weights = kernel.reshape(-1, y.shape[-1])

    def calls(room: Room) -> Calls:
        found, whole = image.bring(room)
        out, per_tap = _by_channel(y, channels), _by_channel(weights, channels)
        scratch = room.lend(out.shape, y.dtype, "product")
        found.append(partial(y.fill, 0))
        for tap, weight in zip(window.taps(), per_tap, strict=True):
            found.append(partial(np.multiply, whole[(_ALL, *tap)][..., None], weight, scratch))
            found.append(partial(np.add, out, scratch, out))
        return found

    if not takes(y, x, weights):
        return calls(image.room)
    images = shared_images(len(x))
    args = (lifted(x), weights, lifted(y), geometry(window), images)
    return [FusedParts("depthwise", len(images) - 1, args, lambda: calls(Room()))]


def _depthwise_input_calls(room: Room, g: np.ndarray, kernel: np.ndarray, window: Window, into: np.ndarray) -> Calls:
    channels = into.shape[-1]
    weights = kernel.reshape(-1, g.shape[-1])

    def calls(room: Room) -> Calls:
        found, spread, home = spread_over(room, into, window)
        shares, per_tap = _by_channel(g, channels), _by_channel(weights, channels)
        scratch = room.lend(shares.shape[:-1], g.dtype, "product")
        for tap, weight in zip(window.taps(), per_tap, strict=True):
            target = spread[(_ALL, *tap)]
            for k in range(shares.shape[-1]):
                found.append(partial(np.multiply, shares[..., k], weight[:, k], scratch))
                found.append(partial(np.add, target, scratch, target))
        return [*found, *home]

    if not takes(into, g, weights):
        return calls(room)
    images = shared_images(len(g))
    args = (lifted(g), weights, lifted(into), geometry(window), images)
    return [FusedParts("depthwise_input", len(images) - 1, args, lambda: calls(Room()))]


def _depthwise_kernel_calls(image: Image, g: np.ndarray, into: np.ndarray) -> Calls:
    x, window, channels = image.x, image.window, image.x.shape[-1]
    target = into.reshape(-1, g.shape[-1])
    images = shared_images(len(x))
    if len(images) == 1:
        return [partial(into.fill, 0)]
    shares = image.room.lend((len(images) - 1, *target.shape), g.dtype, "shares")

    def calls(room: Room) -> Calls:
        found, whole = image.bring(room)
        out = _by_channel(g, channels)
        for number, (first, last) in enumerate(pairwise(images)):
            part = out[first:last]
            scratch = room.lend(part.shape, g.dtype, "product")
            for tap, share in zip(window.taps(), shares[number], strict=True):
                found.append(partial(np.multiply, whole[(slice(first, last), *tap)][..., None], part, scratch))
                rows = scratch.reshape(-1, g.shape[-1])
                found.append(partial(np.add.reduce, rows, 0, None, share))
        return found

    if not takes(g, x):
        return [*calls(image.room), *_added(shares, target)]
    args = (lifted(x), lifted(g), shares, geometry(window), images)
    fused = FusedParts("depthwise_kernel", len(images) - 1, args, lambda: calls(Room()))
    return [fused, *_added(shares, target)]


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
