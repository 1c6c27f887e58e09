"""Convolution and pooling layers as ONNX operators, which have the channels of an image before its spatial axes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from kerasish.models.onnx.writer import ALONG_THE_LAST_AXIS, Value, Writer, refuse
from kerasish.ops import pooling, windows

Rule = Callable[[Writer, Any, list[Value]], str]


# -- the two layouts -----------------------------------------------------------------------------------------


def _is_first(layer: Any) -> bool:
    return layer.data_format == "channels_first"


def _sizes(layer: Any, x: Value) -> tuple[int | None, ...]:
    """The spatial sizes of the input, None where unknown."""
    return x.shape[2:] if _is_first(layer) else x.shape[1:-1]


def _axes(layer: Any, x: Value) -> list[int]:
    start = 2 if _is_first(layer) else 1
    return list(range(start, start + x.rank - 2))


def _to_first(w: Writer, layer: Any, x: Value) -> str:
    return x.name if _is_first(layer) else w.transpose(x.name, [0, x.rank - 1, *range(1, x.rank - 1)])


def _back(w: Writer, layer: Any, y: str, x: Value) -> str:
    return y if _is_first(layer) else w.transpose(y, [0, *range(2, x.rank), 1])


def _activated(w: Writer, layer: Any, y: str, x: Value) -> str:
    """The activation, and the layer's own layout.

    What looks at single numbers comes before the layout is changed back, so that nothing stands between that change
    and the next layer's, which undoes it.
    """
    if layer.activation is None:
        return _back(w, layer, y, x)
    if _is_first(layer) or getattr(layer.activation, "__name__", "") not in ALONG_THE_LAST_AXIS:
        return _back(w, layer, w.activation(layer.activation, Value(y, x.shape), layer.name), x)
    return w.activation(layer.activation, Value(_back(w, layer, y, x), x.shape), layer.name)


# -- convolution ---------------------------------------------------------------------------------------------


def _filters_first(kernel: np.ndarray) -> np.ndarray:
    """From (*window, channels, filters) to (filters, channels, *window)."""
    return np.moveaxis(kernel, (-1, -2), (0, 1))


def _channels_as_groups(kernel: np.ndarray) -> np.ndarray:
    """From (*window, channels, multiplier) to (channels * multiplier, 1, *window)."""
    return _filters_first(kernel.reshape(*kernel.shape[:-2], 1, -1))


def _padding(layer: Any, x: Value, shape: tuple[int, ...], dilation: tuple[int, ...]) -> dict[str, Any]:
    """The zeros around the image: their numbers, or a word where they depend on an unknown size."""
    if layer.padding == "valid":
        return {}
    if layer.padding == "causal":
        return {"pads": [(shape[0] - 1) * dilation[0], 0]}
    sizes = _sizes(layer, x)
    is_open = [n is None and stride > 1 for n, stride in zip(sizes, layer.strides, strict=True)]
    if any(is_open):
        if any(gap > 1 for gap in dilation):
            refuse(layer, f"padding='same' with strides and a dilation needs known sizes; its input has {x.shape}")
        return {"auto_pad": "SAME_UPPER"}
    # A window that moves by one is given the same zeros in an image of any size.
    window = windows.moving(tuple(n or 1 for n in sizes), shape, layer.strides, "same", dilation)
    ends = zip(window.span, window.before, window.size, strict=True)
    return {"pads": [*window.before, *(max(span - before - n, 0) for span, before, n in ends)]}


def _sums(w: Writer, layer: Any, x: Value, *weights: str, groups: int) -> str:
    """The weighted sums of the layer's windows, with the channels first."""
    return w.node(
        "Conv",
        _to_first(w, layer, x),
        *weights,
        kernel_shape=layer.kernel_size,
        strides=layer.strides,
        dilations=layer.dilation_rate,
        group=groups,
        **_padding(layer, x, layer.kernel_size, layer.dilation_rate),
    )


def _bias(w: Writer, layer: Any) -> list[str]:
    return [] if layer.bias is None else [w.weight(layer.bias)]


def _conv(w: Writer, layer: Any, inputs: list[Value]) -> str:
    weights = [w.weight(layer.kernel, _filters_first), *_bias(w, layer)]
    return _activated(w, layer, _sums(w, layer, inputs[0], *weights, groups=layer.groups), inputs[0])


def _depthwise_conv(w: Writer, layer: Any, inputs: list[Value]) -> str:
    weights = [w.weight(layer.kernel, _channels_as_groups), *_bias(w, layer)]
    return _activated(w, layer, _sums(w, layer, inputs[0], *weights, groups=layer.kernel.shape[-2]), inputs[0])


def _separable_conv(w: Writer, layer: Any, inputs: list[Value]) -> str:
    kernel = layer.depthwise_kernel
    y = _sums(w, layer, inputs[0], w.weight(kernel, _channels_as_groups), groups=kernel.shape[-2])
    y = w.node("Conv", y, w.weight(layer.pointwise_kernel, _filters_first), *_bias(w, layer))
    return _activated(w, layer, y, inputs[0])


