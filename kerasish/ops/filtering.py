"""Pictures blurred, their edges, and how alike two of them are: correlations with small windows."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish.backend.operators import dtype_of
from kerasish.backend.sizes import tuple_of
from kerasish.backend.symbolic import KerasTensor
from kerasish.ops.composite import composite
from kerasish.ops.convolution import depthwise_conv
from kerasish.ops.means import narrowed, widened
from kerasish.ops.pictures import batched, layout, same_spec
from kerasish.ops.reduction import mean
from kerasish.ops.shape import reshape


def bell_curve(size: int, sigma: float) -> np.ndarray:
    """A normal curve's values at `size` places one apart, with its top in their middle, that add to one."""
    place = np.arange(size) - (size - 1) / 2
    curve = np.exp(-0.5 * (place / sigma) ** 2)
    return curve / curve.sum()


def blurred(x: Any, sizes: tuple[int, int], sigmas: tuple[float, float], padding: str = "same") -> Any:
    """A batch of float pictures, channels last, correlated with a bell curve along each axis."""
    channels = np.shape(x)[-1]
    for axis, (size, sigma) in enumerate(zip(sizes, sigmas, strict=True)):
        curve = bell_curve(size, sigma).astype(np.dtype(dtype_of(x)))
        shape = (size, 1, 1, 1) if axis == 0 else (1, size, 1, 1)
        x = depthwise_conv(x, np.tile(curve.reshape(shape), (1, 1, channels, 1)), 1, padding, "channels_last")
    return x


@composite
def gaussian_blur(
    images: Any, kernel_size: Any = (3, 3), sigma: Any = (1.0, 1.0), data_format: str | None = None
) -> Any:
    """Pictures blurred: each pixel a mean of those around it, weighted by a bell curve `exp(-d² / 2 sigma²)`.

    Args:
        images: floats, one picture `(height, width, channels)`, or a batch of them. Outside of it is 0.
        kernel_size: over how many pixels the mean goes, from left to right and from top to bottom.
        sigma: the curve's deviation in pixels, in the same order.
        data_format: `"channels_last"`, or `"channels_first"` for `(batch, channels, height, width)`.

    Raises:
        ValueError: if the images are not floats, or the sizes are not whole numbers.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> dot = np.pad([[[1.0]]], ((1, 1), (1, 1), (0, 0)))
        >>> keras.ops.image.gaussian_blur(dot)[1, :, 0].round(3)
        array([0.124, 0.204, 0.124])
    """
    sizes = tuple_of(kernel_size, 2, "kernel_size", "gaussian_blur")
    x, found = batched(images, data_format, "gaussian_blur")
    if np.dtype(dtype_of(x)).kind in "iub":
        raise ValueError(f"gaussian_blur takes floats; received images of dtype {np.dtype(dtype_of(x)).name}")
    x, kind = widened(x)
    sigmas = (sigma, sigma) if np.ndim(sigma) == 0 else tuple(sigma)
    return found.restored(narrowed(blurred(x, (sizes[1], sizes[0]), (float(sigmas[1]), float(sigmas[0]))), kind))


gaussian_blur.shape = same_spec

# Down each column the difference of the rows around, and from left to right of the columns (Sobel, 1968).
_DOWN = np.array([[-1, -2, -1], [0, 0, 0], [1, 2, 1]])
_SOBEL = np.stack([_DOWN, _DOWN.T], axis=-1)


def _edges_shape(images: Any, data_format: str | None = None) -> KerasTensor:
    if len(images.shape) != 4:
        raise ValueError(f"sobel_edges takes a batch of pictures, of rank 4; received shape {tuple(images.shape)}")
    return KerasTensor((*images.shape, 2), images.dtype)


