"""`keras.backend` as it was in Keras 2: what its functions are today, where arguments or meaning differ."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from kerasish import ops, random
from kerasish.backend import nest
from kerasish.backend.config import floatx, standardize_data_format
from kerasish.backend.symbolic import KerasTensor
from kerasish.backend.variable import Variable
from kerasish.layers import Input
from kerasish.models import Model

_RENAMED = {"abs": "absolute", "permute_dimensions": "transpose", "pow": "power", "reverse": "flip"}

conv1d = conv2d = conv3d = ops.conv

if not TYPE_CHECKING:  # to a type checker, a module with `__getattr__` has every name

    def __getattr__(name: str) -> Any:
        """What has not changed is the operation of today."""
        return getattr(ops, _RENAMED.get(name, name))


def argmax(x: Any, axis: int = -1) -> Any:
    return ops.argmax(x, axis)


def argmin(x: Any, axis: int = -1) -> Any:
    return ops.argmin(x, axis)


def cumsum(x: Any, axis: int = 0) -> Any:
    return ops.cumsum(x, axis)


def cumprod(x: Any, axis: int = 0) -> Any:
    return ops.cumprod(x, axis)


def concatenate(tensors: Sequence[Any], axis: int = -1) -> Any:
    return ops.concatenate(tensors, axis)


def expand_dims(x: Any, axis: int = -1) -> Any:
    return ops.expand_dims(x, axis)


def squeeze(x: Any, axis: int) -> Any:
    return ops.squeeze(x, axis)


def tile(x: Any, n: Any) -> Any:
    return ops.tile(x, (n,) if isinstance(n, int) else n)


def sqrt(x: Any) -> Any:
    return ops.sqrt(ops.maximum(x, 0.0))


def hard_sigmoid(x: Any) -> Any:
    return ops.clip(ops.add(ops.multiply(x, 0.2), 0.5), 0.0, 1.0)


def relu(x: Any, alpha: float = 0.0, max_value: float | None = None, threshold: float = 0.0) -> Any:
    kept = ops.where(ops.greater_equal(x, threshold), x, ops.multiply(ops.subtract(x, threshold), alpha))
    return kept if max_value is None else ops.minimum(kept, max_value)


def l2_normalize(x: Any, axis: Any = None) -> Any:
    squares = ops.sum(ops.square(x), axis, keepdims=True)
    return ops.multiply(x, ops.rsqrt(ops.maximum(squares, 1e-12)))


def gather(reference: Any, indices: Any) -> Any:
    return ops.take(reference, indices, 0)


def one_hot(indices: Any, num_classes: int) -> Any:
    return ops.one_hot(indices, num_classes)


def in_top_k(predictions: Any, targets: Any, k: int) -> Any:
    return ops.in_top_k(targets, predictions, k)


def flatten(x: Any) -> Any:
    return ops.reshape(x, (-1,))


def batch_flatten(x: Any) -> Any:
    return ops.reshape(x, (-1, int(np.prod(x.shape[1:]))))


def repeat(x: Any, n: int) -> Any:
    if len(x.shape) != 2:
        raise ValueError(f"backend.repeat takes a matrix, a row for each sample; received shape {tuple(x.shape)}")
    return ops.tile(ops.expand_dims(x, 1), (1, n, 1))


def repeat_elements(x: Any, rep: int, axis: int) -> Any:
    return ops.repeat(x, rep, axis)


def batch_dot(x: Any, y: Any, axes: Any = None) -> Any:
    """Products of samples, each summed over one axis; what is left of both stands side by side."""
    rank_x, rank_y = len(x.shape), len(y.shape)
    if axes is None:
        axes = (rank_x - 1, 1 if rank_y == 2 else rank_y - 2)
    a, b = (axes, axes) if isinstance(axes, int) else axes
    letters = "abcdefghijklmnopq"
    left = ["z", *letters[: rank_x - 1]]
    right = ["z", *letters[rank_x - 1 : rank_x + rank_y - 2]]
    right[b % rank_y] = left[a % rank_x]
    out = ["z", *(c for c in left[1:] + right[1:] if c != left[a % rank_x])]
    made = ops.einsum(f"{''.join(left)},{''.join(right)}->{''.join(out)}", x, y)
    return ops.expand_dims(made, -1) if len(out) == 1 else made


def bias_add(x: Any, bias: Any, data_format: str | None = None) -> Any:
    if standardize_data_format(data_format) == "channels_first" and len(x.shape) > 2:
        bias = ops.reshape(bias, (-1, *(1 for _ in x.shape[2:])))
    return ops.add(x, bias)


def depthwise_conv2d(
    x: Any,
    kernel: Any,
    strides: Any = (1, 1),
    padding: str = "valid",
    data_format: Any = None,
    dilation_rate: Any = (1, 1),
) -> Any:
    return ops.depthwise_conv(x, kernel, strides, padding, data_format, dilation_rate)


def separable_conv2d(
    x: Any, depthwise_kernel: Any, pointwise_kernel: Any, strides: Any = (1, 1), padding: str = "valid",
    data_format: Any = None, dilation_rate: Any = (1, 1),
) -> Any:  # fmt: skip
    return ops.separable_conv(x, depthwise_kernel, pointwise_kernel, strides, padding, data_format, dilation_rate)


def conv2d_transpose(
    x: Any, kernel: Any, output_shape: Any, strides: Any = (1, 1), padding: str = "valid", data_format: Any = None,
    dilation_rate: Any = (1, 1),
) -> Any:  # fmt: skip
    made = ops.conv_transpose(x, kernel, strides, padding, None, data_format, dilation_rate)
    wanted = [n for n in output_shape if isinstance(n, int)]
    if len(wanted) == len(made.shape) and tuple(wanted) != tuple(made.shape):
        raise NotImplementedError(f"conv2d_transpose makes the shape {tuple(made.shape)} of these; not {tuple(wanted)}")
    return made


def pool2d(
    x: Any,
    pool_size: Any,
    strides: Any = (1, 1),
    padding: str = "valid",
    data_format: Any = None,
    pool_mode: str = "max",
) -> Any:
    if pool_mode not in ("max", "avg"):
        raise ValueError(f'pool_mode is "max" or "avg"; received {pool_mode!r}')
    pool = ops.max_pool if pool_mode == "max" else ops.average_pool
    return pool(x, pool_size, strides, padding, data_format)


pool3d = pool2d


def _padded(x: Any, around: Any, data_format: str | None) -> Any:
    first = standardize_data_format(data_format) == "channels_first"
    return ops.pad(x, ((0, 0), (0, 0), *around) if first else ((0, 0), *around, (0, 0)))


def temporal_padding(x: Any, padding: Any = (1, 1)) -> Any:
    return ops.pad(x, ((0, 0), tuple(padding), (0, 0)))


def spatial_2d_padding(x: Any, padding: Any = ((1, 1), (1, 1)), data_format: str | None = None) -> Any:
    return _padded(x, padding, data_format)


def spatial_3d_padding(x: Any, padding: Any = ((1, 1), (1, 1), (1, 1)), data_format: str | None = None) -> Any:
    return _padded(x, padding, data_format)


def resize_images(
    x: Any, height_factor: int, width_factor: int, data_format: Any, interpolation: str = "nearest"
) -> Any:
    axes = (2, 3) if standardize_data_format(data_format) == "channels_first" else (1, 2)
    size = (x.shape[axes[0]] * height_factor, x.shape[axes[1]] * width_factor)
    return ops.image.resize(x, size, interpolation, data_format=data_format)


# -- values ----------------------------------------------------------------------------------------------------------


def int_shape(x: Any) -> tuple[int | None, ...] | None:
    return tuple(x.shape) if hasattr(x, "shape") else None


def count_params(x: Any) -> int:
    return int(np.prod(x.shape))


def cast_to_floatx(x: Any) -> Any:
    return np.asarray(x, floatx()) if isinstance(x, (np.ndarray, list, tuple, float, int)) else ops.cast(x, floatx())


def eval(x: Any) -> np.ndarray:
    return ops.convert_to_numpy(x)


def get_value(x: Any) -> np.ndarray:
    return ops.convert_to_numpy(x)


def batch_get_value(tensors: Sequence[Any]) -> list[np.ndarray]:
    return [ops.convert_to_numpy(x) for x in tensors]


def set_value(x: Any, value: Any) -> None:
    _assignable(x).assign(value)


def batch_set_value(tuples: Sequence[tuple[Any, Any]]) -> None:
    for x, value in tuples:
        set_value(x, value)


def _assignable(x: Any) -> Any:
    if hasattr(x, "assign"):
        return x
    raise TypeError(
        f"set_value needs a variable; received {type(x).__name__}. The learning rate of an optimizer that follows a "
        "schedule is a number of each step; give the optimizer a number as learning_rate"
    )


def update(x: Any, new_x: Any) -> Any:
    return _assignable(x).assign(new_x)


def update_add(x: Any, increment: Any) -> Any:
    return _assignable(x).assign_add(increment)


def update_sub(x: Any, decrement: Any) -> Any:
    return _assignable(x).assign_sub(decrement)


def moving_average_update(x: Any, value: Any, momentum: float) -> Any:
    return _assignable(x).assign(ops.add(ops.multiply(x, momentum), ops.multiply(value, 1 - momentum)))


def variable(value: Any, dtype: Any = None, name: str | None = None, constraint: Any = None) -> Variable:
    made = Variable(value, dtype=dtype or floatx(), name=name)
    made.constraint = constraint
    return made


def zeros(shape: Any, dtype: Any = None, name: str | None = None) -> Variable:
    return Variable(np.zeros(shape, dtype or floatx()), name=name)


def ones(shape: Any, dtype: Any = None, name: str | None = None) -> Variable:
    return Variable(np.ones(shape, dtype or floatx()), name=name)


def eye(size: int, dtype: Any = None, name: str | None = None) -> Variable:
    return Variable(np.eye(size, dtype=dtype or floatx()), name=name)


def constant(value: Any, dtype: Any = None, shape: Any = None, name: str | None = None) -> Any:
    made = ops.convert_to_tensor(np.asarray(value, dtype or floatx()))
    return made if shape is None else ops.broadcast_to(made, shape)


def placeholder(
    shape: Any = None, ndim: int | None = None, dtype: Any = None, sparse: bool = False, name: Any = None
) -> Any:
    sizes = tuple(shape) if shape is not None else (None,) * (ndim or 0)
    return Input(batch_shape=sizes, dtype=dtype or floatx(), name=name)


def function(
    inputs: Any, outputs: Any, updates: Any = None, name: str | None = None, **kwargs: Any
) -> Callable[..., Any]:
    """A function of arrays, from symbolic tensors to symbolic tensors; it returns arrays."""
    if updates or kwargs:
        raise ValueError("backend.function takes inputs and outputs; updates are written with variable.assign")
    given = nest.listed(inputs)
    symbols = [x for x in given if isinstance(x, KerasTensor)]  # K.learning_phase() was among them
    model = Model(symbols, list(outputs) if isinstance(outputs, (list, tuple)) else outputs)

    def call(values: Any) -> Any:
        pairs = list(zip(nest.listed(values), given, strict=True))
        chosen = [v for v, x in pairs if isinstance(x, KerasTensor)]
        phase = [v for v, x in pairs if not isinstance(x, KerasTensor)]
        made = model(chosen if len(chosen) > 1 else chosen[0], training=bool(phase and phase[0]))
        return nest.map_structure(ops.convert_to_numpy, made)

    return call


def print_tensor(x: Any, message: str = "", summarize: int = 3) -> Any:
    print(message, x, file=sys.stderr)
    return x


def is_sparse(tensor: Any) -> bool:
    return False


def to_dense(tensor: Any) -> Any:
    return tensor


def manual_variable_initialization(value: bool) -> None:
    """Nothing: variables have their values at once."""


# -- training or not -------------------------------------------------------------------------------------------------


def learning_phase() -> int:
    """0, for prediction; whether a layer trains is its argument `training`."""
    return 0


def set_learning_phase(value: Any) -> None:
    if value:
        raise NotImplementedError("there is no global learning phase: call the model with training=True")


def in_train_phase(x: Any, alt: Any, training: Any = None) -> Any:
    return _value(x if training else alt)


def _value(chosen: Any) -> Any:
    """A tensor, which may be given as a function that makes it."""
    return chosen() if callable(chosen) and not hasattr(chosen, "shape") else chosen


def in_test_phase(x: Any, alt: Any, training: Any = None) -> Any:
    return in_train_phase(alt, x, training)


# -- chance, choice, repetition --------------------------------------------------------------------------------------


def dropout(x: Any, level: float, noise_shape: Any = None, seed: Any = None) -> Any:
    return random.dropout(x, level, noise_shape, seed)


def random_normal(shape: Any, mean: float = 0.0, stddev: float = 1.0, dtype: Any = None, seed: Any = None) -> Any:
    return random.normal(shape, mean, stddev, dtype, seed)


def random_uniform(shape: Any, minval: float = 0.0, maxval: float = 1.0, dtype: Any = None, seed: Any = None) -> Any:
    return random.uniform(shape, minval, maxval, dtype, seed)


def truncated_normal(shape: Any, mean: float = 0.0, stddev: float = 1.0, dtype: Any = None, seed: Any = None) -> Any:
    return random.truncated_normal(shape, mean, stddev, dtype, seed)


def random_bernoulli(shape: Any, p: float = 0.0, dtype: Any = None, seed: Any = None) -> Any:
    return ops.cast(ops.less(random.uniform(shape, seed=seed), p), dtype or floatx())


random_binomial = random_bernoulli


def switch(condition: Any, then_expression: Any, else_expression: Any) -> Any:
    yes, no = _value(then_expression), _value(else_expression)
    missing = len(np.shape(yes)) - len(condition.shape)
    if missing > 0:
        condition = ops.reshape(condition, (*condition.shape, *(1 for _ in range(missing))))
    return ops.where(condition, yes, no)


def map_fn(fn: Callable[[Any], Any], elems: Any, name: Any = None, dtype: Any = None) -> Any:
    made = ops.map(fn, elems)
    return made if dtype is None else ops.cast(made, dtype)


def foldl(fn: Callable[[Any, Any], Any], elems: Any, initializer: Any = None, name: Any = None) -> Any:
    rows = list(elems)
    state = rows.pop(0) if initializer is None else initializer
    for row in rows:
        state = fn(state, row)
    return state
