"""Convolution: the same weighted sum at every place of an image.

Three primitives, each the derivative of the others, because `sum(y * conv(x, w))` is linear in all three: `conv`
itself, its transpose, which makes an image from places, and the product of image and places in the kernel's shape.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from kerasish.backend import dtypes
from kerasish.backend.operators import dtype_of, promote, to_array
from kerasish.backend.primitive import Primitive, primitive
from kerasish.backend.sizes import tuple_of
from kerasish.backend.symbolic import KerasTensor
from kerasish.backend.typing import Sizes, TensorLike
from kerasish.ops import windows
from kerasish.ops.composite import composite_by, composite_of_parts
from kerasish.ops.convolving import as_dtype, convolve, convolve_input, convolve_kernel
from kerasish.ops.fused import IN_PLACE, delta_of
from kerasish.ops.windows import Window

# -- the three primitives, each the derivative of the others ---------------------------------------------------------
#
# Their parameters: `window`, and `groups` of channels that do not see each other.


def _groups(x: Any, kernel: Any) -> int:
    return np.shape(x)[-1] // np.shape(kernel)[-2]


def _typed(function: Callable[..., np.ndarray]) -> Callable[..., np.ndarray]:
    """The same, with a result of the dtype that its arguments are promoted to."""

    def forward(a: np.ndarray, b: np.ndarray, *, window: Window, groups: int) -> np.ndarray:
        if a.dtype != b.dtype:
            a, b = promote(a, b)
        return as_dtype(function(a, b, window, groups), a.dtype)

    return forward


_conv: Primitive = primitive(
    "convolution",
    _typed(convolve),
    lambda g, y, x, w, **p: _conv_input(g, w, **p),
    lambda g, y, x, w, **p: _conv_kernel(x, g, **p),
    plan="kerasish.ops.plans.convolutions:convolve",
)
_conv_input: Primitive = primitive(
    "transposed convolution",
    _typed(convolve_input),
    lambda g, x, y, w, **p: _conv(g, w, **p),
    lambda g, x, y, w, **p: _conv_kernel(g, y, **p),
    plan="kerasish.ops.plans.convolutions:convolve_input",
)
_conv_kernel: Primitive = primitive(
    "correlation with an image",
    _typed(convolve_kernel),
    lambda g, w, x, y, **p: _conv_input(y, g, **p),
    lambda g, w, x, y, **p: _conv(x, g, **p),
    plan="kerasish.ops.plans.convolutions:convolve_kernel",
)


# -- the layer's operation: with bias and activation -----------------------------------------------------------------


def window_of(x: Any, kernel: Any, strides: Any, padding: str, dilation: Any) -> Window:
    """How a kernel moves over an image, both given as arrays."""
    return windows.moving(np.shape(x)[1:-1], np.shape(kernel)[:-2], strides, padding, dilation)


def _forward(
    x: Any, kernel: Any, bias: Any = None, *, strides: Any, padding: str, dilation: Any, activation: str | None = None
) -> Any:
    if x.dtype != kernel.dtype:
        x, kernel = promote(x, kernel)
    y = convolve(x, kernel, window_of(x, kernel, strides, padding, dilation), _groups(x, kernel))
    if bias is not None:
        y += bias
    if activation is not None:
        IN_PLACE[activation](y)
    return as_dtype(y, x.dtype)


def _trio(x: Any, kernel: Any, strides: Any, padding: str, dilation: Any) -> dict[str, Any]:
    return {"window": window_of(x, kernel, strides, padding, dilation), "groups": _groups(x, kernel)}


def _vjp_x(g: Any, y: Any, x: Any, kernel: Any, bias: Any = None, *, activation: Any = None, **moves: Any) -> Any:
    return _conv_input(delta_of(g, y, activation), kernel, **_trio(x, kernel, **moves))


def _vjp_kernel(g: Any, y: Any, x: Any, kernel: Any, bias: Any = None, *, activation: Any = None, **moves: Any) -> Any:
    return _conv_kernel(x, delta_of(g, y, activation), **_trio(x, kernel, **moves))


def _vjp_bias(g: Any, y: Any, x: Any, kernel: Any, bias: Any = None, *, activation: Any = None, **moves: Any) -> Any:
    return np.sum(delta_of(g, y, activation), axis=tuple(range(np.ndim(y) - 1)))


def _backward(
    g: np.ndarray, y: np.ndarray, arrays: list[Any], params: dict[str, Any], needs: list[bool], into: list[Any]
) -> list[Any]:
    """All gradients from one delta."""
    x, kernel = arrays[0], arrays[1]
    moves = {key: value for key, value in params.items() if key != "activation"}
    trio = _trio(x, kernel, **moves)
    delta = delta_of(g, y, params.get("activation"))
    shares: list[Any] = [None] * len(arrays)
    if needs[0]:
        shares[0] = convolve_input(delta, kernel, **trio)
    if needs[1]:
        shares[1] = convolve_kernel(x, delta, **trio)
    if len(needs) > 2 and needs[2]:
        shares[2] = np.add.reduce(delta.reshape(-1, delta.shape[-1]), axis=0, out=into[2])
    return shares


def _spec(x: Any, kernel: Any, bias: Any = None, *, strides: Any, padding: str, dilation: Any, **_: Any) -> KerasTensor:
    sizes = windows.places(x.shape[1:-1], kernel.shape[:-2], strides, padding, dilation)
    kind = dtypes.result_type(dtype_of(x), dtype_of(kernel))
    return KerasTensor((x.shape[0], *sizes, kernel.shape[-1]), kind)


convolution = primitive(
    "convolution with bias",
    _forward,
    _vjp_x,
    _vjp_kernel,
    _vjp_bias,
    backward=_backward,
    shape=_spec,
    optional=True,
    doc="""`activation(conv(x, kernel) + bias)`: the layers' operation, on images with their channels last.

    Parameters: `strides`, `padding`, `dilation`, `activation`; see `windows.moving`.
    """,
    plan="kerasish.ops.plans.convolutions:convolution",
)


# -- keras.ops -------------------------------------------------------------------------------------------------------


def _checked(inputs: Any, kernel: Any, first: bool, name: str, transposed: bool = False) -> tuple[Any, Any, int]:
    """Arrays, and how many spatial axes they have.

    Raises:
        ValueError: if the shapes do not belong together.
    """
    inputs, kernel = (a if hasattr(a, "shape") else to_array(a) for a in (inputs, kernel))
    rank = len(inputs.shape) - 2
    if rank not in (1, 2, 3) or len(kernel.shape) != rank + 2:
        raise ValueError(
            f"{name} takes inputs with one, two or three spatial axes, such as (batch, height, width, channels), and a "
            f"kernel with as many; received inputs of shape {tuple(inputs.shape)} and a kernel of shape "
            f"{tuple(kernel.shape)}"
        )
    channels = inputs.shape[1] if first else inputs.shape[-1]
    seen, filters = (kernel.shape[-1], kernel.shape[-2]) if transposed else kernel.shape[-2:]
    if channels is None:
        return inputs, kernel, rank
    if channels != seen and (transposed or not seen or channels % seen):
        where = "axis 1 (data_format='channels_first')" if first else "last axis (data_format='channels_last')"
        raise ValueError(
            f"{name}: the inputs of shape {tuple(inputs.shape)} have {channels} channels, on the {where}, but the "
            f"kernel of shape {tuple(kernel.shape)} is for {seen}"
        )
    if filters % (channels // seen):
        raise ValueError(
            f"{name}: the kernel of shape {tuple(kernel.shape)} divides {channels} channels into {channels // seen} "
            f"groups, into which its {filters} filters cannot be divided"
        )
    return inputs, kernel, rank


@composite_of_parts
def conv(
    inputs: TensorLike,
    kernel: TensorLike,
    strides: Sizes = 1,
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: Sizes = 1,
) -> Any:
    """Convolution (in the mathematicians' terms cross-correlation): weighted sums of every window.

    `y[n, p, f] = sum over k, c of x[n, p * strides + k * dilation_rate, c] * kernel[k, c, f]`.

    Args:
        inputs: `(batch, *spatial, channels)`, with one, two or three spatial axes.
        kernel: `(*window, channels / groups, filters)`; fewer channels than the inputs have divide them into groups.
        strides: the steps from window to window: a number, or one for each spatial axis.
        padding: `"valid"`, only windows inside, or `"same"`, with zeros around, for as many as there are strides.
        data_format: `"channels_last"`, or `"channels_first"` for inputs and output `(batch, channels, *spatial)`.
        dilation_rate: how far apart the numbers of a window are.

    Raises:
        ValueError: if shapes do not belong together, or a window does not fit.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.ops.conv(np.ones((1, 5, 5, 3), "float32"), np.ones((3, 3, 3, 2), "float32")).shape
        (1, 3, 3, 2)

    Source: Dumoulin and Visin, A guide to convolution arithmetic for deep learning (2016).
    """
    first = windows.channels_first(data_format)
    inputs, kernel, rank = _checked(inputs, kernel, first, "conv")
    y = convolution(
        windows.to_last(inputs, first),
        kernel,
        strides=tuple_of(strides, rank, "strides", "conv"),
        padding=windows.standardized_padding(padding),
        dilation=tuple_of(dilation_rate, rank, "dilation_rate", "conv"),
    )
    return windows.to_first(y, first)


@composite_of_parts
def depthwise_conv(
    inputs: TensorLike,
    kernel: TensorLike,
    strides: Sizes = 1,
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: Sizes = 1,
) -> Any:
    """A convolution of each channel by itself.

    Args:
        inputs: `(batch, *spatial, channels)`.
        kernel: `(*window, channels, multiplier)`: so many kernels for each channel.
        strides, padding, data_format, dilation_rate: see `conv`.

    Returns:
        `(batch, *places, channels * multiplier)`.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.ops.depthwise_conv(np.ones((1, 5, 5, 3), "float32"), np.ones((3, 3, 3, 2), "float32")).shape
        (1, 3, 3, 6)
    """
    inputs, kernel = (a if hasattr(a, "shape") else to_array(a) for a in (inputs, kernel))
    shape = tuple(kernel.shape)
    if len(shape) < 3:
        raise ValueError(f"depthwise_conv takes a kernel (*window, channels, multiplier); received shape {shape}")
    channels = inputs.shape[1 if windows.channels_first(data_format) else -1]
    if channels is not None and channels != shape[-2]:
        raise ValueError(
            f"depthwise_conv: the inputs of shape {tuple(inputs.shape)} have {channels} channels, but the kernel of "
            f"shape {shape} is for {shape[-2]}"
        )
    return conv(inputs, by_channel(kernel), strides, padding, data_format, dilation_rate)


def by_channel(kernel: Any) -> Any:
    """A depthwise kernel as that of a convolution with as many groups as channels: `(*window, 1, filters)`."""
    *window, channels, multiplier = kernel.shape
    return np.reshape(kernel, (*window, 1, channels * multiplier))


@composite_of_parts
def separable_conv(
    inputs: TensorLike,
    depthwise_kernel: Any,
    pointwise_kernel: Any,
    strides: Sizes = 1,
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: Sizes = 1,
) -> Any:
    """A convolution of each channel by itself, and then weighted sums over the channels.

    Args:
        inputs: `(batch, *spatial, channels)`.
        depthwise_kernel: `(*window, channels, multiplier)`.
        pointwise_kernel: `(*(1, ..), channels * multiplier, filters)`.
        strides, padding, data_format, dilation_rate: see `conv`; they are the first convolution's.

    Source: Chollet, Xception: deep learning with depthwise separable convolutions (2017).
    """
    y = depthwise_conv(inputs, depthwise_kernel, strides, padding, data_format, dilation_rate)
    return conv(y, pointwise_kernel, 1, "valid", data_format, 1)


def _transposed_spec(
    inputs: Any, kernel: Any, strides: Any = 1, padding: str = "valid", output_padding: Any = None,
    data_format: str | None = None, dilation_rate: Any = 1,
) -> KerasTensor:  # fmt: skip
    first = windows.channels_first(data_format)
    inputs, kernel, rank = _checked(inputs, kernel, first, "conv_transpose", transposed=True)
    steps = tuple_of(strides, rank, "strides", "conv_transpose")
    spaces = tuple_of(dilation_rate, rank, "dilation_rate", "conv_transpose")
    more = None if output_padding is None else tuple_of(output_padding, rank, "output_padding", "conv_transpose", 0)
    known = windows.standardized_padding(padding)
    sizes = []
    for i, n in enumerate(inputs.shape[2:] if first else inputs.shape[1:-1]):
        extra = None if more is None else more[i : i + 1]
        axis = slice(i, i + 1)
        window = n and windows.spreading((n,), tuple(kernel.shape[axis]), steps[axis], known, extra, spaces[axis])
        sizes.append(window and window.size[0])
    channels = (kernel.shape[-2],)
    shape = (inputs.shape[0], *channels, *sizes) if first else (inputs.shape[0], *sizes, *channels)
    return KerasTensor(shape, dtypes.result_type(dtype_of(inputs), dtype_of(kernel)))


@composite_by(_transposed_spec)
def conv_transpose(
    inputs: Any,
    kernel: Any,
    strides: Any = 1,
    padding: str = "valid",
    output_padding: Any = None,
    data_format: str | None = None,
    dilation_rate: Any = 1,
) -> Any:
    """The transpose of a convolution: each number of the inputs spreads over a window of the output.

    Args:
        inputs: `(batch, *spatial, channels)`.
        kernel: `(*window, filters, channels)`: as the convolution's that goes the other way.
        strides: the steps from window to window in the output.
        padding: `"valid"` for an output of `size * strides + max(reach - strides, 0)`, `"same"` for
            `size * strides`, where a window reaches over `reach = (window - 1) * dilation_rate + 1` numbers.
        output_padding: how many numbers the output has more than `(size - 1) * strides + reach` with `"valid"`, or
            `(size - 1) * strides + reach % 2` with `"same"`; None for the sizes above.
        data_format, dilation_rate: see `conv`.

    Example:
        >>> import numpy as np
        >>> import kerasish as keras
        >>> keras.ops.conv_transpose(np.ones((1, 4, 4, 3), "float32"), np.ones((3, 3, 2, 3), "float32"), 2).shape
        (1, 9, 9, 2)

    Source: Zeiler et al., Deconvolutional networks (2010).
    """
    first = windows.channels_first(data_format)
    inputs, kernel, rank = _checked(inputs, kernel, first, "conv_transpose", transposed=True)
    more = None if output_padding is None else tuple_of(output_padding, rank, "output_padding", "conv_transpose", 0)
    image = windows.to_last(inputs, first)
    window = windows.spreading(
        tuple(np.shape(image)[1:-1]),
        tuple(np.shape(kernel)[:-2]),
        tuple_of(strides, rank, "strides", "conv_transpose"),
        windows.standardized_padding(padding),
        more,
        tuple_of(dilation_rate, rank, "dilation_rate", "conv_transpose"),
    )
    return windows.to_first(_conv_input(image, kernel, window=window, groups=1), first)
