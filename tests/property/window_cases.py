"""Gradient checks of convolution and pooling: windows, steps, distances, zeros around, groups, 1 to 3 axes."""

# ruff: noqa: B008 (a lambda keeps what was drawn for it as a default: `lambda x, k=d.int(0, 2): ...`)

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish import ops
from kerasish.ops import convolution, patches, pooling, resampling, windows
from tests.property.gradient_draw import Case, Draw

_CORNERS = np.array([[0.0, 0], [0, 2], [3, 0], [3, 2]])


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


def _patches(name: str) -> Case:
    def case(d: Draw) -> Any:
        window = _window(d)
        shape = (2, *window.size, 2) if name == "patches_of" else (2, *window.places, len(window.taps()), 2)
        function = getattr(patches, name)
        return lambda x: function(x, window=window), [d.array(shape)]

    return case


def _resample(d: Draw) -> Any:
    old, new, axis = d.pick(3, 30), d.int(1, 4), d.int(0, 2)  # a whole matrix, and a band of few weights
    weights = resampling.resizing_weights(d.pick("bilinear", "bicubic"), old, new, False)
    shape = [2, 2, 2]
    shape[axis] = old
    return lambda x: resampling.resample(x, weights=weights, axis=axis), [d.array(shape)]


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
    "patches": _patches("patches_of"),
    "sum of patches": _patches("sum_of_patches"),
    "resampling": _resample,
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
    "resize": lambda d: (
        lambda x, i=d.pick("nearest", "bilinear", "lanczos3"), r=d.pick("crop", "pad"): ops.image.resize(
            x, (3, 4), i, True, **{f"{r}_to_aspect_ratio": True}
        ),
        [d.array((2, 5, 4, 2))],
    ),
    "scale_and_translate": lambda d: (
        lambda x, s, t, m=d.pick("linear", "cubic"): ops.image.scale_and_translate(x, (3, 4), s, t, (0, 1), m),
        [d.array((5, 4)), d.array((2,), 0.6, 0.8), d.array((2,), 0.1, 0.2)],
    ),
    "map_coordinates": lambda d: (
        lambda x, c, m=d.pick("constant", "nearest", "wrap", "mirror"): ops.image.map_coordinates(x, c, 1, m),
        [d.array((3, 4)), np.floor(d.array((2, 3), -5, 8)) + d.array((2, 3), 0.1, 0.9)],
    ),
    "affine_transform": lambda d: (
        lambda x, t=d.array((2, 8), 0.3, 1.2), m=d.pick("constant", "reflect"): ops.image.affine_transform(
            x, t, fill_mode=m, data_format="channels_first"
        ),
        [d.array((2, 1, 3, 4))],
    ),
    "perspective_transform": lambda d: (
        lambda x, e=d.array((4, 2), -0.3, 0.3): ops.image.perspective_transform(x, _CORNERS, _CORNERS + e),
        [d.array((3, 4, 2))],
    ),
    "elastic_transform": lambda d: (lambda x: ops.image.elastic_transform(x, 3, 1, seed=1), [d.array((3, 4, 2))]),
    "gaussian_blur": lambda d: (lambda x: ops.image.gaussian_blur(x, (3, 4), (1, 2)), [d.array((4, 3, 2))]),
    "sobel_edges": lambda d: (lambda x: ops.image.sobel_edges(x, "channels_first"), [d.array((2, 2, 4, 3))]),
    "ssim": lambda d: (
        lambda x, y: ops.image.ssim(x, y, filter_size=3),
        [d.array((2, 4, 3, 2)), d.array((2, 4, 3, 2))],
    ),
    "rgb_to_hsv": lambda d: (ops.image.rgb_to_hsv, [d.distinct((2, 3, 3)) + 1.5]),
    "hsv_to_rgb": lambda d: (
        ops.image.hsv_to_rgb,
        [(d.rng.integers(0, 6, (2, 3, 3)) + d.array((2, 3, 3), 0.1, 0.9)) / 6],
    ),
    "rgb_to_grayscale": lambda d: (ops.image.rgb_to_grayscale, [d.array((2, 3, 3))]),
    "extract_patches": lambda d: (
        lambda x, p=d.pick("valid", "same"): ops.image.extract_patches(x, 2, 1, 1, p),
        [d.array((3, 4, 2))],
    ),
    "unfold": lambda d: (lambda x: ops.unfold(x, 2, 1, 1, 2), [d.array((2, 2, 3, 4))]),
    "fold": lambda d: (lambda x: ops.fold(x, (3, 4), 2, 1, 1, 2), [d.array((2, 4, 6))]),
    "pad_images": lambda d: (lambda x: ops.image.pad_images(x, 1, 2, 0, 1), [d.array((2, 3, 2))]),
    "crop_images": lambda d: (lambda x: ops.image.crop_images(x, 1, 0, 0, 1), [d.array((2, 3, 2))]),
}  # fmt: skip
