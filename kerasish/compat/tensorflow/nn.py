"""Parts of networks with TensorFlow's arguments."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerasish import ops, random
from kerasish.compat.tensorflow.arguments import sizes
from kerasish.compat.tensorflow.arrays import tensor
from kerasish.compat.tensorflow.random import key


def _format(data_format: str | None) -> str:
    if not data_format:
        return "channels_last"
    return "channels_first" if data_format.startswith("NC") else "channels_last"


def _steps(strides: Any, axes: int, data_format: str) -> Any:
    """Strides of the axes between batch and channels, from one number, one for each of them, or one for every axis."""
    given = sizes(strides)
    if isinstance(given, int):
        return given
    if len(given) == 1:
        return given[0]
    if len(given) == axes:
        return tuple(given)
    inner = given[1:-1] if data_format == "channels_last" else given[2:]
    outer = (given[0], given[-1]) if data_format == "channels_last" else given[:2]
    if tuple(outer) != (1, 1):
        raise ValueError(f"strides must be 1 over the batch and the channels; received {given}")
    return tuple(inner)


def _padding(padding: Any) -> str:
    if not isinstance(padding, str):
        raise NotImplementedError("padding is 'SAME' or 'VALID'; pad by yourself before, with tf.pad")
    return padding.lower()


def convolution(
    input: Any,
    filters: Any,
    strides: Any = 1,
    padding: Any = "VALID",
    data_format: str | None = None,
    dilations: Any = None,
    name: str | None = None,
) -> Any:
    axes, form = np.ndim(filters) - 2, _format(data_format)
    apart = _steps(1 if dilations is None else dilations, axes, form)
    return ops.conv(input, filters, _steps(strides or 1, axes, form), _padding(padding), form, apart)


def conv1d(
    input: Any,
    filters: Any,
    stride: Any,
    padding: Any,
    data_format: str | None = "NWC",
    dilations: Any = None,
    name: str | None = None,
) -> Any:
    return convolution(input, filters, stride, padding, data_format, dilations)


def depthwise_conv2d(
    input: Any,
    filter: Any,
    strides: Any,
    padding: Any,
    data_format: str | None = None,
    dilations: Any = None,
    name: str | None = None,
) -> Any:
    form = _format(data_format)
    apart = _steps(1 if dilations is None else dilations, 2, form)
    return ops.depthwise_conv(input, filter, _steps(strides, 2, form), _padding(padding), form, apart)


def conv2d_transpose(
    input: Any,
    filters: Any,
    output_shape: Any,
    strides: Any,
    padding: Any = "SAME",
    data_format: str = "NHWC",
    dilations: Any = None,
    name: str | None = None,
) -> Any:
    form = _format(data_format)
    apart = _steps(1 if dilations is None else dilations, 2, form)
    made = ops.conv_transpose(input, filters, _steps(strides, 2, form), _padding(padding), None, form, apart)
    wanted = sizes(output_shape)
    if tuple(wanted) != tuple(made.shape):
        raise NotImplementedError(
            f"conv2d_transpose makes the shape {tuple(made.shape)} of these sizes; received output_shape={wanted}"
        )
    return made


def max_pool(
    input: Any, ksize: Any, strides: Any, padding: Any, data_format: str | None = None, name: str | None = None
) -> Any:
    axes, form = np.ndim(input) - 2, _format(data_format)
    return ops.max_pool(input, _steps(ksize, axes, form), _steps(strides, axes, form), _padding(padding), form)


def avg_pool(
    input: Any, ksize: Any, strides: Any, padding: Any, data_format: str | None = None, name: str | None = None
) -> Any:
    axes, form = np.ndim(input) - 2, _format(data_format)
    return ops.average_pool(input, _steps(ksize, axes, form), _steps(strides, axes, form), _padding(padding), form)


def bias_add(value: Any, bias: Any, data_format: str | None = None, name: str | None = None) -> Any:
    if _format(data_format) == "channels_first":
        bias = ops.reshape(bias, (-1, *(1 for _ in range(np.ndim(value) - 2))))
    return ops.add(value, bias)


def dropout(x: Any, rate: Any, noise_shape: Any = None, seed: Any = None, name: str | None = None) -> Any:
    return random.dropout(tensor(x), float(rate), noise_shape, key(seed))


def moments(x: Any, axes: Any, shift: Any = None, keepdims: bool = False, name: str | None = None) -> Any:
    return ops.moments(tensor(x), sizes(axes), keepdims)


def batch_normalization(
    x: Any, mean: Any, variance: Any, offset: Any, scale: Any, variance_epsilon: float, name: str | None = None
) -> Any:
    factor = ops.rsqrt(ops.add(variance, variance_epsilon))
    factor = factor if scale is None else ops.multiply(factor, scale)
    made = ops.multiply(ops.subtract(x, mean), factor)
    return made if offset is None else ops.add(made, offset)


def l2_loss(t: Any, name: str | None = None) -> Any:
    return ops.divide(ops.sum(ops.square(t)), 2)


def sigmoid_cross_entropy_with_logits(labels: Any = None, logits: Any = None, name: str | None = None) -> Any:
    z, x = tensor(labels), tensor(logits)
    rest = ops.log1p(ops.exp(ops.negative(ops.absolute(x))))
    return ops.add(ops.subtract(ops.relu(x), ops.multiply(x, z)), rest)


def weighted_cross_entropy_with_logits(labels: Any, logits: Any, pos_weight: Any, name: str | None = None) -> Any:
    z, x = tensor(labels), tensor(logits)
    weight = ops.add(1, ops.multiply(ops.subtract(pos_weight, 1), z))
    rest = ops.add(ops.log1p(ops.exp(ops.negative(ops.absolute(x)))), ops.relu(ops.negative(x)))
    return ops.add(ops.multiply(ops.subtract(1, z), x), ops.multiply(weight, rest))


def softmax_cross_entropy_with_logits(labels: Any, logits: Any, axis: int = -1, name: str | None = None) -> Any:
    return ops.negative(ops.sum(ops.multiply(labels, ops.log_softmax(tensor(logits), axis)), axis))


def sparse_softmax_cross_entropy_with_logits(labels: Any, logits: Any, name: str | None = None) -> Any:
    return ops.sparse_categorical_crossentropy(tensor(labels), tensor(logits), from_logits=True)


def embedding_lookup(params: Any, ids: Any, max_norm: Any = None, name: str | None = None) -> Any:
    if max_norm is not None:
        raise NotImplementedError("embedding_lookup: clip the rows by yourself, with tf.clip_by_norm, not by max_norm")
    return ops.take(params, tensor(ids), 0)


def compute_average_loss(per_example_loss: Any, sample_weight: Any = None, global_batch_size: Any = None) -> Any:
    """The weighted sum of the losses, divided by how many samples the whole batch has."""
    losses = tensor(per_example_loss)
    count = losses.shape[0] if global_batch_size is None else ops.cast(global_batch_size, losses.dtype)
    return ops.sum(losses if sample_weight is None else losses * ops.cast(sample_weight, losses.dtype)) / count