def _conv_transpose(w: Writer, layer: Any, inputs: list[Value]) -> str:
    """The image of a convolution whose places are the inputs: what its windows reach over, without the padding.

    The numbers to leave out, or to add at the end, are the same for inputs of any size; two is a size that always makes
    an image.
    """
    x = inputs[0]
    window = windows.spreading(
        tuple(n or 2 for n in _sizes(layer, x)),
        layer.kernel_size,
        layer.strides,
        layer.padding,
        layer.output_padding,
        layer.dilation_rate,
    )
    after = [s - before - n for s, before, n in zip(window.span, window.before, window.size, strict=True)]
    y = w.node(
        "ConvTranspose",
        _to_first(w, layer, x),
        w.weight(layer.kernel, _filters_first),
        *_bias(w, layer),
        kernel_shape=layer.kernel_size,
        strides=layer.strides,
        dilations=layer.dilation_rate,
        pads=[*window.before, *(max(n, 0) for n in after)],
        output_padding=[max(-n, 0) for n in after],
    )
    return _activated(w, layer, y, x)


# -- pooling -------------------------------------------------------------------------------------------------


def _pooling(kind: str) -> Rule:
    """`MaxPool`, or `AveragePool`, which leaves the padding out of the mean."""

    def rule(w: Writer, layer: Any, inputs: list[Value]) -> str:
        x = inputs[0]
        around = _padding(layer, x, layer.pool_size, (1,) * len(layer.pool_size))
        y = w.node(kind, _to_first(w, layer, x), kernel_shape=layer.pool_size, strides=layer.strides, **around)
        return _back(w, layer, y, x)

    return rule


def _global_pooling(kind: str) -> Rule:
    def rule(w: Writer, layer: Any, inputs: list[Value]) -> str:
        x = inputs[0]
        return w.node(kind, x.name, w.integers(_axes(layer, x)), keepdims=int(layer.keepdims))

    return rule


def _shares(layer: Any, x: Value) -> list[np.ndarray]:
    """For each spatial axis, how much each of its numbers counts in each mean: (numbers of the output, of the input).

    Raises:
        ValueError: if the input's sizes are unknown, for the windows follow from them.
    """
    sizes = _sizes(layer, x)
    if None in sizes:
        refuse(layer, f"its windows follow from the sizes of its input, which has the shape {x.shape}")
    return [
        pooling.adaptive_average_pool(np.eye(n or 0)[None], count, "channels_last")[0]
        for n, count in zip(sizes, layer.output_size, strict=True)
    ]


def _adaptive_average(w: Writer, layer: Any, inputs: list[Value]) -> str:
    """One product with a matrix of shares for each spatial axis."""
    x = inputs[0]
    letters = list("abcde"[: x.rank])
    terms, out, matrices = ["".join(letters)], letters.copy(), []
    for axis, new, shares in zip(_axes(layer, x), "xyz", _shares(layer, x), strict=False):
        terms.append(new + letters[axis])
        out[axis] = new
        matrices.append(w.constant(shares))
    return w.node("Einsum", x.name, *matrices, equation=f"{','.join(terms)}->{''.join(out)}")


def _adaptive_max(w: Writer, layer: Any, inputs: list[Value]) -> str:
    """Along each spatial axis the numbers of all windows side by side, and the largest of each window."""
    y = inputs[0].name
    for axis, shares in zip(_axes(layer, inputs[0]), _shares(layer, inputs[0]), strict=True):
        seen = [np.flatnonzero(row) for row in shares]
        widest = max(map(len, seen))
        picks = [[*numbers, *[numbers[-1]] * (widest - len(numbers))] for numbers in seen]  # the last again
        y = w.node("ReduceMax", w.node("Gather", y, w.integers(picks), axis=axis), w.integers([axis + 1]), keepdims=0)
    return y


def _in_each_rank(name: str, rule: Rule, ranks: tuple[int, ...] = (1, 2, 3)) -> dict[str, Rule]:
    return {name.format(f"{rank}D"): rule for rank in ranks}


RULES: dict[str, Rule] = {
    **_in_each_rank("Conv{}", _conv),
    **_in_each_rank("Conv{}Transpose", _conv_transpose),
    **_in_each_rank("DepthwiseConv{}", _depthwise_conv, (1, 2)),
    **_in_each_rank("SeparableConv{}", _separable_conv, (1, 2)),
    **_in_each_rank("MaxPooling{}", _pooling("MaxPool")),
    **_in_each_rank("AveragePooling{}", _pooling("AveragePool")),
    **_in_each_rank("GlobalMaxPooling{}", _global_pooling("ReduceMax")),
    **_in_each_rank("GlobalAveragePooling{}", _global_pooling("ReduceMean")),
    **_in_each_rank("AdaptiveAveragePooling{}", _adaptive_average),
    **_in_each_rank("AdaptiveMaxPooling{}", _adaptive_max),
}
