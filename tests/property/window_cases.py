"""Gradient checks of convolution and pooling: windows, steps, distances, zeros around, groups, 1 to 3 axes."""

# ruff: noqa: B008 (a lambda keeps what was drawn for it as a default: `lambda x, k=d.int(0, 2): ...`)

from __future__ import annotations

from typing import Any

from kerasish import ops
from kerasish.ops import convolution, pooling, windows
from tests.property.gradient_draw import Case, Draw


def _moves(d: Draw, rank: int) -> tuple[tuple[int, ...], tuple[int, ...], dict[str, Any]]:
    """An image's sizes, a window's, and how it moves."""
    shape = tuple(d.int(1, 3) for _ in range(rank))
    dilation = tuple(d.pick(1, 1, 2) for _ in range(rank))
    size = tuple((k - 1) * s + 1 + d.int(0, 3) for k, s in zip(shape, dilation, strict=True))
    strides = tuple(d.int(1, 3) for _ in range(rank))
    return size, shape, {"strides": strides, "padding": d.pick("valid", "same", "causal"), "dilation": dilation}


def _sizes(d: Draw) -> tuple[int, int, int]:
    """Channels, filters, groups."""
    groups = d.pick(1, 1, 2, 3)
    per_group = d.pick(1, 2)
    return groups * per_group, groups * d.pick(1, 2), groups


def _with_bias(d: Draw) -> Any:
    size, shape, moves = _moves(d, d.pick(1, 2, 2, 3))
    channels, filters, groups = _sizes(d)
    arrays = [d.array((2, *size, channels)), d.array((*shape, channels // groups, filters)), d.array((filters,))]
    activation = d.pick(None, "tanh")
    return lambda *xs: convolution.convolution(*xs, activation=activation, **moves), arrays


def _bilinear(name: str) -> Case:
    def case(d: Draw) -> Any:
        size, shape, moves = _moves(d, d.pick(1, 2))
        channels, filters, groups = _sizes(d)
        window = windows.moving(size, shape, moves["strides"], moves["padding"], moves["dilation"])
        image, places = d.array((2, *size, channels)), d.array((2, *window.places, filters))
        kernel = d.array((*shape, channels // groups, filters))
        pairs = {"_conv": [image, kernel], "_conv_input": [places, kernel], "_conv_kernel": [image, places]}
        function = getattr(convolution, name)
        return lambda *xs: function(*xs, window=window, groups=groups), pairs[name]

    return case


def _window(d: Draw) -> windows.Window:
    size, shape, moves = _moves(d, d.pick(1, 2, 2, 3))
    return windows.moving(size, shape, moves["strides"], d.pick("valid", "same"), (1,) * len(size))


def _largest(d: Draw) -> Any:
    window = _window(d)
    return lambda x: pooling.largest_of_windows(x, window=window), [d.distinct((2, *window.size, 2))]


def _routing(name: str) -> Case:
    def case(d: Draw) -> Any:
        window = _window(d)
        x = d.distinct((2, *window.size, 2))
        chosen = pooling._chosen(x, pooling.largest_of_windows(x, window=window), window=window)
        shape = x.shape if name == "_collect_from" else chosen.shape
        function = getattr(pooling, name)
        return lambda g: function(g, chosen, window=window), [d.array(shape)]

    return case


def _sums(name: str) -> Case:
    def case(d: Draw) -> Any:
        window = _window(d)
        places = window.size if name == "sum_of_windows" else window.places
        function = getattr(pooling, name)
        return lambda x: function(x, window=window), [d.array((2, *places, 2))]

    return case


WINDOW_CASES: dict[str, Case] = {
    "convolution with bias": _with_bias,
    "convolution": _bilinear("_conv"),
    "transposed convolution": _bilinear("_conv_input"),
    "correlation with an image": _bilinear("_conv_kernel"),
    "max pooling": _largest,
    "routing to the largest": _routing("_route_to"),
    "collecting from the largest": _routing("_collect_from"),
    "sum of windows": _sums("sum_of_windows"),
    "spreading over windows": _sums("_spread_over"),
}


WINDOW_COMPOSITES: dict[str, Case] = {
    "conv": lambda d: (
        lambda x, w, p=d.pick("valid", "same"): ops.conv(x, w, 2, p, "channels_first"),
        [d.array((2, 2, 4, 5)), d.array((2, 2, 2, 3))],
    ),
    "conv_transpose": lambda d: (
        lambda x, w, s=d.int(1, 3), p=d.pick("valid", "same"), m=d.pick(None, 0, 1): ops.conv_transpose(x, w, s, p, m),
        [d.array((2, 3, 3, 2)), d.array((3, 2, 2, 2))],
    ),
    "depthwise_conv": lambda d: (
        lambda x, w, s=d.int(1, 2): ops.depthwise_conv(x, w, s),
        [d.array((2, 4, 4, 2)), d.array((2, 2, 2, 2))],
    ),
    "separable_conv": lambda d: (
        ops.separable_conv,
        [d.array((2, 4, 2)), d.array((2, 2, 2)), d.array((1, 4, 3))],
    ),
    "max_pool": lambda d: (
        lambda x, p=d.pick("valid", "same"): ops.max_pool(x, 2, 1, p, "channels_first"),
        [d.distinct((2, 2, 4, 3))],
    ),
    "average_pool": lambda d: (
        lambda x, p=d.pick("valid", "same"): ops.average_pool(x, (2, 3), 2, p),
        [d.array((2, 4, 5, 2))],
    ),
    "adaptive_average_pool": lambda d: (lambda x: ops.adaptive_average_pool(x, (2, 3)), [d.array((2, 5, 4, 2))]),
    "adaptive_max_pool": lambda d: (lambda x: ops.adaptive_max_pool(x, 2), [d.distinct((2, 5, 2))]),
}  # fmt: skip
