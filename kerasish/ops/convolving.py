"""Convolution on arrays: the windows written out as the rows of a matrix, part by part, and multiplied.

A part of the matrix takes a few megabytes at the most: unfolded whole, it would take as many times the memory of the
image as the window has numbers. Images have their channels last, `(batch, *spatial, channels)`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np

from kerasish.backend.room import Calls
from kerasish.ops import windows
from kerasish.ops.windows import Tile, Window, cropped

# From so many numbers on that lie side by side in a window, it is copied row by row; below, number by number: what is
# written then is the transpose, which a BLAS multiplies as well.
LONG_RUN = 12
# Of how many places a kernel's gradient is added up at a time, at least: a large one is written once for all of them.
PLACES = 64


def compute_dtype(*arrays: np.ndarray) -> np.dtype:
    """What is computed with: NumPy multiplies matrices of short floats, and of integers, one number at a time."""
    kind = np.result_type(*arrays)
    if kind.kind in "iub":
        return np.dtype(np.float64)
    return np.dtype(np.float32) if kind.itemsize < 4 else kind


def as_dtype(y: np.ndarray, kind: np.dtype) -> np.ndarray:
    """What was computed, in the dtype that was asked for; integers wrap around as integers do."""
    if y.dtype == kind:
        return y
    return y.astype(np.int64).astype(kind) if kind.kind in "iub" else y.astype(kind)


def tiles_of(count: int, window: Window, width: int, itemsize: int, places: int = 1) -> list[Tile]:
    """Parts of so many images, each of some places at least, whose windows, written out, stay in cache."""
    return list(windows.tiles(count, window, width * itemsize, max(windows.TILE, places * width * itemsize)))


class WindowMatrix:
    """The windows of an image written out as a matrix, a part at a time: one row for each place.

    Args:
        x: the padded image, `(batch, *spatial, channels)`.
        window: how the window moves.
        parts: which parts there are; None for as many as a cache wants.
    """

    def __init__(self, x: np.ndarray, window: Window, parts: Sequence[Tile] | None = None) -> None:
        rank, channels = len(window.shape), x.shape[-1]
        self.width = math.prod(window.shape) * channels
        self.parts = tiles_of(len(x), window, self.width, x.itemsize) if parts is None else parts
        steps = x.strides[1:-1]
        self._view = np.lib.stride_tricks.as_strided(
            x,
            (len(x), *window.places, *window.shape, channels),
            (
                x.strides[0],
                *(n * s for n, s in zip(steps, window.strides, strict=True)),
                *(n * d for n, d in zip(steps, window.dilation, strict=True)),
                x.strides[-1],
            ),
            writeable=False,
        )
        run = channels * (window.shape[-1] if window.dilation[-1] == 1 else 1)
        self._by_row = run >= LONG_RUN
        self._order = (*range(1 + rank, 2 + 2 * rank), *range(1 + rank))
        places = max(((i.stop - i.start) * (r.stop - r.start) for i, r in self.parts), default=0)
        self._buffer = np.empty(places * math.prod(window.places[1:]) * self.width, x.dtype)

    def writing(self, images: slice, rows: slice) -> tuple[Calls, np.ndarray]:
        """What writes the matrix of one part, and the matrix, which stays until the next part is written."""
        part = self._view[images, rows]
        places = part.size // self.width
        if part.flags.c_contiguous:  # windows of one number
            return [], part.reshape(places, self.width)
        held = self._buffer[: part.size]
        if self._by_row:
            return [partial(held.reshape(part.shape).__setitem__, ..., part)], held.reshape(places, self.width)
        turned = part.transpose(self._order)
        return [partial(held.reshape(turned.shape).__setitem__, ..., turned)], held.reshape(self.width, places).T

    def write(self, images: slice, rows: slice) -> np.ndarray:
        """The matrix of one part; it stays until the next."""
        calls, matrix = self.writing(images, rows)
        for call in calls:
            call()
        return matrix


def convolve(x: np.ndarray, kernel: np.ndarray, window: Window, groups: int = 1) -> np.ndarray:
    """The weighted sums of every window: `(batch, *places, filters)`."""
    kind = compute_dtype(x, kernel)
    if groups > 1:
        return _by_group(convolve, x, kernel, window, groups) if kernel.shape[-2] > 1 else _depthwise(x, kernel, window)
    filters = kernel.shape[-1]
    matrix = np.ascontiguousarray(kernel.reshape(-1, filters), kind)
    out = np.empty((len(x), *window.places, filters), kind)
    patches = WindowMatrix(windows.padded(x, window, dtype=kind), window)
    for images, rows in patches.parts:
        part = out[images, rows].reshape(-1, filters)
        np.dot(patches.write(images, rows), matrix, out=part)
    return out


def convolve_input(g: np.ndarray, kernel: np.ndarray, window: Window, groups: int = 1) -> np.ndarray:
    """The transpose of `convolve` in its image: `(batch, *size, channels)` from `(batch, *places, filters)`."""
    kind = compute_dtype(g, kernel)
    if groups > 1:
        if kernel.shape[-2] > 1:
            return _by_group(convolve_input, g, kernel, window, groups)
        return _depthwise_input(g, kernel, window, groups)
    into = np.zeros((len(g), *window.size, kernel.shape[-2]), kind)
    for phase in windows.phases(window):
        part = into[(slice(None), *phase.numbers)]
        if phase.window is not None and part.size:
            part[...] = convolve(g, turned_about(kernel[phase.taps]), phase.window)
    return into


def turned_about(kernel: np.ndarray) -> np.ndarray:
    """The kernel of the transposed convolution: every axis of the window reversed, filters and channels exchanged."""
    back = (slice(None, None, -1),) * (kernel.ndim - 2)
    return kernel[back].swapaxes(-1, -2)


def convolve_kernel(x: np.ndarray, g: np.ndarray, window: Window, groups: int = 1) -> np.ndarray:
    """The transpose of `convolve` in its kernel: what each number of the kernel saw, times what became of it."""
    kind = compute_dtype(x, g)
    if groups > 1:
        if x.shape[-1] > groups:
            return _kernel_by_group(x, g, window, groups)
        return _depthwise_kernel(x, g, window)
    filters = g.shape[-1]
    image, width = windows.padded(x, window, dtype=kind), math.prod(window.shape) * x.shape[-1]
    patches = WindowMatrix(image, window, tiles_of(len(x), window, width, image.itemsize, PLACES))
    total = np.zeros((width, filters), kind)
    g = np.ascontiguousarray(g, kind)
    for images, rows in patches.parts:
        total += np.dot(patches.write(images, rows).T, g[images, rows].reshape(-1, filters))
    return total.reshape(*window.shape, x.shape[-1], filters)


def _split(array: np.ndarray, groups: int) -> list[np.ndarray]:
    return np.split(array, groups, axis=-1)


def _by_group(function: Any, x: np.ndarray, kernel: np.ndarray, window: Window, groups: int) -> np.ndarray:
    pairs = zip(_split(x, groups), _split(kernel, groups), strict=True)
    return np.concatenate([function(part, weights, window) for part, weights in pairs], axis=-1)


def _kernel_by_group(x: np.ndarray, g: np.ndarray, window: Window, groups: int) -> np.ndarray:
    pairs = zip(_split(x, groups), _split(g, groups), strict=True)
    return np.concatenate([convolve_kernel(part, share, window) for part, share in pairs], axis=-1)


# One kernel for each channel, or several: nothing to multiply as matrices.


def _by_channel(array: np.ndarray, channels: int, kind: np.dtype) -> np.ndarray:
    """The last axis as `(channels, multiplier)`."""
    return np.ascontiguousarray(array, kind).reshape(*array.shape[:-1], channels, -1)


def _depthwise(x: np.ndarray, kernel: np.ndarray, window: Window) -> np.ndarray:
    kind, channels = compute_dtype(x, kernel), x.shape[-1]
    weights = _by_channel(kernel.reshape(-1, kernel.shape[-1]), channels, kind)
    image = windows.padded(x, window, dtype=kind)
    out = np.zeros((len(x), *window.places, *weights.shape[1:]), kind)
    product = np.empty_like(out)
    for tap, weight in zip(window.taps(), weights, strict=True):
        np.multiply(image[(slice(None), *tap)][..., None], weight, out=product)
        out += product
    return out.reshape(*out.shape[:-2], kernel.shape[-1])


def _depthwise_input(g: np.ndarray, kernel: np.ndarray, window: Window, channels: int) -> np.ndarray:
    kind = compute_dtype(g, kernel)
    weights = _by_channel(kernel.reshape(-1, kernel.shape[-1]), channels, kind)
    shares = _by_channel(g, channels, kind)
    spread = np.zeros((len(g), *window.span, channels), kind)
    for tap, weight in zip(window.taps(), weights, strict=True):
        spread[(slice(None), *tap)] += np.einsum("...cm,cm->...c", shares, weight)
    return cropped(spread, window)


def _depthwise_kernel(x: np.ndarray, g: np.ndarray, window: Window) -> np.ndarray:
    kind, channels = compute_dtype(x, g), x.shape[-1]
    image = windows.padded(x, window, dtype=kind)
    shares = _by_channel(g, channels, kind).reshape(-1, channels, g.shape[-1] // channels)
    seen = (image[(slice(None), *tap)].reshape(-1, channels) for tap in window.taps())
    taps = [np.einsum("pc,pcm->cm", part, shares) for part in seen]
    return np.stack(taps).reshape(*window.shape, 1, g.shape[-1])
