"""The functions at the output of a neuron: relu, sigmoid, softmax, gelu and their relatives.

They are on the path of every training step, so each forward passes over its array as few times as it can.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from kerasish._lazy import within
from kerasish.backend.operators import float_unary, keeping_float, to_array, to_float, unary
from kerasish.backend.primitive import Primitive, Vjp, primitive
from kerasish.backend.symbolic import KerasTensor
from kerasish.backend.typing import Axes, TensorLike
from kerasish.ops.composite import composite_by
from kerasish.ops.joining import split
from kerasish.ops.special import erf
from kerasish.ops.specs import along, axis_of, count_kind, float_kind, kind_of, same, shape_of

# The largest x for which exp(x) is finite, and 1 / (1 + exp(x)) not yet rounded to 0.
EXP_LIMIT = {"float16": 11.0, "float32": 88.0, "float64": 709.0}


def _relu_forward(x: Any) -> Any:
    x = x if type(x) is np.ndarray else to_array(x)
    return x.astype("int32") if x.dtype.kind == "b" else np.maximum(x, 0)


relu = primitive(
    "relu",
    _relu_forward,
    lambda g, y, x: g * np.greater(y, 0),
    shape=same(count_kind),
    arguments=("x",),
    doc="`max(x, 0)`; the derivative at 0 is 0.",
    plan="kerasish.ops.plans.activations:relu",
)
relu6 = float_unary(
    "relu6",
    lambda x: np.minimum(np.maximum(x, 0), 6),
    lambda g, y, x: g * np.logical_and(np.greater(x, 0), np.less(x, 6)),
    doc="`min(max(x, 0), 6)`.",
    plan="kerasish.ops.plans.activations:relu6",
)


def sigmoid_array(x: np.ndarray) -> np.ndarray:
    """`1 / (1 + exp(-x))` of a float array, without overflow and exact at both ends."""
    e = np.empty_like(x)
    np.negative(x, out=e)
    np.minimum(e, EXP_LIMIT.get(x.dtype.name, 88.0), out=e)
    np.exp(e, out=e)
    e += 1
    return np.reciprocal(e, out=e)


def _softplus_array(x: np.ndarray) -> np.ndarray:
    """`log(1 + exp(x))` of a float array, without overflow: `max(x, 0) + log(1 + exp(-|x|))`."""
    e = np.empty_like(x)
    np.abs(x, out=e)
    np.negative(e, out=e)
    np.exp(e, out=e)
    np.log1p(e, out=e)
    e += np.maximum(x, 0)
    return e


sigmoid = float_unary(
    "sigmoid", sigmoid_array, lambda g, y, x: g * (y * (1 - y)), doc="`1 / (1 + exp(-x))`, from 0 to 1.",
    plan="kerasish.ops.plans.activations:sigmoid",
)  # fmt: skip
softplus = float_unary(
    "softplus", _softplus_array, lambda g, y, x: g * sigmoid(x), doc="`log(1 + exp(x))`, a smooth relu."
)
log_sigmoid = float_unary(
    "log_sigmoid",
    lambda x: -_softplus_array(-x),
    lambda g, y, x: g * sigmoid(-x),
    doc="`log(sigmoid(x))`, without the logarithm of a rounded zero.",
)
softsign = float_unary(
    "softsign",
    lambda x: x / (1 + np.abs(x)),
    lambda g, y, x: g / np.square(1 + np.abs(x)),
    doc="`x / (1 + |x|)`, from -1 to 1.",
)


def _silu_vjp(g: Any, y: Any, x: Any) -> Any:
    s = sigmoid(x)
    return g * (s + y * (1 - s))


silu = float_unary(
    "silu",
    lambda x: x * sigmoid_array(x),
    _silu_vjp,
    doc="`x sigmoid(x)`, the sigmoid linear unit or swish (Hendrycks and Gimpel, 2016, arXiv:1606.08415).",
)
swish = silu
hard_sigmoid = float_unary(
    "hard_sigmoid",
    lambda x: np.minimum(np.maximum(x / 6 + 0.5, 0), 1),
    lambda g, y, x: g / 6 * np.less(np.abs(x), 3),
    doc="The sigmoid in three straight lines: 0 below -3, 1 above 3, `x / 6 + 1 / 2` between.",
)
hard_silu = float_unary(
    "hard_silu",
    lambda x: x * np.minimum(np.maximum(x / 6 + 0.5, 0), 1),
    lambda g, y, x: g * np.where(np.greater(np.abs(x), 3), np.greater(x, 0), x / 3 + 0.5),
    doc="`x hard_sigmoid(x)`, the hard swish of MobileNetV3 (Howard et al., 2019, arXiv:1905.02244).",
)
hard_swish = hard_silu
hard_tanh = unary(
    "hard_tanh",
    lambda x: np.minimum(np.maximum(x.astype("int32") if x.dtype.kind == "b" else x, -1), 1),
    lambda g, y, x: g * np.less(np.abs(x), 1),
    doc="`x` held between -1 and 1.",
)
tanh_shrink = float_unary("tanh_shrink", lambda x: x - np.tanh(x), lambda g, y, x: g * np.square(np.tanh(x)),
                          doc="`x - tanh(x)`.")  # fmt: skip
sparse_plus = float_unary(
    "sparse_plus",
    lambda x: np.maximum(x, np.square(np.maximum(np.minimum(x, 1) + 1, 0)) / 4),
    lambda g, y, x: g * np.clip((x + 1) / 2, 0, 1),
    doc="A softplus that reaches 0: `(x + 1)² / 4` between -1 and 1, 0 below, `x` above.",
)
sparse_sigmoid = float_unary(
    "sparse_sigmoid",
    lambda x: np.minimum(np.maximum((x + 1) / 2, 0), 1),
    lambda g, y, x: g * (np.less(np.abs(x), 1) * 0.5),
    doc="`(x + 1) / 2` held between 0 and 1.",
)


def _activation(name: str, forward: Callable[..., Any], vjp: Vjp, plan: str | None = None) -> Primitive:
    """An activation of floats with parameters."""
    return primitive(name, keeping_float(forward), vjp, shape=same(float_kind), plan=plan)


def _step(x: Any, above: float, below: float) -> Any:
    """One number where `x` is positive and another elsewhere, in the dtype of `x`."""
    kind = x.dtype.type
    return np.greater(x, 0) * kind(above - below) + kind(below)


_leaky_relu = _activation(
    "leaky_relu",
    lambda x, slope: np.maximum(x, x * slope) if 0 <= slope <= 1 else np.where(x > 0, x, x * slope),
    lambda g, y, x, *, slope: g * _step(x, 1.0, slope),
)
_elu = _activation(
    "elu",
    lambda x, alpha: np.maximum(x, 0) + alpha * np.expm1(np.minimum(x, 0)),
    lambda g, y, x, *, alpha: g * np.where(np.greater(x, 0), 1, alpha * np.exp(np.minimum(x, 0))),
)
_celu = _activation(
    "celu",
    lambda x, alpha: np.maximum(x, 0) + alpha * np.expm1(np.minimum(x, 0) / alpha),
    lambda g, y, x, *, alpha: g * np.where(np.greater(x, 0), 1, np.exp(np.minimum(x, 0) / alpha)),
)
_squareplus = _activation(
    "squareplus",
    lambda x, b: (x + np.sqrt(x * x + b)) / 2,
    lambda g, y, x, *, b: g * (0.5 + x / (2 * np.sqrt(x * x + b))),
)
_soft_shrink = _activation(
    "soft_shrink",
    lambda x, threshold: x - np.minimum(np.maximum(x, -threshold), threshold),
    lambda g, y, x, *, threshold: g * np.greater(np.abs(x), threshold),
)
_hard_shrink = _activation(
    "hard_shrink",
    lambda x, threshold: x * (np.abs(x) > threshold),
    lambda g, y, x, *, threshold: g * np.greater(np.abs(x), threshold),
)
_threshold = _activation(
    "threshold",
    lambda x, threshold, default: np.where(x > threshold, x, x.dtype.type(default)),
    lambda g, y, x, *, threshold, default: g * np.greater(x, threshold),
)


def leaky_relu(x: TensorLike, negative_slope: float = 0.2) -> Any:
    """`x` above 0 and `negative_slope * x` below, so that a negative neuron still learns.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.leaky_relu([-1.0, 2.0], negative_slope=0.5)
        array([-0.5,  2. ], dtype=float32)
    """
    return _leaky_relu(x, slope=negative_slope)


def elu(x: TensorLike, alpha: float = 1.0) -> Any:
    """`x` above 0 and `alpha (exp(x) - 1)` below: the exponential linear unit (Clevert et al., 2015, arXiv:1511.07289).

    Args:
        x: array.
        alpha: minus the limit at minus infinity.
    """
    return _elu(x, alpha=float(alpha))


_SELU_ALPHA = 1.6732632423543772848170429916717
_SELU_SCALE = 1.0507009873554804934193349852946
_selu = _activation(
    "selu",
    lambda x: _SELU_SCALE * np.maximum(x, 0) + (_SELU_SCALE * _SELU_ALPHA) * np.expm1(np.minimum(x, 0)),
    lambda g, y, x: g * np.where(np.greater(x, 0), _SELU_SCALE, (_SELU_SCALE * _SELU_ALPHA) * np.exp(np.minimum(x, 0))),
)


def selu(x: TensorLike) -> Any:
    """A scaled elu whose outputs keep mean 0 and variance 1 (Klambauer et al., 2017, arXiv:1706.02515).

    `1.0507 x` above 0 and `1.0507 · 1.6733 (exp(x) - 1)` below.
    """
    return _selu(x)


def celu(x: TensorLike, alpha: float = 1.0) -> Any:
    """`max(x, 0) + min(0, alpha (exp(x / alpha) - 1))`, an elu with slope 1 at 0 (Barron, 2017, arXiv:1704.07483)."""
    return _celu(x, alpha=float(alpha))


def squareplus(x: TensorLike, b: float = 4) -> Any:
    """`(x + √(x² + b)) / 2`, a softplus without exponentials (Barron, 2021, arXiv:2112.11687)."""
    return _squareplus(x, b=b)


def soft_shrink(x: TensorLike, threshold: float = 0.5) -> Any:
    """`x` moved towards 0 by `threshold`, and 0 where it would pass it."""
    return _soft_shrink(x, threshold=threshold)


def hard_shrink(x: TensorLike, threshold: float = 0.5) -> Any:
    """`x` where it is farther from 0 than `threshold`, else 0."""
    return _hard_shrink(x, threshold=threshold)


def threshold(x: TensorLike, threshold: float, default_value: float) -> Any:
    """`x` where it is above `threshold`, else `default_value`."""
    return _threshold(x, threshold=threshold, default=default_value)


ROOT_HALF = float(np.sqrt(0.5))
ROOT_2_PI = float(np.sqrt(2 / np.pi))
CUBIC = 0.044715


def _gelu_inner(x: Any) -> Any:
    return np.tanh(ROOT_2_PI * x * (1 + CUBIC * x * x))


def _gelu_forward(x: Any, approximate: bool) -> Any:
    # in the order in which a recorded pass computes it, so that both have the same bits
    if approximate:
        bent = np.tanh((x * x * (ROOT_2_PI * CUBIC) + ROOT_2_PI) * x)
    else:
        bent = erf.forward(x * ROOT_HALF)
    return x * (bent * 0.5 + 0.5)


def _gelu_vjp(g: Any, y: Any, x: Any, *, approximate: bool) -> Any:
    if approximate:
        t = _gelu_inner(x)
        return g * (0.5 * (1 + t) + (0.5 * ROOT_2_PI) * x * (1 - t * t) * (1 + 3 * CUBIC * x * x))
    return g * (0.5 * (1 + erf(x * ROOT_HALF)) + (0.5 * ROOT_2_PI) * x * np.exp(-0.5 * x * x))


_gelu = _activation("gelu", _gelu_forward, _gelu_vjp, plan="kerasish.ops.plans.activations:gelu")


def gelu(x: TensorLike, approximate: bool = True) -> Any:
    """`x Φ(x)`, with Φ the distribution function of the normal distribution (arXiv:1606.08415).

    Args:
        x: array.
        approximate: whether `Φ(x) = (1 + tanh(√(2/π) (x + 0.044715 x³))) / 2`; else `(1 + erf(x / √2)) / 2`.
    """
    return _gelu(x, approximate=bool(approximate))


def _glu_spec(x: Any, axis: int = -1) -> KerasTensor:
    shape = shape_of(x)
    place = axis_of(axis, len(shape))
    size = shape[place]
    if size is not None and size % 2:
        raise ValueError(f"glu halves an axis of even size; received shape {shape} with axis={axis}")
    return KerasTensor((*shape[:place], None if size is None else size // 2, *shape[place + 1 :]), kind_of(x))


@composite_by(_glu_spec)
def glu(x: Any, axis: int = -1) -> Any:
    """A gated linear unit: `x` is halved along an axis, and `a sigmoid(b)` returned (arXiv:1612.08083)."""
    x = x if hasattr(x, "shape") else to_array(x)
    halved(x.shape, axis)
    a, b = split(x, 2, axis)
    return a * sigmoid(b)


def halved(shape: Any, axis: int = -1) -> tuple[int | None, ...]:
    """The shape with half the size along an axis.

    Raises:
        ValueError: if the size is odd.
    """
    sizes = list(shape)
    if sizes[axis] is not None:
        if sizes[axis] % 2:
            raise ValueError(f"glu halves an axis of even size; received shape {tuple(shape)} with axis={axis}")
        sizes[axis] //= 2
    return tuple(sizes)


glu.shape = lambda x, axis=-1: KerasTensor(halved(x.shape, axis), x.dtype)
glu.compute_output_shape = halved  # type: ignore[attr-defined]


def _axes(axis: Any) -> Any:
    return tuple(axis) if isinstance(axis, list) else axis


def _softmax_forward(x: Any, *, axis: Any) -> Any:
    x = to_float(x)
    if not x.size:  # of no numbers there is no largest
        return x.copy()
    y = x - np.maximum.reduce(x, axis=axis, keepdims=True)
    np.exp(y, out=y)
    y /= np.add.reduce(y, axis=axis, keepdims=True)
    return y


def _softmax_vjp(g: Any, y: Any, x: Any, *, axis: Any) -> Any:
    return y * (g - np.sum(g * y, axis=axis, keepdims=True))


def _log_softmax_forward(x: Any, *, axis: Any) -> Any:
    x = to_float(x)
    if not x.size:
        return x.copy()
    y = x - np.maximum.reduce(x, axis=axis, keepdims=True)
    y -= np.log(np.add.reduce(np.exp(y), axis=axis, keepdims=True))
    return y


def _log_softmax_vjp(g: Any, y: Any, x: Any, *, axis: Any) -> Any:
    return g - np.exp(y) * np.sum(g, axis=axis, keepdims=True)


_softmax = primitive(
    "softmax", _softmax_forward, _softmax_vjp, shape=along(float_kind), plan="kerasish.ops.plans.softmax:softmax"
)
_log_softmax = primitive("log_softmax", _log_softmax_forward, _log_softmax_vjp, shape=along(float_kind))


def softmax(x: TensorLike, axis: Axes = -1) -> Any:
    """`exp(x) / Σ exp(x)`: numbers as probabilities that add to one.

    Args:
        x: array.
        axis: the axis, or several, along which they add to one; None takes the whole array.

    Example:
        >>> import kerasish as keras
        >>> keras.ops.softmax([0.0, 0.0])
        array([0.5, 0.5], dtype=float32)
    """
    return _softmax(x, axis=_axes(axis))


def log_softmax(x: TensorLike, axis: Axes = -1) -> Any:
    """`x - log Σ exp(x)`: the logarithm of the softmax, without overflow.

    Args:
        x: array.
        axis: the axis, or several, along which the probabilities add to one.
    """
    return _log_softmax(x, axis=_axes(axis))


def _sparsemax_forward(x: Any, *, axis: int) -> Any:
    x = to_float(x)
    if not x.size:
        return x.copy()
    z = np.moveaxis(x, axis, -1)
    z = z - z.max(axis=-1, keepdims=True)  # which changes nothing, and leaves room for the 1 beside large numbers
    ordered = -np.sort(-z, axis=-1)
    sums = np.cumsum(ordered, axis=-1) - 1
    rank = np.arange(1, z.shape[-1] + 1, dtype=z.dtype)
    support = np.sum(ordered * rank > sums, axis=-1, keepdims=True)
    tau = np.take_along_axis(sums, support - 1, axis=-1) / support.astype(z.dtype)
    return np.moveaxis(np.maximum(z - tau, 0), -1, axis)


def _sparsemax_vjp(g: Any, y: Any, x: Any, *, axis: int) -> Any:
    inside = np.greater(y, 0)
    mean = np.sum(g * inside, axis=axis, keepdims=True) / np.maximum(np.sum(inside, axis=axis, keepdims=True), 1)
    return (g - mean) * inside


_sparsemax = primitive("sparsemax", _sparsemax_forward, _sparsemax_vjp, shape=along(float_kind))


def sparsemax(x: TensorLike, axis: int = -1) -> Any:
    """The nearest point of the simplex: a softmax that gives small numbers probability 0 (arXiv:1602.02068).

    Args:
        x: array.
        axis: the axis along which the probabilities add to one.
    """
    return _sparsemax(x, axis=axis)


# `keras.ops.nn` is a public module, with operations that are defined in other files here.
__getattr__, __dir__ = within(
    "kerasish.ops",
    """
    adaptive_average_pool adaptive_max_pool average_pool batch_normalization binary_crossentropy
    categorical_crossentropy celu conv conv_transpose ctc_decode ctc_loss depth_to_space depthwise_conv
    dot_product_attention elu fold gelu glu hard_shrink hard_sigmoid hard_silu hard_swish hard_tanh
    layer_normalization leaky_relu log_sigmoid log_softmax max_pool moments multi_hot normalize one_hot polar psnr
    relu relu6 rms_normalization selu separable_conv sigmoid silu soft_shrink softmax softplus softsign
    space_to_depth sparse_categorical_crossentropy sparse_plus sparse_sigmoid sparsemax squareplus swish tanh_shrink
    threshold unfold
    """,
)