@composite
def sobel_edges(images: Any, data_format: str | None = None) -> Any:
    """How fast brightness changes downwards and to the right, by differences of the eight pixels around.

    Args:
        images: `(batch, height, width, channels)`. Outside of it is 0.
        data_format: `"channels_last"`, or `"channels_first"` for `(batch, channels, height, width)`.

    Returns:
        The images' shape and an axis of two: `[dy, dx]`.

    Raises:
        ValueError: if it is not a batch, or of an unsigned dtype, which has no negative numbers.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> edge = np.tile(np.float32([0, 0, 1, 1]).reshape(1, 1, 4, 1), (1, 3, 1, 1))
        >>> keras.ops.image.sobel_edges(edge)[0, 1, :, 0, 1]
        array([ 0.,  4.,  4., -4.], dtype=float32)
    """
    x, found = batched(images, data_format, "sobel_edges")
    _edges_shape(images if hasattr(images, "shape") else x)
    kind = np.dtype(dtype_of(x))
    if kind.kind in "ub":
        raise ValueError(f"sobel_edges makes negative numbers too, which images of dtype {kind.name} cannot be")
    channels = np.shape(x)[-1]
    kernel = np.repeat(_SOBEL[:, :, None, :], channels, axis=2).astype(kind)
    edges = depthwise_conv(x, kernel, 1, "same", "channels_last")
    edges = reshape(edges, (*np.shape(edges)[:-1], channels, 2))
    return np.moveaxis(edges, -2, 1) if found.first else edges


sobel_edges.shape = _edges_shape


def _ssim_shape(image1: Any, *_: Any, data_format: str | None = None, **__: Any) -> KerasTensor:
    one = layout(image1, data_format, "ssim").one
    return KerasTensor(() if one else image1.shape[:1], image1.dtype)


@composite
def ssim(
    image1: Any,
    image2: Any,
    max_val: float = 1.0,
    filter_size: int = 11,
    filter_sigma: float = 1.5,
    k1: float = 0.01,
    k2: float = 0.03,
    data_format: str | None = None,
) -> Any:
    """How alike pictures are in brightness, contrast and structure: 1 where they are the same.

    In every window, weighted by a bell curve, with means m, variances s² and covariance s₁₂:
    `(2 m₁ m₂ + c₁) (2 s₁₂ + c₂) / ((m₁² + m₂² + c₁) (s₁² + s₂² + c₂))`, where `c = (k max_val)²`; averaged over all
    windows and channels.

    Args:
        image1, image2: one picture `(height, width, channels)`, or a batch of them.
        max_val: the largest value of a pixel.
        filter_size, filter_sigma: the window's size and the curve's deviation.
        k1, k2: see above.
        data_format: `"channels_last"`, or `"channels_first"` for `(batch, channels, height, width)`.

    Returns:
        A number for each picture.

    Raises:
        ValueError: if the shapes differ, or a window does not fit.

    Source: Wang, Bovik, Sheikh, Simoncelli, "Image quality assessment: from error visibility to structural
        similarity", IEEE Transactions on Image Processing 13, 2004.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> x = np.linspace(0, 1, 16 * 16).reshape(16, 16, 1)
        >>> float(keras.ops.image.ssim(x, x))
        1.0
    """
    x, found = batched(image1, data_format, "ssim")
    y, _ = batched(image2, data_format, "ssim")
    if np.shape(x) != np.shape(y):
        raise ValueError(f"ssim compares pictures of one shape; received {np.shape(image1)} and {np.shape(image2)}")
    given = np.dtype(dtype_of(x)).name
    x, y = widened(x)[0], widened(y)[0]

    def windows_mean(z: Any) -> Any:
        return blurred(z, (filter_size, filter_size), (filter_sigma, filter_sigma), "valid")

    c1, c2 = (k1 * max_val) ** 2, (k2 * max_val) ** 2
    m1, m2 = windows_mean(x), windows_mean(y)
    v1, v2 = windows_mean(x * x) - m1 * m1, windows_mean(y * y) - m2 * m2
    both = windows_mean(x * y) - m1 * m2
    alike = (2 * m1 * m2 + c1) * (2 * both + c2) / ((m1 * m1 + m2 * m2 + c1) * (v1 + v2 + c2))
    means = narrowed(mean(alike, axis=(1, 2, 3)), given)
    return means[0] if found.one else means


ssim.shape = _ssim_shape
