"""Parts of networks with TensorFlow's arguments."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from kerasish import ops, random
from kerasish.backend.array import eager
from kerasish.compat.tensorflow.arguments import sizes
from kerasish.compat.tensorflow.arrays import tensor
from kerasish.compat.tensorflow.random import fixed_key, key


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


def conv_transpose(
    input: Any,
    filters: Any,
    output_shape: Any,
    strides: Any,
    padding: Any = "SAME",
    data_format: str | None = None,
    dilations: Any = None,
    name: str | None = None,
) -> Any:
    axes, form = np.ndim(filters) - 2, _format(data_format)
    apart = _steps(1 if dilations is None else dilations, axes, form)
    made = ops.conv_transpose(input, filters, _steps(strides, axes, form), _padding(padding), None, form, apart)
    wanted = sizes(output_shape)
    if tuple(wanted) != tuple(made.shape):
        raise NotImplementedError(
            f"a transposed convolution makes the shape {tuple(made.shape)} of these sizes; received "
            f"output_shape={wanted}"
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


def separable_conv2d(
    input: Any,
    depthwise_filter: Any,
    pointwise_filter: Any,
    strides: Any,
    padding: Any,
    data_format: str | None = None,
    dilations: Any = None,
    name: str | None = None,
) -> Any:
    apart = depthwise_conv2d(input, depthwise_filter, strides, padding, data_format, dilations)
    return convolution(apart, pointwise_filter, 1, "VALID", data_format)


def atrous_conv2d(value: Any, filters: Any, rate: Any, padding: Any, name: str | None = None) -> Any:
    return convolution(value, filters, 1, padding, "NHWC", rate)


def pool(
    input: Any,
    window_shape: Any,
    pooling_type: str,
    strides: Any = None,
    padding: Any = "VALID",
    data_format: str | None = None,
    dilations: Any = None,
    name: str | None = None,
) -> Any:
    if dilations is not None and np.any(np.asarray(dilations) != 1):
        raise NotImplementedError(f"pool takes windows without gaps only; received dilations={dilations}")
    pooled = {"MAX": max_pool, "AVG": avg_pool}[pooling_type]
    return pooled(input, window_shape, 1 if strides is None else strides, padding, data_format)


class PooledWithPlaces(NamedTuple):
    """The largest number of each window, and where it stands among the numbers of its picture."""

    output: Any
    argmax: Any


def max_pool_with_argmax(
    input: Any,
    ksize: Any,
    strides: Any,
    padding: Any,
    data_format: str = "NHWC",
    output_dtype: Any = "int64",
    include_batch_in_index: bool = False,
    name: str | None = None,
) -> PooledWithPlaces:
    x = tensor(input)
    count, height, width, channels = x.shape
    steps, size = (np.broadcast_to(_steps(given, 2, "channels_last"), 2).tolist() for given in (strides, ksize))
    before = [0, 0]
    if padding == "SAME":
        before = [
            max(0, (-(-n // step) - 1) * step + reach - n) // 2
            for n, step, reach in zip((height, width), steps, size, strict=True)
        ]
    pooled = max_pool(x, ksize, strides, padding)
    rows, columns = (
        np.arange(n)[:, None] * step - first + np.arange(reach)
        for n, step, first, reach in zip(pooled.shape[1:3], steps, before, size, strict=True)
    )
    inside = ((rows >= 0) & (rows < height))[:, None, :, None] & ((columns >= 0) & (columns < width))[:, None]
    y, z = np.clip(rows, 0, height - 1)[:, None, :, None], np.clip(columns, 0, width - 1)[:, None]
    windows = np.where(inside[..., None], np.asarray(x)[:, y, z], -np.inf)
    flat = windows.reshape(*windows.shape[:3], -1, channels).argmax(3)
    places = np.broadcast_to(
        (y * width + z).reshape(*pooled.shape[1:3], -1), (count, *pooled.shape[1:3], size[0] * size[1])
    )
    found = np.take_along_axis(places, flat.reshape(*flat.shape[:3], channels), 3) * channels + np.arange(channels)
    if include_batch_in_index:
        found = found + (np.arange(count) * height * width * channels)[:, None, None, None]
    return PooledWithPlaces(pooled, eager(found.astype(str(output_dtype))))


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


def crelu(features: Any, axis: int = -1, name: str | None = None) -> Any:
    return ops.relu(ops.concatenate([features, ops.negative(features)], axis))


def log_poisson_loss(targets: Any, log_input: Any, compute_full_loss: bool = False, name: str | None = None) -> Any:
    z, c = tensor(targets), tensor(log_input)
    loss = ops.subtract(ops.exp(c), ops.multiply(c, z))
    if not compute_full_loss:
        return loss
    safe = ops.where(ops.greater(z, 1), z, 1.0)
    rest = z * ops.log(safe) - z + 0.5 * ops.log(2 * np.pi * safe)
    return ops.add(loss, ops.where(ops.greater(z, 1), rest, 0.0))


def scale_regularization_loss(regularization_loss: Any) -> Any:
    """The loss itself: one replica trains."""
    return ops.sum(tensor(regularization_loss))


def local_response_normalization(
    input: Any, depth_radius: int = 5, bias: float = 1.0, alpha: float = 1.0, beta: float = 0.5, name: Any = None
) -> Any:
    """Each number divided by `(bias + alpha Σ x²)^beta`, over the channels not farther away than `depth_radius`."""
    x = tensor(input)
    channels = np.arange(x.shape[-1])
    near = (abs(channels[:, None] - channels) <= depth_radius).astype("float32")
    return ops.divide(x, ops.power(ops.add(bias, ops.multiply(alpha, ops.matmul(ops.square(x), near))), beta))


def weighted_moments(
    x: Any, axes: Any, frequency_weights: Any, keepdims: bool = False, name: str | None = None
) -> tuple[Any, Any]:
    x, weights = tensor(x), ops.add(tensor(frequency_weights), ops.zeros_like(x))
    along = sizes(axes)
    total = ops.sum(weights, along, True)
    mean = ops.divide(ops.sum(ops.multiply(weights, x), along, True), total)
    variance = ops.divide(ops.sum(ops.multiply(weights, ops.square(ops.subtract(x, mean))), along, True), total)
    return (mean, variance) if keepdims else (ops.squeeze(mean, along), ops.squeeze(variance, along))


def stateless_dropout(
    x: Any, rate: Any, seed: Any, rng_alg: str = "auto_select", noise_shape: Any = None, name: str | None = None
) -> Any:
    return random.dropout(tensor(x), float(rate), noise_shape, fixed_key(seed))
